"""SBML models simulated by libroadrunner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.petab.needs import Unsupported, library
from surrogo.calibration.petab.quiet import quiet
from surrogo.calibration.petab.sbml import SbmlModel
from surrogo.checks import FloatArray

# Of CVODE. Differences of a fit's outputs are to be smooth; roadrunner's own 1e-6 is
# for pictures. Its limit of 20,000 steps between two times lets nothing hang.
_RTOL, _ATOL = 1e-9, 1e-12
_SOON = 1e-9  # roadrunner wants two times: the second, where one is asked for
# A model is at rest if it changes by less than this over a decade of time.
_STILL = 1e-7
_DECADES = tuple(10.0**k for k in range(1, 13))
_LOCK = Lock()  # one simulation at a time: the printed text of a process is held back


@dataclass(frozen=True, eq=False)
class Simulator:
    """A model, ready to be simulated again and again.

    Parameters
    ----------
    model : SbmlModel
    wanted : tuple of str
        Names whose courses are asked for.
    """

    model: SbmlModel
    wanted: tuple[str, ...]

    def __call__(
        self,
        given: Mapping[str, float],
        times: FloatArray,
        before: Mapping[str, float] | None = None,
        kept: Sequence[str] = (),
    ) -> dict[str, FloatArray]:
        """Simulate from time 0.

        Parameters
        ----------
        given : mapping
            Values that are not the model's own.
        times : array (n,)
            Increasing, 0 or later.
        before : mapping, optional
            Values under which the model first comes to rest.
        kept : sequence of str
            Names, species for the most, that begin where they came to rest.

        Returns
        -------
        dict of str to array (n,)

        Raises
        ------
        SimulationError
            If the integrator fails, or something has no value at the start.
        """
        with _LOCK, quiet():
            start = self._start(given)
            if before is not None:
                start |= self._rest(before, kept)
            return self._course(start, times)

    def compile(self) -> None:
        """Make the model ready, which happens else in the first simulation.

        Raises
        ------
        Unsupported
            If libroadrunner does not know something in it.
        """
        with _LOCK, quiet():
            try:
                _ = self._runner
            except RuntimeError as error:
                raise Unsupported(
                    f"libroadrunner cannot simulate the SBML model: {error}"
                ) from error

    def _start(self, given: Mapping[str, float]) -> dict[str, float]:
        values = self.model.start(given)
        start = {name: values[name] for name in self.model.settable}
        wrong = {k: v for k, v in start.items() if not np.isfinite(v)}
        if wrong:
            name, value = next(iter(wrong.items()))
            raise SimulationError(
                f"{name!r} of the SBML model must have a number to begin with, got "
                f"{value}; give it in the parameter or the condition table"
            )
        return start

    def _course(
        self, start: Mapping[str, float], times: FloatArray
    ) -> dict[str, FloatArray]:
        asked = np.concatenate([[0.0], times[times > 0.0]])
        asked = asked if len(asked) > 1 else np.array([0.0, _SOON])
        self._set(start)
        rows = self._integrate(asked.tolist())
        at = np.searchsorted(asked, times)
        return dict(zip(self.wanted, rows[at, 1:].T, strict=True))

    def _set(self, start: Mapping[str, float]) -> None:
        """Bring the model to its start."""
        self._runner.reset(self._reset)
        for name, value in start.items():
            self._runner.setValue(self.model.selection(name), value)

    def _rest(
        self, before: Mapping[str, float], kept: Sequence[str]
    ) -> dict[str, float]:
        """Return the values of species in the steady state under `before`."""
        self._set(self._start(before))
        here = self._now(kept)
        for decade in _DECADES:
            last = here
            self._integrate([decade / 10.0, decade])
            here = self._now(kept)
            if np.allclose(here, last, rtol=_STILL, atol=_STILL * np.max(np.abs(here))):
                return dict(zip(kept, here.tolist(), strict=True))
        raise SimulationError(
            f"the model had not come to rest at time {_DECADES[-1]:g} of the "
            "preequilibration"
        )

    def _now(self, names: Sequence[str]) -> FloatArray:
        asked = (self.model.selection(name) for name in names)
        return np.array([self._runner.getValue(one) for one in asked])

    def _integrate(self, times: Sequence[float]) -> FloatArray:
        try:
            return np.array(self._runner.simulate(times=list(times)))
        except RuntimeError as error:
            raise SimulationError(checks.cut(str(error), 200)) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return Simulator, (self.model, self.wanted)  # compiled again where it is needed

    @cached_property
    def _runner(self) -> Any:
        runner = library("roadrunner").RoadRunner(self.model.text)
        runner.integrator.relative_tolerance = _RTOL
        runner.integrator.absolute_tolerance = _ATOL
        columns = [self.model.selection(name) for name in self.wanted]
        runner.timeCourseSelections = ["time", *columns]
        return runner

    @cached_property
    def _reset(self) -> int:
        records = library("roadrunner").SelectionRecord
        return int(records.TIME | records.RATE | records.FLOATING)
