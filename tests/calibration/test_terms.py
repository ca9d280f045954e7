"""Terms of the negative log posterior: against SciPy's densities and differences."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from surrogo.calibration.outer import NegativeLogPosterior
from surrogo.calibration.terms import Belief, Constant, Counts, Residuals
from surrogo.checks import FloatArray

Y = (1.3, 0.4, 2.2, 1.7, 3.1)
AT = (0, 1, 2, 3, 4)
S = (0.5, 0.7, 0.4, 1.1, 0.9)
FAMILIES = ("normal", "laplace", "student")


def residuals(family: str, **more: Any) -> Residuals:
    return Residuals("u", family, Y, AT, **more)


TERMS = {
    **{f"{f} given": residuals(f, sigma=S) for f in FAMILIES},
    **{f"{f} estimated": residuals(f, log_sigma_at=(5,) * 5) for f in FAMILIES},
    "student with df 2": residuals("student", sigma=S, df=2.0),
    "sigma eliminated": residuals("normal", eliminated=("sigma",)),
    "laplace eliminated": residuals("laplace", eliminated=("sigma",)),
    "scale": residuals("normal", sigma=S, eliminated=("scale",)),
    "offset": residuals("normal", sigma=S, eliminated=("offset",)),
    "all": residuals("normal", eliminated=("offset", "scale", "sigma")),
    "scale, estimated": residuals(
        "normal", log_sigma_at=(5, 5, 6, 6, 6), eliminated=("scale",)
    ),
    "laplace scale": residuals("laplace", sigma=S, eliminated=("scale",)),
    "laplace offset": residuals("laplace", eliminated=("offset", "sigma")),
    "counts": Counts("n", (3.0, 0.0, 7.0), (0, 1, 2)),
    "counts scaled": Counts("n", (3.0, 0.0, 7.0), (0, 1, 2), ("scale",)),
    "prior": Belief("k", "normal", 5, tilt=0.7, constant=0.2),
    "laplace prior": Belief("k", "laplace", 6),
    "uniform prior": Constant("k", 1.5),
}


def outputs(seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.uniform(0.2, 3.0, 5), rng.normal(0.0, 0.5, 2)])


def derivative(term: Any, r: FloatArray) -> FloatArray:
    h = 1e-5
    steps = h * np.eye(len(r))
    return np.asarray((term.values(r + steps) - term.values(r - steps)) / (2 * h))


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree_with_differences(name: str, seed: int) -> None:
    term, r = TERMS[name], outputs(seed)
    value, gradient, weights = term.expand(r)
    assert value == pytest.approx(term.values(r[None, :])[0], rel=1e-12)
    np.testing.assert_allclose(gradient, derivative(term, r), rtol=2e-6, atol=2e-8)
    assert weights.shape == r.shape
    assert (weights >= 0).all()


@pytest.mark.parametrize("name", TERMS)
def test_rows_are_evaluated_like_single_ones(name: str) -> None:
    R = np.array([outputs(seed) for seed in range(4)])
    singly = [TERMS[name].values(r[None, :])[0] for r in R]
    np.testing.assert_allclose(TERMS[name].values(R), singly, rtol=1e-13)


@pytest.mark.parametrize("name", ["normal given", "counts", "prior"])
def test_weights_are_second_derivatives_where_the_term_has_them(name: str) -> None:
    term, r = TERMS[name], outputs(1)
    h = 1e-4
    both = [
        term.expand(r + s * h * np.eye(7)[j])[1][j] for j in range(7) for s in (1, -1)
    ]
    second = (np.array(both[::2]) - np.array(both[1::2])) / (2 * h)
    np.testing.assert_allclose(term.expand(r)[2], second, rtol=1e-6, atol=1e-9)


def test_estimated_sigma_has_the_second_derivative_as_its_weight() -> None:
    for family in FAMILIES:
        term, r, h = TERMS[f"{family} estimated"], outputs(2), 1e-4
        up, down = (term.expand(r + s * h * np.eye(7)[5])[1][5] for s in (1, -1))
        assert term.expand(r)[2][5] == pytest.approx((up - down) / (2 * h), rel=1e-6)


def test_values_are_those_of_scipy_densities() -> None:
    r, y, s = outputs(0), np.array(Y), np.array(S)
    m = r[:5]
    known = {
        "normal given": -stats.norm.logpdf(y, m, s).sum(),
        "laplace given": -stats.laplace.logpdf(y, m, s).sum(),
        "student given": -stats.t.logpdf(y, 4, m, s).sum(),
        "normal estimated": -stats.norm.logpdf(y, m, np.exp(r[5])).sum(),
        "counts": -stats.poisson.logpmf([3, 0, 7], np.exp(r[:3])).sum(),
        "laplace prior": -stats.laplace.logpdf(r[6]),
    }
    for name, value in known.items():
        assert TERMS[name].values(r[None, :])[0] == pytest.approx(value, rel=1e-12)


def test_what_is_eliminated_is_the_likeliest_value() -> None:
    r, y = outputs(0), np.array(Y)

    def nllh(v: FloatArray) -> float:
        sigma = math.exp(v[2])
        return -float(stats.norm.logpdf(y, v[0] * r[:5] + v[1], sigma).sum())

    best = optimize.minimize(nllh, [0.5, 0.5, 0.0], method="Nelder-Mead", tol=1e-12)
    term = TERMS["all"]
    assert isinstance(term, Residuals)
    found = term.likeliest(r)
    assert term.values(r[None, :])[0] == pytest.approx(best.fun, abs=1e-9)
    assert found["sigma"] == pytest.approx(math.exp(best.x[2]), rel=1e-4)


@pytest.mark.parametrize("key", ["scale", "offset"])
def test_laplace_medians_are_the_likeliest_values(key: str) -> None:
    term, r = residuals("laplace", sigma=S, eliminated=(key,)), outputs(3)
    fixed = residuals("laplace", sigma=S)
    shifts = np.linspace(-1, 4, 5001)
    M = shifts[:, None] * r[:5] if key == "scale" else shifts[:, None] + r[:5]
    grid = fixed.values(np.column_stack([M, np.tile(r[5:], (5001, 1))]))
    own = term.values(r[None, :])[0]
    assert grid.min() - 1e-2 <= own <= grid.min() + 1e-12


def test_a_scale_is_never_negative() -> None:
    term = Residuals(
        "u", "normal", (-1.0, -2.0), (0, 1), (1.0, 1.0), eliminated=("scale",)
    )
    value, gradient, _ = term.expand(np.array([1.0, 2.0]))
    assert term.likeliest(np.array([1.0, 2.0])) == {"scale": 0.0}
    assert value == pytest.approx(2.5 + math.log(2 * math.pi))
    np.testing.assert_array_equal(gradient, 0.0)


def test_an_exact_fit_has_a_value() -> None:
    term = residuals("normal", eliminated=("sigma",), floor=1e-8)
    value, gradient, _ = term.expand(np.array(Y))
    assert math.isfinite(value)
    assert (gradient == 0).all()
    assert term.likeliest(np.array(Y)) == {"sigma": 1e-8}


def test_posterior_adds_terms_and_tells_them_apart() -> None:
    terms = (TERMS["normal given"], TERMS["prior"], TERMS["uniform prior"])
    outer, r = NegativeLogPosterior(terms), outputs(0)
    value, gradient, weights = outer.expand(r)
    parts = [term.expand(r) for term in terms]
    assert value == pytest.approx(sum(part[0] for part in parts))
    np.testing.assert_allclose(gradient, sum(part[1] for part in parts))
    np.testing.assert_allclose(weights, sum(part[2] for part in parts))
    assert outer.likelihood(r) == pytest.approx(parts[0][0])


def test_the_gauss_newton_step_finds_a_minimum() -> None:
    outer = NegativeLogPosterior((residuals("normal", eliminated=("sigma", "scale")),))
    r = outputs(0)
    for _ in range(200):
        _, gradient, weights = outer.expand(r)
        if np.abs(gradient).max() < 1e-9:
            break
        r = r - 0.5 * gradient / np.where(weights > 0, weights, 1.0)
    assert outer.values(r[None, :])[0] < outer.values(outputs(0)[None, :])[0] - 5


@pytest.mark.parametrize("name", TERMS)
def test_misfit_is_what_a_perfect_fit_would_gain(name: str) -> None:
    term, r = TERMS[name], outputs(4)
    perfect = r.copy()
    if isinstance(term, Residuals):
        perfect[:5] = Y
    elif isinstance(term, Counts):
        perfect[:3] = np.log([3.0, 1e-12, 7.0])
    elif isinstance(term, Belief):
        perfect[term.at] = 0.0
    assert term.misfit(r) > 0 or isinstance(term, Constant)
    if not getattr(term, "eliminated", ()) and not getattr(term, "tilt", 0.0):
        gained = term.values(np.array([r, perfect]))
        assert term.misfit(r) == pytest.approx(gained[0] - gained[1], abs=1e-9)


def test_outer_is_plain_data() -> None:
    data = NegativeLogPosterior(tuple(TERMS.values())).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["terms"][0]["y"] == list(Y)
