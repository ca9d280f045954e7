"""Records on disk, resuming, and being killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command_line
from benchmarks import problem_sets, tables
from benchmarks.harness import jobs, store
from benchmarks.harness.execute import Limits
from benchmarks.problem_sets.base import Case, ProblemSet
from benchmarks.solvers import base
from tests.benchmarks import bad_solvers

ROOT = Path(__file__).parents[2]


def bowl(function, d, instance):
    d = d or 3
    centre = 0.1 * instance
    return Case(
        set="bowls",
        name=function,
        d=d,
        instance=instance,
        group="round",
        lower=np.zeros(d),
        upper=np.ones(d),
        fun=lambda x: float(np.sum((x - centre) ** 2)),
        f_opt=0.0,
    )


@pytest.fixture(autouse=True)
def bowls(monkeypatch):
    bowls = ProblemSet("bowls", ("one", "two"), (), bowl)
    monkeypatch.setitem(problem_sets.SETS, "bowls", bowls)
    lot = tables.Lot("bowls", None, (1, 2), per_d=4)
    monkeypatch.setitem(tables.TABLES, "bowls", tables.Table("bowls", (lot,)))


def made_up(k, solver="s"):
    fields = {"set": "bowls", "problem": "one", "d": 3, "instance": k, "budget": 12}
    return {"format": 1, "solver": solver, **fields}


def test_round_trip(tmp_path):
    for k in range(3):
        store.append(tmp_path, made_up(k))
        store.append(tmp_path, made_up(k, "t"))
    found = store.load(tmp_path)
    assert found == [made_up(k) for k in range(3)] + [made_up(k, "t") for k in range(3)]
    assert len({store.key(record) for record in found}) == 6


def test_a_line_cut_off_by_a_kill_is_lost_and_no_other(tmp_path):
    path = tmp_path / "s.jsonl"
    for k in range(2):
        store.append(tmp_path, made_up(k))
    whole = path.read_bytes()
    for length in range(len(whole) // 2 + 1, len(whole)):
        path.write_bytes(whole[:length])
        assert store.load(tmp_path) == [made_up(0)]
    store.append(tmp_path, made_up(5))
    assert store.load(tmp_path) == [made_up(0), made_up(5)]


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("nonsense", "s.jsonl:2 is no record"),
        ("[1]", "s.jsonl:2 is no record"),
        ('{"format": 2}', "has the format 2, expected 1"),
    ],
)
def test_other_lines_are_refused(tmp_path, line, match):
    store.append(tmp_path, made_up(0))
    with (tmp_path / "s.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ValueError, match=match):
        store.load(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder of results"):
        store.load(tmp_path / "none")


def test_what_is_done_is_not_repeated(tmp_path):
    table = tables.get("bowls")
    todo = jobs.missing(table.jobs(["good"]), tmp_path)
    assert len(todo) == 4
    seen = []
    runner = jobs.Runner(tmp_path, Limits(), seen.append)
    runner.run(todo[:1], 1)
    assert [store.key(r) for r in seen] == [todo[0].key()]
    assert seen[0]["evaluations"] == 12  # 4 in each of 3 dimensions
    rest = jobs.missing(table.jobs(["good"]), tmp_path)
    assert rest == todo[1:]
    runner.run(rest, 2)
    assert not jobs.missing(table.jobs(["good"]), tmp_path)
    assert len(store.load(tmp_path)) == 4


def test_functions_and_instances_can_be_chosen():
    table = tables.get("bowls").limited(["two"], [5])
    assert [j.key() for j in table.jobs(["good"])] == [
        ("bowls", "two", 3, 5, "good", 12)
    ]


def test_an_interrupt_ends_runs_under_way(tmp_path):
    runner = jobs.Runner(tmp_path, Limits())
    runner.told = lambda record: (_ for _ in ()).throw(KeyboardInterrupt)
    todo = [jobs.Job("bowls", "one", None, 1, s, 3) for s in ("good", "hangs")]
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        runner.run(todo, 2)
    assert time.monotonic() - before < 20
    assert [r["solver"] for r in store.load(tmp_path)] == ["good"]
    assert threading.active_count() == 1


def test_solvers_without_an_environment_are_left_out_and_named(monkeypatch, caplog):
    lost = base.Solver("lost", bad_solvers.good, environment="nowhere")
    monkeypatch.setitem(base.SOLVERS, "lost", lost)
    todo = [jobs.Job("bowls", "one", None, 1, s, 3) for s in ("good", "lost")]
    assert list(jobs.possible(todo)) == todo[:1]
    assert "left out: lost" in caplog.text
    assert "python -m benchmarks environment nowhere" in caplog.text


SCRIPT = """
import sys
from pathlib import Path
from tests.benchmarks import test_jobs
from benchmarks import problem_sets, tables
from benchmarks.harness import jobs
from benchmarks.harness.execute import Limits
problem_sets.SETS["bowls"] = problem_sets.base.ProblemSet(
    "bowls", ("one", "two"), (), test_jobs.bowl)
table = tables.Table("bowls", (tables.Lot("bowls", None, tuple(range(8)), per_d=4),))
folder = Path(sys.argv[1])
todo = jobs.missing(table.jobs(["good"]), folder)
jobs.Runner(folder, Limits()).run(todo, 2)
"""


def test_killed_and_started_again_until_all_is_done(tmp_path):
    """SIGKILL at several moments; in the end every run is there exactly once."""
    path, counts = tmp_path / "good.jsonl", []
    for goal in (1, 6, 11, 99):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        while process.poll() is None and lines(path) < goal:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        counts.append(lines(path))
    found = store.load(tmp_path)
    assert counts == sorted(counts)
    assert counts[-1] == len(found) == 16
    assert len({store.key(record) for record in found}) == 16
    assert all(json.dumps(r["improvements"]) for r in found)


def lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_command_line_runs_and_says_what_is_wrong(tmp_path, capsys):
    run = ["run", "bowls", "--solvers", "good", "--results", str(tmp_path)]
    assert command_line.main([*run, "--instances", "1", "--jobs", "1"]) == 0
    assert len(store.load(tmp_path / "bowls")) == 2
    assert command_line.main([*run]) == 0
    assert len(store.load(tmp_path / "bowls")) == 4
    assert command_line.main(["run", "nothing"]) == 2
    assert "table must be one of" in capsys.readouterr().err
    assert command_line.main([*run[:3], "nobody"]) == 2
    assert "solver must be one of" in capsys.readouterr().err
    assert command_line.main(["environment", "nowhere"]) == 2
    assert "environment must be one of" in capsys.readouterr().err
    assert command_line.main(["list"]) == 0
    assert "core" in capsys.readouterr().out
