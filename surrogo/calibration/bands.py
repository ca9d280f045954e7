"""Prediction bands: what a model may give elsewhere, as sure as the data make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from surrogo import checks
from surrogo.calibration.levels import checked_level
from surrogo.calibration.posterior import PosteriorSample, weighted_quantiles
from surrogo.checks import FloatArray
from surrogo.execution.evaluate import Failure, attempt
from surrogo.trials import Evaluation

# Copies of each prediction at these quantiles of the noise stand for all of it: 95 %
# bands of 200 draws are right to 1 % of the noise.
NOISE_LEVELS = (np.arange(32) + 0.5) / 32
_MOST = 400  # simulations; quantiles of 95 % bands are then right to 1 % of coverage


@dataclass(frozen=True, eq=False)
class Bands:
    """Central intervals of predictions of any shape.

    Attributes
    ----------
    level : float
    median, lower, upper : array
        Of what the model gives.
    lower_noisy, upper_noisy : array or None
        Of a measurement of that; None without `noise_sd`.
    n_simulations, n_failed : int
    t : array, optional
        The times of predictions (n,), where they are known.
    """

    level: float
    median: FloatArray
    lower: FloatArray
    upper: FloatArray
    lower_noisy: FloatArray | None
    upper_noisy: FloatArray | None
    n_simulations: int
    n_failed: int
    t: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model gives at weighted draws.

    Attributes
    ----------
    rows : array (n, d)
        The draws.
    values : array (n, ...)
    weights : array (n,)
    n_simulations, n_failed : int
    """

    rows: FloatArray
    values: FloatArray
    weights: FloatArray
    n_simulations: int
    n_failed: int

    def bands(self, level: float = 0.95, noise_sd: Any = None) -> Bands:
        """Return central intervals, with `noise_sd` also those of measurements.

        `noise_sd` is the standard deviation of normal noise, a number or an array that
        broadcasts with a prediction.
        """
        copies = None
        if noise_sd is not None:
            sd = checks.array(noise_sd, "noise_sd")
            sd = np.broadcast_to(sd, self.values.shape[1:])
            copies = [self.values + z * sd for z in ndtri(NOISE_LEVELS)]
        counts = self.n_simulations, self.n_failed
        return central(self.values, self.weights, level, copies, counts)


def central(
    values: FloatArray,
    weights: FloatArray,
    level: float,
    copies: list[FloatArray] | None,
    counts: tuple[int, int],
    t: FloatArray | None = None,
) -> Bands:
    """Return central intervals of weighted draws (n, ...).

    `copies` are the draws with their noise at each of `NOISE_LEVELS`: together the
    mixture of the noise around all of them. `counts` are simulations and failures.
    """
    half = 0.5 * checked_level(level)
    q = [0.5, 0.5 - half, 0.5 + half]
    middle, low, high = weighted_quantiles(values, weights, q)
    low_noisy = high_noisy = None
    if copies is not None:
        tiled = np.tile(weights / len(copies), len(copies))
        low_noisy, high_noisy = weighted_quantiles(np.concatenate(copies), tiled, q[1:])
    return Bands(level, middle, low, high, low_noisy, high_noisy, *counts, t)


def predictions(
    simulate: Callable[[FloatArray], Any],
    sample: PosteriorSample,
    *,
    max_simulations: int = _MOST,
    rng: Any = 0,
) -> Predictions:
    """Return what a model gives at draws of the posterior.

    Parameters
    ----------
    simulate : callable
        ``simulate(x)`` of a float array (d,) returns an array, always of one shape. It
        may fail; such draws are left out.
    sample : PosteriorSample
    max_simulations : int
        If the sample has more draws, so many are drawn from it by their weights.
    rng : int or Generator, optional
        For that.

    Returns
    -------
    Predictions

    Raises
    ------
    ValueError
        If all simulations fail, or shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.calibration.posterior import PosteriorSample
    >>> k = np.linspace(1.0, 2.0, 101)[:, None]
    >>> weights = np.full(101, 1 / 101)
    >>> sample = PosteriorSample(("k",), k, k, weights, k[:, 0], 101.0, 0.0, 101, 0)
    >>> bands = predictions(lambda x: x * np.array([1.0, 10.0]), sample).bands(0.5)
    >>> bands.lower.round(1), bands.upper.round(1)
    (array([ 1.2, 12.5]), array([ 1.8, 17.5]))
    """
    most = checks.integer(max_simulations, "max_simulations", 1)
    rows, weights = sample.rows, sample.weights
    if len(rows) > most:
        rows, weights = _thinned(rows, weights, most, np.random.default_rng(rng))
    came = [_simulated(simulate, row) for row in rows]
    good = [i for i, one in enumerate(came) if one is not None]
    values = [came[i] for i in good]
    shapes = {np.shape(value) for value in values}
    if len(shapes) != 1:
        raise ValueError(
            "simulate must return finite arrays of one shape, got "
            f"{sorted(shapes) or 'failures only'}"
        )
    left = weights[good] / np.sum(weights[good])
    failed = len(rows) - len(good)
    return Predictions(rows[good], np.array(values), left, len(rows), failed)


def _thinned(
    rows: FloatArray, weights: FloatArray, n: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return n rows at even steps of the summed weights, from a start at random.

    Systematic resampling: Kitagawa 1996, J. Comput. Graph. Stat. 5, 1-25.
    """
    steps = (np.arange(n) + rng.random()) / n
    chosen = np.searchsorted(np.cumsum(weights), steps).clip(max=len(rows) - 1)
    unique, counts = np.unique(chosen, return_counts=True)
    return rows[unique], counts / n


def _simulated(simulate: Callable[[FloatArray], Any], row: FloatArray) -> Any:
    """Return an array, or None if the simulation failed or is not finite."""

    def wrapped(x: FloatArray) -> Evaluation:
        return Evaluation(0.0, outputs=simulate(x))

    came, _ = attempt(wrapped, row)
    if isinstance(came, Failure) or not np.all(np.isfinite(came.outputs)):
        return None
    return came.outputs
