"""The adapters of the core environment, and what adapters share."""

from __future__ import annotations

import contextlib
import math
import re

import numpy as np
import pytest

from benchmarks.solvers import base
from benchmarks.solvers.box import (
    NoStart,
    finite,
    in_unit_cube,
    seeds,
    starts,
    without_centre,
)

LOWER, UPPER = np.array([-1.0, 0.0]), np.array([3.0, 0.5])
BEST = np.array([0.7, 0.2])
# Sums of squares of (x - BEST) / (UPPER - LOWER) after 60 evaluations, with a margin.
GOALS = {"random": 0.1, "differential-evolution": 0.1, "direct": 1e-2}


class Spent(BaseException):
    """Ends a solver, as the harness does."""


class Counted:
    """A sphere, or its residuals, that ends after a number of evaluations."""

    def __init__(self, budget: int, residuals: bool = False) -> None:
        self.budget, self.residuals = budget, residuals
        self.points: list[np.ndarray] = []
        self.best = math.inf

    def __call__(self, x):
        if len(self.points) == self.budget:
            raise Spent
        self.points.append(np.array(x, dtype=float))
        r = (np.asarray(x) - BEST) / (UPPER - LOWER)
        self.best = min(self.best, r @ r)
        return r if self.residuals else float(r @ r)


def found():
    """Return the adapters, without the faulty ones that other tests register."""
    everyone = base.find_all().values()
    return [s for s in everyone if s.solve.__module__.startswith("benchmarks.")]


def core():
    return [s.name for s in found() if s.environment == base.CORE and s.everywhere]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", core())
def test_uses_its_budget_and_gets_near(name):
    solver = base.get(name)
    fun = Counted(60, solver.residuals)
    with contextlib.suppress(Spent):
        solver.solve(fun, LOWER, UPPER, 60, 3)
    points = np.array(fun.points)
    assert points.shape == (60, 2)
    assert np.all((points >= LOWER) & (points <= UPPER))
    assert fun.best < GOALS.get(name, 1e-6)


def test_names_of_environments():
    from benchmarks.harness import environments

    known = {base.CORE, *environments.names()}
    assert {s.environment for s in found()} <= known


def test_names_and_paces():
    """A pace that is misspelt would be in no table."""
    for each in found():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", each.name)
        assert each.pace in base.PACES


def test_peers_are_imported_inside():
    """The harness imports every adapter without any peer being installed."""
    import subprocess
    import sys

    code = (
        "import sys; from benchmarks.solvers.base import find_all; find_all();"
        "print({'scipy', 'cma', 'torch', 'surrogo'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"


def test_finite():
    values = iter([2.0, math.nan, 5.0, math.inf, -math.inf, 1.0])
    f = finite(lambda x: next(values))
    assert [f(None) for _ in range(6)] == [2.0, 2.0, 5.0, 5.0, 5.0, 1.0]


def test_finite_without_any_value():
    with pytest.raises(NoStart):
        finite(lambda x: math.nan)(None)


def test_unit_cube():
    g = in_unit_cube(lambda x: x, LOWER, UPPER)
    np.testing.assert_allclose(g(np.array([0.5, 1.0])), [1.0, 0.5])
    np.testing.assert_allclose(g(np.array([1 + 1e-9, -1.0])), [3.0, 0.0])


def test_starts_and_seeds():
    first, second = starts(3, 0), starts(3, 1)
    np.testing.assert_array_equal(next(first), next(second))
    assert not np.array_equal(next(first), next(second))
    one, two = seeds(0), seeds(1)
    assert not {next(one) for _ in range(999)} & {next(two) for _ in range(999)}


def scattered():
    ones = [s for s in found() if s.name.endswith("-scattered")]
    return [s.name for s in ones if s.environment == base.CORE]


@pytest.mark.parametrize("name", scattered())
@pytest.mark.filterwarnings("ignore")
def test_scattered_solvers_begin_at_the_same_random_point(name):
    """Another one for each seed, and the plain ones begin at the centre as before."""
    solver, firsts = base.get(name), []
    for seed in (0, 5):  # away from the bounds, from which COBYQA keeps a distance
        fun = Counted(8, solver.residuals)
        with contextlib.suppress(Spent):
            solver.solve(fun, LOWER, UPPER, 8, seed)
        with without_centre():
            expected = LOWER + next(starts(2, seed)) * (UPPER - LOWER)
        np.testing.assert_allclose(fun.points[0], expected, atol=1e-6)
        firsts.append(expected)
        assert not solver.everywhere
    assert not np.allclose(*firsts)
    np.testing.assert_array_equal(next(starts(2, 3)), [0.5, 0.5])


def test_there_are_scattered_solvers():
    assert {"surrogo-residuals-scattered", "slsqp-scattered"} <= set(scattered())
