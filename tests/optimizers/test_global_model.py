"""The global model: choice of targets, schedule of fits, failed and pending points."""

import numpy as np
import pytest

from surrogo import Space, Trials
from surrogo.evaluation import Evaluation
from surrogo.optimizers import View
from surrogo.optimizers.global_model import Hyper, believe, fit_global


def view_of(f, n=25, d=2, seed=0):
    trials = Trials(Space.of([(0, 1)] * d))
    for u in np.random.default_rng(seed).random((n, d)):
        trials.add(u, Evaluation(float(f(u))))
    return View.of(trials, effort=1)


def fit(view, hyper=None):
    hyper = Hyper() if hyper is None else hyper
    return fit_global(view, hyper, "matern52", True, np.random.default_rng(0))


def test_the_data_choose_the_targets():
    smooth = view_of(lambda u: np.sin(4 * u[0]) + u[1])
    decades = view_of(lambda u: np.exp(6 * np.sin(4 * u[0]) + 3 * u[1]))
    assert fit(smooth)[1].targets == "plain"
    assert fit(decades)[1].targets == "log"


def test_hyper_parameters_follow_the_schedule():
    view = view_of(lambda u: np.sin(4 * u[0]) + u[1])
    _, first = fit(view)
    assert (first.n_full, first.n_warm) == (25, 25)
    _, same = fit(view, first)
    assert (same.n_full, same.n_warm) == (25, 25)
    more = view_of(lambda u: np.sin(4 * u[0]) + u[1], n=28)
    _, warm = fit(more, first)
    assert (warm.n_full, warm.n_warm) == (25, 28)
    _, full = fit(view_of(lambda u: np.sin(4 * u[0]) + u[1], n=30), first)
    assert (full.n_full, full.n_warm) == (30, 30)


def test_beyond_150_points_length_scales_rest_between_searches():
    view = view_of(lambda u: np.sin(4 * u[0]) + u[1], n=160)
    hyper = Hyper("plain", {"plain": [-1.0, -0.5]}, n_full=155, n_warm=155)
    model, after = fit(view, hyper)
    assert after == hyper
    assert model.log_l.tolist() == [-1.0, -0.5]


def test_believing_takes_the_uncertainty_and_leaves_the_mean():
    view = view_of(lambda u: np.sin(4 * u[0]) + u[1])
    model, _ = fit(view)
    U = np.array([[0.2, 0.9], [0.7, 0.1]])
    before = model.mean_std(U)
    mean, std = believe(model, U).mean_std(U)
    assert mean == pytest.approx(before[0], abs=1e-6)
    assert np.all(std < 0.2 * before[1])
    assert believe(model, np.empty((0, 2))) is model
