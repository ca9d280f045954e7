"""Local uncertainty of an estimate: covariance, intervals, what is undetermined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.calibration.curvature import Curvature
from surrogo.calibration.levels import Noise, noise_variance, quantile
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.target import Target
from surrogo.checks import BoolArray, FloatArray
from surrogo.scales import SCALES

# A combination is undetermined where its standard deviation is above the range of the
# variables: the data say less than the bounds.
_WIDE = 1.0
_PART = 0.2  # of a combination: smaller parts of a unit vector are not named


@dataclass(frozen=True, eq=False)
class Combination:
    """A combination of variables, on their own scales, that the data do not determine.

    Attributes
    ----------
    names : tuple of str
        The variables in it, the largest part first.
    parts : array
        What each moves along it, in ranges, as a unit vector.
    logs : tuple of bool
        Whether it is the logarithm of a variable that moves.

    Examples
    --------
    >>> print(Combination(("k", "c"), np.array([0.71, -0.71]), (True, False)))
    +0.71 log(k) -0.71 c
    """

    names: tuple[str, ...]
    parts: FloatArray
    logs: tuple[bool, ...]

    def __str__(self) -> str:
        """Write it as a sum."""
        named = zip(self.names, self.logs, strict=True)
        terms = [f"log({name})" if log else name for name, log in named]
        pairs = zip(self.parts, terms, strict=True)
        return " ".join(f"{part:+.2f} {term}" for part, term in pairs)


@dataclass(frozen=True, eq=False)
class LocalUncertainty:
    """What the curvature of the value at the estimate says.

    Attributes
    ----------
    names : tuple of str
        The p free variables.
    x : array (p,)
        The estimate (the lowest point known).
    covariance : array (p, p)
        On the variables' own scales (of natural logarithms where these are log); inf
        where the data determine nothing; 0 for variables held at a bound.
    lower, upper : array (p,)
        Ends of the intervals, in the user's units, at most the bounds.
    reaches_bound : array (p,) of bool
        Whether an interval was cut at a bound.
    held : array (p,) of bool
        Whether a variable lies at a bound that the data push against.
    undetermined : tuple of Combination
    level : float
    n_simulations : int

    """

    names: tuple[str, ...]
    x: FloatArray
    covariance: FloatArray
    lower: FloatArray
    upper: FloatArray
    reaches_bound: BoolArray
    held: BoolArray
    undetermined: tuple[Combination, ...]
    level: float
    n_simulations: int

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """The intervals by name."""
        ends = zip(self.lower.tolist(), self.upper.tolist(), strict=True)
        return dict(zip(self.names, ends, strict=True))

    @property
    def std(self) -> FloatArray:
        """Standard deviations (p,) on the variables' own scales."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> FloatArray:
        """Correlations (p, p) on the variables' own scales; NaN where none."""
        std = self.std
        there = np.isfinite(std) & (std > 0.0)
        scale = np.where(there, std, np.nan)
        inner = np.where(np.isfinite(self.covariance), self.covariance, np.nan)
        return np.asarray(inner / np.outer(scale, scale))

    def __str__(self) -> str:
        """Return a line for each parameter, a sentence for each trouble, the cost."""
        lines = [self._line(j) for j in range(len(self.names))]
        for combination in self.undetermined:
            lines.append(f"the data do not determine {combination}")
        return "\n".join([*lines, f"{self.n_simulations} simulations"])

    def _line(self, j: int) -> str:
        text = (
            f"{self.names[j]} = {self.x[j]:.4g} "
            f"[{self.lower[j]:.4g}, {self.upper[j]:.4g}]"
        )
        if self.held[j]:
            return text + " (at its bound)"
        return text + (" (cut at a bound)" if self.reaches_bound[j] else "")


def local_uncertainty(
    target: Target | Simulations, *, level: float = 0.95, noise: Noise = "known"
) -> LocalUncertainty:
    """Return covariance and intervals from the curvature at the estimate.

    The curvature is that of the residuals' tangent where values are half sums of
    squares (Gauss-Newton: p simulations, none where enough is known nearby), else of
    second differences of the value. A variable at a bound that the data push against
    is held there, and the others are judged given that.

    Parameters
    ----------
    target : Target or Simulations
    level : float
        Of the intervals, one parameter at a time.
    noise : {"known", "estimated"}
        Whether residuals are standardised; if not, their variance is SSR / (r - p) and
        intervals have quantiles of Student's t.

    Returns
    -------
    LocalUncertainty

    Raises
    ------
    ValueError
        If the level is not in (0, 1), or there are too few residuals for their size.

    References
    ----------
    Seber & Wild 1989, Nonlinear Regression, section 5.1.

    Examples
    --------
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> def evaluate(x):
    ...     r = (x - [1.0, 2.0]) / [0.1, 0.2]
    ...     return Evaluation(0.5 * float(r @ r), residuals=r)
    >>> space = Space.of({"rate": (0, 3), "delay": (0, 3)})
    >>> print(local_uncertainty(Target(space, evaluate, [1.0, 2.0])))
    rate = 1 [0.804, 1.196]
    delay = 2 [1.608, 2.392]
    3 simulations
    """
    simulations = Simulations.of(target)
    before = simulations.n_calls if isinstance(target, Simulations) else 0
    curvature = Curvature.of(simulations)
    variance = noise_variance(noise, simulations)
    unit, undetermined = _covariance(curvature, variance)
    half = quantile(level, noise, simulations) * np.sqrt(np.diag(unit))
    u, width = curvature.centre.u, _widths(simulations)
    low, high = u - half, u + half
    ends = simulations.rows(np.array([u, np.maximum(low, 0.0), np.minimum(high, 1.0)]))
    x, lower, upper = ends[:, list(simulations.target.free)]
    return LocalUncertainty(
        simulations.target.names,
        x,
        _scaled(unit, width),
        lower,
        upper,
        (low < 0.0) | (high > 1.0),
        curvature.held,
        tuple(combination(v, simulations.target) for v in undetermined),
        level,
        simulations.n_calls - before,
    )


def _covariance(
    curvature: Curvature, variance: float
) -> tuple[FloatArray, list[FloatArray]]:
    """Return the covariance (p, p) in ranges, and the directions it does not have.

    A variable with a part in an undetermined direction has an infinite variance.
    """
    free = np.flatnonzero(~curvature.held)
    out = np.zeros_like(curvature.H)
    w, V = np.linalg.eigh(curvature.H[np.ix_(free, free)] / variance)
    known = w > _WIDE**-2
    inner = (V[:, known] / w[known]) @ V[:, known].T
    parts = np.max(np.abs(V[:, ~known]), axis=1, initial=0.0)
    inner[np.diag_indices_from(inner)] += np.where(parts > _PART, np.inf, 0.0)
    out[np.ix_(free, free)] = inner
    directions = []
    for v in V[:, ~known].T:
        whole = np.zeros(len(out))
        whole[free] = v
        directions.append(whole)
    return out, directions


def combination(v: FloatArray, target: Target) -> Combination:
    """Name the large parts of a direction v (p,); the largest is positive."""
    sizes = np.round(np.abs(v), 2)  # equal ones in the order of the variables
    order = [j for j in np.argsort(-sizes, kind="stable") if sizes[j] > _PART]
    sign = np.sign(v[order[0]])
    scales = [getattr(target.space.variables[j], "scale", "") for j in target.free]
    return Combination(
        tuple(target.names[j] for j in order),
        sign * v[order],
        tuple(scales[j] == "log" for j in order),
    )


def _widths(simulations: Simulations) -> FloatArray:
    """Return the range of each free variable on its own scale (p,)."""
    out = []
    for j in simulations.target.free:
        variable = simulations.target.space.variables[j]
        forward = SCALES[getattr(variable, "scale", "linear")][0]
        low, high = forward(np.array([variable.low, variable.high]))  # type: ignore[attr-defined]
        out.append(high - low)
    return np.array(out)


def _scaled(unit: FloatArray, width: FloatArray) -> FloatArray:
    return np.asarray(unit * np.outer(width, width))
