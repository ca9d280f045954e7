"""What every criterion must do. Adding one adds it here, or the first test fails."""

import numpy as np
import pytest

from surrogo import Space
from surrogo.acquisition import (
    EI,
    LCB,
    Criterion,
    JointLogEI,
    LogEI,
    LogMES,
    LogPI,
    LogWeightedEI,
    NegativeMean,
    maximise,
)
from surrogo.acquisition.bonus import WithBonus
from surrogo.acquisition.viability import Viability
from surrogo.acquisition.zoomed import Zoomed
from surrogo.surrogates.posterior import Posterior
from tests.reference.differences import gradient
from tests.surrogates.cases import posterior

LENGTHS = np.array([0.3, 0.5])
PENDING = np.array([[0.2, 0.9], [0.7, 0.3]])


def best(model):
    return float(model.y.min())


def spread(model):
    return float(np.std(model.y))


def joint(model):
    return JointLogEI.of(model, best(model), PENDING, np.random.default_rng(0))


def with_bonus(model):
    labels = np.resize([1.0, 1.0, 0.0], len(model.y))
    chance = Viability.fitted(model.kernel, model.Z, labels, evidence=-np.inf)
    return WithBonus(LogEI(best(model)), chance)


# name: how to make it for a model, and the power of a change of scale that it follows
CASES = {
    "EI": (lambda model: EI(best(model)), 1),
    "LogEI": (lambda model: LogEI(best(model)), 0),
    "LogEI, far": (lambda model: LogEI(best(model) - 30.0 * spread(model)), 0),
    "NegativeMean": (lambda model: NegativeMean(), 1),
    "LogPI": (lambda model: LogPI(best(model) - 0.1 * spread(model)), 0),
    "LogPI, far": (lambda model: LogPI(best(model) - 30.0 * spread(model)), 0),
    "LCB": (lambda model: LCB(1.5), 1),
    "LogWeightedEI, 0": (lambda model: LogWeightedEI(best(model), 0.0), 0),
    "LogWeightedEI, 0.3": (lambda model: LogWeightedEI(best(model), 0.3), 0),
    "LogWeightedEI, 0.7": (lambda model: LogWeightedEI(best(model), 0.7), 0),
    "LogWeightedEI, 1": (lambda model: LogWeightedEI(best(model), 1.0), 0),
    "LogMES": (
        lambda model: LogMES(best(model) - spread(model) * np.array([0.03, 0.4, 1.0])),
        0,
    ),
    "JointLogEI": (joint, 0),
    "WithBonus": (with_bonus, 0),
}


@pytest.fixture(params=sorted(CASES))
def case(request):
    return CASES[request.param]


@pytest.fixture
def make(case):
    return case[0]


def test_every_criterion_is_here():
    def below(cls):
        return {cls}.union(*(below(sub) for sub in cls.__subclasses__()))

    ours = {
        cls.__name__
        for cls in below(Criterion) - {Criterion, Zoomed}  # tests of its own
        if cls.__module__.startswith("surrogo.acquisition.")
    }
    assert ours == {name.split(",")[0] for name in CASES}


@pytest.mark.parametrize("kernel", ["matern52", "squared_exponential"])
@pytest.mark.parametrize("trend", ["constant", "quadratic"])
def test_gradients_equal_central_differences(make, kernel, trend, rng):
    model = posterior(kernel, trend, n=20, lengths=LENGTHS)
    criterion, U = make(model), rng.random((8, 2))
    score, slope = criterion.score_and_gradient(model, U)
    np.testing.assert_allclose(score, criterion.score(model, U), rtol=1e-9, atol=1e-12)
    for row, u in enumerate(U):
        expected = gradient(lambda u: criterion.score(model, u[None])[0], u, 1e-4)
        error = 1e-6 * np.abs(expected).max() + 1e-12  # EI itself underflows
        np.testing.assert_allclose(slope[row], expected, rtol=1e-6, atol=error)


@pytest.mark.parametrize("nugget", [0.0, 1e-10])
def test_scores_at_the_data_and_at_pending_points_are_finite(make, nugget):
    model = posterior(nugget=nugget, n=12, lengths=LENGTHS)
    U = np.vstack([model.Z, PENDING, model.Z + 1e-9])
    scores, slopes = make(model).score_and_gradient(model, U)
    assert np.isfinite(scores).all()
    assert np.isfinite(slopes).all()


def test_a_change_of_units_of_the_values_changes_no_ranks(case, rng):
    make, power = case
    model, U = posterior(n=20, lengths=LENGTHS), rng.random((30, 2))
    moved = Posterior.of(
        model.kernel, model.trend, model.theta, model.nugget, model.Z, 7.0 * model.y - 3
    )
    here, there = make(model).score(model, U), make(moved).score(moved, U)
    constant = there - 7.0**power * here
    np.testing.assert_allclose(constant, constant[0], rtol=1e-7, atol=1e-7)


def test_the_order_of_the_data_does_not_matter(make, rng):
    model, U = posterior(n=20, lengths=LENGTHS), rng.random((30, 2))
    order = rng.permutation(20)
    parts = model.kernel, model.trend, model.theta, model.nugget
    other = Posterior.of(*parts, model.Z[order], model.y[order])
    if make is with_bonus:  # its labels belong to the points
        return
    scores = make(model).score(model, U), make(other).score(other, U)
    np.testing.assert_allclose(*scores, rtol=1e-7, atol=1e-9)


def test_a_batch_scores_what_each_point_scores_alone(make, rng):
    model, U = posterior(n=20, lengths=LENGTHS), rng.random((7, 2))
    criterion = make(model)
    alone = [criterion.score(model, u[None])[0] for u in U]
    np.testing.assert_allclose(criterion.score(model, U), alone, rtol=1e-9, atol=1e-12)
    assert criterion.score(model, U[:0]).shape == (0,)


def test_the_maximum_is_found(make, rng):
    model = posterior(n=12, lengths=LENGTHS)
    criterion, steps = make(model), np.linspace(0.0, 1.0, 41)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    space = Space.of([(0, 1), (0, 1)])
    _, scores = maximise(criterion, model, space, model.Z[:3], rng)
    assert scores[0] >= np.max(criterion.score(model, grid))
