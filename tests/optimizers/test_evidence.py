"""How probable it is that the best is nearly the lowest: models, draws, stops."""

import math

import numpy as np
import pytest

import surrogo
from surrogo import Categorical, Evaluation, Integer, Real, Space, Status, Trials
from surrogo.acquisition.maximise import Search
from surrogo.optimizers import evidence, minimum, watch
from surrogo.optimizers.base import View
from surrogo.optimizers.belief import form_belief
from surrogo.optimizers.evidence import Evidence, weigh
from surrogo.optimizers.limits import Limits
from surrogo.optimizers.minimum import Chance, draw_minima
from surrogo.optimizers.watch import Watch
from surrogo.samplers import Sobol
from surrogo.surrogates import kernels, laplace, linalg
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient

SQUARE = Space.of([(0, 1), (0, 1)])


@pytest.fixture(autouse=True)
def _less_work(monkeypatch):
    """A fifth of the draws and of the search does for two variables."""
    monkeypatch.setattr(laplace, "N_DRAWS", 2)
    monkeypatch.setattr(evidence, "_DRAWS", 300)
    monkeypatch.setattr(minimum, "_SEARCH", Search(raw=256, near=128, starts=3))


def bowl(u):
    return float((u[0] - 0.3) ** 2 + (u[1] - 0.6) ** 2)


def record(fun=bowl, n=24, space=SQUARE, near=None):
    """Return a record of Sobol points; with `near` the last third lies around it."""
    U = Sobol().sample_unit(n, space.d, 1)
    if near is not None:
        k = n // 3
        U[-k:] = np.clip(near + 0.1 * (U[-k:] - 0.5), 0.0, 1.0)
    trials = Trials(space)
    for row, u in zip(space.from_unit(U), U, strict=True):
        (trial,) = trials.ask([row])
        value = fun(u)
        if value is None:
            trials.fail(trial.id, "mesh")
        else:
            answer = value if isinstance(value, Evaluation) else Evaluation(value)
            trials.end(trial.id, answer)
    return trials


# ---- lowest values of draws ---------------------------------------------------


def wavy_model():
    Z = np.array([[0.0], [0.2], [0.45], [0.7], [1.0]])
    y = np.array([1.0, -1.0, 0.8, -0.7, 0.3])
    trend = Trend.of("constant", 1)
    theta = np.log([0.2])
    return Posterior.of(kernels.get("matern52"), trend, theta, 1e-10, Z, y)


@pytest.mark.parametrize("caution", [1.0, 1.5])
def test_lowest_values_agree_with_draws_on_a_fine_grid(caution):
    model, rng, n = wavy_model(), np.random.default_rng(0), 1000
    grid = np.linspace(0, 1, 101)[:, None]
    mean, _ = model.mean_std(grid)
    away = linalg.correlated(model.covariance(grid), rng.normal(size=(101, n)))
    nu = model.factors.nu
    away *= caution * np.sqrt(nu / rng.chisquare(nu, size=n))
    slow = np.min(mean[:, None] + away, axis=0)
    space, at = Space.of([(0, 1)]), model.Z[[1, 3]]
    for level in (-1.05, -1.3, -2.0):
        fast = draw_minima(model, space, at, level, n, caution, rng)
        expected = np.mean(slow >= level)
        error = 4 * math.sqrt(0.5 * 0.5 * 2 / n)
        assert np.mean(fast >= level) == pytest.approx(expected, abs=error)


def test_no_draw_is_below_the_data_where_everything_is_known():
    space = Space.of([Integer(0, 3)])
    Z = np.array([[0.125], [0.375], [0.625], [0.875]])
    trend = Trend.of("constant", 1)
    y = np.array([0.0, 1.0, -1.0, 0.0])
    model = Posterior.of(kernels.get("matern52"), trend, np.log([0.3]), 1e-10, Z, y)
    low = draw_minima(model, space, Z, -1.5, 50, 1.0, np.random.default_rng(0))
    assert np.allclose(low, -1.0, atol=1e-3)


def test_slopes_of_the_chance():
    model, criterion = wavy_model(), Chance(level=-1.2)
    U = np.array([[0.11], [0.33], [0.9]])
    score, slope = criterion.score_and_gradient(model, U)
    assert np.allclose(score, criterion.score(model, U))
    for u, g in zip(U, slope, strict=True):
        slow = gradient(lambda v: float(criterion.score(model, v[None, :])[0]), u)
        assert np.allclose(g, slow, rtol=1e-5)


# ---- the probability ----------------------------------------------------------


def test_it_grows_with_the_tolerance_and_with_what_is_known():
    few, many = record(n=12), record(n=30, near=np.array([0.3, 0.6]))
    at_few = [weigh(few, tol).probability for tol in (1e-5, 1e-2, 0.5)]
    at_many = [weigh(many, tol).probability for tol in (1e-5, 1e-2, 0.5)]
    assert at_few[0] < 0.5
    assert at_few[2] > 0.9
    assert at_many[1] > 0.9
    assert all(np.diff(at_few) >= -0.03)
    assert all(np.diff(at_many) >= -0.03)


def test_a_valley_that_nobody_looked_into_is_seen():
    def two_valleys(u):
        return bowl(u) - 0.5 * math.exp(-40.0 * (u[0] - 0.8) ** 2)

    U = Sobol().sample_unit(40, 2, 1)
    trials = Trials(SQUARE)
    for u in U[U[:, 0] < 0.6]:
        trials.add(u, Evaluation(two_valleys(u)))
    assert len(trials) > 15
    assert weigh(trials, 0.01).probability < 0.9
    for u in U[U[:, 0] >= 0.6]:
        trials.add(u, Evaluation(two_valleys(u)))
    assert weigh(trials, 0.3).probability > 0.9


def test_the_same_record_gives_the_same_answer():
    assert weigh(record(), 0.01) == weigh(record(), 0.01)


@pytest.mark.parametrize(("a", "b"), [(1e-6, 0.0), (1e9, 3e9), (1e300, 0.0)])
def test_units_do_not_matter(a, b):
    here = weigh(record(), 1e-3)
    there = weigh(record(lambda u: a * bowl(u) + b), a * 1e-3)
    assert there.probability == pytest.approx(here.probability, abs=0.06)
    assert there.lowest[1] == pytest.approx(a * here.lowest[1] + b, abs=0.01 * a)


def test_quantiles_of_the_lowest_value():
    best = record().best.value
    found = weigh(record(), 1e-3)
    assert list(found.lowest) == sorted(found.lowest)
    assert found.lowest[-1] <= best
    assert found.lowest[0] > best - 0.2


def test_the_default_tolerance_is_a_share_of_what_the_design_saw():
    trials = record(near=np.array([0.3, 0.6]))
    first = np.median([trial.value for trial in trials[:6]])
    expected = 0.01 * (first - trials.best.value)
    assert weigh(trials).tol == pytest.approx(expected)


def test_values_over_decades_are_seen_as_logarithms():
    trials = record(lambda u: math.exp(12.0 * math.hypot(u[0] - 0.3, u[1] - 0.6)))
    view = View.of(trials, 0)
    z = (view.y - view.y.min()) / np.ptp(view.y)
    rng = np.random.default_rng(0)
    belief = form_belief(view, z, 1e-6, rng)
    assert type(belief.transform).__name__ == "ShiftedLog"
    assert belief.forward(-1.0) == -math.inf
    # The bound of the logarithm answers no question: it moves away from the level.
    assert np.isfinite(form_belief(view, z, 0.5, rng).forward(-0.5))


# ---- when it is doubted, and when nothing can be said -------------------------------


def test_a_run_whose_later_part_was_not_foreseen_is_doubted():
    U = Sobol().sample_unit(30, 2, 1)
    calm = U[np.argsort(U[:, 0] > 0.6, kind="stable")]
    trials = Trials(SQUARE)
    for u in calm:
        jump = 5.0 * math.sin(40.0 * u[1]) if u[0] > 0.6 else 0.0
        trials.add(u, Evaluation(bowl(u) + jump))
    found = weigh(trials, 100.0)
    assert found.probability > 0.95
    assert "did not foresee" in found.doubt
    assert not found.suffices(0.5)
    assert not weigh(record(), 0.5).doubt


def test_it_is_silent_where_there_is_no_model():
    def vector(u):
        return Evaluation([bowl(u), 1.0])

    def noisy(u):
        return Evaluation(bowl(u), noise_var=0.1)

    silent = {
        "no evaluation has succeeded": record(lambda u: None),
        "11 values are too few, at least 12": record(n=11),
        "all values are equal": record(lambda u: 1.0),
        "the values have noise": record(noisy),
    }
    for reason, trials in silent.items():
        found = weigh(trials, 0.1)
        assert math.isnan(found.probability)
        assert reason in found.doubt
        assert reason in str(found)
        assert not found.suffices(0.01)
    assert math.isnan(weigh(record(vector), 0.1).probability)
    assert "is near the lowest there is cannot be said" in str(weigh(record(n=3)))


def test_a_tolerance_must_be_positive():
    with pytest.raises(ValueError, match="tol, a difference of values, must be above"):
        weigh(record(), 0.0)


# ---- odd records ----------------------------------------------------------------


def test_failures_and_running_points_are_taken_in():
    trials = record(lambda u: None if u[0] > 0.8 else bowl(u), n=30)
    assert trials.in_state("failed")
    trials.ask([[0.5, 0.5]])
    assert weigh(trials, 0.3).probability > 0.9


def test_points_that_are_not_allowed_make_it_cautious():
    def limited(u):
        return Evaluation(bowl(u), constraints=[0.5 - u[0]])

    trials = record(limited, n=30)
    assert trials.best.value > 0.04
    assert weigh(trials, 0.01).probability < 0.05
    assert weigh(trials, 0.3).probability > 0.9


def test_mixed_and_conditional_spaces():
    space = Space.of(
        {
            "rate": Real(1e-3, 1.0, scale="log"),
            "layers": Integer(1, 4),
            "solver": Categorical(["euler", "rk4"]),
            "order": Integer(1, 3, active_if={"solver": "rk4"}),
            "gravity": Real(9.81, 9.81),
        }
    )
    trials = record(lambda u: float(u[0] + 0.1 * u[1] + 0.1 * u[2]), 30, space)
    found = weigh(trials, 0.2)
    assert 0.0 <= found.probability <= 1.0
    assert np.all(np.isfinite(found.lowest))


def test_the_same_point_twice():
    trials = record()
    for _ in range(3):
        trials.add([0.3, 0.6], Evaluation(0.0))
    assert weigh(trials, 0.1).probability > 0.9


def test_a_model_that_breaks_down_ends_no_run(monkeypatch):
    def broken(*_):
        raise linalg.NotPositiveDefinite("the correlation matrix is singular")

    monkeypatch.setattr(evidence, "form_belief", broken)
    found = weigh(record(), 0.1)
    assert math.isnan(found.probability)
    assert "there is no model (the correlation matrix is singular)" in str(found)


def test_of_very_many_values_the_lowest_are_taken(monkeypatch):
    monkeypatch.setattr(evidence, "_MOST", 20)
    found = weigh(record(n=30), 0.1)
    assert found.n == 20
    assert 0.0 <= found.probability <= 1.0


# ---- its text -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "doubt", "text"),
    [
        (0.873, "", "The probability that the best value is within 0.1 of the lowest "
         "there is is 87 %."),
        (0.0, "", "is at most 1 %."),
        (1.0, "", "is at least 99 %."),
        (0.873, "it rains", "is 87 %, but it rains."),
        (math.nan, "it rains", "Whether the best value is within 0.1 of the lowest "
         "there is cannot be said: it rains."),
    ],
)  # fmt: skip
def test_the_text(probability, doubt, text):
    assert str(Evidence(0.1, probability, (0.0,) * 3, doubt, 9)).endswith(text)


# ---- in a run -------------------------------------------------------------------


def test_it_stops_a_run_and_the_result_says_how_sure_it_is(tmp_path):
    box = [(0, 1), (0, 1)]
    result = surrogo.optimize(bowl, box, max_evals=40, tol=0.01, rng=0)
    assert result.status is Status.WITHIN_TOL
    assert result.success
    assert 12 <= result.nfev < 40
    assert result.fun < 0.01
    found = result.evidence(tol=0.01)
    assert found.suffices(0.95)
    assert result.message.endswith(str(found))
    result.save(tmp_path / "run.json")
    assert surrogo.load(tmp_path / "run.json").evidence(tol=0.01) == found


def test_the_result_says_it_whatever_ends_the_run():
    result = surrogo.optimize(
        bowl, [(0, 1), (0, 1)], max_evals=14, tol=1e-9, strategy="random", rng=0
    )
    assert result.status is Status.MAX_EVALS
    assert "is at most 1 %" in result.message
    short = surrogo.optimize(bowl, [(0, 1), (0, 1)], max_evals=5, tol=0.1, rng=0)
    assert "5 values are too few" in short.message


def test_it_is_weighed_on_a_schedule(monkeypatch):
    at = []

    def never(trials, tol):
        at.append(len(trials))
        return Evidence(tol, 0.0, (0.0,) * 3, "", 0)

    monkeypatch.setattr(watch, "weigh", never)
    limits = Limits.of(2, 60, None, None, None)
    looking = Watch.of(limits, 0.1, 0.95)
    trials = Trials(SQUARE)
    for u in Sobol().sample_unit(59, 2, 0):
        trials.add(u, Evaluation(bowl(u)))
        assert looking.reached(trials) is None
    gaps = np.diff(at)
    assert np.all(gaps >= 2)
    assert np.all(gaps >= 0.1 * np.array(at[:-1]))
    assert gaps[-1] >= 5
