"""Verdicts on models: what they say, and how rarely chance makes them say it."""

import numpy as np
import pytest
from scipy.special import bdtr, ndtri
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

from surrogo import RBF, GaussianProcess
from surrogo.surrogates import diagnose
from surrogo.surrogates.diagnostics import Diagnostics
from surrogo.surrogates.verdict import clearly_smaller, miscounts, outliers, percent
from tests.surrogates.cases import fixed, smooth, user_data


def judged(z, y=None, std=0.1):
    """Diagnostics whose standardised residuals are z (n,)."""
    y = np.random.default_rng(1).normal(size=len(z)) if y is None else y
    return Diagnostics(
        y, y - std * z, np.full(len(z), std), np.zeros(len(z)), "10-fold"
    )


def normal(n, seed=0):
    return np.random.default_rng(seed).normal(size=n)


@pytest.mark.parametrize(
    ("model", "folds"),
    [
        (GaussianProcess("matern52", n_starts=1, random_state=0), None),
        (GaussianProcess("matern52", nugget="estimate", n_starts=1), 5),
        (RBF(), None),
        (RBF("gaussian", smoothing="loo"), None),
        (LinearRegression(), None),
        (DummyRegressor(), None),
        (KNeighborsRegressor(1), 5),
    ],
    ids=["gp", "noisy gp", "rbf", "smoothing", "linear", "mean", "nearest"],
)
@pytest.mark.parametrize("n", [8, 25])
def test_noise_is_predicted_no_better_than_by_its_mean(model, folds, n):
    seeds = 25
    found = 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        of = diagnose(model, rng.random((n, 2)), rng.normal(size=n), folds=folds)
        found += "no better than the mean" not in of.verdict
    assert found <= 2  # one in a hundred, and what fits to all points flatter


@pytest.mark.parametrize("n", [8, 12, 20])
def test_what_can_be_predicted_is_said_to_be(n):
    better = 0
    for seed in range(10):
        X = np.random.default_rng(seed).random((n, 2))
        y = X @ [1.0, 2.0] + 0.05 * smooth(X)
        better += "of the variance" in diagnose(LinearRegression(), X, y).verdict
    assert better >= 9


def test_calibrated_residuals_are_rarely_blamed():
    blamed = {10: 0, 40: 0, 300: 0}
    for n in blamed:
        for seed in range(300):
            of = judged(normal(n, seed))
            blamed[n] += not of.verdict.startswith(("good", "fair"))
    assert max(blamed.values()) <= 20  # 2 % of miscounts and 2 % of outliers, about


@pytest.mark.parametrize("n", [20, 200])
def test_too_narrow_and_too_wide_intervals_are_told(n):
    narrow, wide = judged(4.0 * normal(n), std=0.02), judged(0.15 * normal(n))
    assert narrow.verdict.startswith("overconfident: its ")
    assert wide.verdict.startswith("underconfident: its 50 % intervals hold 100 %")


class TooSure(GaussianProcess):
    """A model that states a fifth of its standard deviations."""

    def leave_one_out(self):
        mean, std = super().leave_one_out()
        return mean, 0.2 * std


def test_an_overconfident_model_is_found_out():
    X, y = user_data(40)
    noisy = y + 0.05 * normal(40)
    honest = GaussianProcess("matern52", nugget="estimate", random_state=0)
    sure = TooSure("matern52", nugget="estimate", random_state=0)
    assert diagnose(honest, X, noisy).verdict.startswith("good: explains 9")
    assert diagnose(sure, X, noisy).verdict.startswith("overconfident: its ")


def test_single_far_residuals_are_named_with_advice():
    z = 0.8 * normal(40)
    z[[7, 30]] = 6.0, -4.5
    verdict = judged(z).verdict
    assert verdict.startswith(
        "residuals beyond 3 standard deviations at points [7, 30]; consider a log "
        'transform (y_transform="auto"); explains '
    )


def test_many_points_are_not_all_listed():
    z = np.concatenate([normal(993), np.full(7, 9.0)])
    assert "[993, 994, 995, 996, 997, and 2 more]" in judged(z).verdict


def test_two_points_are_too_few():
    X, y = user_data(2)
    of = diagnose(fixed(), X, y)
    assert of.verdict == "2 points are too few to judge; at least 7 are needed"
    np.testing.assert_allclose(of.baseline, y[::-1])
    assert diagnose(DummyRegressor(), X, y).q2 == pytest.approx(0.0)
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        diagnose(fixed(), X, y, folds=2)  # the model's own


@pytest.mark.parametrize("value", [0.0, 1.0, -3e7])
def test_equal_values_are_said_to_be_equal(value):
    X, _ = user_data(12)
    y = np.full(12, value)
    for model in (fixed(), RBF(), LinearRegression()):
        of = diagnose(model, X, y)
        assert of.verdict == "all values are equal"
        assert np.isnan(of.q2)
        assert len(str(of).splitlines()) <= 12
    wrong = Diagnostics(y, y + 1.0, None, y, "2-fold")
    assert wrong.verdict == "all values are equal, but not predicted so"


def test_rounding_errors_are_no_residuals():
    X, _ = user_data(30)
    of = diagnose(RBF(degree=1), X, X @ [1.0, 2.0])
    assert of.verdict == "good: predicts every value up to rounding"
    assert np.max(np.abs(of.standardised)) < 3


# --- parts


def test_smaller_errors_are_told_from_chance():
    other = np.linspace(1, 2, 7)
    assert clearly_smaller(0.5 * other, other)
    assert not clearly_smaller(0.5 * other[:6], other[:6])  # 2^-6 is above 1 %
    assert not clearly_smaller(other, other)
    assert not clearly_smaller(2 * other, other)
    mixed = np.where(np.arange(7) == 0, 2.5, 0.5 * other)
    assert not clearly_smaller(mixed, other)


def test_signed_ranks_equal_those_of_scipy():
    from scipy.stats import wilcoxon

    seen = set()
    for seed in range(40):
        error, other = np.abs(np.random.default_rng(seed).normal(size=(2, 30)))
        error *= 0.7
        gain = other**2 - error**2
        p = wilcoxon(gain, alternative="greater", method="asymptotic").pvalue
        assert clearly_smaller(error, other) == (p < 0.01)
        seen.add(bool(p < 0.01))
    assert seen == {True, False}


def test_miscounts_follow_the_binomial_distribution():
    z = np.concatenate([np.full(6, 2.5), np.zeros(14)])  # 14 of 20 within 90 %
    assert miscounts(z, [0.9]) == (None, None)
    assert bdtr(14, 20, 0.9) > 0.0025 > bdtr(13, 20, 0.9)
    z[6] = 2.5
    assert miscounts(z, [0.9]) == (0.9, None)
    assert miscounts(np.zeros(8), [0.5]) == (None, None)  # 2^-8 is above 0.25 %
    assert miscounts(np.zeros(9), [0.5]) == (None, 0.5)
    assert miscounts(np.full(9, 5.0), [0.5]) == (0.5, None)


def test_outliers_lie_further_out_in_larger_samples():
    for n, limit in ((5, 3.0), (1000, -ndtri(1e-5))):
        z = np.zeros(n)
        z[:3] = limit - 0.01, limit + 0.01, -limit - 0.01
        assert np.flatnonzero(outliers(z)).tolist() == [1, 2]
    assert outliers(np.array([np.nan, np.inf])).all()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50 %"), (0.994, "99.4 %"), (0.9995, "more than 99.9 %")],
)
def test_nearly_all_is_not_all(share, text):
    assert percent(share) == text
