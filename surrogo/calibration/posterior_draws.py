"""How posterior samples are made: a surrogate is trained, drawn from, and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import xlog1py, xlogy

from surrogo.calibration.importance import pareto_smoothed
from surrogo.calibration.learner import Learner
from surrogo.calibration.sample_size import effective_sample_size, weights_sample_size
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.surrogate_chains import ensemble
from surrogo.checks import FloatArray
from surrogo.threads import one_blas_thread

# Draws are from the surrogate's posterior to the power 1 / T: weights of draws in the
# tails stay bounded, at 0.5 % of a draw's worth per variable. Training looks further.
_T, _T_TRAINING = 1.1, 1.5
# Errors of predicted values, in nats, at which training ends: weights exp(s) with
# s ~ N(0, 0.25^2) are worth exp(-0.25^2) = 94 % of their number.
_ACCURATE = 0.25
_BELOW = 0.5  # the lowest value known, in nats: less is not believed
_ROUNDS, _PASSES = 14, 2
_WALKERS, _STEPS, _TRAINING_STEPS = 64, 20, 3  # at least
_THINNED = 15  # steps of a walker between draws that count
# A part of the draws goes ahead; a tail of their weights like that of a proposal whose
# variance is 0.7 of what it should be (k = 1 - 0.7) sends the surrogate back to school.
_PILOT, _PILOT_TAIL, _PILOTS = 0.3, 0.3, 3
_WORTH, _SPARE = 0.9, 3  # of a draw, at first; draws more than it takes


# The measure of a density over values or their logarithms, where a variable is uniform
# on a scale: a log(x) + b log(1 - x), the logarithm of the one's slope by the other.
_POWERS = {
    ("log", "units"): (1.0, 0.0),
    ("linear", "logs"): (-1.0, 0.0),
    ("logit", "units"): (1.0, 1.0),
    ("logit", "logs"): (0.0, 1.0),
}


@dataclass(frozen=True, eq=False)
class Measure:
    """The logarithm of dx / du, for values that are densities over x or log x."""

    simulations: Simulations
    powers: FloatArray  # (p, 2)

    @classmethod
    def of(cls, simulations: Simulations, densities: Mapping[str, str]) -> Measure:
        """Return that of densities over "units", "logs" or (if left out) the scale."""
        target = simulations.target
        variables = [target.space.variables[j] for j in target.free]
        pairs = [
            (getattr(v, "scale", "linear"), densities.get(name, "scale"))
            for name, v in zip(target.names, variables, strict=True)
        ]
        powers = [_POWERS.get(pair, (0.0, 0.0)) for pair in pairs]
        return cls(simulations, np.array(powers))

    def __call__(self, U: FloatArray) -> FloatArray:
        """Return it (n,) at U (n, p), up to a constant."""
        X = self.simulations.rows(U)[:, list(self.simulations.target.free)]
        logs = xlogy(self.powers[:, 0], X) + xlog1py(self.powers[:, 1], -X)
        return np.asarray(logs.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Weighted:
    """Draws U (n, p), their simulated values and weights (n,), and their worth."""

    U: FloatArray
    values: FloatArray
    weights: FloatArray
    n_effective: float
    k: float  # shape of the tail of the weights


class Draws:
    """Draws from a surrogate around the lowest point, corrected by simulations."""

    def __init__(self, simulations: Simulations, measure: Measure, rng: Any) -> None:
        self.simulations, self.measure = simulations, measure
        self.rng = np.random.default_rng(rng)
        self.learner = Learner(simulations)
        self.start: FloatArray | None = None
        self.of_chain = 1.0  # what a draw of the surrogate is worth

    def train(self, most: int) -> None:
        """Learn from simulations at draws until values there are predicted well, twice.

        What the surrogate promises without reason, where little is known, is found.
        """
        size, passed = self.simulations.p + 4, 0
        for _ in range(_ROUNDS):
            if self.simulations.n_calls + size > most:
                break
            errors = self._learn(self._spread(size))
            if self.learner.lower_by > 1.0:
                self.learner.recentre()
            good = len(errors) == size and float(np.std(errors)) < _ACCURATE
            passed = passed + 1 if good else 0
            if passed == _PASSES:
                break

    def take(self, wanted: float, most: int) -> Weighted:
        """Return draws worth what is wanted, or what the budget is good for.

        A part of them goes ahead: if their weights vary, the surrogate learns from
        them, and they do not count.
        """
        for _ in range(_PILOTS):
            pilot = self._weighted(_PILOT * wanted, most, None)
            if pilot.k <= _PILOT_TAIL or self.simulations.n_calls >= most:
                return self._weighted(wanted, most, pilot)
            self.learner.learn(pilot.U)  # all are paid for: no simulation is made
        return self._weighted(wanted, most, None)

    def _weighted(self, wanted: float, most: int, begun: Weighted | None) -> Weighted:
        """Draw until the sample is worth what is wanted, or the budget is spent."""
        U, values = np.zeros((0, self.simulations.p)), np.zeros(0)
        size, worth = 0.0, _WORTH
        if begun is not None:
            U, values, size = begun.U, begun.values, begun.n_effective
            worth = size / len(U)
        while True:
            missing = int(np.ceil((wanted - size) / max(worth, 0.05)))
            if missing > 0:
                room = max(most - self.simulations.n_calls, int(len(U) == 0))
                more, of_chain = self._pool(missing + _SPARE, _T)
                U = np.vstack([U, more[:room]])
                values = np.concatenate([values, self._simulated(more[:room])])
                self.of_chain = of_chain
            weights, k = pareto_smoothed(self._log_weights(U, values))
            size = weights_sample_size(weights) * self.of_chain
            worth = size / len(U)
            if size >= wanted or self.simulations.n_calls >= most:
                return Weighted(U, values, weights, size, k)

    def _simulated(self, U: FloatArray) -> FloatArray:
        came = self.simulations.many(U)
        return np.array([np.inf if one is None else one.value for one in came])

    def _log_weights(self, U: FloatArray, values: FloatArray) -> FloatArray:
        """Return log target - log proposal (n,); -inf where a simulation failed."""
        drawn = self._log_density(U, _T)
        out = self.measure(U) - (values - self.simulations.best.value) - drawn
        return np.where(np.isfinite(values), out, -745.0)  # log of the least float

    def _log_density(self, U: FloatArray, T: float) -> FloatArray:
        """Return that of the surrogate (m,), -inf outside the box.

        Far from all that is known a surrogate may promise a value far below the lowest,
        and walkers would find it; it gets little more weight than the lowest.
        """
        inside = np.all((U >= 0.0) & (U <= 1.0), axis=1)
        with one_blas_thread():
            value = self.learner.emulator.values(U)
        rise = np.maximum(value - self.simulations.best.value, -_BELOW)
        logs = (self.measure(U) - rise) / T
        return np.where(inside, logs, -np.inf)

    def _pool(self, n: int, T: float, least: int = _STEPS) -> tuple[FloatArray, float]:
        """Return n draws of the surrogate (n, p), and what one of them is worth."""
        walkers = max(_WALKERS, 2 * (self.simulations.p + 2))
        count = max(least, int(np.ceil(n / walkers)))
        chains = ensemble(
            lambda U: self._log_density(U, T),
            self._begin(walkers),
            _THINNED * count,
            self.rng,
        )
        self.start = chains[-1]
        thin = chains[:: _THINNED * max(1, count * walkers // max(n, 4 * walkers))]
        worth = 1.0
        if len(thin) >= 4:
            sizes = [effective_sample_size(c) for c in thin.transpose(2, 1, 0)]
            worth = min(1.0, min(sizes) / thin[..., 0].size)
        flat = thin.reshape(-1, self.simulations.p)
        return self.rng.permutation(flat)[:n], worth

    def _begin(self, walkers: int) -> FloatArray:
        """Return where walkers begin: where they ended, or at normal draws."""
        if self.start is not None:
            return self.start
        curvature = self.learner.curvature
        U = curvature.to_u(self.rng.normal(size=(walkers, self.simulations.p)))
        mirrored = np.abs(U) % 2.0  # at the bounds, into the box
        return np.asarray(np.where(mirrored > 1.0, 2.0 - mirrored, mirrored))

    def _learn(self, U: FloatArray) -> FloatArray:
        """Simulate at U; return by how much predictions were wrong (m,)."""
        predicted = self.learner.emulator.values(U)
        came = self.learner.learn(U)
        pairs = zip(came, predicted, strict=True)
        return np.array([one.value - value for one, value in pairs if one is not None])

    def _spread(self, n: int) -> FloatArray:
        """Return draws that are far from each other and from what is known."""
        pool, _ = self._pool(4 * n, _T_TRAINING, _TRAINING_STEPS)
        Z = self.learner.curvature.to_z(pool)
        known = self.learner.curvature.to_z(
            np.array([one.u for one in self.simulations.seen])
        )
        far = np.min(np.linalg.norm(Z[:, None] - known, axis=2), axis=1)
        chosen: list[int] = []
        for _ in range(n):
            chosen.append(int(np.argmax(far)))
            far = np.minimum(far, np.linalg.norm(Z - Z[chosen[-1]], axis=1))
        return np.asarray(pool[chosen])
