"""What a run shows while it goes on."""

import io
import os
import subprocess
import sys

import pytest

from surrogo import Evaluation, Space, Trials, optimize
from surrogo.optimizers.bar import Lines

POSIX = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")


def a_run(n, total):
    trials = Trials(Space.of([(0, 1)]))
    trials.budget(total)
    for i in range(n):
        trials.ask([[i / n]])
        yield trials
        trials.fail(i, "no mesh") if i == 1 else trials.end(i, Evaluation(float(n - i)))


def test_lines_are_few_and_the_last_state_is_among_them():
    file = io.StringIO()
    lines = None
    for trials in a_run(9, 20):
        lines = lines or Lines(trials, file, every=1000.0)
        lines.show(trials)
    lines.end()
    lines.end()
    first, last = file.getvalue().splitlines()
    assert first.startswith("surrogo: 0/20 evaluations, best=none, running=1, after")
    assert last.startswith("surrogo: 9/20 evaluations, best=1, failed=1, after 0 s, ")
    assert last.endswith(" left")


def test_without_a_budget_nothing_is_left():
    file = io.StringIO()
    for trials in a_run(3, None):
        lines = Lines(trials, file, every=0.0)
        lines.show(trials)
    said = file.getvalue().splitlines()
    assert [line.split(",")[0] for line in said] == [
        "surrogo: 0 evaluations",
        "surrogo: 1 evaluation",
        "surrogo: 2 evaluations",
    ]
    assert "left" not in file.getvalue()


def test_a_run_is_quiet_unless_asked(capsys):
    optimize(lambda x: x[0], [(0, 1)], max_evals=3, rng=0)
    assert capsys.readouterr() == ("", "")


SCRIPT = """
import surrogo
surrogo.optimize(lambda x: x[0], [(0, 1)], max_evals=12, rng=0, progress=True)
"""


def test_a_log_file_holds_no_frames():
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert "\r" not in made.stderr
    first, last = made.stderr.splitlines()
    assert "1/12" in first
    assert "12/12" in last


@POSIX
def test_a_terminal_has_one_live_line():
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 0
    frames = shown.decode().split("\r")
    assert "12/12" in "".join(frames[-4:])
    assert b"best=" in shown
    assert shown.count(b"\n") <= 1
