"""Posterior samples: drawn from a surrogate, weighted by simulations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from surrogo import checks
from surrogo.calibration.levels import checked_level
from surrogo.calibration.posterior_draws import Draws, Measure
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.target import Target
from surrogo.checks import FloatArray

Density: TypeAlias = Literal["scale", "units", "logs"]

_RELIABLE = 0.7  # the shape of the tail of weights: Vehtari et al. 2024, section 3


@dataclass(frozen=True, eq=False)
class PosteriorSample:
    """Weighted draws from a posterior.

    Attributes
    ----------
    names : tuple of str
        The p free variables.
    x : array (n, p)
        Draws, in the user's units.
    rows : array (n, d)
        The same with the fixed variables: what a simulation takes.
    weights : array (n,)
        Of sum 1.
    values : array (n,)
        The simulated negative log posterior; inf where the simulation failed.
    n_effective : float
        How many independent draws they are worth.
    pareto_k : float
        The shape of the tail of the weights: below 0.7 averages can be relied on.
    n_simulations, n_training : int
        All simulations that were made, and those of them that taught the surrogate.

    Examples
    --------
    >>> import numpy as np
    >>> sample = PosteriorSample(
    ...     ("k",), np.array([[1.0], [3.0]]), np.array([[1.0], [3.0]]),
    ...     np.array([0.75, 0.25]), np.zeros(2), 1.6, 0.1, 2, 0)
    >>> sample.mean, sample.std
    (array([1.5]), array([0.8660254]))
    """

    names: tuple[str, ...]
    x: FloatArray
    rows: FloatArray
    weights: FloatArray
    values: FloatArray
    n_effective: float
    pareto_k: float
    n_simulations: int
    n_training: int

    @property
    def mean(self) -> FloatArray:
        """Posterior means (p,)."""
        return np.asarray(self.weights @ self.x)

    @property
    def covariance(self) -> FloatArray:
        """Posterior covariance (p, p)."""
        centred = self.x - self.mean
        return np.asarray((centred.T * self.weights) @ centred)

    @property
    def std(self) -> FloatArray:
        """Posterior standard deviations (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def quantile(self, q: Any) -> FloatArray:
        """Return posterior quantiles: (p,) for one q, (k, p) for several."""
        return weighted_quantiles(self.x, self.weights, q)

    def interval(self, level: float = 0.95) -> FloatArray:
        """Return central intervals (p, 2)."""
        half = 0.5 * checked_level(level)
        return self.quantile([0.5 - half, 0.5 + half]).T

    def summary(self, level: float = 0.95) -> dict[str, dict[str, float]]:
        """Return mean, std and the ends of the interval of each parameter, by name."""
        low, high = self.interval(level).T
        rows = np.stack([self.mean, self.std, low, high]).T.tolist()
        keys = ("mean", "std", "lower", "upper")
        return {
            name: dict(zip(keys, row, strict=True))
            for name, row in zip(self.names, rows, strict=True)
        }

    def resampled(self, n: int, rng: Any = None) -> FloatArray:
        """Return n draws of equal weight (n, p), some of them several times."""
        chosen = np.random.default_rng(rng).choice(len(self.x), size=n, p=self.weights)
        return np.asarray(self.x[chosen])

    def __str__(self) -> str:
        """Return a line for each parameter, and what the sample is worth."""
        low, high = self.interval(0.95).T
        lines = [
            f"{name} = {mean:.4g} [{a:.4g}, {b:.4g}]"
            for name, mean, a, b in zip(self.names, self.mean, low, high, strict=True)
        ]
        lines.append(
            f"{self.n_simulations} simulations, worth {self.n_effective:.0f} "
            "independent draws"
        )
        if self.pareto_k > _RELIABLE:
            lines.append(
                f"the weights vary too much to be relied on (k = {self.pareto_k:.2f} > "
                f"{_RELIABLE}); allow more simulations, or narrow the bounds"
            )
        return "\n".join(lines)


def weighted_quantiles(x: FloatArray, weights: FloatArray, q: Any) -> FloatArray:
    """Return quantiles of the columns of x (n, ...) under weights (n,).

    Half of the weight of each draw counts as below it; in between lies a line.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.full(3, 1 / 3), 0.5)
    array(2.)
    """
    wanted, flat = np.asarray(q, dtype=np.float64), x.reshape(len(x), -1)
    out = np.empty((wanted.size, flat.shape[1]))
    for j, column in enumerate(flat.T):
        order = np.argsort(column)
        w = weights[order]
        out[:, j] = np.interp(wanted.ravel(), np.cumsum(w) - 0.5 * w, column[order])
    return out.reshape((*wanted.shape, *x.shape[1:]))


def posterior(
    target: Target | Simulations,
    *,
    n_effective: float = 400,
    max_simulations: int | None = None,
    density: Density | Mapping[str, Density] = "scale",
    rng: Any = None,
) -> PosteriorSample:
    """Sample the posterior around the estimate, with about a simulation for each draw.

    A surrogate of the residuals (or of the value) learns where its own posterior lies
    until it predicts values there well; then it is kept as it is, draws are taken from
    it, slightly widened, and simulations at the draws give them their weights. What
    lies in other valleys is not found.

    Parameters
    ----------
    target : Target or Simulations
    n_effective : float
        How many independent draws the sample should be worth.
    max_simulations : int, optional
        ``3 n_effective + 60 p + 100`` for p free variables by default.
    density : {"scale", "units", "logs"}, or mapping of them
        What the value is the negative logarithm of: a density over the variables' own
        scales (log k where that is searched), over their values (k), or over their
        logarithms. A flat prior on the one is not flat on the other. A mapping has the
        names of those that are not on their own scale.
    rng : int or Generator, optional

    Returns
    -------
    PosteriorSample

    Raises
    ------
    ValueError
        If a number is not positive, or a density is none of these.

    References
    ----------
    Vehtari et al. 2024, JMLR 25(72), for the weights; Christen & Fox 2005, J. Comput.
    Graph. Stat. 14, 795-810, for approximations that are corrected.

    Examples
    --------
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> def evaluate(x):
    ...     r = (x - [1.0, 2.0]) / [0.1, 0.2]
    ...     return Evaluation(0.5 * float(r @ r), residuals=r)
    >>> space = Space.of({"rate": (0, 3), "delay": (0, 3)})
    >>> sample = posterior(Target(space, evaluate, [1.0, 2.0]), rng=0)
    >>> bool(sample.n_effective > 390), bool(sample.n_simulations < 600)
    (True, True)
    """
    simulations = Simulations.of(target)
    before = simulations.n_calls if isinstance(target, Simulations) else 0
    wanted = checks.positive(n_effective, "n_effective")
    densities = _densities(density, simulations.target.names)
    default = int(3 * wanted + 60 * simulations.p + 100)
    most = default if max_simulations is None else max_simulations
    checks.integer(most, "max_simulations", 1)
    draws = Draws(simulations, Measure.of(simulations, densities), rng)
    draws.train(most)
    trained = simulations.n_calls - before
    found = draws.take(wanted, before + most)
    rows = simulations.rows(found.U)
    return PosteriorSample(
        simulations.target.names,
        rows[:, list(simulations.target.free)],
        rows,
        found.weights,
        found.values,
        found.n_effective,
        found.k,
        simulations.n_calls - before,
        trained,
    )


def _densities(
    density: Density | Mapping[str, Density], names: tuple[str, ...]
) -> Mapping[str, str]:
    out = density if isinstance(density, Mapping) else dict.fromkeys(names, density)
    for name, one in out.items():
        checks.one_of(name, names, "names in density")
        checks.one_of(one, ["logs", "scale", "units"], "density")
    return out
