"""Pareto-smoothed weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genpareto

from surrogo.calibration.importance import _fit, pareto_smoothed


@pytest.mark.parametrize("shape", [-0.2, 0.3, 0.8])
def test_the_fit_finds_the_shape(shape):
    x = np.sort(genpareto.rvs(shape, scale=2.0, size=5000, random_state=0))
    k, scale = _fit(x)
    assert k == pytest.approx(shape, abs=0.06)
    assert scale == pytest.approx(2.0, rel=0.08)


def test_the_tail_of_exponential_weights_of_a_wide_normal_is_seen():
    # target N(0, 1) drawn from N(0, s^2): the tail of weights has k = 1 - s^2, s < 1
    rng = np.random.default_rng(0)
    x = 0.6 * rng.normal(size=20_000)
    _, k = pareto_smoothed(-0.5 * x**2 + 0.5 * (x / 0.6) ** 2)
    assert 0.45 < k < 0.8


def test_weights_that_are_bounded_have_no_heavy_tail():
    x = 1.5 * np.random.default_rng(0).normal(size=2000)
    w, k = pareto_smoothed(-0.5 * x**2 + 0.5 * (x / 1.5) ** 2)
    assert k < 0.3
    assert w.sum() == pytest.approx(1.0)
    assert w @ x**2 == pytest.approx(1.0, abs=0.1)


def test_smoothing_keeps_order_and_never_exceeds_the_largest():
    logs = 2.0 * np.random.default_rng(3).normal(size=500)
    w, _ = pareto_smoothed(logs)
    raw = np.exp(logs - logs.max())
    assert np.all(np.diff(w[np.argsort(raw)]) >= -1e-15)
    assert np.max(w) / np.min(w) <= 1.0 / np.min(raw) * (1 + 1e-9)


@pytest.mark.parametrize("logs", [np.zeros(200), np.arange(4.0), np.zeros(1)])
def test_where_there_is_no_tail_weights_stay(logs):
    w, k = pareto_smoothed(logs)
    np.testing.assert_allclose(w, np.exp(logs) / np.exp(logs).sum())
    assert k == -np.inf
