"""What a worker process shares with its parent, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from surrogo.execution.memory import MemoryLimit
from surrogo.execution.workers import LocalWorkers
from tests.execution.processes import (
    alive,
    answer,
    children,
    environment,
    noted,
    obey,
    script,
    within,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def value(x, **options):
    workers = LocalWorkers(obey, (), 1, **options)
    found = answer(workers, x).answer.value
    workers.close()
    return found


# ---- streams, threads, groups -----------------------------------------------


def test_output_goes_where_the_parents_goes(capfd):
    value({"do": "print", "with": ("step 41",)})
    out, err = capfd.readouterr()
    assert out == "step 41\n"
    assert err == ""


def test_one_process(monkeypatch):
    """Several looks at one worker: each start takes a quarter of a second."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    workers = LocalWorkers(obey, (), 1)
    says = {
        word: answer(workers, {"do": word}).answer.value
        for word in ("stdin", "threads", "argv", "pid", "group")
    }
    workers.close()
    assert says["stdin"] == 0  # and does not wait for one
    assert says["threads"] == 1
    assert says["argv"] == len(sys.argv)
    assert says["group"] == says["pid"] != os.getpid()


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
def test_a_number_of_threads_that_the_user_set_stays(monkeypatch, name):
    for other in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "2")
    workers = LocalWorkers(lambda x: float(os.environ[name]), (), 1)
    assert answer(workers, np.zeros(1)).answer.value == 2
    workers.close()


def test_the_function_travels_once():
    args = (np.zeros(10**6),)
    workers = LocalWorkers(lambda x, big: id(big), args, 1)
    first, second = (answer(workers, np.zeros(1)).answer.value for _ in range(2))
    assert first == second
    workers.close()


# ---- scripts ----------------------------------------------------------------

PLAIN = """
import numpy as np
from surrogo.execution.workers import LocalWorkers

class Model:
    def __call__(self, x):
        return scale * x[0]

scale = 2.0
workers = LocalWorkers(Model(), (), 2)
workers.submit(0, np.array([1.5]))
print(workers.wait(None)[0].answer.value)
workers.close()
"""


def test_a_script_needs_no_guard_and_leaves_no_warning(tmp_path):
    done = subprocess.run(
        script(tmp_path, PLAIN), env=environment(), capture_output=True, text=True
    )
    assert (done.stdout, done.stderr, done.returncode) == ("3.0\n", "", 0)


def test_a_script_that_forgets_to_close_ends_all_the_same(tmp_path):
    text = PLAIN.replace("workers.close()", "del workers; import os; os._exit(0)")
    done = subprocess.run(
        script(tmp_path, text), env=environment(), capture_output=True, timeout=20
    )
    assert done.returncode == 0  # its output was closed, so that nobody holds it


INTERRUPTED = """
import sys, time
import numpy as np
from pathlib import Path
from surrogo.execution.workers import LocalWorkers

def fun(x, note):
    Path(note).write_text("1")
    time.sleep(0.5)
    return 4.0

workers = LocalWorkers(fun, (sys.argv[1],), 1)
workers.submit(0, np.zeros(1))
try:
    workers.wait(None)
except KeyboardInterrupt:
    print("interrupted")
print(workers.wait(None)[0].answer.value)
workers.close()
"""


def test_ctrl_c_does_not_reach_an_evaluation(tmp_path):
    note = tmp_path / "begun"
    process = subprocess.Popen(
        [*script(tmp_path, INTERRUPTED), str(note)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    noted(note)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20)[0] == "interrupted\n4.0\n"


# ---- the end ----------------------------------------------------------------


def test_nothing_is_left():
    def state():
        threads = threading.active_count()
        return threads, children(), len(os.listdir("/proc/self/fd"))

    before = state()
    workers = LocalWorkers(obey, (), 2, timeout=0.2)
    answer(workers, {"do": "_exit", "with": (3,)})
    answer(workers, {"do": "sleep", "with": (60,)})
    assert threading.active_count() == before[0]
    workers.submit(1, {"do": "sleep", "with": (60,)})
    workers.close()
    workers.close()
    assert state() == before


@pytest.mark.parametrize("end", ["abandon", "close"])
def test_a_running_simulator_is_ended(tmp_path, end):
    note = tmp_path / "pid"
    workers = LocalWorkers(obey, (), 1)
    workers.submit(0, {"do": "simulate", "with": (str(note),)})
    simulator = noted(note)
    getattr(workers, end)()
    assert within(5.0, lambda: not alive(simulator))


def test_a_signal_handler_may_abandon():
    workers = LocalWorkers(obey, (), 2)
    workers.submit(0, {"do": "sleep", "with": (60,)})
    before = signal.signal(signal.SIGALRM, lambda *_: workers.abandon())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        assert workers.wait(None) == []
    finally:
        signal.signal(signal.SIGALRM, before)


def test_idle_workers_may_leave_by_themselves(tmp_path):
    def fun(x, note):
        import atexit

        atexit.register(Path(note).write_text, "left")
        return 1.0

    workers = LocalWorkers(fun, (str(tmp_path / "note"),), 1)
    answer(workers, np.zeros(1))
    workers.close()
    assert (tmp_path / "note").read_text() == "left"


ORPHANED = """
import sys
from surrogo.execution.workers import LocalWorkers
from tests.execution.processes import obey

def fun(x):
    from pathlib import Path
    import os
    Path(sys.argv[1]).write_text(str(os.getpid()))
    return obey(x)

workers = LocalWorkers(fun, (), 1)
workers.submit(0, {"do": sys.argv[2], "with": (eval(sys.argv[3]),)})
workers.wait(None)
"""


@pytest.mark.parametrize("do", ["simulate", "hold"])
def test_all_end_with_a_parent_that_is_killed(tmp_path, do):
    note, simulator = tmp_path / "worker", tmp_path / "simulator"
    what = repr(str(simulator)) if do == "simulate" else "60"
    process = subprocess.Popen(
        [*script(tmp_path, ORPHANED), str(note), do, what], env=environment()
    )
    pids = [noted(note)] + ([noted(simulator)] if do == "simulate" else [])
    assert all(map(alive, pids))
    process.kill()
    process.wait()
    assert within(5.0, lambda: not any(map(alive, pids)))


def test_a_limit_is_lifted_again():
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with MemoryLimit(10**8):
        assert resource.getrlimit(resource.RLIMIT_AS)[0] > 10**8
        with pytest.raises(MemoryError):
            bytearray(10**9)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
