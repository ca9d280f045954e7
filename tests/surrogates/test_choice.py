import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates.choice import CLEARLY, choose
from surrogo.surrogates.kernels import Matern12, Matern52


def data(n=40, d=2, seed=0):
    X = np.random.default_rng(seed).random((n, d))
    return X, np.sin(5 * X[:, 0]) + np.cos(4 * X[:, 1])


def test_every_candidate_is_there_and_the_chosen_one_is_fitted():
    X, y = data()
    choice = choose(X, y, random_state=0)
    assert len(choice.candidates) == 12
    assert choice.chosen in choice.candidates
    np.testing.assert_allclose(choice.best.predict(X), y, atol=1e-3)
    best = choice.chosen
    same = GaussianProcess(best.kernel, trend=best.trend, random_state=0).fit(X, y)
    assert same.log_likelihood_ == best.log_likelihood
    mean, std = same.leave_one_out()
    z = (y - mean) / std
    density = -0.5 * np.sum(z**2 + np.log(2 * np.pi * (std / same.y_scale_) ** 2))
    assert best.loo_density == pytest.approx(density)
    alone = np.array([np.mean(np.delete(y, i)) for i in range(len(y))])
    expected = np.sqrt(np.mean((y - mean) ** 2) / np.mean((y - alone) ** 2))
    assert best.loo_error == pytest.approx(expected)


def test_a_smooth_function_gets_a_smooth_kernel():
    choice = choose(*data(60), kernels=("matern12", "squared_exponential"))
    assert choice.chosen.kernel == "squared_exponential"
    assert "nats likelier than matern12" in choice.reason


def test_a_rough_process_gets_a_rough_kernel():
    hits = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        Z = rng.random((50, 1))
        R = Matern12().correlations(Z, Z, np.log([0.5]))
        y = np.linalg.cholesky(R + 1e-10 * np.eye(50)) @ rng.normal(size=50)
        names = ("squared_exponential", "matern12")
        hits += (
            choose(Z, y, kernels=names, trends=("constant",)).chosen.kernel == names[1]
        )
    assert hits == 6


def test_a_quadratic_gets_its_trend():
    rng = np.random.default_rng(0)
    X = rng.random((40, 3))
    y = 5 * X[:, 0] * X[:, 1] + X[:, 2] ** 2 + 1e-4 * rng.normal(size=40)
    choice = choose(X, y, kernels=("matern52",), nugget="estimate", random_state=0)
    assert choice.chosen.trend == "quadratic"
    assert "left-out values are" in choice.reason


def test_the_first_is_kept_unless_another_is_clearly_better():
    X, y = data(30)
    for first in ("matern52", "tensor_matern52"):
        other = {"matern52": "tensor_matern52", "tensor_matern52": "matern52"}[first]
        choice = choose(X, y, kernels=(first, other), trends=("constant",))
        one, two = choice.candidates
        gain = two.log_likelihood - one.log_likelihood
        assert (choice.chosen is two) == (gain > CLEARLY)


def test_report_is_short_and_in_words():
    X, y = data()
    text = str(choose(X, y, random_state=0))
    assert len(text.splitlines()) <= 15
    assert text.count("<-") == 1
    assert text.splitlines()[-1].startswith("Chosen: ")


def test_trends_that_the_points_do_not_determine_are_skipped():
    X, y = data(5)
    choice = choose(X, y)
    assert {c.trend for c in choice.candidates} == {"constant", "linear"}
    assert choice.skipped[0].startswith("quadratic trend skipped: a quadratic trend")
    assert "skipped" in str(choice)


def test_kernels_may_be_objects():
    choice = choose(*data(), kernels=(Matern52(),), trends=("constant",))
    assert choice.chosen.kernel == "Matern52()"
    assert "no kernel is more than 3 nats likelier" in str(choice)


def test_constant_values_are_no_trouble():
    choice = choose(data()[0], np.ones(40), trends=("constant",))
    assert choice.chosen.loo_error == pytest.approx(0.0, abs=1e-6)


def test_nothing_to_choose_from_is_refused():
    X, y = data()
    with pytest.raises(ValueError, match="at least one kernel and one trend, got 0 an"):
        choose(X, y, kernels=())
    with pytest.raises(ValueError, match="kernel must be one of"):
        choose(X, y, kernels=("cubic",))
