"""Answers of a calibration: what the data say, from one set of simulations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import poisson, t

from surrogo import OdeModel, Real, calibrate
from surrogo.calibration import (
    Answers,
    CalibrationResult,
    Laplace,
    LogNormal,
    LogNormalPrior,
    Normal,
    NormalPrior,
    Poisson,
    StudentT,
)
from surrogo.calibration.noise_around import measurement, standard_quantile
from surrogo.calibration.posterior import PosteriorSample
from surrogo.checks import FloatArray
from tests.calibration.decay import DECAY, FLAT, T, table
from tests.calibration.lynx import BOUNDS, DATA, MODEL


def decay_fit(noise: Any = None, bounds: Any = None, **more: Any) -> CalibrationResult:
    noise = Normal(0.1) if noise is None else noise
    found = {"max_evals": 30, "rng": 0, **more}
    return calibrate(
        DECAY, table(), FLAT if bounds is None else bounds, noise=noise, **found
    )


@pytest.fixture(scope="module")
def lynx_sample(lynx: CalibrationResult) -> PosteriorSample:
    return lynx.answers.posterior(100, rng=0)


@pytest.fixture(scope="module")
def lynx() -> CalibrationResult:
    return calibrate(MODEL, DATA, BOUNDS, noise=LogNormal(), max_evals=40, rng=0)


def test_intervals_are_those_of_the_jacobian() -> None:
    fit = decay_fit()

    def residuals(x: FloatArray) -> FloatArray:
        return (x[1] * np.exp(-x[0] * T) - table()["u"]) / 0.1

    slow = least_squares(residuals, [0.4, 3.0], xtol=1e-12, x_scale="jac")
    std = np.sqrt(np.diag(np.linalg.inv(slow.jac.T @ slow.jac)))
    found = fit.answers.uncertainty(level=0.9)
    assert list(found.intervals) == ["k", "u0"]
    low, high = np.array(list(found.intervals.values())).T
    assert 0.5 * (low + high) == pytest.approx(slow.x, rel=1e-3)
    assert 0.5 * (high - low) == pytest.approx(1.6449 * std, rel=0.02)


def test_profiles_of_an_eliminated_sigma_rise_by_the_likelihood_ratio() -> None:
    fit = decay_fit(Normal(), max_evals=40)

    def sum_of_squares(k: float) -> float:
        shape = np.exp(-k * T)
        u0 = shape @ table()["u"] / (shape @ shape)
        return float(np.sum((u0 * shape - table()["u"]) ** 2))

    least = min(sum_of_squares(k) for k in np.linspace(0.35, 0.45, 2001))
    ends = fit.answers.profiles(["k"], level=0.95).intervals["k"]
    for end in ends:
        rise = 0.5 * len(T) * np.log(sum_of_squares(end) / least)
        assert rise == pytest.approx(0.5 * 3.841, rel=0.03)


def test_the_fit_and_earlier_answers_cost_nothing() -> None:
    fit = decay_fit()
    answers = fit.answers
    assert answers is fit.answers
    assert answers.n_simulations == 0
    first = answers.profiles()
    assert 0 < first.n_simulations == answers.n_simulations < 12
    assert answers.uncertainty().n_simulations == 0


@pytest.mark.parametrize("seed", range(3))  # that of the search: idle ends anywhere
def test_a_parameter_that_does_nothing_is_structurally_not_identifiable(
    seed: int,
) -> None:
    fit = decay_fit(bounds=FLAT | {"idle": (0.0, 1.0)}, rng=seed)
    found = fit.answers.identifiability()
    assert found["idle"].verdict == "structurally not identifiable"
    assert found["k"].verdict == found["u0"].verdict == "identifiable"
    assert "idle" in str(found)


def test_a_simulation_that_fails_is_no_end_of_the_answers() -> None:
    def model(p: dict[str, float]) -> FloatArray:
        if p["k"] > 0.42:
            raise ArithmeticError("too fast")
        return p["u0"] * np.exp(-p["k"] * T)

    fit = calibrate(model, table(), FLAT, noise=Normal(0.2), max_evals=30, rng=0)
    found = fit.answers.identifiability()
    assert found["k"].verdict == "unknown"
    assert "simulations fail" in found["k"].sentence


def test_answers_need_a_fit() -> None:
    def model(p: dict[str, float]) -> FloatArray:
        raise ArithmeticError("never")

    fit = calibrate(model, table(), FLAT, noise=Normal(0.2), max_evals=3, rng=0)
    with pytest.raises(ValueError, match="there is no fit"):
        _ = fit.answers
    with pytest.raises(ValueError, match="none succeeded"):
        Answers(fit.problem, fit.trials)


def test_without_residuals_the_answers_are_about_the_same() -> None:
    heavy = decay_fit(StudentT(sigma=0.1, df=1e6)).answers.profiles(level=0.9)
    scaled = decay_fit(Laplace(sigma=0.05)).answers
    assert heavy.intervals["k"] == pytest.approx(
        decay_fit().answers.profiles(level=0.9).intervals["k"], rel=1e-2
    )
    assert not scaled.simulations.has_residuals()
    low, high = scaled.uncertainty().intervals["k"]
    assert low < scaled.simulations.target.x_best[0] < high


def test_the_posterior_with_sigma_eliminated_is_that_under_its_usual_prior() -> None:
    """A straight line through 0 has a slope with Student's t around it."""
    x = np.arange(1.0, 7.0)
    y = 2.0 * x + np.array([0.3, -0.5, 0.2, 0.6, -0.4, 0.1])
    line = {"time": x, "y": y}
    fit = calibrate(lambda p: p["b"] * x, line, {"b": (1.0, 3.0)}, max_evals=15, rng=0)
    sample = fit.answers.posterior(1000, rng=0)
    best = x @ y / (x @ x)
    s2 = np.sum((y - best * x) ** 2) / 5
    exact = t(5, best, np.sqrt(s2 / (x @ x)))
    low, high = sample.interval(0.9)[0]
    assert sample.mean[0] == pytest.approx(best, abs=0.15 * exact.std())
    assert exact.cdf(low) == pytest.approx(0.05, abs=0.02)
    assert exact.cdf(high) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("prior", "mean"),
    [
        (LogNormalPrior(0.0, 0.5), np.exp(0.125)),  # a density over c itself
        (NormalPrior(0.0, 0.5, scale="log"), np.exp(0.125)),  # and over its logarithm
        (NormalPrior(1.0, 0.1), 1.0),
        (None, 9.9 / np.log(100.0)),  # flat over the logarithm
    ],
)
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_priors_are_densities_of_what_they_are_stated_for(
    prior: Any, mean: float, scale: str
) -> None:
    """The data say nothing of c: its posterior is its prior."""
    if prior is None and scale == "linear":
        mean = 0.5 * (0.1 + 10.0)
    bounds = FLAT | {"c": Real(0.1, 10.0, scale=scale)}
    priors = {} if prior is None else {"c": prior}
    fit = decay_fit(bounds=bounds, priors=priors)
    found = fit.answers.posterior(200, rng=0).summary()["c"]
    assert found["mean"] == pytest.approx(mean, abs=4.5 * found["std"] / np.sqrt(200))


def test_bands_at_the_data_cost_nothing_and_hold_them(
    lynx: CalibrationResult, lynx_sample: PosteriorSample
) -> None:
    bands = lynx.answers.bands(lynx_sample, level=0.9)
    assert list(bands) == ["hare", "lynx"]
    assert bands["hare"].n_simulations == 0
    for name, one in bands.items():
        assert one.t == pytest.approx(DATA["time"])
        inside = (one.lower_noisy <= DATA[name]) & (DATA[name] <= one.upper_noisy)
        assert np.mean(inside) >= 0.85
        assert np.all(one.upper - one.lower < one.upper_noisy - one.lower_noisy)


def test_bands_of_the_future_grow(
    lynx: CalibrationResult, lynx_sample: PosteriorSample
) -> None:
    answers = lynx.answers
    years = np.arange(1901, 1961)
    bands = answers.bands(lynx_sample, years, noise=False, max_simulations=60)
    hare = bands["hare"]
    assert hare.lower_noisy is None
    assert hare.n_simulations <= 60
    width = np.log(hare.upper / hare.lower)
    assert width[-12:].mean() > 2.0 * width[:12].mean()
    again = answers.bands(lynx_sample, years, max_simulations=60)
    assert again["hare"].n_simulations == 0
    assert again["hare"].upper_noisy is not None


def test_the_best_measurement_is_named(
    lynx: CalibrationResult, lynx_sample: PosteriorSample
) -> None:
    years = np.arange(1900, 1931)
    both = lynx.answers.best_measurements(lynx_sample, years, n=2, max_simulations=100)
    assert len(both.labels) == 62
    assert str(both).startswith("measure ")
    assert np.all(np.diff(both.variances, axis=0) <= 0.0)
    hare = lynx.answers.best_measurements(
        lynx_sample, years, observables=["hare"], of=["u0"], max_simulations=100
    )
    assert all(label.startswith("hare at ") for label in hare.labels)


def test_a_line_is_best_measured_at_its_end() -> None:
    slope = OdeModel(lambda t, y, p: [p["b"]], ["y"], {"y": 0.0})
    line = {"time": T[1:], "y": 2.0 * T[1:] + 0.1 * np.cos(5 * T[1:])}
    fit = calibrate(
        slope, line, {"b": (1.0, 3.0)}, noise=Normal(0.1), max_evals=15, rng=0
    )
    sample = fit.answers.posterior(200, rng=0)
    choice = fit.answers.best_measurements(sample, [1.0, 3.0, 9.0])
    assert str(choice).startswith("measure y at 9: ")
    # precisions add: of the data, and of one more at t = 9
    precision = T @ T / 0.01
    left = np.sqrt(precision / (precision + 81.0 / 0.01))
    assert np.sqrt(choice.variances[1] / choice.variances[0]) == pytest.approx(
        left, rel=0.1
    )


def test_a_function_cannot_be_asked_for_other_times() -> None:
    fit = calibrate(
        lambda p: p["u0"] * np.exp(-p["k"] * T), table(), FLAT, max_evals=25, rng=0
    )
    sample = fit.answers.posterior(50, rng=0)
    with pytest.raises(ValueError, match="the data's times only"):
        fit.answers.bands(sample, [7.0])
    with pytest.raises(ValueError, match="condition"):
        fit.answers.bands(sample, condition="hot")
    assert fit.answers.bands(sample)["u"].median.shape == (6,)


def test_scale_and_offset_are_in_the_bands() -> None:
    signal = {"time": T, "u": 5.0 * np.exp(-0.4 * T) + 1.0 + 0.05 * np.cos(5 * T)}
    noise = Normal(sigma=0.1, scale="eliminate", offset="eliminate")
    fit = calibrate(
        DECAY, signal, {"k": (0.01, 2.0), "u0": 1.0}, noise=noise, max_evals=25, rng=0
    )
    sample = fit.answers.posterior(100, rng=0)
    at_data, asked = fit.answers.bands(sample)["u"], fit.answers.bands(sample, T)["u"]
    assert asked.median == pytest.approx(at_data.median, rel=1e-6)
    assert asked.median == pytest.approx(signal["u"], abs=0.15)


def test_conditions_are_predicted_apart() -> None:
    times = {"cold": T, "warm": T[:3]}
    conditions = {"cold": {"heat": 1.0}, "warm": {"heat": 4.0}}

    def model(p: dict[str, float], c: dict[str, Any]) -> FloatArray:
        return 3.0 * np.exp(-p["k"] * c["heat"] * times[c["name"]])

    data = {
        name: {"time": t, "u": model({"k": 0.2}, {"name": name, **conditions[name]})}
        for name, t in times.items()
    }
    fit = calibrate(
        model,
        data,
        {"k": (0.01, 1.0)},
        noise=Normal(0.1),
        conditions=conditions,
        max_evals=15,
        rng=0,
    )
    sample = fit.answers.posterior(50, rng=0)
    for name in times:
        band = fit.answers.bands(sample, condition=name)["u"]
        assert band.median == pytest.approx(data[name]["u"], abs=0.05)


def test_measurements_of_counts_are_quantiles_of_counts() -> None:
    means = np.array([0.0, 0.1, 2.0, 40.0])
    for q in (0.02, 0.5, 0.98):
        found = measurement(means, 0.0 * means, q, Poisson(), None)
        assert found == pytest.approx(poisson.ppf(q, means).clip(min=0))


@pytest.mark.parametrize("n", [None, 5])
def test_noise_of_an_uncertain_sigma_is_a_mixture(n: int | None) -> None:
    """Sigma is drawn from its posterior given a likeliest of 1, then the noise."""
    rng = np.random.default_rng(0)
    s = np.ones(200_000) if n is None else n / rng.gamma(n, size=200_000)
    for q in (0.1, 0.7):
        drawn = np.quantile(s * rng.laplace(size=len(s)), q)
        assert standard_quantile(q, Laplace(), n) == pytest.approx(drawn, abs=0.02)
    v = np.ones(200_000) if n is None else n / rng.chisquare(n, size=200_000)
    for q in (0.1, 0.7):
        drawn = np.quantile(np.sqrt(v) * rng.normal(size=len(v)), q)
        assert standard_quantile(q, Normal(), n) == pytest.approx(drawn, abs=0.02)


def test_a_better_estimate_is_told() -> None:
    poor = decay_fit(max_evals=4, starts=None)
    found = poor.answers.identifiability()
    assert found.profiles.improvement > 0.1
    assert "was found; fit on from there" in str(found)
    better = poor.problem.evaluate(found.profiles.x_best).value
    assert poor.value - better == pytest.approx(found.profiles.improvement)
    assert "fit on" not in str(decay_fit().answers.profiles())
