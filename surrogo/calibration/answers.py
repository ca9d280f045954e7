"""What data say of a calibration: every answer from the same simulations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.bands import Bands, predictions
from surrogo.calibration.design_of_measurements import Choice
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.fit_target import densities, fit_target
from surrogo.calibration.forecast import Block, Forecast, blocks, predicted
from surrogo.calibration.identifiability import Identifiability, identifiability
from surrogo.calibration.posterior import Density, PosteriorSample, posterior
from surrogo.calibration.problem import Calibration
from surrogo.calibration.profiles import Profiles, profiles
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.uncertainty import LocalUncertainty, local_uncertainty
from surrogo.checks import FloatArray
from surrogo.trials import Trials


class Answers:
    """Answers to the questions that follow a fit; `CalibrationResult.answers`.

    The trials of the fit, and what one answer has simulated, cost the next nothing.
    Each answer says how many simulations it took. Intervals are those of the profile
    likelihood where sigma, scale or offset are eliminated, and the posterior is then
    the one under a prior 1 / sigma.

    Parameters
    ----------
    problem : Calibration
    trials : Trials
        Of the fit; the best is the estimate.
    map : callable, optional
        Like the built-in ``map``, for simulations side by side.

    Attributes
    ----------
    simulations : Simulations
        What the functions in `surrogo.calibration` take, as ``profiles(simulations)``.

    Raises
    ------
    ValueError
        If no trial succeeded.

    Examples
    --------
    >>> import numpy as np
    >>> import surrogo
    >>> from surrogo.calibration import Normal
    >>> t = np.linspace(0, 4, 9)
    >>> data = {"time": t, "u": 2.0 * np.exp(-0.5 * t)}
    >>> fit = surrogo.calibrate(
    ...     lambda p: {"u": p["A"] * np.exp(-p["k"] * t)}, data,
    ...     {"A": (0, 5), "k": (0, 2)}, noise=Normal(sigma=0.1), max_evals=40, rng=0)
    >>> low, high = fit.answers.profiles(level=0.9).intervals["k"]
    >>> round(low, 2), round(high, 2)
    (0.44, 0.56)
    """

    def __init__(
        self,
        problem: Calibration,
        trials: Trials,
        map: Callable[..., Iterable[Any]] = map,
    ) -> None:
        self.problem = problem
        self.simulations = Simulations(fit_target(problem, trials), map)
        self._curves: dict[tuple[bytes, ...], dict[str, FloatArray]] = {}
        self._n_curves = 0

    @property
    def n_simulations(self) -> int:
        """Simulations that all answers so far took, besides those of the fit."""
        return self.simulations.n_calls + self._n_curves

    def uncertainty(self, level: float = 0.95) -> LocalUncertainty:
        """Return intervals, correlations and undetermined combinations by curvature.

        The cheapest answer. `level` is that of the intervals.
        """
        return local_uncertainty(self.simulations, level=level)

    def profiles(
        self,
        names: Sequence[str] | None = None,
        *,
        level: float = 0.95,
        max_simulations: int | None = None,
    ) -> Profiles:
        """Return profile likelihood intervals of some parameters, by default of all.

        `max_simulations` is for one end of one profile.
        """
        return profiles(
            self.simulations, names, level=level, max_simulations=max_simulations
        )

    def identifiability(
        self,
        *,
        level: float = 0.95,
        max_simulations: int | None = None,
        rng: int | None = 0,
    ) -> Identifiability:
        """Return a verdict on each parameter, whether the data determine it."""
        return identifiability(
            self.simulations, level=level, max_simulations=max_simulations, rng=rng
        )

    def posterior(
        self,
        n_effective: float = 400,
        *,
        max_simulations: int | None = None,
        density: Density | Mapping[str, Density] | None = None,
        rng: Any = None,
    ) -> PosteriorSample:
        """Return a weighted sample of the posterior, worth `n_effective` draws.

        `density` says over what the posterior is a density. By default that is for a
        parameter with a prior what the prior is for, and for one without its own scale:
        where log k is searched, a flat prior of log k.
        """
        free = self.simulations.target.names
        return posterior(
            self.simulations,
            n_effective=n_effective,
            max_simulations=max_simulations,
            density=densities(self.problem, free) if density is None else density,
            rng=rng,
        )

    def bands(
        self,
        sample: PosteriorSample,
        times: Any = None,
        *,
        condition: str | None = None,
        noise: bool = True,
        level: float = 0.95,
        max_simulations: int = 400,
        rng: Any = 0,
    ) -> dict[str, Bands]:
        """Return prediction bands of each observable, with scale and offset.

        Parameters
        ----------
        sample : PosteriorSample
        times : array_like, optional
            By default those of the data, for which nothing is simulated again; others
            need an `OdeModel`.
        condition : str, optional
            By default the first one.
        noise : bool
            Whether to give ``lower_noisy`` and ``upper_noisy``, too: where measurements
            will lie.
        level : float
        max_simulations : int
            At most so many draws of the sample are taken.
        rng : int or Generator, optional
            For that.

        Returns
        -------
        dict of str to Bands
        """
        made = self._forecast(sample, times, condition, max_simulations, rng)
        return made.bands(level, noise)

    def best_measurements(
        self,
        sample: PosteriorSample,
        times: Any = None,
        *,
        observables: Sequence[str] | None = None,
        of: Sequence[str] | None = None,
        condition: str | None = None,
        n: int = 1,
        max_simulations: int = 400,
        rng: Any = 0,
    ) -> Choice:
        """Return which further measurements would tell most about parameters.

        Parameters
        ----------
        sample : PosteriorSample
        times : array_like, optional
            When they can be made; by default when the data were, a repetition.
        observables : sequence of str, optional
            What can be measured; by default all that were.
        of : sequence of str, optional
            The parameters that are to be known, on their own scales; by default all.
        n : int
            How many measurements to choose.
        condition, max_simulations, rng
            As in `bands`.

        Returns
        -------
        Choice
        """
        made = self._forecast(sample, times, condition, max_simulations, rng)
        names = self.problem.data.observables
        wanted = [
            checks.one_of(one, names, "observables") for one in observables or names
        ]
        free = self.simulations.target.names
        chosen = [free.index(checks.one_of(one, free, "of")) for one in of or free]
        return made.choice(self.simulations.unit(made.rows)[:, chosen], wanted, n)

    def _forecast(
        self,
        sample: PosteriorSample,
        times: Any,
        condition: str | None,
        n: int,
        rng: Any,
    ) -> Forecast:
        asked = blocks(self.problem, times, condition)
        before = self.n_simulations
        made = predictions(
            lambda row: self._at_draw(row, asked, condition),
            sample,
            max_simulations=n,
            rng=rng,
        )
        return Forecast(self.problem, asked, made, self.n_simulations - before)

    def _at_draw(
        self, row: FloatArray, asked: list[Block], condition: str | None
    ) -> FloatArray:
        """Return values and sigmas of all blocks at a draw (d,), side by side."""
        one = self.simulations.at_rows(row[None, :])[0]
        if one is None or one.outputs is None:
            raise SimulationError("the simulation at the times of the data failed")
        p = dict(zip(self.problem.space.names, row.tolist(), strict=True))
        curves = {}
        if asked[0].data is None:
            curves = self._simulated(row, p, asked[0].t, condition)
        parts = [predicted(self.problem, b, p, one.outputs, curves) for b in asked]
        return np.hstack(parts)

    def _simulated(
        self, row: FloatArray, p: dict[str, Any], t: FloatArray, condition: str | None
    ) -> dict[str, FloatArray]:
        key = (row.tobytes(), t.tobytes(), str(condition).encode())
        if key not in self._curves:
            self._n_curves += 1
            self._curves[key] = self.problem.simulate(p, t, condition)
        return self._curves[key]
