"""What `optimize` shows of a run: a live line, or few lines in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from surrogo.durations import span
from surrogo.trials import Trials

_EVERY = 30.0  # seconds between two lines of a log file, at least


@contextmanager
def progress_bar(shown: bool, trials: Trials) -> Iterator[Callable[[Trials], None]]:
    """Yield what to call after every evaluation; it writes to the standard error."""
    if not shown:
        yield lambda trials: None
        return
    from tqdm.auto import tqdm

    if not _is_live(tqdm):
        lines = Lines(trials, sys.stderr)
        yield lines.show
        lines.end()
        return
    total, before = trials.max_evals, trials.n_spent
    with tqdm(total=total, initial=before, unit="eval", dynamic_ncols=True) as bar:

        def show(trials: Trials) -> None:
            bar.set_postfix(_words(trials), refresh=False)
            bar.update(trials.n_spent - bar.n)  # nothing, if it is tried again

        yield show


class Lines:
    """Lines for a log file: the first evaluation, then the state now and then.

    Parameters
    ----------
    trials : Trials
    file : file
        Where the lines go.
    every : float
        Seconds between two lines, at least.

    Examples
    --------
    >>> import sys
    >>> from surrogo import Evaluation, Space
    >>> trials = Trials(Space.of([(0, 1)]))
    >>> trials.budget(8)
    >>> lines = Lines(trials, sys.stdout)
    >>> _ = trials.ask([[0.25], [0.5]])
    >>> trials.end(0, Evaluation(3.0))
    >>> lines.show(trials)
    surrogo: 1/8 evaluations, best=3, running=1, ...
    """

    def __init__(self, trials: Trials, file: TextIO, every: float = _EVERY) -> None:
        self._file, self._every = file, every
        self._begun, self._before = time.monotonic(), trials.n_spent
        self._last = -float("inf")
        self._shown, self._trials = -1, trials

    def show(self, trials: Trials) -> None:
        """Take in that an evaluation has ended."""
        self._trials = trials
        if time.monotonic() >= self._last + self._every:
            self._write()

    def end(self) -> None:
        """Write the last state, if it is not written yet."""
        if self._trials.n_spent != self._shown:
            self._write()

    def _write(self) -> None:
        self._last = time.monotonic()
        self._shown = self._trials.n_spent
        words = [f"{key}={word}" for key, word in _words(self._trials).items()]
        words += self._times(self._last - self._begun)
        self._file.write(f"surrogo: {self._counted()}, {', '.join(words)}\n")
        self._file.flush()

    def _counted(self) -> str:
        total = self._trials.max_evals
        one = "evaluation" if self._shown == 1 and total is None else "evaluations"
        return f"{self._shown}{'' if total is None else f'/{total}'} {one}"

    def _times(self, seconds: float) -> list[str]:
        """Say how long it has taken, and about how long it will."""
        out = [f"after {span(seconds)}"]
        new, total = self._shown - self._before, self._trials.max_evals
        if total is not None and new > 0 and self._shown < total:
            left = seconds / new * (total - self._shown)
            out.append(f"about {span(left)} left")
        return out


def _words(trials: Trials) -> dict[str, str]:
    best = trials.best
    words = {"best": "none" if best is None else f"{best.value:.6g}"}
    for state in ("failed", "running"):
        if n := len(trials.in_state(state)):
            words[state] = str(n)
    return words


def _is_live(bar: Any) -> bool:
    """Say whether a line can be written again and again: in terminals and notebooks."""
    return sys.stderr.isatty() or "notebook" in bar.__module__
