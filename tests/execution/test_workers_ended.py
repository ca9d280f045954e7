"""Workers that die or are ended: the evaluation is a failure, and the others go on."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from surrogo.execution.workers import LocalWorkers
from tests.execution.processes import alive, answer, noted, obey, within

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

VALUE = {"do": "return", "with": (1.0,)}


@pytest.fixture(scope="module")
def workers():
    workers = LocalWorkers(obey, (), 2, timeout=8.0)
    yield workers
    workers.close()


# ---- death ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ({"do": "signal", "with": ("SIGSEGV",)}, "by SIGSEGV"),
        ({"do": "signal", "with": ("SIGKILL",)}, "by SIGKILL (was the memory"),
        ({"do": "_exit", "with": (3,)}, "with exit code 3"),
        ({"do": "_exit", "with": (0,)}, "with exit code 0"),
    ],
)
def test_a_dead_worker_is_a_failure_and_replaced(workers, x, words):
    ended = answer(workers, x)
    assert ended.answer.reason.startswith(f"the worker process ended {words}")
    assert ended.transient
    assert answer(workers, VALUE).answer.value == 1.0


def test_the_other_slot_is_not_disturbed(workers):
    workers.submit(1, {"do": "sleep", "with": (0.5,)})
    workers.submit(2, {"do": "signal", "with": ("SIGSEGV",)})
    first = workers.wait(10.0)
    workers.submit(3, VALUE)
    rest = workers.wait(10.0)
    rest += [] if len(rest) == 2 else workers.wait(10.0)
    assert [ended.id for ended in first] == [2]
    assert {ended.id: ended.answer.value for ended in rest} == {1: 1.0, 3: 1.0}


def test_an_idle_worker_that_dies_is_replaced_in_silence(workers):
    pid = int(answer(workers, {"do": "pid"}).answer.value)
    os.kill(pid, 9)
    within(5.0, lambda: not alive(pid))
    got = [answer(workers, VALUE, id) for id in range(3)]
    assert [ended.answer.value for ended in got] == [1.0] * 3


def test_many_deaths_in_a_row(workers):
    for id in range(5):
        assert answer(workers, {"do": "_exit", "with": (9,)}, id).transient
    assert answer(workers, VALUE).answer.value == 1.0


def test_children_of_a_dead_worker_are_ended(workers, tmp_path):
    note = tmp_path / "pid"
    workers.submit(0, {"do": "simulate", "with": (str(note),)})
    workers.wait(0.0)
    simulator = noted(note)
    os.kill(int(Path(f"/proc/{simulator}/stat").read_text().split()[3]), 9)
    (ended,) = workers.wait(10.0)
    assert "SIGKILL" in ended.answer.reason
    assert within(5.0, lambda: not alive(simulator))


# ---- time-out ---------------------------------------------------------------


def test_a_long_evaluation_is_ended_with_its_simulator(tmp_path):
    note = tmp_path / "pid"
    workers = LocalWorkers(obey, (), 1, timeout=1.0)
    ended = answer(workers, {"do": "simulate", "with": (str(note),)})
    assert ended.answer.reason == "the evaluation took longer than 1 s and was ended"
    assert not ended.transient
    assert 1.0 <= ended.seconds < 10.0
    assert within(5.0, lambda: not alive(noted(note)))
    assert answer(workers, VALUE).answer.value == 1.0
    workers.close()


def test_compiled_code_that_lets_nobody_run_is_ended_too():
    workers = LocalWorkers(obey, (), 1, timeout=0.2)
    ended = answer(workers, {"do": "hold", "with": (60,)})
    assert "longer than 0.2 s" in ended.answer.reason
    workers.close()


def test_a_slow_import_is_no_evaluation(tmp_path, monkeypatch):
    (tmp_path / "slow_module.py").write_text(
        "import time\ntime.sleep(0.6)\ndef fun(x): return 1.0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import slow_module

    workers = LocalWorkers(slow_module.fun, (), 1, timeout=0.5)
    ended = answer(workers, np.zeros(1))
    assert ended.answer.value == 1.0
    assert ended.seconds < 0.5
    workers.close()


def test_what_ended_by_itself_before_anybody_looked_counts():
    workers = LocalWorkers(obey, (), 1, timeout=0.3)
    workers.submit(0, VALUE)
    time.sleep(1.0)
    assert workers.wait(None)[0].answer.value == 1.0
    workers.close()


def test_waiting_ends_with_its_own_time(workers):
    workers.submit(0, {"do": "sleep", "with": (1.0,)})
    assert workers.wait(0.0) == []
    assert workers.wait(0.05) == []
    assert workers.running() == 1
    assert workers.wait(10.0)[0].answer.value == 1.0


# ---- memory -----------------------------------------------------------------


def test_an_evaluation_may_allocate_so_much_and_no_more():
    workers = LocalWorkers(obey, (), 1, memory=2e8)
    for _ in range(2):
        ended = answer(workers, {"do": "allocate", "with": (1e9,)})
        assert ended.answer.reason == (
            "the evaluation needed more than the 200,000,000 bytes of memory that it "
            "may allocate"
        )
        assert "MemoryError" in ended.answer.traceback
        assert not ended.transient
        assert answer(workers, {"do": "allocate", "with": (1e8,)}).answer.value == 1e8
    workers.close()


def test_without_a_limit_there_is_none(workers):
    assert answer(workers, {"do": "allocate", "with": (3e8,)}).answer.value == 3e8


# ---- workers that cannot start ----------------------------------------------


def test_a_function_that_workers_cannot_read_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("def fun(x): return 1.0\n")
    with monkeypatch.context() as here:
        here.syspath_prepend(tmp_path)
        import only_here
    workers = LocalWorkers(only_here.fun, (), 1)
    workers.submit(0, np.zeros(1))
    with pytest.raises(RuntimeError, match="cannot read the function") as error:
        workers.wait(None)
    assert "ModuleNotFoundError: No module named 'only_here'" in str(error.value)
    workers.close()


class Deadly:
    """Ends the process that reads it."""

    def __reduce__(self):
        return os._exit, (5,)


def test_workers_that_die_before_they_begin_are_an_error():
    workers = LocalWorkers(obey, (Deadly(),), 1)
    workers.submit(0, VALUE)
    with pytest.raises(RuntimeError, match=r"3 worker processes .* code 5"):
        workers.wait(None)
    workers.close()
