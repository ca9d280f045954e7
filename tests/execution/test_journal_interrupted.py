"""Ctrl-C at any line of an ask or a tell: the store goes on without a hole."""

import sys

import pytest

from surrogo import Optimizer, load
from surrogo.events import without_memory

BOX = [(-1, 1), (0, 5)]


class Interrupted:
    """Raises KeyboardInterrupt at a line of the library, counted as they run."""

    def __init__(self, at):
        self.at, self.n = at, 0

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self._trace)

    def __exit__(self, *exception):
        sys.settrace(self.before)

    def _trace(self, frame, what, _):
        name = frame.f_code.co_filename
        if not name.endswith(("/trials.py", "/ledger.py", "/journal.py")):
            return None
        if what == "line":
            self.n += 1
            if self.n == self.at:
                raise KeyboardInterrupt
        return self._trace


def events(record):
    return [without_memory(event) for event in record.trials.events]


def interrupted(path, at, action):
    """Break an action off at a line, go on, and return whether it came so far."""
    with Optimizer(BOX, store=path, strategy="random", rng=1) as optimizer:
        trial, other = optimizer.ask(2)
        try:
            with Interrupted(at):
                action(optimizer, trial)
            over = True
        except KeyboardInterrupt:
            over = False
        if at % 2:  # else the next to look is close
            optimizer.tell(other, 2.0)
        expected = events(optimizer)
    assert events(load(path)) == expected
    return over


def tell(optimizer, trial):
    optimizer.tell(trial, 1.0)


def ask(optimizer, trial):
    optimizer.ask()


@pytest.mark.parametrize("action", [ask, tell])
def test_an_interruption_at_any_line_leaves_no_hole(tmp_path, action):
    at = 1
    while not interrupted(tmp_path / f"{at}.db", at, action):
        at += 1
    assert at > 30
