"""Targets: order, scale, comparability, no overflow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.optimizers.targets import make_targets

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=2, max_size=20))
def test_targets_keep_the_order_and_are_finite_for_any_values(values):
    y = np.array(values)
    for targets in make_targets(y).values():
        assert np.all(np.isfinite(targets.t))
        assert np.isfinite(targets.log_jacobian)
        order = np.argsort(y, kind="stable")
        assert np.all(np.diff(targets.t[order]) >= -1e-12)


def test_targets_are_standardised_and_do_not_depend_on_shift_and_scale(rng):
    y = rng.lognormal(size=30)
    for name, targets in make_targets(y).items():
        assert np.mean(targets.t) == pytest.approx(0.0, abs=1e-12)
        assert np.std(targets.t) == pytest.approx(1.0)
        assert np.allclose(targets.t, make_targets(7.0 + 1e3 * y)[name].t)


def test_log_targets_and_their_jacobian_against_the_formula(rng):
    y = rng.lognormal(size=25)
    z = (y - y.min()) / (y.max() - y.min())

    def log_map(z_):
        return np.log(z_ / np.median(z) + 0.1)

    made, h = make_targets(y), 1e-6
    raw, scale = log_map(z), np.std(log_map(z))
    slopes = (log_map(z + h) - log_map(z - h)) / (2 * h)
    assert np.allclose(made["log"].t, (raw - np.mean(raw)) / scale)
    expected = np.sum(np.log(slopes / scale))
    assert made["log"].log_jacobian == pytest.approx(expected, rel=1e-6)
    assert np.allclose(made["plain"].t, (z - np.mean(z)) / np.std(z))
    assert made["plain"].log_jacobian == pytest.approx(-25 * np.log(np.std(z)))


@pytest.mark.parametrize("y", [[3.0, 3.0, 3.0], [1.0, 1.0, 1.0, 2.0]])
def test_no_logarithm_where_half_of_the_values_are_the_lowest(y):
    assert set(make_targets(np.array(y))) == {"plain"}
