import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates import kernels, plan
from surrogo.surrogates.likelihood import Likelihood, Noise
from surrogo.surrogates.map_fit import Objective, search
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.trends import Trend
from tests.surrogates.cases import data

BOTH = pytest.mark.parametrize("nugget", [1e-6, None])


def likelihood(n, d=3, noise=None, trend="constant"):
    Z, y = data(n, d)
    basis = Trend.of(trend, d).basis(Z)
    return Likelihood(kernels.get("matern52"), Z, basis, y, noise)


@BOTH
def test_few_points_are_searched_from_all_starts(nugget):
    whole = likelihood(60)
    fit = Plan(4, None, True, 0).search(whole, nugget)
    objective = Objective(whole, nugget, True)
    expected = search(objective, objective.starts(None, 4, np.random.default_rng(0)))
    np.testing.assert_array_equal(fit.theta, expected.theta)
    assert fit.n_evaluations == expected.n_evaluations


@BOTH
def test_many_points_end_where_all_starts_do(nugget):
    whole = likelihood(360)
    fit = Plan(4, None, True, 0).search(whole, nugget)
    objective = Objective(whole, nugget, True)
    expected = search(objective, objective.starts(None, 4, np.random.default_rng(0)))
    assert fit.value < expected.value + 1e-2
    assert fit.value == objective(fit.phi)[0]


def test_the_part_is_random_and_large_enough():
    found = Plan(2, None, True, 3)._part(likelihood(2000, 2))
    assert len(found.y) == 400
    again = Plan(2, None, True, 3)._part(likelihood(2000, 2))
    np.testing.assert_array_equal(found.Z, again.Z)
    assert len(Plan(2, None, True, 3)._part(likelihood(301, 2)).y) == plan._ALL
    assert Plan(2, None, True, 3)._part(likelihood(300, 2)) is None
    wide = likelihood(500, 20, trend="quadratic")  # 231 coefficients
    assert len(Plan(2, None, True, 3)._part(wide).y) == 462


def test_a_part_that_does_not_determine_the_trend_is_not_used():
    Z = np.zeros((400, 2))
    Z[:, 0] = np.linspace(0, 1, 400)
    Z[0, 1] = 1.0  # the only point that tells the second slope
    F = Trend.of("linear", 2).basis(Z)
    whole = Likelihood(kernels.get("matern52"), Z, F, np.sin(9 * Z[:, 0]))
    parts = [Plan(2, None, True, seed)._part(whole) for seed in range(12)]
    assert any(part is None for part in parts)
    assert all(np.linalg.matrix_rank(part.F) == 3 for part in parts if part)


def test_noise_keeps_its_meaning_on_a_part():
    noise = Noise.of(np.linspace(0.01, 0.03, 400))
    whole = likelihood(400, noise=noise)
    part = whole.subset(np.arange(100, 150))
    np.testing.assert_allclose(
        part.noise.size * part.noise.pattern, np.linspace(0.01, 0.03, 400)[100:150]
    )
    assert part.factors(np.zeros(3), 0.5).s2 == whole.factors(np.zeros(3), 0.5).s2
    fit = Plan(3, None, True, 0).search(whole, None)
    assert np.isfinite(fit.value)


def test_one_start_uses_all_points():
    X, y = data(320, 2)
    gp = GaussianProcess("matern52", n_starts=1, prior=False).fit(X, y)
    few = GaussianProcess("matern52", n_starts=4, prior=False, random_state=0).fit(X, y)
    assert few.log_likelihood_ >= gp.log_likelihood_ - 1e-2
