"""Averaging over hyper-parameters by Laplace's approximation.

Around its maximum the posterior density of phi is nearly normal, with the inverse of
the Hessian of -log density as its covariance (Rasmussen & Williams 2006, section
5.2). Predictions are averaged over draws: a model that knows how little it knows of its
length scales is less sure of itself (evidence file, section 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.map_fit import Objective
from surrogo.surrogates.posterior import Posterior

N_DRAWS = 8  # besides the maximum itself (evidence file, section 2.7)
_STEP = 1e-3  # of the central differences of exact gradients, in log units
# A direction that the data say less of than this has its prior left, of variance 1 or
# so; where there is no prior the normal approximation would be endless.
_LEAST_CURVATURE = 0.25


def draws(
    objective: Objective, phi: FloatArray, rng: np.random.Generator
) -> list[FloatArray]:
    """Return the maximum phi and N_DRAWS draws around it, inside the bounds.

    Directions in which phi sits on a bound are kept.
    """
    low, high = objective.bounds().T
    free = (phi > low + _STEP) & (phi < high - _STEP)
    if not np.any(free):
        return [phi]
    values, vectors = np.linalg.eigh(_hessian(objective, phi, free))
    spread = vectors / np.sqrt(np.maximum(values, _LEAST_CURVATURE))
    half = rng.normal(size=(N_DRAWS // 2, int(np.sum(free))))
    away = np.vstack([half, -half]) @ spread.T  # antithetic: their mean is phi
    out = np.tile(phi, (N_DRAWS, 1))
    out[:, free] += away
    return [phi, *np.clip(out, low, high)]


def _hessian(objective: Objective, phi: FloatArray, free: FloatArray) -> FloatArray:
    """Return the Hessian of -log density in the free directions."""
    steps = _STEP * np.eye(len(phi))[free]
    rows = [
        (objective(phi + step)[1] - objective(phi - step)[1])[free] / (2.0 * _STEP)
        for step in steps
    ]
    H = np.array(rows)
    return np.asarray(0.5 * (H + H.T))


@dataclass(frozen=True, eq=False)
class Mixture:
    """Equally likely posteriors; the first is that of the maximum."""

    parts: tuple[Any, ...]

    @property
    def posterior(self) -> Posterior:
        """The posterior at the most likely hyper-parameters."""
        first: Posterior = self.parts[0].posterior
        return first

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d)."""
        return _moments([part.mean_std(Z) for part in self.parts])

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d)."""
        every = [part.mean_std_gradients(Z) for part in self.parts]
        means, stds, dm, ds = (np.array(column) for column in zip(*every, strict=True))
        mean, std = _moments([(m, s) for m, s, _, _ in every])
        slope = np.mean(dm, axis=0)
        # var = E[s^2 + m^2] - mean^2
        inner = np.mean(stds[..., None] * ds + means[..., None] * dm, axis=0)
        half = inner - mean[..., None] * slope
        known = std == 0.0
        safe = np.where(known, 1.0, std)[..., None]
        return mean, std, slope, np.where(known[..., None], 0.0, half / safe)

    def draws(self, Z: FloatArray, normals: FloatArray) -> FloatArray:
        """Return functions drawn at Z (m, d), from the parts in turn.

        Late digits of the first normal say which part begins: a single draw must not
        always come from the maximum.
        """
        out, count = np.empty_like(normals), len(self.parts)
        first = int(abs(normals.flat[0]) * 2.0**30)
        for j, part in enumerate(self.parts):
            mine = slice((first + j) % count, None, count)
            out[..., mine] = part.draws(Z, normals[..., mine])
        return out

    def append(
        self, Z: FloatArray, y: FloatArray, variances: FloatArray | None = None
    ) -> Mixture:
        """Condition every part on further points."""
        return Mixture(tuple(part.append(Z, y, variances) for part in self.parts))

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each point: mean and std (n,)."""
        return _moments([part.leave_one_out() for part in self.parts])

    def log_likelihood(self) -> float:
        """Return that of the most likely hyper-parameters."""
        return float(self.parts[0].log_likelihood())


def _moments(
    every: list[tuple[FloatArray, FloatArray]],
) -> tuple[FloatArray, FloatArray]:
    """Return mean and std of a mixture, by the law of total variance."""
    means, stds = (np.array(column) for column in zip(*every, strict=True))
    spread = np.mean(stds**2, axis=0) + np.var(means, axis=0)
    return np.mean(means, axis=0), np.sqrt(spread)
