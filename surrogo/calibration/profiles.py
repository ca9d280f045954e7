"""Profile likelihoods: intervals that follow the valley of the other parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from surrogo import checks
from surrogo.calibration.learner import Learner
from surrogo.calibration.levels import Noise, threshold
from surrogo.calibration.profile_walk import End, EndState, Walk
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.target import Target
from surrogo.checks import FloatArray

_MOST = 25  # simulations for one end
_BETTER = 0.02  # of the threshold: a value lower by more is a better estimate
_RESTARTS = 3
_WORTH_TELLING = 0.01  # nats: moves an end by half a percent of its distance


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile likelihood of one parameter, in the user's units.

    Attributes
    ----------
    name : str
    estimate, lower, upper : float
        The lowest point and the ends of the interval; where an end is not "found",
        how far the walk came.
    lower_state, upper_state : {"found", "open", "failed", "unfinished"}
        "open" is an end at a bound where the value has not risen by the threshold;
        "failed", simulations beyond it fail; "unfinished", the limit of simulations.
    rise : float
        The threshold.
    x : array (n, d)
        Points along the profile, as the surrogate knows it in the end.
    values : array (n,)
        Their predicted rise above the lowest value.
    n_simulations : int
    """

    name: str
    index: int
    estimate: float
    lower: float
    upper: float
    lower_state: EndState
    upper_state: EndState
    rise: float
    x: FloatArray
    values: FloatArray
    n_simulations: int

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends."""
        return self.lower, self.upper

    @property
    def closed(self) -> bool:
        """Whether both ends were found inside the bounds."""
        return self.lower_state == self.upper_state == "found"

    @property
    def highest(self) -> float:
        """How far the value rises along what was walked."""
        return float(np.max(self.values))

    def __str__(self) -> str:
        """Return a sentence."""
        ends = {"lower": self.lower_state, "upper": self.upper_state}
        text = f"{self.name} = {self.estimate:.4g} [{self.lower:.4g}, {self.upper:.4g}]"
        notes = [f"{side} end {state}" for side, state in ends.items()]
        notes = [note for note in notes if not note.endswith("found")]
        return text + (f" ({', '.join(notes)})" if notes else "")


@dataclass(frozen=True, eq=False)
class Profiles(Sequence[Profile]):
    """Profiles of several parameters, and what they cost.

    Attributes
    ----------
    of : tuple of Profile
    level : float
    x_best : array (d,)
        The lowest point known; it may be better than the estimate that was given.
    improvement : float
        By how much the value is lower there.
    n_simulations : int
    """

    of: tuple[Profile, ...]
    level: float
    x_best: FloatArray
    improvement: float
    n_simulations: int

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """The intervals by name."""
        return {one.name: one.interval for one in self.of}

    def __len__(self) -> int:
        return len(self.of)

    def __getitem__(self, key):  # type: ignore[no-untyped-def]
        if isinstance(key, str):
            return self.of[[one.name for one in self.of].index(key)]
        return self.of[key]

    def __str__(self) -> str:
        """Return one line for each profile, and the cost."""
        lines = [*(str(one) for one in self.of), *self.notes]
        return "\n".join([*lines, f"{self.n_simulations} simulations"])

    @property
    def notes(self) -> list[str]:
        """A sentence if the estimate that was given is not the lowest point."""
        if self.improvement <= _WORTH_TELLING:
            return []
        return [f"a value lower by {self.improvement:.3g} was found; fit on from there"]


def profiles(
    target: Target | Simulations,
    names: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    noise: Noise = "known",
    max_simulations: int | None = None,
) -> Profiles:
    """Return profile likelihood intervals.

    Along each parameter the value is minimised over the others, by a surrogate that is
    checked by simulations; the interval ends where it has risen by half a quantile of
    chi-square with one degree of freedom.

    Parameters
    ----------
    target : Target or Simulations
    names : sequence of str, optional
        Parameters; all that are free by default.
    level : float
        Of the intervals, one parameter at a time.
    noise : {"known", "estimated"}
        Whether residuals are standardised, or their size is to be estimated (half the
        squared quantile of Student's t, times the variance of the residuals).
    max_simulations : int, optional
        For one end of one profile; 25 by default.

    Returns
    -------
    Profiles

    Raises
    ------
    ValueError
        If a name is not one of the free parameters, or the level not in (0, 1).

    References
    ----------
    Raue et al. 2009, Bioinformatics 25, 1923-1929; Venzon & Moolgavkar 1988, Applied
    Statistics 37, 87-94.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> def evaluate(x):
    ...     r = (x - [1.0, 2.0]) / [0.1, 0.2]
    ...     return Evaluation(0.5 * float(r @ r), residuals=r)
    >>> space = Space.of({"rate": (0, 3), "delay": (0, 3)})
    >>> print(profiles(Target(space, evaluate, [1.0, 2.0])))
    rate = 1 [0.804, 1.196]
    delay = 2 [1.608, 2.392]
    7 simulations
    """
    simulations = Simulations.of(target)
    chosen = _chosen(names, simulations.target.names)
    most = _MOST if max_simulations is None else max_simulations
    checks.integer(most, "max_simulations", 1)
    before, given = _calls_before(target, simulations), simulations.estimate.value
    learner = Learner(simulations)
    rise = threshold(level, noise, simulations)
    found = _all(learner, chosen, rise, most)
    best = simulations.best
    return Profiles(
        tuple(found),
        level,
        simulations.rows(best.u[None, :])[0],
        given - best.value,
        simulations.n_calls - before,
    )


def _calls_before(target: Target | Simulations, simulations: Simulations) -> int:
    return simulations.n_calls if isinstance(target, Simulations) else 0


def _chosen(names: Sequence[str] | None, free: tuple[str, ...]) -> list[int]:
    return [free.index(checks.one_of(n, free, "names")) for n in names or free]


def _all(learner: Learner, chosen: list[int], rise: float, most: int) -> list[Profile]:
    """Profile all; begin anew from a better estimate if one turns up."""
    for restart in range(_RESTARTS + 1):
        found: list[Profile] = []
        for j in chosen:
            found.append(_profile(learner, j, rise, most))
            if learner.lower_by > _BETTER * rise and restart < _RESTARTS:
                learner.recentre()
                break
        else:
            break
    return found


def _profile(learner: Learner, j: int, rise: float, most: int) -> Profile:
    before = learner.simulations.n_calls
    ends = [Walk(learner, j, side, rise).end(most) for side in (-1, 1)]
    U, values = _curve(learner, ends)
    simulations = learner.simulations
    X = simulations.rows(U)
    index = simulations.target.free[j]
    centre = simulations.rows(learner.curvature.centre.u[None, :])[0]
    return Profile(
        simulations.target.names[j],
        index,
        float(centre[index]),
        float(X[0, index]),
        float(X[-1, index]),
        ends[0].state,
        ends[1].state,
        rise,
        X,
        values,
        simulations.n_calls - before,
    )


def _curve(learner: Learner, ends: list[End]) -> tuple[FloatArray, FloatArray]:
    """Return the valley from end to end, through the centre."""
    middle = (learner.curvature.centre.u, -learner.lower_by)
    points = [*reversed(ends[0].path), middle, *ends[1].path]
    return np.array([u for u, _ in points]), np.array([value for _, value in points])
