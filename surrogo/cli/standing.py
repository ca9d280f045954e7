"""How a stored run stands: a text for one screen of 24 lines and 80 columns."""

from __future__ import annotations

import statistics
import textwrap
from collections import Counter

from surrogo import checks
from surrogo.cli.moments import local
from surrogo.cli.stored_run import StoredRun
from surrogo.durations import span
from surrogo.execution import Session
from surrogo.result_text import point
from surrogo.status import Status

_WIDTH = 68  # 80 columns less the longest key and what stands around it
_VARIABLES = 7  # lines of the best point, and one more if there are others
_REASONS = 3  # of failures, the most frequent ones
_WORDS = 30  # characters of a host and the like
_WORD = {None: "closed", "RUNNING": "closed", "INTERRUPTED": "interrupted"}


def facts(run: StoredRun) -> dict[str, str]:
    """Return what only a store knows of a run: who goes on with it, and since when."""
    parts = {"state": _state(run), "begun": _begun(run), "last event": _last(run)}
    return {key: " ".join(lines) for key, lines in parts.items()}


def standing(run: StoredRun) -> str:
    """Return what there is to say, in lines of at most 80 characters."""
    best = run.trials.best
    parts = {
        "state": _state(run),
        "begun": _begun(run),
        "trials": _trials(run),
        "best": ["none yet" if best is None else f"{best.value:.10g}, trial {best.id}"],
        "at": [] if best is None else point(best.x, run.trials.space.names, _VARIABLES),
        "stops at": _rules(run),
        "took": _durations(run),
        "last event": _last(run),
        "failures": _failures(run),
    }
    below = "\n" + " " * 12
    return "\n".join(
        f"{key:>10}: {below.join(line[:_WIDTH] for line in lines)}"
        for key, lines in parts.items()
        if lines
    )


def _state(run: StoredRun) -> list[str]:
    session = run.sessions[-1] if run.sessions else None
    if run.writer is not None:
        text = f"going on in {_named(run.writer) or 'another process'}"
        if session is not None and run.writer == _owner(session):
            text += f" since {local(session.begun)}"
    elif session is None:
        text = "nothing has begun"
    elif session.ended is None:
        text = _broken_off(run, session)
    elif session.status in _WORD:
        text = f"{_WORD[session.status]} {local(session.ended)}; it can go on"
    else:
        text = f"ended {local(session.ended)}. {_message(session)}"
    return textwrap.wrap(text, _WIDTH)


def _broken_off(run: StoredRun, session: Session) -> str:
    again = len(run.trials.in_state("running"))
    owner = _named(_owner(session))
    more = f"; {again} unfinished to evaluate again" if again else ""
    return f"not running: {owner} was killed, or its machine went down{more}"


def _owner(session: Session) -> str:
    """Return what the lock says of the process of a session."""
    return f"process {session.process} on {session.host}"


def _message(session: Session) -> str:
    name = str(session.status)
    if name not in Status.__members__:
        return "Why is not known."
    return Status[name].message


def _named(text: str) -> str:
    return checks.cut(text, 2 * _WORDS)


def _begun(run: StoredRun) -> list[str]:
    sessions = run.sessions
    if not sessions:
        return []
    first = sessions[0].begun
    times = "" if len(sessions) == 1 else f", opened {len(sessions)} times"
    return [f"{local(first)}, {span(run.now - first)} ago{times}"]


def _trials(run: StoredRun) -> list[str]:
    """Count trials by what became of them."""
    under_way = "unfinished" if run.writer is None else "running"
    words = {"done": "done", "failed": "failed", "running": under_way}
    counts = Counter(str(trial.state) for trial in run.trials)
    told = [f"{counts[state]} {word}" for state, word in words.items()]
    retries = sum(trial.retries for trial in run.trials)
    return [", ".join(told) + (f"; {retries} retries" if retries else "")]


def _rules(run: StoredRun) -> list[str]:
    budget = run.trials.max_evals
    rules = dict(run.trials.rules)
    texts = [] if budget is None else [f"{budget} evaluations"]
    texts += [f"{checks.cut(key, _WORDS)} {value:g}" for key, value in rules.items()]
    return textwrap.wrap(", ".join(texts), _WIDTH, max_lines=2)


def _durations(run: StoredRun) -> list[str]:
    seconds = [trial.seconds for trial in run.trials if trial.seconds is not None]
    if not seconds:
        return []
    middle, most = statistics.median(seconds), max(seconds)
    return [f"{middle:.3g} s for an evaluation (median), at most {most:.3g} s"]


def _last(run: StoredRun) -> list[str]:
    if not run.held.events:
        return []
    kind, moment = run.held.events[-1]["event"], run.held.times[-1]
    return [f"{kind}, {local(moment)}, {span(run.now - moment)} ago"]


def _failures(run: StoredRun) -> list[str]:
    reasons = Counter(trial.reason for trial in run.trials.in_state("failed"))
    lines = [
        checks.cut(f"{n} x {reason}", _WIDTH)
        for reason, n in reasons.most_common(_REASONS)
    ]
    hidden = len(reasons) - _REASONS
    return lines + ([f"... and {hidden} other reasons"] if hidden > 0 else [])
