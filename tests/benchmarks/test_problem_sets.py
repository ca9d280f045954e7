"""The problems of the benchmarks: their optima, their boxes, their residuals."""

import numpy as np
import pytest

from benchmarks.problem_sets import (
    SETS,
    bbob,
    calibrations,
    large,
    precision,
    trajectory,
)
from benchmarks.problem_sets.boxes import WIDEST, widened
from surrogo import problems
from surrogo.ode import IntegrationError

PLAIN = ("classic", "d20", "ode")
CASES = [(name, function) for name in PLAIN for function in SETS[name].functions]
ODE = SETS["ode"].functions


def minimisers(case):
    """Return the known minimisers in the coordinates of a case, one a row."""
    known = problems.get(case.name)
    kinds = [variable.scale == "log" for variable in known.space.variables]
    if len(kinds) != case.d:  # the same in all variables
        return np.full((1, case.d), known.x_opt[0, 0])
    x = known.x_opt.copy()
    x[:, kinds] = np.log10(x[:, kinds])
    return x


def inside(case, x):
    return bool(np.all((case.lower <= x) & (x <= case.upper)))


# Optima


@pytest.mark.parametrize(("name", "function"), CASES)
def test_known_minimum(name, function):
    case = SETS[name].make(function, None, 0)
    assert (case.set, case.name, case.instance) == (name, function, 0)
    for x in minimisers(case):
        assert inside(case, x)
        assert (case.fun(x) - case.f_opt) / case.scale == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(("name", "function"), CASES)
def test_nothing_near_the_minimum_is_better(name, function):
    case = SETS[name].make(function, None, 0)
    rng = np.random.default_rng(1)
    x = minimisers(case)[0] + rng.normal(0, 1e-3, (10, case.d))
    regrets = (np.array([case.fun(each) for each in x]) - case.f_opt) / case.scale
    assert np.all(regrets > 0)


def test_numbers_of_variables():
    sizes = {f: SETS["classic"].make(f, None, 0).d for f in SETS["classic"].functions}
    assert sizes == {
        "branin": 2,
        "hartmann3": 3,
        "hartmann6": 6,
        "six_hump_camel": 2,
        "goldstein_price": 2,
        "ackley": 10,
        "rosenbrock": 4,
        "levy": 8,
    }
    assert {SETS["d20"].make(f, None, 0).d for f in SETS["d20"].functions} == {20}


@pytest.mark.parametrize("name", ["classic", "d20_wide", "ode", "trajectory"])
def test_wrong_names_and_numbers_are_refused(name):
    first = SETS[name].functions[0]
    with pytest.raises(ValueError, match="'unknown'"):
        SETS[name].make("unknown", None, 0)
    with pytest.raises(ValueError, match=r"variables.*3"):
        SETS[name].make(first, 3, 0)


# Widened boxes


@pytest.mark.parametrize(("name", "function"), CASES)
def test_wide_box_holds_the_plain_one(name, function):
    plain = SETS[name].make(function, None, 4)
    wide = SETS[f"{name}_wide"].make(function, None, 4)
    width = plain.upper - plain.lower
    below = (plain.lower - wide.lower) / width
    above = (wide.upper - plain.upper) / width
    assert wide.set == f"{name}_wide"
    assert np.all((above > 0) & (above <= WIDEST))
    assert np.all((below >= 0) & (below <= WIDEST))
    if function == "gas_oil":  # rates on a linear scale
        assert np.all(wide.lower == 0)
    else:
        assert np.all(below > 0)
    assert (wide.f_opt, wide.scale) == (plain.f_opt, plain.scale)
    x = minimisers(plain)[0]
    assert wide.fun(x) == plain.fun(x)


@pytest.mark.parametrize("name", PLAIN)
def test_wide_box_is_its_instance(name):
    make, function = SETS[f"{name}_wide"].make, SETS[name].functions[0]
    first, again, other = (make(function, None, i).lower for i in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other)


def test_wide_boxes_differ_by_function_and_set():
    def shift(name, function):
        plain = SETS[name].make(function, None, 0)
        wide = SETS[f"{name}_wide"].make(function, None, 0)
        return ((wide.upper - plain.upper) / (plain.upper - plain.lower))[0]

    names = [("classic", "ackley"), ("classic", "levy"), ("d20", "ackley")]
    assert len({round(shift(*each), 6) for each in names}) == 3


def test_wide_box_is_the_same_for_ever():
    # Committed runs depend on it.
    case = SETS["classic_wide"].make("branin", None, 0)
    expected = np.array([[-6.9291, -7.5103], [11.5000, 23.1317]])
    np.testing.assert_allclose([case.lower, case.upper], expected, atol=1e-3)


@pytest.mark.parametrize("name", PLAIN)
def test_centre_is_worth_nothing(name):
    # On plain boxes the centre can be the optimum or near it; on wide ones it wanders.
    function = SETS[name].functions[0]
    centres = []
    for i in range(20):
        case = SETS[f"{name}_wide"].make(function, None, i)
        x = minimisers(case)[0]
        centres.append(
            (0.5 * (case.lower + case.upper) - x) / (case.upper - case.lower)
        )
    assert np.all(np.std(centres, axis=0) > 0.03)


def test_floor_holds():
    plain = SETS["classic"].make("branin", None, 0)
    case = widened(plain, floor=-5.5)
    np.testing.assert_array_equal(case.lower >= -5.5, True)
    assert np.all(case.lower <= plain.lower)


# Calibrations


@pytest.mark.parametrize("function", ODE)
def test_residuals_add_up(function):
    case = SETS["ode_wide"].make(function, None, 0)
    rng = np.random.default_rng(2)
    for x in rng.uniform(case.lower, case.upper, (3, case.d)):
        assert np.sum(case.residuals(x) ** 2) == pytest.approx(case.fun(x), rel=1e-12)


def test_logarithmic_variables_are_offered_as_logarithms():
    case = SETS["ode"].make("pinene", None, 0)
    np.testing.assert_allclose([case.lower, case.upper], [[-8] * 5, [-2] * 5])
    x = np.array([-4.2, -4.5, -4.7, -3.6, -4.4])
    assert case.fun(x) == problems.get("pinene").fun(10**x)
    assert np.all(x < 0)  # not changed in place
    case = SETS["ode"].make("gas_oil", None, 0)
    assert np.all(case.upper == 20)


def test_targets_are_relative_to_the_best_fit():
    case = SETS["ode"].make("hare_lynx", None, 0)
    assert case.scale == case.f_opt == problems.get("hare_lynx").f_opt


def test_failed_simulation_is_infinite(monkeypatch):
    def fails(*args, **options):
        raise IntegrationError("step size fell to nothing")

    case = SETS["ode"].make("influenza", None, 0)
    monkeypatch.setattr("surrogo.problems.influenza.integrate", fails)
    x = 0.5 * (case.lower + case.upper)
    assert case.fun(x) == np.inf
    np.testing.assert_array_equal(case.residuals(x), np.full(14, np.inf))


@pytest.mark.parametrize("function", calibrations.FUNCTIONS)
def test_calibration_is_over_at_its_minimum_and_not_nearby(function):
    case = SETS["calibrations"].make(function, None, 0)
    x = minimisers(case)[0]
    away = x + 0.02 * (case.upper - case.lower)
    regrets = [(case.fun(each) - case.f_opt) / case.scale for each in (x, away)]
    assert regrets[0] <= case.enough < regrets[1]
    centre = np.abs(x - 0.5 * (case.lower + case.upper)) / (case.upper - case.lower)
    assert np.max(centre) > 0.05


@pytest.mark.parametrize("function", ["heat", "mackey_glass"])
def test_zero_minima_are_measured_by_random_points(function):
    case = SETS["calibrations"].make(function, None, 0)
    rng = np.random.default_rng(0)
    X = rng.uniform(case.lower, case.upper, (301, case.d))
    median = np.median([case.fun(x) for x in X])
    assert case.scale == pytest.approx(median, rel=1e-3)
    assert case.f_opt == 0.0


def test_instances_of_calibrations_differ_in_the_seed_only():
    one, other = (SETS["calibrations"].make("pinene", None, i) for i in (0, 1))
    np.testing.assert_array_equal(one.lower, other.lower)
    assert (one.instance, other.instance) == (0, 1)


# BBOB


def test_groups_of_bbob():
    sizes = [
        [bbob.group(i) for i in range(1, 25)].count(g) for g in bbob.GROUPS.values()
    ]
    assert sizes == [5, 4, 5, 5, 5]
    assert (bbob.group(5), bbob.group(6)) == ("separable", "moderate conditioning")
    assert (bbob.FUNCTIONS[0], bbob.FUNCTIONS[-1]) == ("f01", "f24")


@pytest.mark.parametrize("function", bbob.FUNCTIONS)
@pytest.mark.parametrize("d", [2, 5])
def test_bbob(function, d):
    cocoex = pytest.importorskip("cocoex")
    case = SETS["bbob"].make(function, d, 3)
    problem = cocoex.BareProblem("bbob", int(function[1:]), d, 3)
    assert case.f_opt == problem.best_value()
    assert (case.d, case.scale, case.residuals) == (d, 1.0, None)
    np.testing.assert_array_equal([case.lower, case.upper], [[-5] * d, [5] * d])
    x = np.random.default_rng(3).uniform(-5, 5, (20, d))
    values = [case.fun(each) for each in x]
    assert values == [problem(each) for each in x]
    assert min(values) > case.f_opt


def test_sphere_of_bbob_knows_its_minimum():
    pytest.importorskip("cocoex")
    case = SETS["bbob"].make("f01", 3, 5)
    # f - f_opt = |x - x_opt|^2: its gradient at 0 gives the minimiser.
    values = [case.fun(row) for row in np.vstack([np.eye(3), -np.eye(3)])]
    x = -np.subtract(values[:3], values[3:]) / 4
    assert case.fun(x) == pytest.approx(case.f_opt, abs=1e-9)


def test_instances_of_bbob_differ():
    pytest.importorskip("cocoex")
    values = {SETS["bbob"].make("f08", 3, i).fun(np.zeros(3)) for i in (1, 2, 3)}
    assert len(values) == 3


@pytest.mark.parametrize(("function", "d"), [("f25", 5), ("f1", 5), ("f01", 4)])
def test_bbob_refuses_what_there_is_not(function, d):
    with pytest.raises(ValueError, match="must be"):
        SETS["bbob"].make(function, d, 1)


def test_missing_cocoex_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cocoex", None)
    with pytest.raises(ValueError, match="pip install coco-experiment"):
        SETS["bbob"].make("f01", 2, 1)


# Trajectory


def test_best_path():
    case = SETS["trajectory"].make("trajectory", None, 0)
    x = trajectory.best_path()
    assert inside(case, x)
    assert case.fun(x) == pytest.approx(case.f_opt, abs=2e-9)
    straight = np.linspace(trajectory.START, trajectory.GOAL, 30).ravel()
    assert case.fun(straight) > case.f_opt + 5  # over the hills
    assert case.fun(np.full(60, 0.5)) == pytest.approx(18, abs=1e-3)  # misses, 4 * 0.45


def test_nothing_near_the_best_path_is_better():
    x = trajectory.best_path()
    rng = np.random.default_rng(4)
    near = np.clip(x + rng.normal(0, 1e-3, (50, 60)), 0, 1)
    assert min(trajectory.cost(each) for each in near) > trajectory.BEST


@pytest.mark.parametrize("points", [5, 30])
def test_gradient_of_the_path(points):
    x = np.random.default_rng(5).uniform(0.1, 0.9, 2 * points)
    h = 1e-6 * np.eye(2 * points)
    expected = [(trajectory.cost(x + e) - trajectory.cost(x - e)) / 2e-6 for e in h]
    gradient = trajectory.cost_and_gradient(x)[1]
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)


def test_cost_of_a_straight_path_over_flat_ground(monkeypatch):
    monkeypatch.setattr(trajectory, "HILLS", np.empty((0, 3)))
    straight = np.linspace(trajectory.START, trajectory.GOAL, 8).ravel()
    expected = 0.5 * 0.9 * np.sqrt(2)
    assert trajectory.cost(straight) == pytest.approx(expected, rel=1e-6)
    straight[0] += 0.01  # both coordinates of the ends are asked for
    straight[-1] -= 0.02
    assert trajectory.cost(straight) == pytest.approx(expected + 0.3, abs=0.02)


def test_hill_costs_half_its_height_at_its_edge(monkeypatch):
    monkeypatch.setattr(trajectory, "HILLS", np.array([[0.5, 0.5, 0.1]]))
    costs = trajectory.ground(np.array([[0.5, 0.5], [0.6, 0.5], [0.0, 0.0]]))[0]
    centre = 0.5 + 20.0 / (1.0 + np.exp(-0.1 / 0.03))
    np.testing.assert_allclose(costs, [centre, 10.5, 0.5], rtol=1e-6)


# Precision


@pytest.mark.parametrize("d", precision.DIMS)
@pytest.mark.parametrize("function", precision.FUNCTIONS)
def test_precise_functions_have_their_minimum_at_a_random_place(function, d):
    """Local searches from some places lead to one where f is 0."""
    from scipy.optimize import minimize

    case = SETS["precision"].make(function, d, 3)
    starts = np.random.default_rng(0).uniform(-1, 1, (4, d))
    ends = [minimize(case.fun, x, method="BFGS", tol=1e-10) for x in starts]
    best = min(ends, key=lambda end: end.fun)
    assert best.fun == pytest.approx(0.0, abs=1e-6)
    assert np.all(np.abs(best.x) <= precision.INNER)
    assert case.fun(best.x) >= case.f_opt
    other = SETS["precision"].make(function, d, 4)
    assert other.fun(best.x) > 1e-2


def test_the_ellipsoid_is_turned_and_has_its_condition():
    f = precision.ellipsoid(4, np.random.default_rng(1))
    basis = np.eye(4)
    H = [[(f(a + b) - f(a - b)) / 2.0 for b in basis] for a in basis]
    values = np.linalg.eigvalsh(H) / 2.0
    np.testing.assert_allclose(values, [1.0, 1e2, 1e4, 1e6], rtol=1e-4)
    assert np.abs(H - np.diag(np.diag(H))).max() > 1e3


@pytest.mark.parametrize(("function", "d"), [("cube", 2), ("sphere", 4)])
def test_precision_refuses_what_there_is_not(function, d):
    with pytest.raises(ValueError, match="must be"):
        SETS["precision"].make(function, d, 0)


# Large


@pytest.mark.parametrize("function", large.FUNCTIONS)
def test_large_functions_begin_at_the_first_target(function):
    """Half of all random points are above a regret of 1e2, and half below."""
    case = SETS["large"].make(function, None, 1)
    points = np.random.default_rng(7).uniform(case.lower, case.upper, (400, case.d))
    regrets = [(case.fun(x) - case.f_opt) / case.scale for x in points]
    assert np.mean(np.array(regrets) > 1e2) == pytest.approx(0.5, abs=0.15)
    assert (case.set, case.d) == ("large", 40)


def test_large_refuses_what_there_is_not():
    with pytest.raises(ValueError, match="function must be"):
        SETS["large"].make("f01", 40, 1)
    with pytest.raises(ValueError, match="d must be 40"):
        SETS["large"].make("f02", 20, 1)
