"""The tables of a report: rows of text, not yet escaped."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surrogo import checks
from surrogo.durations import span
from surrogo.space import Space
from surrogo.trials import Trial, Trials
from surrogo.variables import Variable

_TEXT = 200  # characters of a cell
_BEST = 20  # trials
_REASONS = 30  # of failures, the most frequent ones
_EXAMPLES = 5  # ids of trials that failed for one reason
_LINES = 40  # of a traceback, its last ones
_LONGEST = 1e12  # seconds; who claims more is not believed, and gets no days
_AT_BOUND = 1e-3  # in the unit cube: nobody asked for so little room


@dataclass(frozen=True)
class Reason:
    """Why trials failed: the first line, how many, some ids, and one traceback."""

    text: str
    n: int
    ids: str
    traceback: str


def text(value: Any) -> str:
    """Return a value as text for a cell.

    Examples
    --------
    >>> text(1 / 3), text(True), text(float("nan"))
    ('0.33333333', 'True', '-')
    """
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.8g}"
    return checks.cut(str(value), _TEXT)


def variables(trials: Trials) -> list[list[str]]:
    """Return for each variable its name, kind, range, best value, and a remark."""
    space, best = trials.space, trials.best
    point = {} if best is None else _values(best, space)
    remarks = {} if best is None else _at_bounds(best, space)
    pairs = zip(space.names, space.variables, strict=True)
    return [
        [
            text(name),
            "fixed" if variable.levels == 1 else variable.kind,
            _range(variable),
            text(point.get(name, "-")),
            remarks.get(name, ""),
        ]
        for name, variable in pairs
    ]


def best_trials(trials: Trials) -> list[list[str]]:
    """Return the feasible trials of the lowest values: id, value, seconds, point."""
    there = [t for t in trials if t.feasible and not math.isnan(t.value)]
    there.sort(key=lambda trial: trial.value)
    return [
        [f"{trial.id}", f"{trial.value:.10g}", _seconds(trial), *_point(trial)]
        for trial in there[:_BEST]
    ]


def failures(trials: Trials) -> tuple[list[Reason], int]:
    """Return the reasons for failures, the most frequent first, and how many more."""
    groups: dict[str, list[Trial]] = {}
    for trial in trials.in_state("failed"):
        first = trial.reason.strip().partition("\n")[0]
        groups.setdefault(text(first) or "no reason given", []).append(trial)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    made = [_reason(words, some) for words, some in ordered[:_REASONS]]
    return made, max(0, len(ordered) - _REASONS)


def counts(trials: Trials) -> str:
    """Count the trials by what became of them."""
    states = Counter(str(trial.state) for trial in trials)
    told = [f"{states[state]} {state}" for state in ("done", "failed", "running")]
    infeasible = sum(t.state == "done" and not t.feasible for t in trials)
    added = sum(trial.added for trial in trials)
    retries = sum(trial.retries for trial in trials)
    told += [f"{infeasible} of them not feasible"] if infeasible else []
    told += [f"{added} known from elsewhere"] if added else []
    told += [f"{retries} retries"] if retries else []
    return ", ".join(told)


def times(trials: Trials, wall: float | None) -> dict[str, str]:
    """Say where the time went; `wall` are the seconds that the run was going on."""
    seconds = [trial.seconds for trial in trials if trial.seconds is not None]
    rows = {} if wall is None else {"the run was going on for": _span(wall)}
    if not seconds:
        return rows
    rows |= {
        "all evaluations together": _span(sum(seconds)),
        "one evaluation": f"{statistics.median(seconds):.3g} s (median), "
        f"{min(seconds):.3g} to {max(seconds):.3g} s",
    }
    if failed := sum(t.seconds or 0.0 for t in trials.in_state("failed")):
        rows["of which failed"] = f"{_span(failed)} ({failed / sum(seconds):.0%})"
    if wall:
        rows["at a time, on average"] = f"{sum(seconds) / wall:.2g} evaluations"
    return rows


def rules(trials: Trials) -> str:
    """Say when the run stops."""
    budget = trials.max_evals
    told = [] if budget is None else [f"{budget} evaluations"]
    return ", ".join(told + [f"{key} {text(v)}" for key, v in trials.rules.items()])


def _span(seconds: float) -> str:
    usual = 1.0 <= seconds <= _LONGEST
    return span(seconds) if usual else f"{seconds:.2g} s"


def _reason(words: str, some: list[Trial]) -> Reason:
    ids = ", ".join(str(trial.id) for trial in some[:_EXAMPLES])
    more = ", ..." if len(some) > _EXAMPLES else ""
    lines = (some[0].traceback or some[0].reason).strip().splitlines()
    there = "\n".join(_printable(line) for line in lines[-_LINES:])
    return Reason(words, len(some), ids + more, "" if there == words else there)


def _printable(line: str) -> str:
    """Return a line of a traceback, with its indentation."""
    shown = line[:_TEXT].expandtabs(4)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown)


def _values(trial: Trial, space: Space) -> Mapping[str, Any]:
    x = trial.x
    return x if isinstance(x, dict) else dict(zip(space.names, x.tolist(), strict=True))


def _point(trial: Trial) -> list[str]:
    values = _values(trial, trial.space)
    return [text(values.get(name, "-")) for name in trial.space.names]


def _seconds(trial: Trial) -> str:
    return "-" if trial.seconds is None else f"{trial.seconds:.3g}"


def _range(variable: Variable) -> str:
    data = variable.to_dict()
    if "low" in data:
        words = f"{data['low']:g} to {data['high']:g}"
        words = f"{data['low']:g}" if data["low"] == data["high"] else words
    else:
        words = text(", ".join(map(str, data["values"])))
    scale = data.get("scale", "linear")
    return words + ("" if scale == "linear" else f", {scale}") + _condition(variable)


def _condition(variable: Variable) -> str:
    told = [f"{k} is {' or '.join(map(str, v))}" for k, v in variable.active_if]
    return text("; if " + " and ".join(told)) if told else ""


def _at_bounds(trial: Trial, space: Space) -> dict[str, str]:
    """Say which numbers of a point are as low or as high as they may be."""
    row = trial.row[None, :]
    told = {}
    for name, variable, number, u, there in zip(
        space.names,
        space.variables,
        trial.row,
        space.to_unit(row)[0],
        space.active(row)[0],
        strict=True,
    ):
        side = _side(variable, number, u) if there else ""
        told[name] = f"at its {side} bound" if side else ""
    return told


def _side(variable: Any, number: float, u: float) -> str:
    """Return the end of its range that a number lies at, if it does."""
    if variable.kind not in ("real", "integer") or variable.levels == 1:
        return ""
    near = _AT_BOUND if variable.kind == "real" else 0.0
    if number == variable.low or u < near:
        return "lower"
    return "upper" if number == variable.high or u > 1.0 - near else ""
