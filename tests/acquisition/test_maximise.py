from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings

from surrogo import Categorical, Integer, Ordinal, Real, Space
from surrogo.acquisition import Criterion, LogEI, NegativeMean, Search, maximise
from surrogo.acquisition.maximise import snap
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.strategies import spaces
from tests.surrogates.cases import smooth

MIXED = Space.of(
    {
        "rate": Real(1e-5, 1.0, scale="log"),
        "layers": Integer(1, 5),
        "solver": Categorical(["euler", "rk4"]),
        "damping": Real(0.0, 1.0, active_if={"solver": "rk4"}),
        "mesh": Ordinal([8, 16, 32]),
        "gravity": Real(9.81, 9.81),
    }
)
QUICK = Search(raw=64, near=32, starts=4)


def model(space, n=20, seed=0):
    """A posterior of smooth data at points of the space."""
    U = snap(space, np.random.default_rng(seed).random((n, space.d)))
    y = smooth(U)
    d = space.d
    fixed = kernels.get("matern52"), Trend.of("constant", d), np.log(np.full(d, 0.7))
    return Posterior.of(*fixed, 1e-6, U, (y - y.mean()) / (np.std(y) or 1.0))


def box(d):
    return Space.of([(0.0, 1.0)] * d)


def improvement(posterior):
    return LogEI(best=float(posterior.y.min()))


def best_of(posterior, k=3):
    return posterior.Z[np.argsort(posterior.y, kind="stable")[:k]]


# Only nine values of its variable are different floats.
NARROW = Space.of([(1.0, 1.0 + 2.0**-49)])


@pytest.mark.parametrize("space", [box(1), box(3), NARROW, MIXED])
@pytest.mark.parametrize("kind", ["improvement", "mean"])
def test_candidates_are_points_of_the_space_best_first(space, kind, rng):
    gp = model(space)
    criterion = improvement(gp) if kind == "improvement" else NegativeMean()
    U, scores = maximise(criterion, gp, space, best_of(gp), rng)
    assert U.shape == (10 + 1024 + 512, space.d)
    assert np.all((U >= 0) & (U <= 1))
    X = space.from_unit(U)
    assert np.all(space.contains(X))
    np.testing.assert_allclose(space.to_unit(X), U, atol=1e-14)
    assert np.all(np.diff(scores) <= 0)
    np.testing.assert_allclose(criterion.score(gp, U), scores, rtol=1e-9, atol=1e-9)


def test_discrete_coordinates_stand_at_the_centres_of_their_bins(rng):
    gp = model(MIXED)
    U, _ = maximise(improvement(gp), gp, MIXED, best_of(gp), rng)
    assert set(U[:, 1].round(12)) == {0.1, 0.3, 0.5, 0.7, 0.9}
    assert set(U[:, 2].round(12)) == {0.25, 0.75}
    absent = U[:, 2] < 0.5  # no damping with euler
    assert np.all(U[absent, 3] == 0.5)
    assert len(np.unique(U[~absent, 3])) > 10
    assert np.all(U[:, 5] == 0.5)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_the_best_candidate_beats_a_hundred_thousand_random_points(d, rng):
    gp = model(box(d), n=8 * d)
    for criterion in (improvement(gp), NegativeMean()):
        _, scores = maximise(criterion, gp, box(d), best_of(gp), rng)
        blind = criterion.score(gp, rng.random((100_000, d)))
        assert scores[0] >= blind.max()


def test_the_best_point_of_a_small_discrete_space_is_found(rng):
    space = Space.of([Integer(0, 4), Integer(0, 4), Ordinal([1, 2, 3])])
    gp = model(space, n=10)
    every = np.stack(np.meshgrid(*[np.arange(k) for k in (5, 5, 3)]), -1).reshape(-1, 3)
    every = (every + 0.5) / [5, 5, 3]
    for criterion in (improvement(gp), NegativeMean()):
        _, scores = maximise(criterion, gp, space, best_of(gp), rng)
        assert scores[0] == pytest.approx(criterion.score(gp, every).max(), rel=1e-9)


@pytest.mark.parametrize("space", [box(2), MIXED])
def test_the_same_generator_gives_the_same_candidates(space):
    gp = model(space)
    runs = [
        maximise(improvement(gp), gp, space, best_of(gp), np.random.default_rng(s))
        for s in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    assert np.any(runs[0][0] != runs[2][0])


def test_incumbents_are_not_needed(rng):
    gp = model(box(2))
    U, _ = maximise(improvement(gp), gp, box(2), np.empty((0, 2)), rng)
    assert U.shape == (10 + 1024, 2)


@pytest.mark.parametrize(
    "search", [Search(1, 1, 1), Search(8, 0, 20), Search(8, 4, 2), Search(2, 50, 9)]
)
def test_little_work_is_possible(search, rng):
    gp = model(box(2))
    U, scores = maximise(improvement(gp), gp, box(2), best_of(gp), rng, search)
    assert search.raw + search.near < len(U) <= search.raw + search.near + search.starts
    assert len(scores) == len(U)


def test_many_variables(rng):
    gp = model(box(60), n=40)
    _, scores = maximise(improvement(gp), gp, box(60), best_of(gp), rng, QUICK)
    raw = scores[np.argsort(scores)][: QUICK.raw + QUICK.near]
    assert scores[0] > raw.max()


@dataclass(frozen=True)
class Distracting(Criterion):
    """Rises with the damping, which does not exist with euler, and turns with it."""

    def score(self, model, U):
        return -((U[:, 0] - 0.6 * U[:, 3]) ** 2) + 10.0 * U[:, 3] - 100.0 * U[:, 2]

    def score_and_gradient(self, model, U):
        away, slope = U[:, 0] - 0.6 * U[:, 3], np.zeros_like(U)
        slope[:, 0], slope[:, 3] = -2.0 * away, 1.2 * away + 10.0
        return self.score(model, U), slope


def test_variables_that_do_not_exist_do_not_lead_climbs_astray(rng):
    space = Space.of(
        {
            "rate": Real(0.0, 1.0),
            "order": Integer(1, 2),
            "solver": Categorical(["euler", "rk4"]),
            "damping": Real(0.0, 1.0, active_if={"solver": "rk4"}),
        }
    )
    few = Search(raw=4, near=0, starts=2)
    U, _ = maximise(Distracting(), None, space, np.empty((0, 4)), rng, few)
    assert U[0, 2:].tolist() == [0.25, 0.5]
    assert U[0, 0] == pytest.approx(0.3, abs=1e-3)


@dataclass(frozen=True)
class Holed(Criterion):
    """A criterion that is no number, or infinite, in part of the cube."""

    bad: float

    def score(self, model, U):
        return np.where(U[:, 0] > 0.5, self.bad, -np.sum((U - 0.7) ** 2, axis=1))

    def score_and_gradient(self, model, U):
        return self.score(model, U), -2.0 * (U - 0.7)


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_scores_that_are_not_finite_come_last(bad, rng):
    U, scores = maximise(Holed(bad), None, box(2), np.full((1, 2), 0.3), rng)
    finite = np.isfinite(scores)
    assert np.all(np.diff(finite.astype(int)) <= 0)
    np.testing.assert_allclose(U[0], [0.5, 0.7], atol=0.02)


def test_scores_without_a_single_finite_one(rng):
    class Nowhere(Holed):
        def score(self, model, U):
            return np.full(len(U), np.nan)

    U, _ = maximise(Nowhere(0.0), None, box(2), np.full((1, 2), 0.3), rng)
    assert len(U) == 10 + 1024 + 512


@given(space=spaces())
@settings(max_examples=15)
def test_any_space(space):
    gp = model(space, n=6)
    rng = np.random.default_rng(0)
    U, scores = maximise(improvement(gp), gp, space, best_of(gp), rng, QUICK)
    assert np.all(space.contains(space.from_unit(U)))
    assert np.isfinite(scores).all()
