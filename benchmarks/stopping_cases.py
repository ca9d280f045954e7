"""The problems of ``stopping.py``: functions whose lowest value is known.

Classic ones, draws of Gaussian processes with length scales of their own, and COCO's
noiseless functions (needs ``coco-experiment``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import minimize

from surrogo import problems
from surrogo.checks import FloatArray
from surrogo.problems import ackley, levy, rosenbrock
from surrogo.samplers import Sobol

CLASSIC = (
    *(partial(problems.get, name) for name in ("branin", "goldstein_price")),
    *(partial(problems.get, name) for name in ("six_hump_camel", "hartmann3")),
    partial(problems.get, "hartmann6"),
    *(partial(rosenbrock, d) for d in (2, 4)),
    *(partial(ackley, d) for d in (2, 3, 5)),
    *(partial(levy, d) for d in (2, 4)),
)
BBOB_DIMS = (2, 3, 5)
DRAW_DIMS = (2, 3, 4, 5, 6)
# Length scales of the draws: log-normal around half the median that our prior has.
_MEDIAN, _COMMON, _EACH = 0.5, 0.5, 0.5
_FEATURES, _RAW, _CLIMBS = 1024, 16384, 24  # of a draw; of the search for its minimum


@dataclass(frozen=True, eq=False)
class Case:
    """A function on the unit cube, its lowest value and a scale of its values.

    scale is the median of the function less its lowest value: tolerances are shares
    of it.
    """

    group: str
    name: str
    d: int
    fun: Callable[[FloatArray], float]
    f_opt: float
    seed: int

    @property
    def scale(self) -> float:
        """Median over the cube less the lowest value."""
        U = Sobol().sample_unit(1024, self.d, 0)
        return float(np.median([self.fun(u) for u in U])) - self.f_opt


def cases(instance: int, draws: int) -> list[Callable[[], Case]]:
    """Return makers of all cases of one instance, the seed of their runs, too."""
    classic = [partial(classic_case, make, instance) for make in CLASSIC]
    drawn = [
        partial(drawn_case, d, instance, k) for d in DRAW_DIMS for k in range(draws)
    ]
    coco = [partial(coco_case, k, d, instance) for d in BBOB_DIMS for k in range(1, 25)]
    return [*classic, *drawn, *coco]


def classic_case(make: Callable[[], problems.Problem], seed: int) -> Case:
    """Return one of the classic functions."""
    problem = make()

    def fun(u: FloatArray) -> float:
        return problem(problem.space.from_unit(u[None, :])[0])

    d = problem.space.d
    return Case("classic", problem.name, d, fun, problem.f_opt, seed)


def coco_case(number: int, d: int, instance: int) -> Case:
    """Return one of COCO's noiseless functions."""
    from benchmarks.problem_sets import bbob

    case = bbob.case("bbob", f"f{number:02d}", d, instance)

    def fun(u: FloatArray) -> float:
        return float(case.fun(case.lower + u * (case.upper - case.lower)))

    return Case(f"bbob, {case.group}", case.name, d, fun, float(case.f_opt), instance)


def drawn_case(d: int, instance: int, number: int) -> Case:
    """Return a draw from a Gaussian process, its lowest value searched for."""
    values, slope = draw(d, instance, number)

    def fun(u: FloatArray) -> float:
        return float(values(u[None, :])[0])

    raw = Sobol().sample_unit(_RAW, d, 0)
    starts = raw[np.argsort(values(raw))[:_CLIMBS]]
    ends = [minimize(fun, u, jac=slope, bounds=[(0.0, 1.0)] * d) for u in starts]
    f_opt = min(float(end.fun) for end in ends)
    return Case("Gaussian process", f"draw {number}", d, fun, f_opt, instance)


def draw(
    d: int, instance: int, number: int
) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    """Draw from a Matern 5/2 process; values (m,) at U (m, d) and the slope at u (d,).

    By random Fourier features (Rahimi & Recht 2007): the spectral density is Student's
    t with 5 degrees of freedom (Rasmussen & Williams 2006, eq. 4.15).
    """
    rng = np.random.default_rng([instance, d, number])
    log_l = np.log(_MEDIAN * np.sqrt(d)) + _COMMON * rng.normal()
    log_l = log_l + _EACH * rng.normal(size=d)
    t = np.sqrt(5.0 / rng.chisquare(5, size=(_FEATURES, 1)))
    omega = t * rng.normal(size=(_FEATURES, d)) / np.exp(log_l)
    phase = rng.uniform(0.0, 2.0 * np.pi, size=_FEATURES)
    weight = np.sqrt(2.0 / _FEATURES) * rng.normal(size=_FEATURES)

    def values(U: FloatArray) -> FloatArray:
        return np.cos(U @ omega.T + phase) @ weight

    def slope(u: FloatArray) -> FloatArray:
        return -(np.sin(omega @ u + phase) * weight) @ omega

    return values, slope
