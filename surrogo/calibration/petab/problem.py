"""A PEtab problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.outcome import CalibrationResult
from surrogo.calibration.petab.model import PetabModel
from surrogo.calibration.problem import Calibration
from surrogo.calibration.search import search
from surrogo.calibration.starts import start_points
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.space import Space


@dataclass(frozen=True, eq=False)
class PetabProblem:
    """A problem read from PEtab files; `load` makes one.

    It can be pickled: the copy reads the files again.

    Attributes
    ----------
    path : Path
        Of the YAML file.
    calibration : Calibration
        The problem as `calibrate` knows it.
    nominal : dict of str to float
        Nominal values of the parameters that are estimated, where the table has them.
    eliminated : tuple of str
        Noise parameters that are found by formulas.
    read_again : callable
        `load`.
    """

    path: Path
    calibration: Calibration
    nominal: dict[str, float]
    eliminated: tuple[str, ...]
    read_again: Callable[[str, bool], PetabProblem]

    @property
    def space(self) -> Space:
        """The parameters that are estimated: bounds, and scales linear or log."""
        return self.calibration.space

    @property
    def _model(self) -> PetabModel:
        assert isinstance(self.calibration.model, PetabModel)  # `load` makes no other
        return self.calibration.model

    def evaluate(self, x: Any) -> Evaluation:
        """Simulate all conditions at a point, and compare them with the data.

        Parameters
        ----------
        x : mapping of str to float, or sequence (d,)
            In the units of the model, not on the parameter scale.

        Returns
        -------
        Evaluation
            ``value`` is the negative log likelihood plus that of the objective priors,
            ``outputs`` (r,) the model's values at the data, on the scale of the noise,
            and the logarithms of estimated sigmas.

        Raises
        ------
        SimulationError
            If the simulation fails.
        """
        return self.calibration.evaluate(x)

    def simulate(
        self, x: Any, times: Any = None, condition: str | None = None
    ) -> dict[str, FloatArray]:
        """Return the observables in one condition, without noise.

        Parameters
        ----------
        x : mapping or sequence
        times : array_like (n,), optional
            Increasing, 0 or later; by default those of the data.
        condition : str, optional
            By default the first one.

        Returns
        -------
        dict of str to ndarray (n,)
        """
        names = self._model.conditions
        name = next(iter(names)) if condition is None else condition
        checks.one_of(name, names, "condition")
        at = names[name].times if times is None else _times(times)
        found = self._model.at(self.calibration.point(x), name, at)
        return {one.name: found[one.name] for one in self._model.groups}

    def calibrate(self, *, x0: Any = None, **options: Any) -> CalibrationResult:
        """Estimate the parameters.

        Parameters
        ----------
        x0 : mapping or list of mappings, optional
            Points to begin with.
        **options
            Those of `surrogo.optimize`: ``max_evals``, ``workers``, ``store``, ...

        Returns
        -------
        CalibrationResult
        """
        begin = start_points(self.calibration, None, x0)
        if begin.points:
            options = {**options, "x0": list(begin.points)}
        result = search(self.calibration, **options)
        return CalibrationResult(self.calibration, result, begin.n_simulations)

    def __repr__(self) -> str:
        data = self.calibration.data
        return (
            f"PetabProblem({self.path.name}: {self.space.d} parameters, {data.n} data "
            f"in {len(data.times)} conditions)"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return self.read_again, (str(self.path), bool(self.eliminated))


def _times(times: Any) -> FloatArray:
    out = checks.finite(checks.array(times, "times"), "times").ravel()
    if len(out) == 0 or out[0] < 0 or (np.diff(out) <= 0).any():
        raise ValueError(
            f"times must be increasing and 0 or later, got {checks.shown(times)}"
        )
    return out
