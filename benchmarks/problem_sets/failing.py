"""Eight functions whose evaluations fail: 30 % by chance, or in 30 % of the box.

By chance: the bytes of a point decide, so that the same point fails again. In a region:
a half space at any angle, a ball or a slanting band, by instance; every other instance
has the optimum in it, so that the best point that can be evaluated lies on its border.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import differential_evolution, minimize
from scipy.stats import qmc

from benchmarks.problem_sets.base import Case, ProblemSet
from benchmarks.problem_sets.boxes import case_of, widened
from benchmarks.problem_sets.precision import HALF, INNER, ellipsoid
from surrogo import checks, problems
from surrogo.problems import Problem

SHARE = 0.3  # of the evaluations, or of the volume
MAKERS: dict[str, Callable[[], Problem]] = {
    "branin": lambda: problems.get("branin"),
    "hartmann3": lambda: problems.get("hartmann3"),
    "hartmann6": lambda: problems.get("hartmann6"),
    "rosenbrock2": lambda: problems.rosenbrock(2),
    "rosenbrock4": lambda: problems.rosenbrock(4),
    "ackley4": lambda: problems.ackley(4),
    "levy5": lambda: problems.levy(5),
}
FUNCTIONS = (*MAKERS, "ellipsoid5")
KINDS = ("half space", "ball", "band")
POINTS = 12  # log2 of the points that measure a region and start searches in it
STARTS, SEARCHES, MEMBERS = 20, 4, 80  # of them, the best
# Made by `python -m benchmarks.problem_sets.failing`.
OPTIMA = Path(__file__).with_name("failing_optima.json")
TABULATED = range(5)


@dataclass(frozen=True, eq=False)
class Region:
    """Where evaluations fail: `level` is exceeded by a function of u (.., d)."""

    kind: str
    normal: np.ndarray
    centre: np.ndarray
    level: float = 0.0

    def depth(self, u: np.ndarray) -> np.ndarray:
        """Return how deep points (.., d) of the unit cube lie in it, below 0 outside.

        Smooth, so that a search can follow the border.
        """
        away = u - self.centre
        along = away @ self.normal
        if self.kind == "half space":
            return along - self.level
        squared = along**2 if self.kind == "band" else np.sum(away**2, axis=-1)
        return -squared - self.level

    def of_volume(self, U: np.ndarray) -> Region:
        """Return the region that has its share of the points U (n, d)."""
        level = float(np.quantile(self.depth(U), 1.0 - SHARE))
        return replace(self, level=self.level + level)


def regions(d: int, rng: np.random.Generator) -> Iterator[Region]:
    """Yield random regions of every kind in turn, for ever."""
    U = _spread(d)
    while True:
        for kind in rng.permutation(KINDS):
            normal = rng.standard_normal(d)
            region = Region(kind, normal / np.linalg.norm(normal), rng.random(d))
            yield region.of_volume(U)


@cache
def _spread(d: int) -> np.ndarray:
    return qmc.Sobol(d, rng=0).random_base2(POINTS)


def plain(function: str, instance: int) -> tuple[Case, np.ndarray]:
    """Return a function where nothing fails, and a minimiser (d,).

    On boxes widened by instance; the ellipsoid is about a random place.
    """
    if function == "ellipsoid5":
        return _ellipsoid(instance)
    problem = MAKERS[function]()
    case = widened(case_of(problem, "failing", None, instance, ""))
    return replace(case, name=function), problem.x_opt[instance % len(problem.x_opt)]


def _ellipsoid(instance: int) -> tuple[Case, np.ndarray]:
    rng = np.random.default_rng([zlib.crc32(b"failing ellipsoid"), instance])
    centre, quadratic = rng.uniform(-INNER, INNER, 5), ellipsoid(5, rng)
    case = Case(
        set="failing",
        name="ellipsoid5",
        d=5,
        instance=instance,
        group="",
        lower=np.full(5, -HALF),
        upper=np.full(5, HALF),
        fun=lambda x: quadratic(x - centre),
        f_opt=0.0,
    )
    return case, centre


def by_chance(function: str, d: int | None, instance: int) -> Case:
    """Return a function 30 % of whose points fail, wherever they are."""
    case = plain(checks.one_of(function, FUNCTIONS, "function"), instance)[0]
    key, fun = f"{function} {instance}".encode(), case.fun

    def failing(x: np.ndarray) -> float:
        drawn = hashlib.blake2b(key + x.tobytes(), digest_size=8).digest()
        return np.inf if int.from_bytes(drawn) < SHARE * 2.0**64 else fun(x)

    return _named(case, d, "failing_by_chance", "by chance", failing)


def in_region(function: str, d: int | None, instance: int) -> Case:
    """Return a function that fails in 30 % of its box."""
    checks.one_of(function, FUNCTIONS, "function")
    case, region, lost, f_opt = _with_region(function, instance)
    fun = case.fun

    def failing(x: np.ndarray) -> float:
        u = (x - case.lower) / (case.upper - case.lower)
        return np.inf if region.depth(u) > 0.0 else fun(x)

    group = "optimum lost" if lost else "optimum kept"
    case = _named(case, d, "failing_region", group, failing)
    return replace(case, f_opt=f_opt)


def _named(case: Case, d: int | None, name: str, group: str, fun: Callable) -> Case:
    if d not in (None, case.d):
        raise ValueError(f"{case.name} has {case.d} variables here, got {d}")
    return replace(case, set=name, group=group, fun=fun)


@cache
def _with_region(function: str, instance: int) -> tuple[Case, Region, bool, float]:
    """Return a case, its region, whether this has the optimum, and what is left."""
    case, x_opt = plain(function, instance)
    u_opt = (x_opt - case.lower) / (case.upper - case.lower)
    rng = np.random.default_rng([zlib.crc32(function.encode()), instance])
    lost = bool((FUNCTIONS.index(function) + instance) % 2)
    region = next(r for r in regions(case.d, rng) if (r.depth(u_opt) > 0.0) == lost)
    if not lost:
        return case, region, lost, case.f_opt
    known = _optima().get(f"{function} {instance}")
    return case, region, lost, lowest(case, region) if known is None else known


@cache
def _optima() -> dict[str, float]:
    """Return the lowest values outside regions, by function and instance."""
    return json.loads(OPTIMA.read_text()) if OPTIMA.exists() else {}


def find_optima(instances: Iterable[int]) -> None:
    """Search for the optima of these instances, and keep them."""
    found: dict[str, float] = {}
    for instance in instances:
        for function in FUNCTIONS:
            _, _, lost, f_opt = _with_region(function, instance)
            if lost:
                found[f"{function} {instance}"] = f_opt
                OPTIMA.write_text(json.dumps(found, indent=1) + "\n")


@np.errstate(invalid="ignore")  # differences of infinite values at the border
def lowest(case: Case, region: Region) -> float:
    """Return the lowest value outside a region, by searches from many points."""
    width = case.upper - case.lower

    def value(u: np.ndarray) -> float:
        return case.fun(case.lower + width * u) if region.depth(u) <= 0.0 else np.inf

    U = _spread(case.d)
    y = np.array([value(u) for u in U])
    best = np.argsort(y, kind="stable")
    box = [(0.0, 1.0)] * case.d
    evolved = [
        differential_evolution(value, box, init=U[best[k::SEARCHES]][:MEMBERS], rng=k)
        for k in range(SEARCHES)
    ]
    starts = [*(each.x for each in evolved), *U[best[:STARTS]]]
    return min(_search(case, region, u) for u in starts)


def _search(case: Case, region: Region, start: np.ndarray) -> float:
    """Return the value at the end of a search outside a region, none from within it.

    The logarithm of the regret in the whole box has the same minimiser, and more
    digits of it.
    """
    width = case.upper - case.lower

    def regret(u: np.ndarray) -> float:
        return max(case.fun(case.lower + width * u) - case.f_opt, 1e-300)

    found = minimize(
        lambda u: np.log(regret(u)),
        start,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * case.d,
        constraints={"type": "ineq", "fun": lambda u: -region.depth(u)},
        options={"maxiter": 300, "ftol": 1e-12},
    )
    u = np.clip(found.x, 0.0, 1.0)
    outside = region.depth(u) <= 1e-9 and np.isfinite(found.fun)
    return float(case.f_opt + regret(u if outside else start))


SETS = (
    ProblemSet("failing_by_chance", FUNCTIONS, (), by_chance),
    ProblemSet("failing_region", FUNCTIONS, (), in_region),
)

if __name__ == "__main__":
    find_optima(TABULATED)
