"""Which measurement would help most: variances after it, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.posterior import PosteriorSample
from surrogo.checks import FloatArray


@dataclass(frozen=True, eq=False)
class Choice:
    """Measurements in the order in which they help.

    Attributes
    ----------
    order : tuple of int
        Indices of the candidates, the best first; each the best after those before.
    variances : array (m + 1, k)
        Expected variances of the k quantities before, after the first measurement, ...
    gains : array (c,)
        For each candidate alone, the share of the variance of the quantities (mean
        over them) that it is expected to remove.
    labels : tuple of str
        What the candidates are called, where they have names.

    Examples
    --------
    >>> import numpy as np
    >>> choice = Choice((1,), np.array([[4.0], [1.0]]), np.array([0.1, 0.75]))
    >>> print(choice)
    measure candidate 1: standard deviations become 50 % of what they are
    """

    order: tuple[int, ...]
    variances: FloatArray
    gains: FloatArray
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return a line for each measurement."""
        left = np.sqrt(np.mean(self.variances[1:] / self.variances[0], axis=1))
        steps = zip(self.order, left, strict=True)
        return "\n".join(
            f"measure {self._name(i)}: standard deviations become {100 * share:.0f} % "
            "of what they are"
            for i, share in steps
        )

    def _name(self, i: int) -> str:
        return self.labels[i] if self.labels else f"candidate {i}"


def best_measurements(
    quantities: Any,
    candidates: Any,
    noise_sd: Any,
    *,
    weights: Any = None,
    n: int = 1,
) -> Choice:
    """Choose the measurements that reduce the variance of some quantities most.

    No simulation is made: everything follows from what the model gives at draws of the
    posterior. Expected variances are those of the best linear estimate, exact where
    everything is jointly normal; after each choice they are updated, so that two
    candidates that say the same are not both chosen.

    Parameters
    ----------
    quantities : array (s,) or (s, k), or PosteriorSample
        What is to be known at s draws: parameters (all, if a sample is given), or
        predictions.
    candidates : array (s, c)
        What each of c possible measurements would give at the same draws.
    noise_sd : float or array (c,)
        Standard deviations of their noise.
    weights : array (s,), optional
        Of the draws; equal if left out (those of the sample if one is given).
    n : int
        How many measurements to choose. One may be chosen again: that is a repetition.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If shapes do not fit each other, or a standard deviation is not positive.

    References
    ----------
    Goldstein & Wooff 2007, Bayes Linear Statistics, eq. 3.2; Lopez et al. 2015,
    Computers & Chemical Engineering 80, for the use in nonlinear models.

    Examples
    --------
    >>> import numpy as np
    >>> slope = np.random.default_rng(0).normal(size=2000)
    >>> times = np.array([0.1, 1.0, 5.0])
    >>> choice = best_measurements(slope, slope[:, None] * times, 1.0)
    >>> choice.order
    (2,)
    """
    Q, G, w = _checked(quantities, candidates, weights)
    sd = checks.array(noise_sd, "noise_sd")
    if sd.ndim > 1 or (sd.ndim == 1 and len(sd) != G.shape[1]) or not np.all(sd > 0.0):
        raise ValueError(
            f"noise_sd must be one positive number or one for each of {G.shape[1]} "
            f"candidates, got {checks.shown(noise_sd)}"
        )
    noise = np.broadcast_to(sd**2, G.shape[1:])
    joint = np.column_stack([Q, G])
    centred = joint - w @ joint
    C = (centred.T * w) @ centred
    return _greedy(C, Q.shape[1], noise, checks.integer(n, "n", 1))


def _greedy(C: FloatArray, k: int, noise: FloatArray, n: int) -> Choice:
    """Choose by the covariance C (k + c, k + c) of quantities and candidates."""
    first = np.diag(C)[:k].copy()
    scale = np.where(first > 0.0, first, 1.0)
    order: list[int] = []
    variances, gains = [first], np.zeros(len(noise))
    for step in range(n):
        # var(q) - cov(q, g)^2 / (var(g) + noise): Goldstein & Wooff 2007, eq. 3.2
        removed = C[:k, k:] ** 2 / (np.diag(C)[k:] + noise)
        share = np.mean(removed / scale[:, None], axis=0)
        gains = share if step == 0 else gains
        best = int(np.argmax(share))
        column = C[:, k + best]
        C = C - np.outer(column, column) / (column[k + best] + noise[best])
        order.append(best)
        variances.append(np.maximum(np.diag(C)[:k], 0.0))
    return Choice(tuple(order), np.array(variances), gains)


def _checked(
    quantities: Any, candidates: Any, weights: Any
) -> tuple[FloatArray, FloatArray, FloatArray]:
    if isinstance(quantities, PosteriorSample):
        weights = quantities.weights if weights is None else weights
        quantities = quantities.x
    Q = checks.finite(checks.array(quantities, "quantities"), "quantities")
    Q = Q[:, None] if Q.ndim == 1 else Q
    G = checks.finite(checks.array(candidates, "candidates"), "candidates")
    w = np.full(len(Q), 1.0 / len(Q)) if weights is None else np.asarray(weights)
    shapes: Sequence[tuple[int, ...]] = (Q.shape, G.shape, w.shape)
    if Q.ndim != 2 or G.ndim != 2 or not len(Q) == len(G) == len(w):
        raise ValueError(
            "quantities (s, k), candidates (s, c) and weights (s,) must be given at "
            f"the same draws, got shapes {shapes}"
        )
    return Q, G, w / np.sum(w)
