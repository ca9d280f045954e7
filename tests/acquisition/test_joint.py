import numpy as np
import pytest
from scipy.stats import multivariate_normal

from surrogo.acquisition import EI, JointLogEI, LogEI, batch_improvement
from surrogo.surrogates.posterior import Posterior
from tests.reference.differences import gradient
from tests.surrogates.cases import posterior

LENGTHS = np.array([0.3, 0.5])


def model(trend="constant", n=10, nugget=1e-6):
    return posterior(trend=trend, n=n, nugget=nugget, lengths=LENGTHS)


def by_brute_force(m, best, U, size=1_000_000):
    """The expected improvement of a batch by plain Monte Carlo, and its error."""
    normal = multivariate_normal(m.mean_std(U)[0], m.covariance(U), allow_singular=True)
    values = normal.rvs(size, random_state=np.random.default_rng(7))
    gains = np.maximum(best - np.min(values.reshape(size, -1), axis=1), 0.0)
    return gains.mean(), gains.std() / np.sqrt(size)


def good_points(m, q, seed=0):
    """Points at which an improvement is not unlikely."""
    U = np.random.default_rng(seed).random((400, 2))
    return U[np.argsort(-LogEI(float(m.y.min())).score(m, U))[:60]][:: 60 // q][:q]


def test_without_pending_points_it_is_log_ei(rng):
    m, U = model(), rng.random((20, 2))
    best = float(m.y.min())
    joint = JointLogEI.of(m, best, np.empty((0, 2)), rng)
    np.testing.assert_allclose(joint.score(m, U), LogEI(best).score(m, U), rtol=1e-12)
    slopes = [c.score_and_gradient(m, U)[1] for c in (joint, LogEI(best))]
    np.testing.assert_allclose(*slopes, rtol=1e-9)


@pytest.mark.parametrize("q", [1, 2, 3, 5])
@pytest.mark.parametrize("trend", ["constant", "linear"])
def test_a_batch_is_worth_what_brute_force_says(q, trend, rng):
    m = model(trend)
    best, U = float(m.y.min()), good_points(m, q)
    expected, error = by_brute_force(m, best, U)
    found = batch_improvement(m, best, U, rng, draws=4096)
    assert found == pytest.approx(expected, abs=5 * error + 1e-3 * expected)


def test_the_usual_number_of_draws_is_enough(rng):
    m = model()
    best, U = float(m.y.min()), good_points(m, 4)
    expected, _ = by_brute_force(m, best, U)
    found = [batch_improvement(m, best, U, rng) for _ in range(5)]
    np.testing.assert_allclose(found, expected, rtol=0.02)


def test_the_order_of_a_batch_hardly_matters(rng):
    m = model()
    best, U = float(m.y.min()), good_points(m, 3)
    one, other = (batch_improvement(m, best, V, rng, draws=4096) for V in (U, U[::-1]))
    assert one == pytest.approx(other, rel=2e-3)


def test_conditioning_is_that_of_a_model_with_the_pending_point(rng):
    """One draw at a time: a point more in the data, at the same process variance."""
    m = model(nugget=1e-8)
    P, U, best = np.array([[0.4, 0.6]]), rng.random((10, 2)), 0.3
    joint = JointLogEI.of(m, best, P, rng, draws=8)
    mean, std = m.mean_std(P)
    for normal, floor in zip(joint.normals, joint.floors, strict=True):
        value = mean + std * normal
        more = m.append(P, value)
        size = np.sqrt(m.factors.s2 / more.factors.s2)
        inner_mean, inner_std = more.mean_std(U)
        assert floor == pytest.approx(min(best, value[0]), rel=1e-12)
        alone = JointLogEI(
            m, np.array([floor]), normal[None], joint.places, joint.in_k, joint.in_f
        )
        expected = LogEI(floor)._score(inner_mean, size * inner_std)
        np.testing.assert_allclose(alone.score(m, U), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("p", [1, 3])
def test_gradients_equal_central_differences(p, rng):
    m = model("quadratic", n=15, nugget=1e-3)
    U, P = rng.random((8, 2)), rng.random((p, 2))
    criterion = JointLogEI.of(m, float(m.y.min()), P, rng)
    score, slope = criterion.score_and_gradient(m, U)
    np.testing.assert_allclose(score, criterion.score(m, U), rtol=1e-10)
    for row, u in enumerate(U):
        expected = gradient(lambda u: criterion.score(m, u[None])[0], u, 1e-4)
        size = np.abs(expected).max()
        np.testing.assert_allclose(slope[row], expected, rtol=1e-6, atol=1e-6 * size)


def test_next_to_a_pending_point_there_is_nothing_to_gain(rng):
    m = model()
    P = good_points(m, 1)
    best = float(m.y.min())
    criterion = JointLogEI.of(m, best, P, rng)
    at, near, far = criterion.score(m, np.vstack([P, P + 1e-3, 1.0 - P]))
    assert at < near < LogEI(best).score(m, P + 1e-3)[0] - 2.0
    assert far > LogEI(best).score(m, 1.0 - P)[0] - 1.0


def test_pending_points_that_coincide_or_are_data_do_no_harm(rng):
    m = model(nugget=0.0)
    P = np.vstack([m.Z[:2], [[0.4, 0.6], [0.4, 0.6]]])
    U = np.vstack([rng.random((5, 2)), P])
    best = float(m.y.min())
    score, slope = JointLogEI.of(m, best, P, rng).score_and_gradient(m, U)
    assert np.isfinite(score).all()
    assert np.isfinite(slope).all()
    single = JointLogEI.of(m, best, P[2:3], rng, draws=4096).score(m, U[:5])
    np.testing.assert_allclose(score[:5], single, atol=0.1)


def test_more_points_add_less_and_the_whole_is_less_than_the_sum(rng):
    m = model()
    best, U = float(m.y.min()), good_points(m, 4)
    worth = [batch_improvement(m, best, U[:q], rng) for q in (1, 2, 3, 4)]
    assert np.all(np.diff(worth) > 0.0)
    assert worth[-1] < np.sum(EI(best).score(m, U))


def test_several_outputs_are_refused(rng):
    m = model()
    y = np.column_stack([m.y, m.y])
    two = Posterior.of(m.kernel, m.trend, m.theta, m.nugget, m.Z, y)
    with pytest.raises(ValueError, match="a single output, the model has 2"):
        JointLogEI.of(two, 0.0, np.zeros((1, 2)), rng)
