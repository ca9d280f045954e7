import numpy as np
import pytest

from surrogo.acquisition import LCB, NegativeMean, growing_kappa
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.surrogates.cases import posterior

GRID = np.linspace(0.0, 1.0, 401)[:, None]


@pytest.mark.parametrize("kappa", [0.0, 0.5, 2.0, 10.0])
def test_the_bound_is_never_above_the_mean(kappa, rng):
    model, U = posterior(n=12), rng.random((50, 3))
    bound, (mean, std) = -LCB(kappa).score(model, U), model.mean_std(U)
    assert np.all(bound <= mean)
    np.testing.assert_allclose(mean - bound, kappa * std, rtol=1e-12, atol=1e-14)


def test_kappa_0_is_the_mean(rng):
    model, U = posterior(n=12), rng.random((50, 3))
    one, other = LCB(0.0).score(model, U), NegativeMean().score(model, U)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kappa", [-1.0, -1e-9])
def test_a_negative_kappa_is_refused(kappa):
    with pytest.raises(ValueError, match="kappa must be 0 or more"):
        LCB(kappa)


def fill_distances(kappa_of, n_most=50):
    """Minimise a wavy valley on a grid; return the widest gap after every point."""

    def f(Z):
        return (Z[:, 0] - 0.8) ** 2 + 0.5 * np.sin(40.0 * Z[:, 0])

    start = np.array([[0.7], [0.85], [1.0]])
    parts = kernels.get("matern12"), Trend.of("constant", 1), np.log([0.1]), 1e-8
    model, filled = Posterior.of(*parts, start, f(start)), []
    while len(model.y) < n_most:
        away = np.min(np.abs(GRID - model.Z.T), axis=1)
        filled.append(np.max(away))
        scores = LCB(kappa_of(len(model.y))).score(model, GRID)
        chosen = GRID[[np.argmax(np.where(away > 0.0, scores, -np.inf))]]
        model = model.append(chosen, f(chosen))
    return np.array(filled)


def test_a_growing_kappa_leaves_no_region_empty():
    """Jones 2001, method 3: with a fixed kappa, iterates need not become dense."""
    growing = fill_distances(lambda n: growing_kappa(n, 1))
    assert np.all(np.diff(growing[[0, 5, 10, 20, 40]]) < 0.0)
    assert growing[40] < 0.05
    fixed = fill_distances(lambda n: 0.1)
    assert fixed[40] > 0.5


def test_the_schedule_grows_in_everything_but_slowly():
    kappas = [growing_kappa(n, 2) for n in (1, 10, 100, 1000, 10_000)]
    assert np.all(np.diff(kappas) > 0.0)
    assert kappas[-1] < 9.0
    assert growing_kappa(10, 5) > growing_kappa(10, 2)
    assert growing_kappa(10, 2, delta=0.01) > growing_kappa(10, 2)


def test_the_schedule_is_the_published_one():
    """Brochu, Cora & de Freitas 2010, section 2.3.2."""
    n, d, delta = 17, 3, 0.2
    tau = 2.0 * np.log(n ** (d / 2.0 + 2.0) * np.pi**2 / (3.0 * delta))
    assert growing_kappa(n, d, delta) == pytest.approx(np.sqrt(tau), rel=1e-14)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((0, 2), "number of evaluations"),
        ((3, 0), "number of variables"),
        ((3, 2, 0.0), "between 0 and 1"),
        ((3, 2, 1.0), "between 0 and 1"),
    ],
)
def test_a_schedule_without_sense_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        growing_kappa(*given)
