"""`surrogo report`, beside a run and after it."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from surrogo import Optimizer, Space, Trials, optimize
from surrogo.cli.app import app
from surrogo.cli.stored_run import StoredRun
from surrogo.execution import Contents, Session

ROOT = Path(__file__).parents[2]
PYTHON = [sys.executable, "-W", "error"]
FAILS = "no convergence <script>"


def fun(x):
    if x[0] > 0.5:
        raise ValueError(FAILS)
    return float(x[0] + x[1])


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "run.db"
    optimize(fun, [(0, 1), (0, 1)], max_evals=14, rng=0, store=path)
    return path


def invoke(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def refused(*arguments):
    outcome = invoke(*arguments)
    assert outcome.exit_code == 1
    (line,) = outcome.stderr.splitlines()
    return line


def text(path):
    """Return the text of a report without its tags."""
    return re.sub(r"<[^>]*>", " ", path.read_text("utf-8"))


def test_it_writes_where_it_is_told(store, tmp_path):
    out = tmp_path / "report.html"
    outcome = invoke(store, "--out", out)
    assert (outcome.exit_code, outcome.stdout) == (0, f"{out}\n")
    said = text(out)
    assert said.split()[:2] == ["run.db", "body"]
    assert "ended 20" in said
    assert "The budget of evaluations is used up." in said
    assert "at a time, on average" in said
    assert "ValueError: no convergence &lt;script&gt;" in said
    assert "<script" not in out.read_text("utf-8")


def test_it_writes_beside_the_store_and_leaves_that_alone(store):
    before = store.read_bytes()
    assert invoke(store).exit_code == 0
    there = store.with_suffix(".html")
    assert "run.db" in text(there)
    there.unlink()
    assert store.read_bytes() == before
    assert [file.name for file in store.parent.iterdir()] == ["run.db"]


def test_it_works_in_a_process_of_its_own(store, tmp_path):
    done = subprocess.run(
        [*PYTHON, "-m", "surrogo", "report", str(store), "--out", "a.html"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "TkAgg"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "a.html\n", "")
    assert "run.db" in text(tmp_path / "a.html")


def test_a_run_that_goes_on(tmp_path):
    path = tmp_path / "run.db"
    out = tmp_path / "a.html"
    with Optimizer([(0, 1)], store=path, rng=0) as optimizer:
        assert invoke(path, "--out", out).exit_code == 0
        assert "No trial has given a value" in text(out)
        for value in (3.0, 1.0):
            optimizer.tell(optimizer.ask(), value, seconds=0.5)
        optimizer.ask()
        assert invoke(path, "--out", out).exit_code == 0
        optimizer.tell(2, 4.0)  # the run was not disturbed
    said = text(out)
    assert f"going on in process {os.getpid()}" in said
    assert "2 done, 0 failed, 1 running" in said
    assert "1  in trial 1" in said


def test_what_cannot_be_read_or_written_is_said_in_a_line(store, tmp_path):
    assert "there is no store" in refused(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("no database")
    assert "is no store of surrogo" in refused(tmp_path / "text.db")
    line = refused(store, "--out", tmp_path / "none" / "a.html")
    assert "cannot be written" in line
    assert "stays as it is" in refused(store, "--out", store)
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE a (b)").connection.close()
    assert "stays as it is" in refused(store, "--out", other)


def test_the_time_a_run_was_going_on():
    def session(begun, ended):
        return Session(
            1, "host", begun, {}, ended, None if ended is None else "RUNNING"
        )

    def wall(*sessions, times=(), writer=None):
        held = Contents({}, [], list(times), list(sessions), 0)
        trials = Trials(Space.of([(0, 1)]))
        return StoredRun(Path("run.db"), held, trials, writer, now=1000.0).wall

    assert wall() is None
    assert wall(session(10.0, 30.0)) == 20.0
    times = 11.0, 25.0, 101.0, 150.0
    killed = session(100.0, None)
    assert wall(session(10.0, 30.0), killed, times=times) == 20.0 + 50.0
    assert wall(session(10.0, 30.0), killed, times=times, writer="p") == 20.0 + 900.0
    assert wall(session(10.0, None), session(100.0, 200.0), times=times) == 15.0 + 100.0
    assert wall(killed) == 0.0
