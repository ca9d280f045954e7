"""What a calibration gives back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo.calibration.answers import Answers
from surrogo.calibration.fit_table import fit_frame, text
from surrogo.calibration.problem import Calibration
from surrogo.calibration.shifted import in_units, shifted
from surrogo.calibration.unread import unread
from surrogo.checks import FloatArray
from surrogo.result import Result
from surrogo.trials import Trials

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CalibrationResult:
    """The estimates of a calibration, and the record of how they came about.

    Attributes
    ----------
    problem : Calibration
    result : Result
    n_start_simulations : int
        Simulations that went into start points, besides those on record.
    """

    problem: Calibration
    result: Result
    n_start_simulations: int = 0

    @property
    def parameters(self) -> dict[str, float] | None:
        """The estimates; None if no simulation succeeded."""
        return None if self.result.x is None else dict(self.result.x)

    @property
    def value(self) -> float:
        """The negative log posterior at the estimates; NaN if there are none."""
        return float(self.result.fun)

    @property
    def nllh(self) -> float:
        """The negative log likelihood at the estimates, without the priors."""
        r = self._outputs
        return float("nan") if r is None else self.problem.nllh(r)

    @property
    def eliminated(self) -> dict[str, dict[str, float]]:
        """Sigma, scale and offset of each observable that were found by formulas."""
        r = self._outputs
        if r is None:
            return {}
        found = self.problem.outer.likeliest(r)
        noise = self.problem.noise
        return {name: in_units(noise[name], one) for name, one in found.items()}

    @property
    def n_simulations(self) -> int:
        """Simulations of the whole data set that the estimates cost."""
        return int(self.result.nfev) + self.n_start_simulations

    @property
    def trials(self) -> Trials:
        """Every trial of the run."""
        return self.result.trials

    @property
    def success(self) -> bool:
        """Whether there are estimates and the run ended as it was meant to."""
        return bool(self.result.success)

    @property
    def message(self) -> str:
        """Why the run ended, in a sentence."""
        return str(self.result.message)

    @property
    def _outputs(self) -> FloatArray | None:
        best = self.result.trials.best
        if best is None or best.evaluation is None:
            return None
        return np.asarray(best.evaluation.outputs)

    @cached_property
    def answers(self) -> Answers:
        """What the data say: intervals, identifiability, posterior, predictions.

        Every simulation made for one answer is kept for the others.
        """
        self.needed_outputs()
        return Answers(self.problem, self.trials)

    def unread(self) -> tuple[str, ...]:
        """Return the parameters that the model never reads, which it simulates for.

        The data can say nothing about them. The text of the result has them for an
        `OdeModel`; a function may be too expensive to be asked unasked.
        """
        return () if self.parameters is None else unread(self.problem, self.parameters)

    def to_frame(self) -> pd.DataFrame:
        """Return data and fit as a pandas data frame, a row for each datum.

        The columns are condition, observable, time, value, model (with scale and
        offset) and residual, in units of sigma on the scale of the noise (for Poisson
        noise of the square root of the mean).

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If no simulation succeeded.
        """
        return fit_frame(self.problem, self.needed_outputs())

    def plot_fit(self, axes: Any = None) -> Any:
        """Draw data and model, a picture for each observable (needs matplotlib).

        Parameters
        ----------
        axes : sequence of matplotlib.axes.Axes, optional
            One for each observable.

        Returns
        -------
        ndarray of matplotlib.axes.Axes
        """
        from surrogo.report import plot_fit

        return plot_fit(self, axes=axes)

    def with_shift(self, observable: str, values: FloatArray) -> FloatArray:
        """Return values of the model with the scale and the offset of an observable."""
        found = self.eliminated.get(observable, {})
        noise = self.problem.noise[observable]
        return shifted(noise, found, self.parameters or {}, values)

    def needed_outputs(self) -> FloatArray:
        """Return the outputs (r,) at the estimates.

        Raises
        ------
        ValueError
            If no simulation succeeded.
        """
        r = self._outputs
        if r is None:
            raise ValueError(f"there is no fit to show: {self.message}")
        return r

    def __repr__(self) -> str:
        return text(self)

    __str__ = __repr__
