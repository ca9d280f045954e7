"""What a calibrated model gives at draws of its posterior, and its measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.bands import NOISE_LEVELS, Bands, Predictions, central
from surrogo.calibration.design_of_measurements import Choice, best_measurements
from surrogo.calibration.fit_table import fitted, term_of
from surrogo.calibration.noise import Noise, Poisson
from surrogo.calibration.noise_around import measurement
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.parts import transformed
from surrogo.calibration.problem import Calibration
from surrogo.calibration.shifted import in_units, shifted
from surrogo.calibration.terms import Residuals
from surrogo.checks import FloatArray


@dataclass(frozen=True, eq=False)
class Block:
    """One observable at some times, in one condition.

    Attributes
    ----------
    name : str
    t : array (k,)
    data : array (k,) of int, or None
        Which data of the observable stand for the times; None if the model is asked.
    """

    name: str
    t: FloatArray
    data: Any = None

    @property
    def labels(self) -> list[str]:
        """A name for each of the times."""
        return [f"{self.name} at {t:g}" for t in self.t]


def blocks(problem: Calibration, times: Any, condition: str | None) -> list[Block]:
    """Return what is to be predicted: at times, or (None) where there are data.

    Raises
    ------
    ValueError
        If there is no such condition, or the model cannot be asked for times.
    """
    name = next(iter(problem.data.times)) if condition is None else condition
    checks.one_of(name, problem.data.times, "condition")
    if times is None:
        return [
            one for k in problem.data.observables for one in _data(problem, k, name)
        ]
    if not isinstance(problem.model, OdeModel):
        raise ValueError(
            "a model that is a function gives values at the data's times only; leave "
            "times out, or state the model as an OdeModel"
        )
    t = checks.finite(checks.array(times, "times"), "times").ravel()
    return [Block(observable, np.unique(t)) for observable in problem.data.observables]


def _data(problem: Calibration, name: str, condition: str) -> list[Block]:
    begin = 0
    for series in problem.data.of(name):
        if series.condition == condition:
            rows, first = np.unique(series.rows, return_index=True)
            return [Block(name, problem.data.times[condition][rows], begin + first)]
        begin += len(series.y)
    return []


def predicted(
    problem: Calibration,
    one: Block,
    p: dict[str, Any],
    outputs: FloatArray,
    curves: dict[str, FloatArray],
) -> FloatArray:
    """Return an observable with scale and offset, and its sigma; shape (2, k).

    `outputs` are those of the data at `p`, `curves` the observables at the times.
    """
    term, noise = term_of(problem, one.name), problem.noise[one.name]
    if one.data is not None:
        values = fitted(problem, outputs, one.name)[one.data]
    else:
        found = in_units(noise, term.likeliest(outputs))
        values = shifted(noise, found, p, curves[one.name])
    return np.stack([values, _sigma(noise, term, one, p, outputs, curves)])


def _sigma(
    noise: Noise,
    term: Any,
    one: Block,
    p: dict[str, Any],
    outputs: FloatArray,
    curves: dict[str, FloatArray],
) -> FloatArray:
    """Return sigma (k,) on the scale of the noise; 0 for counts, which need none.

    At times without data, the median of those that came with the data.
    """
    if not isinstance(term, Residuals):
        return np.zeros(len(one.t))
    if callable(noise.sigma) and one.data is None:
        sigma = np.asarray(noise.sigma(p, curves[one.name]), dtype=np.float64)
        return np.broadcast_to(sigma, one.t.shape)
    of_data = np.broadcast_to(term.sigmas(outputs), len(term.y))
    at_all = np.full(len(one.t), float(np.median(of_data)))
    return at_all if one.data is None else of_data[one.data]


@dataclass(frozen=True, eq=False)
class Forecast:
    """Predictions at draws, as a row of all blocks' values and sigmas for each draw."""

    problem: Calibration
    blocks: list[Block]
    made: Predictions  # values (n, 2, k) of all blocks side by side
    n_simulations: int

    @property
    def rows(self) -> FloatArray:
        """The draws (n, d)."""
        return self.made.rows

    def bands(self, level: float, noisy: bool) -> dict[str, Bands]:
        """Return central intervals of each observable, `noisy` of measurements too."""
        return {
            one.name: self._bands(one, values, sigma, level, noisy)
            for one, values, sigma in self._parts()
        }

    def _bands(
        self,
        one: Block,
        values: FloatArray,
        sigma: FloatArray,
        level: float,
        noisy: bool,
    ) -> Bands:
        noise, n = self.problem.noise[one.name], self._n_eliminated(one.name)
        copies = None
        if noisy:
            copies = [measurement(values, sigma, q, noise, n) for q in NOISE_LEVELS]
        counts = self.n_simulations, self.made.n_failed
        return central(values, self.made.weights, level, copies, counts, one.t)

    def _n_eliminated(self, name: str) -> int | None:
        term = term_of(self.problem, name)
        return len(term.y) if "sigma" in term.eliminated else None

    def choice(self, quantities: FloatArray, names: Sequence[str], n: int) -> Choice:
        """Return the best measurements for quantities (n, k), among some observables.

        On the scale of the noise; counts on that of their square roots, where their
        noise is 1 (Bartlett 1936, J. R. Stat. Soc. Suppl. 3, 68-78).
        """
        found: list[tuple[FloatArray, FloatArray, list[str]]] = [
            (
                *self._candidates(one, values, sigma),
                [f"{one.name} at {t:g}" for t in one.t],
            )
            for one, values, sigma in self._parts()
            if one.name in names
        ]
        columns, sd, labels = zip(*found, strict=True)
        choice = best_measurements(
            quantities,
            np.hstack(columns),
            np.concatenate(sd),
            weights=self.made.weights,
            n=n,
        )
        flat = tuple(label for some in labels for label in some)
        return Choice(choice.order, choice.variances, choice.gains, flat)

    def _candidates(
        self, one: Block, values: FloatArray, sigma: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        noise = self.problem.noise[one.name]
        if isinstance(noise, Poisson):
            return 2.0 * np.sqrt(values), np.ones(len(one.t))
        return transformed(values, noise), np.sqrt(self.made.weights @ sigma**2)

    def _parts(self) -> list[tuple[Block, FloatArray, FloatArray]]:
        """Return each block with its values and sigmas (n, k)."""
        ends = np.cumsum([len(one.t) for one in self.blocks])[:-1]
        parts = np.split(self.made.values, ends, axis=2)
        return [
            (one, part[:, 0], part[:, 1])
            for one, part in zip(self.blocks, parts, strict=True)
        ]
