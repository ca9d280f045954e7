"""Effective sample sizes against those of processes whose size is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.calibration.sample_size import effective_sample_size, weights_sample_size


def autoregressive(rho, m, n, seed=0):
    """Return m chains of x' = rho x + noise, stationary, of variance 1."""
    rng = np.random.default_rng(seed)
    x = np.empty((m, n))
    x[:, 0] = rng.normal(size=m)
    for i in range(1, n):
        x[:, i] = rho * x[:, i - 1] + np.sqrt(1 - rho**2) * rng.normal(size=m)
    return x


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("m", [1, 4])
def test_of_an_autoregressive_chain(rho, m):
    found = effective_sample_size(autoregressive(rho, m, 20_000))
    exact = m * 20_000 * (1 - rho) / (1 + rho)
    assert found == pytest.approx(exact, rel=0.15)


def test_antithetic_chains_are_worth_more():
    assert effective_sample_size(autoregressive(-0.5, 4, 5000)) > 2.5 * 20_000


def test_the_slow_obvious_version():
    x = autoregressive(0.7, 1, 400)[0]
    n, centred = len(x), x - x.mean()
    c = np.array([np.sum(centred[: n - t] * centred[t:]) / n for t in range(n)])
    within = c[0] * n / (n - 1)
    rho = 1 - (within - c) / c[0]
    rho[0] = 1.0
    tau, last = -1.0, np.inf
    for t in range(0, n - 1, 2):
        pair = rho[t] + rho[t + 1]
        if pair <= 0:
            break
        last = min(last, pair)
        tau += 2 * last
    assert effective_sample_size(x) == pytest.approx(n / tau, rel=1e-9)


def test_chains_that_disagree_are_worth_little():
    x = autoregressive(0.0, 4, 1000) + 10.0 * np.arange(4)[:, None]
    assert effective_sample_size(x) < 20


def test_a_constant_is_known():
    assert effective_sample_size(np.ones((2, 10))) == 20


@pytest.mark.parametrize("chains", [np.zeros(3), np.zeros((2, 3)), np.zeros((2, 5, 2))])
def test_too_few_draws_are_refused(chains):
    with pytest.raises(ValueError, match="chains must have shape"):
        effective_sample_size(chains)


@given(st.integers(1, 4), st.integers(4, 60), st.integers(0, 100))
def test_it_is_positive_and_bounded(m, n, seed):
    x = np.random.default_rng(seed).normal(size=(m, n))
    assert 0 < effective_sample_size(x) <= m * n * np.log10(m * n) + 1e-9


def test_weights():
    assert weights_sample_size(np.full(7, 0.3)) == pytest.approx(7)
    assert weights_sample_size([1, 0, 0]) == 1
