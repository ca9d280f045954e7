"""How posterior samples are made: a surrogate is trained, drawn from, and corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

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
_ROUNDS = 12
_WALKERS, _STEPS = 64, 400
_THINNED = 10  # steps between draws that count
_TAIL, _ATTEMPTS = 0.7, 3
_WORTH = 0.9  # of a draw, at first


@dataclass(frozen=True, eq=False)
class Measure:
    """The logarithm of dx / du, for values that are densities over x."""

    simulations: Simulations
    logs: tuple[int, ...]  # free variables on log scales
    logits: tuple[int, ...]

    @classmethod
    def of(cls, simulations: Simulations, density: str) -> Measure:
        """Return that of a density over "units", or of one over the "scale"."""
        if density == "scale":
            return cls(simulations, (), ())
        target = simulations.target
        scales = [getattr(target.space.variables[j], "scale", "") for j in target.free]
        kinds = [
            tuple(j for j, scale in enumerate(scales) if scale == kind)
            for kind in ("log", "logit")
        ]
        return cls(simulations, kinds[0], kinds[1])

    def __call__(self, U: FloatArray) -> FloatArray:
        """Return it (n,) at U (n, p), up to a constant."""
        if not (self.logs or self.logits):
            return np.zeros(len(U))
        X = self.simulations.rows(U)[:, list(self.simulations.target.free)]
        log_x, p = np.log(X[:, list(self.logs)]), X[:, list(self.logits)]
        return np.asarray(log_x.sum(axis=1) + np.log(p * (1.0 - p)).sum(axis=1))


class Draws:
    """Draws from a surrogate around the lowest point, corrected by simulations."""

    def __init__(self, simulations: Simulations, measure: Measure, rng: Any) -> None:
        self.simulations, self.measure = simulations, measure
        self.rng = np.random.default_rng(rng)
        self.learner = Learner(simulations)
        self.start: FloatArray | None = None

    def train(self, most: int) -> None:
        """Learn from simulations at draws until values there are predicted well."""
        size = self.simulations.p + 4
        for _ in range(_ROUNDS):
            if self.simulations.n_calls + size > most:
                break
            errors = self._learn(self._spread(size))
            if self.learner.lower_by > 1.0:
                self.learner.recentre()
            elif len(errors) == size and np.std(errors) < _ACCURATE:
                break

    def take(
        self, wanted: float, most: int
    ) -> tuple[FloatArray, FloatArray, FloatArray, float, float]:
        """Return draws (n, p), their values and weights (n,), their worth, and k."""
        for attempt in range(_ATTEMPTS):
            found = self._weighted(wanted, most)
            left = most - self.simulations.n_calls
            if found[4] <= _TAIL or left < wanted or attempt == _ATTEMPTS - 1:
                break
            self.learner.learn(found[0])  # all are paid for: no simulation is made
        return found

    def _weighted(
        self, wanted: float, most: int
    ) -> tuple[FloatArray, FloatArray, FloatArray, float, float]:
        """Draw until the sample is worth what is wanted, or the budget is spent."""
        U, worth = self._pool(int(np.ceil(wanted / _WORTH)), _T)
        values = np.zeros(0)
        while True:
            room = max(most - self.simulations.n_calls, 1)
            U = U[: len(values) + room]
            values = np.concatenate([values, self._simulated(U[len(values) :])])
            weights, k = pareto_smoothed(self._log_weights(U, values))
            size = weights_sample_size(weights) * worth
            if size >= wanted or self.simulations.n_calls >= most:
                return U, values, weights, size, k
            missing = (wanted - size) / max(size / len(U), 0.05)
            more, worth = self._pool(int(np.ceil(missing)) + 5, _T)
            U = np.vstack([U, more])

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

        A cautious one: far from all that is known a surrogate may well promise a low
        value, and walkers would find it.
        """
        inside = np.all((U >= 0.0) & (U <= 1.0), axis=1)
        with one_blas_thread():
            rise = self.learner.values(U)
        logs = (self.measure(U) - rise) / T
        return np.where(inside, logs, -np.inf)

    def _pool(self, n: int, T: float) -> tuple[FloatArray, float]:
        """Return n draws of the surrogate (n, p), and what one of them is worth."""
        walkers = max(_WALKERS, 2 * (self.simulations.p + 2))
        steps = max(_STEPS, _THINNED * int(np.ceil(n / walkers)))
        chains = ensemble(
            lambda U: self._log_density(U, T), self._begin(walkers), steps, self.rng
        )
        self.start = chains[-1]
        thin = chains[:: max(1, steps * walkers // max(n, 4 * walkers))]
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
        predicted = self.learner.values(U) + self.simulations.best.value
        came = self.learner.learn(U)
        pairs = zip(came, predicted, strict=True)
        return np.array([one.value - value for one, value in pairs if one is not None])

    def _spread(self, n: int) -> FloatArray:
        """Return draws that are far from each other and from what is known."""
        pool, _ = self._pool(4 * n, _T_TRAINING)
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
