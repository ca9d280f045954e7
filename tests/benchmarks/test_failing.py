"""Problems whose evaluations fail: how often, where, and what is left."""

import numpy as np
import pytest

from benchmarks.problem_sets import failing


@pytest.mark.parametrize("instance", [0, 1])
@pytest.mark.parametrize("make", [failing.by_chance, failing.in_region])
def test_three_of_ten_points_fail_and_fail_again(make, instance, rng):
    case = make("hartmann3", None, instance)
    X = case.lower + (case.upper - case.lower) * rng.random((2000, 3))
    y = np.array([case.fun(x) for x in X])
    assert np.mean(np.isinf(y)) == pytest.approx(0.3, abs=0.04)
    assert np.array_equal(y[:50], [case.fun(x) for x in X[:50]])
    assert np.min(y) > case.f_opt


def test_every_other_region_has_the_optimum():
    for function in ("branin", "hartmann3"):
        groups = {failing.in_region(function, None, i).group for i in range(2)}
        assert groups == {"optimum lost", "optimum kept"}


@pytest.mark.slow
def test_kept_optima_are_what_a_search_finds():
    case, region, lost, f_opt = failing._with_region("hartmann3", 0)
    if not lost:
        case, region, lost, f_opt = failing._with_region("hartmann3", 1)
    assert failing.lowest(case, region) == pytest.approx(f_opt, abs=1e-6)
