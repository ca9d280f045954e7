"""What the data can say of each parameter, and of which combinations they cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from surrogo.calibration import slopes
from surrogo.calibration.held_ends import bounded_by
from surrogo.calibration.profiles import Profile, Profiles, profiles
from surrogo.calibration.simulations import Seen, Simulations
from surrogo.calibration.target import Target
from surrogo.calibration.uncertainty import (
    Combination,
    LocalUncertainty,
    combination,
    local_uncertainty,
)
from surrogo.checks import FloatArray

Verdict: TypeAlias = Literal[
    "identifiable", "practically not identifiable", "structurally not identifiable",
    "unknown",
]  # fmt: skip

_PRACTICAL: Verdict = "practically not identifiable"
_STRUCTURAL: Verdict = "structurally not identifiable"
# A profile that rises by less than this share of the threshold over the whole range is
# flat: what is left are errors of solvers and of the valley.
_FLAT = 0.05
# Singular value of the residuals' slope, relative to the largest, that is none: slopes
# are differences that err by a few parts in a thousand of a large one.
_SINGULAR = 1e-3
_POINTS, _TRIES = 3, 12  # other points at which a structural direction must be one


@dataclass(frozen=True, eq=False)
class Finding:
    """What the data say of one parameter.

    Attributes
    ----------
    name : str
    verdict : str
        "identifiable": the profile likelihood has both ends inside the bounds.
        "practically not identifiable": it has not, but rises, or has them only because
        other parameters meet their bounds; other or more data would do.
        "structurally not identifiable": it is flat, or would be without those bounds,
        so that no amount of the same data would do. "unknown": simulations failed, or
        there were too few.
    sentence : str
    profile : Profile
    """

    name: str
    verdict: Verdict
    sentence: str
    profile: Profile


@dataclass(frozen=True, eq=False)
class Identifiability:
    """What the data say of each parameter.

    Attributes
    ----------
    of : tuple of Finding
    combinations : tuple of Combination
        What stays undetermined where several parameters can change together.
    structural : bool or None
        Whether the combinations were undetermined at other points of the box, too;
        None where there are none, or no other point could tell.
    profiles : Profiles
    local : LocalUncertainty
    n_simulations : int
    """

    of: tuple[Finding, ...]
    combinations: tuple[Combination, ...]
    structural: bool | None
    profiles: Profiles
    local: LocalUncertainty
    n_simulations: int

    @property
    def identifiable(self) -> bool:
        """Whether all parameters are."""
        return all(one.verdict == "identifiable" for one in self.of)

    def __getitem__(self, name: str) -> Finding:
        return {one.name: one for one in self.of}[name]

    def __str__(self) -> str:
        """Return a sentence for each parameter and combination, and the cost."""
        lines = [one.sentence for one in self.of]
        where = {True: " anywhere", False: " near the estimate", None: ""}
        for one in self.combinations:
            lines.append(f"nothing determines {one}{where[self.structural]}")
        lines += self.profiles.notes
        return "\n".join([*lines, f"{self.n_simulations} simulations"])


def identifiability(
    target: Target | Simulations,
    *,
    level: float = 0.95,
    max_simulations: int | None = None,
    rng: int | None = 0,
) -> Identifiability:
    """Say of each parameter whether the data determine it.

    Profile likelihoods decide; where one is flat, the slopes of the residuals at points
    at random say whether it is so everywhere.

    Parameters
    ----------
    target : Target or Simulations
    level : float
        Of the intervals that must end inside the bounds.
    max_simulations : int, optional
        For one end of one profile.
    rng : int, optional
        For the points at random.

    Returns
    -------
    Identifiability

    References
    ----------
    Raue et al. 2009, Bioinformatics 25, 1923-1929.

    Examples
    --------
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> def evaluate(x):  # c does nothing
    ...     r = (x[:2] - [1.0, 2.0]) / [0.1, 0.2]
    ...     return Evaluation(0.5 * float(r @ r), residuals=r)
    >>> space = Space.of({"a": (0, 3), "b": (0, 3), "c": (0, 1)})
    >>> found = identifiability(Target(space, evaluate, [1.0, 2.0, 0.5]))
    >>> found["a"].verdict
    'identifiable'
    >>> print(found["c"].sentence)
    c is structurally not identifiable: the fit does not change between 0 and 1
    """
    simulations = Simulations.of(target)
    before = simulations.n_calls if isinstance(target, Simulations) else 0
    local = local_uncertainty(simulations, level=level)
    found = profiles(simulations, level=level, max_simulations=max_simulations)
    by_bounds = [bounded_by(one, simulations) for one in found]
    loose = any(by_bounds) or any(_is_flat(one) for one in found)
    directions, structural = _everywhere(simulations, rng) if loose else ([], None)
    names = tuple(combination(v, simulations.target) for v in directions)
    return Identifiability(
        tuple(
            _finding(one, names, others, bool(structural))
            for one, others in zip(found, by_bounds, strict=True)
        ),
        names or local.undetermined,
        structural,
        found,
        local,
        simulations.n_calls - before,
    )


def _is_flat(profile: Profile) -> bool:
    """Say whether nothing changes between the bounds."""
    open_ends = profile.lower_state == profile.upper_state == "open"
    return open_ends and profile.highest < _FLAT * profile.rise


def _finding(
    profile: Profile,
    combinations: tuple[Combination, ...],
    others_at_bounds: list[str],
    structural: bool,
) -> Finding:
    states = {profile.lower_state, profile.upper_state}
    low, high = (f"{end:.4g}" for end in profile.interval)
    name = profile.name
    if states == {"found"} and others_at_bounds:
        in_one = structural and any(name in c.names for c in combinations)
        kind: Verdict = _STRUCTURAL if in_one else _PRACTICAL
        met = " and ".join(others_at_bounds)
        meets = "meets its bound" if len(others_at_bounds) == 1 else "meet their bounds"
        ends = f"it is between {low} and {high} only because {met} {meets}"
        text = f"{name} is {kind}: {ends}"
        return Finding(name, kind, text, profile)
    if states == {"found"}:
        text = f"{name} is identifiable: between {low} and {high}"
        return Finding(name, "identifiable", text, profile)
    if "failed" in states or "open" not in states:
        why = "simulations fail" if "failed" in states else "it takes more simulations"
        text = f"{name} is between {low} and {high} or beyond, where {why}"
        return Finding(name, "unknown", text, profile)
    if _is_flat(profile):
        others = [o for c in combinations if name in c.names for o in c.names]
        others = [o for o in dict.fromkeys(others) if o != name]
        change = f" if {', '.join(others)} may change with it" if others else ""
        text = (
            f"{name} is structurally not identifiable: the fit does not change "
            f"between {low} and {high}{change}"
        )
        return Finding(name, "structurally not identifiable", text, profile)
    text = f"{name} is practically not identifiable: {_open_text(profile, low, high)}"
    return Finding(name, "practically not identifiable", text, profile)


def _open_text(profile: Profile, low: str, high: str) -> str:
    if profile.lower_state == profile.upper_state:
        return f"everything between its bounds {low} and {high} fits"
    up = profile.upper_state == "open"
    if "unfinished" in {profile.lower_state, profile.upper_state}:
        ends = (
            f"from {low} to its bound {high}"
            if up
            else f"from {high} to its bound {low}"
        )
        return f"everything {ends} fits; where that ends takes more simulations"
    if up:
        return f"it is above {low}, and everything up to its bound {high} fits"
    return f"it is below {high}, and everything down to its bound {low} fits"


def _everywhere(
    simulations: Simulations, rng: int | None
) -> tuple[list[FloatArray], bool | None]:
    """Return null directions at the estimate, and whether others are as many elsewhere.

    The slope of the residuals has the same rank at almost all points of a box if it is
    a matter of structure; the directions themselves may differ.
    """
    null = _null_space(simulations, simulations.best)
    if null is None or not null:
        return [], None
    generator, ranks = np.random.default_rng(rng), []
    for _ in range(_TRIES):
        one = simulations.at(generator.random(simulations.p))
        there = None if one is None else _null_space(simulations, one)
        if there is not None:
            ranks.append(len(there))
        if len(ranks) == _POINTS:
            break
    return null, min(ranks) >= len(null) if ranks else None


def _null_space(simulations: Simulations, at: Seen) -> list[FloatArray] | None:
    """Return directions (p,) in which residuals do not change; None if there are none.

    None, too, where values come without residuals.
    """
    if not simulations.has_residuals():
        _, H = slopes.hessian(simulations, at)
        w, V = np.linalg.eigh(H)
        sizes = np.sqrt(np.maximum(w, 0.0))
    else:
        J = slopes.jacobian(simulations, at)
        _, s, Vt = np.linalg.svd(J, full_matrices=True)
        sizes, V = np.zeros(len(Vt)), Vt.T
        sizes[: len(s)] = s
    if np.max(sizes) == 0.0:
        return None
    return list(V[:, sizes < _SINGULAR * np.max(sizes)].T)
