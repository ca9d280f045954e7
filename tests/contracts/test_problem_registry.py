"""What every problem of the registry must be: its answer is the answer."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from surrogo import problems
from surrogo.ode import IntegrationError

# Models that explode in a part of their box.
MAY_FAIL = {"lotka_volterra", "lotka_volterra_wide"}
# A simulation takes a hundred times that of the others: fewer points.
SLOW = {"three_step", "oregonator", "hires", "robertson"}

# The integrators of the models leave a relative error of some 1e-9.
RTOL = 1e-8


@pytest.fixture(params=problems.names())
def problem(request):
    return problems.get(request.param)


def values(problem, X):
    """Return the values of those points that have one."""
    out = []
    for x in X:
        try:
            out.append(problem.fun(x))
        except IntegrationError:
            assert problem.name in MAY_FAIL
    return out


def many(problem):
    return 20 if problem.name in SLOW else 100


def box_points(problem, n):
    rng = np.random.default_rng(20)
    return problem.space.from_unit(rng.random((n, problem.space.d)))


def nearby_points(problem, n):
    rng = np.random.default_rng(21)
    U = problem.space.to_unit(problem.x_opt)
    near = U[rng.integers(len(U), size=n)] + 0.01 * rng.standard_normal((n, U.shape[1]))
    return problem.space.from_unit(near.clip(0, 1))


def tolerance(problem):
    return RTOL * max(1.0, abs(problem.f_opt))


def test_name_is_the_key(request, problem):
    assert problem.name == request.node.callspec.params["problem"]
    assert problem.summary
    assert problem.source


def test_parameters_name_the_variables(problem):
    assert len(set(problem.parameters)) == problem.space.d


def test_value_at_every_optimum(problem):
    for x in problem.x_opt:
        assert problem.fun(x) == pytest.approx(problem.f_opt, rel=RTOL, abs=1e-14)


def test_optima_lie_inside_and_differ(problem):
    assert problem.x_opt.shape[1] == problem.space.d
    assert problem.space.contains(problem.x_opt).all()
    assert len(np.unique(problem.x_opt, axis=0)) == len(problem.x_opt)


def test_gradient_vanishes_at_every_optimum(problem):
    # Free of scale: over a step h along an axis of the unit cube the slope is small
    # against the curvature, so the minimiser is right to a small part of h.
    h = 1e-4
    for u in problem.space.to_unit(problem.x_opt):
        for step in h * np.eye(len(u)):
            if np.any(u + step > 1) or np.any(u - step < 0):
                continue  # at the bound; the test of lower values looks inwards
            ahead, here, behind = map(
                problem.fun, problem.space.from_unit([u + step, u, u - step])
            )
            curvature = ahead + behind - 2 * here
            assert curvature > 0
            assert abs(ahead - behind) < 0.02 * curvature


@pytest.mark.parametrize("points", [box_points, nearby_points])
def test_no_value_is_lower(problem, points):
    found = values(problem, points(problem, many(problem)))
    assert len(found) >= 0.9 * many(problem)
    assert np.all(np.isfinite(found))
    assert min(found) >= problem.f_opt - tolerance(problem)


def test_residuals_square_to_the_function(problem):
    if problem.residuals is None:
        pytest.skip("not a least-squares problem")
    sizes = set()
    for x in [*problem.x_opt, *box_points(problem, 3)]:
        r = problem.residuals(x)
        sizes.add(r.shape)
        assert problem.fun(x) == pytest.approx(np.sum(r**2), rel=1e-12, abs=1e-300)
    assert len(sizes) == 1


def test_value_is_a_float_and_repeats(problem):
    for x in box_points(problem, 3):
        value = problem.fun(x)
        assert type(value) is float
        assert problem(x.tolist()) == value


def test_argument_is_not_changed(problem):
    x = problem.x_opt[0].copy()
    problem.fun(x)
    np.testing.assert_array_equal(x, problem.x_opt[0])
    x.setflags(write=False)
    problem.fun(x)


def test_functions_can_be_pickled(problem):
    x = problem.x_opt[0]
    assert pickle.loads(pickle.dumps(problem.fun))(x) == problem.fun(x)


def test_corners_of_the_box_are_ordinary(problem):
    rng = np.random.default_rng(22)
    corners = problem.space.from_unit(rng.integers(2, size=(20, problem.space.d)))
    assert np.all(np.isfinite(values(problem, corners)))
