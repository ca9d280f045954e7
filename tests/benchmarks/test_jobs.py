"""Records on disk, resuming, and being killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmarks import problem_sets, tables
from benchmarks.harness import jobs, store
from benchmarks.harness.execute import Limits
from benchmarks.problem_sets.base import ProblemSet
from benchmarks.solvers import base
from tests.benchmarks import bad_solvers
from tests.benchmarks.bad_solvers import running

pytestmark = pytest.mark.usefixtures("bowls")
ROOT = Path(__file__).parents[2]


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
        ('{"format": 1, "solver": "s"}', "s.jsonl:2 is no record: KeyError"),
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
    table = tables.get("bowls").limited(["two"], [2])
    assert [j.key() for j in table.jobs(["good"])] == [
        ("bowls", "two", 3, 2, "good", 12)
    ]


def test_a_choice_never_leaves_the_table():
    """Slow solvers run on twelve functions and two instances: f05 is none of them."""
    whole = tables.get("bbob-5")
    assert {j.budget for j in whole.limited(["f05"], [3]).jobs(["random"])} == {None}
    assert not list(whole.limited(["f05"]).jobs(["smt-ego"]))
    assert not list(whole.limited([], [5]).jobs(["smt-ego"]))
    assert set(whole.limited(["f01"], [3]).jobs(["smt-ego"])) < set(whole.jobs())


def test_another_harness_on_the_same_folder_is_refused(tmp_path):
    with (
        store.held(tmp_path / "new"),
        pytest.raises(ValueError, match="another harness writes to"),
        store.held(tmp_path / "new"),
    ):
        pass
    with store.held(tmp_path / "new"):
        pass


def test_a_job_that_cannot_run_is_named(tmp_path, monkeypatch):
    def fails(function, d, instance):
        raise ZeroDivisionError("no such problem")

    monkeypatch.setitem(
        problem_sets.SETS, "fails", ProblemSet("fails", ("one",), (), fails)
    )
    job = jobs.Job("fails", "one", None, 1, "good", 3)
    with pytest.raises(RuntimeError, match="cannot run Job"):
        jobs.Runner(tmp_path, Limits()).run([job], 1)
    assert not list(tmp_path.iterdir())


def test_an_interrupt_ends_runs_under_way(tmp_path):
    runner = jobs.Runner(tmp_path, Limits())
    runner.told = lambda record: (_ for _ in ()).throw(KeyboardInterrupt)
    todo = [jobs.Job("bowls", "one", None, 1, s, 3) for s in ("good", "hangs")]
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        runner.run(todo, 2)
    assert time.monotonic() - before < 20
    assert [r["solver"] for r in store.load(tmp_path)] == ["good"]
    threads = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("ThreadPoolExecutor") for name in threads)


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
from tests.benchmarks import bad_solvers, bowls
from benchmarks import problem_sets, tables
from benchmarks.harness import jobs
from benchmarks.harness.execute import Limits
problem_sets.SETS["bowls"] = bowls.BOWLS
table = tables.Table("bowls", (tables.Lot("bowls", None, tuple(range(8)), per_d=4),))
folder = Path(sys.argv[1])
todo = jobs.missing(table.jobs([sys.argv[2]]), folder)
jobs.Runner(folder, Limits()).run(todo, 2)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_solver_outlives_the_harness(tmp_path, monkeypatch, number):
    """The solver hangs, so that it would never find out by itself."""
    (tmp_path / "pids").mkdir()
    monkeypatch.setenv("SURROGO_TEST_PIDS", str(tmp_path / "pids"))
    process = start("says that it hangs", tmp_path / "runs")
    try:
        assert wait_for(lambda: len(list((tmp_path / "pids").iterdir())) == 2)
        process.send_signal(number)
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert wait_for(lambda: not any(map(running, pids)))
    assert not (tmp_path / "runs").exists()


def wait_for(condition):
    """Return whether a condition comes true within 20 seconds."""
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def start(solver, folder):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), solver],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )


def test_killed_and_started_again_until_all_is_done(tmp_path):
    """SIGKILL at several moments; in the end every run is there exactly once."""
    path, counts = tmp_path / "good.jsonl", []
    for goal in (1, 6, 11, 99):
        process = start("good", tmp_path)
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
