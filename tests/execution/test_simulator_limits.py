"""Simulators that hang, crash, print garbage, fill the disk or leave others behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import surrogo
from surrogo import ExternalSimulator
from surrogo.execution import Failure, evaluate
from surrogo.execution.external.child import disk_use
from surrogo.execution.external.errors import SimulatorError
from surrogo.execution.external.tokens import Tokens

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes")

PY = "{{python}}"
LOSS = {"regex": r"loss = (\S+)"}
HANGS = "import time; print('loss = 1', flush=True); time.sleep(600)"
# A shell with a child and a grandchild that nobody waits for.
LEAVES = "(sleep 600 & echo $! >grandchild); sleep 600 & echo $! >child; echo $$ >own"


@pytest.fixture
def make(tmp_path):
    def made(code, **options):
        given = {"root": tmp_path, "folder": "runs", "keep": "all"} | options
        return ExternalSimulator([PY, "-c", code, "{{x}}"], ["x"], LOSS, **given)

    return made


def gone(pid, patience=20.0):
    """Say whether a process ends; a zombie that nobody waits for has ended."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def the_folder(tmp_path):
    [folder] = (tmp_path / "runs").glob("*")
    return folder


def appears(folder, name, patience=60.0):
    """Wait for a number in a file of the only folder below, and return it."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for file in folder.glob(f"*/{name}"):
            if text := file.read_text().strip():
                return int(text)
        time.sleep(0.02)
    raise AssertionError(f"no file {name}")


def test_one_that_hangs(make):
    answer = evaluate(make(HANGS, timeout=0.5), {"x": 0.0})
    assert answer.reason.endswith("it took longer than 0.5 s and was ended")


def test_one_that_ignores_signals_and_hangs(make):
    code = "import signal; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; "
    code += HANGS
    assert isinstance(evaluate(make(code, timeout=0.5), {"x": 0.0}), Failure)


@pytest.mark.parametrize("number", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_one_that_crashes(make, number):
    code = "import os, signal, sys; print('here', file=sys.stderr, flush=True);"
    answer = evaluate(make(f"{code} os.kill(os.getpid(), signal.{number})"), {"x": 0.0})
    assert f"it was ended by {number}" in answer.reason
    assert answer.reason.endswith(": here")


@pytest.mark.parametrize("stream", [1, 2])
def test_one_that_prints_gigabytes_of_garbage(make, tmp_path, stream):
    code = f"import os\nb = os.urandom(2**16)\nwhile True: os.write({stream}, b)"
    simulator = make(code, output_limit=5e6)
    answer = evaluate(simulator, {"x": 0.0})
    assert isinstance(answer, Failure)
    assert "printed 5,000,000 bytes, which is output_limit" in answer.reason
    assert answer.reason.isprintable()
    assert disk_use(the_folder(tmp_path)) < 6e6


def test_a_printing_program_that_is_not_python(make, tmp_path):
    simulator = ExternalSimulator(
        ["yes", "{{x}}"], ["x"], LOSS, root=tmp_path, output_limit=1e6
    )
    answer = evaluate(simulator, {"x": 0.0})
    assert "SIGXFSZ: it wrote a file of more than 1,000,000 bytes" in answer.reason


def test_binary_garbage_with_an_answer_in_it(make):
    code = "import os; b = os.urandom(2**20); os.write(1, b); os.write(1, b'\\nloss = 2"
    assert make(code + "\\n'); os.write(1, b)")({"x": 0.0}).value == 2.0


def test_one_that_fills_the_disk_with_many_files(make, tmp_path):
    code = "import itertools, os, time\nos.mkdir('d')\nfor i in itertools.count():\n"
    code += "    open(f'd/{i}', 'wb').write(bytes(10**5)); time.sleep(0.001)"
    answer = evaluate(make(code, output_limit=1e6, keep="failed"), {"x": 0.0})
    assert "filled its folder with more than 1,000,000 bytes" in answer.reason


def test_files_that_were_there_do_not_count(make, tmp_path):
    (tmp_path / "big").write_bytes(os.urandom(3_000_000))
    code = "import time; time.sleep(1.5); print('loss = 1')"
    assert make(code, copy=["big"], output_limit=1e6)({"x": 0.0}).value == 1.0


def test_one_that_makes_its_folder_hard_to_delete(make, tmp_path):
    code = "import os; os.mkdir('d'); open('d/f', 'w'); os.chmod('d', 0o500)"
    make(code + "; print('loss = 1')", keep="none")({"x": 0.0})
    assert list((tmp_path / "runs").glob("*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits exist on Linux")
def test_one_that_takes_all_memory(make):
    code = "b = bytearray(2 * 10**9); print('loss = 1')"
    answer = evaluate(make(code, memory=5e8), {"x": 0.0})
    assert "MemoryError" in answer.reason


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_outputs_that_are_no_files(make, tmp_path, kind):
    what = {"fifo": "os.mkfifo", "folder": "os.mkdir"}.get(kind)
    code = (
        f"import os; {what}('o')" if what else "import os; os.symlink('/dev/zero','o')"
    )
    simulator = ExternalSimulator(
        [PY, "-c", code, "{{x}}"], ["x"], {"json": "a", "file": "o"}, root=tmp_path
    )
    answer = evaluate(simulator, {"x": 0.0})
    assert answer.reason.endswith("output 'value': 'o' is no ordinary file")


# ---- what it started ends with it -------------------------------------------------


@pytest.mark.parametrize("then", ["echo loss = 1", "exit 3", "sleep 600"])
def test_its_children_end_with_it(tmp_path, then):
    simulator = ExternalSimulator(
        ["/bin/sh", "-c", f"{LEAVES}; {then}", "{{x}}"],
        ["x"],
        LOSS,
        root=tmp_path,
        folder="runs",
        keep="all",
        timeout=5.0,
    )
    evaluate(simulator, {"x": 0.0})
    folder = the_folder(tmp_path)
    for name in ("grandchild", "child", "own"):
        assert gone(int((folder / name).read_text()))


def test_it_may_wait_for_all_its_children(make):
    code = "import os\nif not os.fork(): os._exit(0)\ntry:\n    while True: os.wait()\n"
    assert (
        make(code + "except ChildProcessError: print('loss = 1')")({"x": 0}).value == 1
    )


SCRIPT = """
import os, sys
import surrogo
from surrogo import ExternalSimulator
simulator = ExternalSimulator(
    ["/bin/sh", "-c", "echo $$ > own; sleep 600", "{{{{x}}}}"], ["x"], {rule},
    root={root!r}, folder="runs", keep="all")
surrogo.optimize(simulator, {{"x": (0, 1)}}, max_evals=3, workers={workers}, rng=0)
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_the_run(tmp_path, workers, number):
    code = SCRIPT.format(rule=LOSS, root=str(tmp_path), workers=workers)
    run = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    try:
        own = appears(tmp_path / "runs", "own")
        run.send_signal(number)
        run.wait(60)
        assert gone(own)
    finally:
        run.kill()
        run.wait()


def test_it_ends_with_the_time_out_of_an_evaluation(make, tmp_path):
    code = f"import os; open('own', 'w').write(str(os.getpid())); {HANGS}"
    options = {"max_evals": 1, "eval_timeout": 5.0, "rng": 0}
    result = surrogo.optimize(make(code), {"x": (0, 1)}, **options)
    assert "longer than 5 s" in result.trials[0].reason
    assert gone(appears(tmp_path / "runs", "own"))


def test_an_exception_from_a_signal_handler_ends_it(make, tmp_path):
    class Alarm(Exception):
        pass

    def ring(number, frame):
        raise Alarm

    code = f"import os; open('own', 'w').write(str(os.getpid())); {HANGS}"
    before = signal.signal(signal.SIGALRM, ring)
    threading.Thread(
        target=lambda: (
            appears(tmp_path / "runs", "own"),
            os.kill(os.getpid(), signal.SIGALRM),
        )
    ).start()
    try:
        with pytest.raises(Alarm):
            make(code)({"x": 0.0})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert gone(appears(tmp_path / "runs", "own", 1.0))


# ---- licences ----------------------------------------------------------------------

BUSY = """
import os, pathlib, sys, time
here = pathlib.Path(sys.argv[1])
mine = here / str(os.getpid())
mine.touch()
n = len(list(here.iterdir()))
time.sleep(0.1)
mine.unlink()
print('loss =', n)
"""


@pytest.mark.parametrize("tokens", [1, 2])
def test_no_more_run_at_a_time_than_there_are_tokens(tmp_path, tokens):
    (tmp_path / "busy").mkdir()
    simulator = ExternalSimulator(
        [PY, "-c", BUSY, str(tmp_path / "busy"), "{{x}}"],
        ["x"],
        LOSS,
        root=tmp_path,
        licence={"name": "solver", "tokens": tokens, "folder": "."},
    )
    result = surrogo.optimize(
        simulator, {"x": (0, 1)}, workers=4, max_evals=12, strategy="random", rng=0
    )
    values = [trial.value for trial in result.trials]
    assert len(result.trials.in_state("done")) == 12
    assert max(values) <= tokens
    assert list(tmp_path.glob("*.token")) == []


def test_tokens_in_threads_of_one_process(tmp_path):
    tokens = Tokens("a", 1, tmp_path)
    inside, most = [], []

    def work():
        with tokens.held():
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_a_token_comes_back_after_a_failure(make, tmp_path):
    licence = {"name": "solver", "tokens": 1, "folder": "."}
    simulator = make("import sys; sys.exit(1)", licence=licence)
    for _ in range(2):
        with pytest.raises(SimulatorError):
            simulator({"x": 0.0})


def test_tokens_lie_in_a_folder_of_this_user(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Tokens("a", 1).held():
        [folder] = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with (
        pytest.raises(PermissionError, match="should be a folder of yours"),
        Tokens("a", 1).held(),
    ):
        pass


# ---- the launcher --------------------------------------------------------------------


def test_it_ends_with_its_worker(tmp_path):
    simulator = ExternalSimulator(
        ["/bin/sh", "-c", "echo $PPID > worker; echo $$ > own; sleep 600", "{{x}}"],
        ["x"],
        LOSS,
        root=tmp_path,
        folder="runs",
        keep="all",
    )

    def kill():
        os.kill(appears(tmp_path / "runs", "worker"), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    result = surrogo.optimize(simulator, {"x": (0, 1)}, max_evals=1, workers=2, rng=0)
    killer.join()
    assert result.trials[0].reason.startswith("the worker process ended by SIGKILL")
    assert gone(appears(tmp_path / "runs", "own"))


@pytest.mark.parametrize("how", ["signal_when_closed", "leave_watcher"])
@pytest.mark.parametrize("early", [True, False])
def test_a_group_ends_when_its_lifeline_is_closed(tmp_path, how, early):
    if how == "signal_when_closed" and sys.platform != "linux":
        pytest.skip("of Linux")
    code = (
        "import sys, time\nfrom surrogo.execution import launcher\n"
        f"if {early}: time.sleep(0.5)\n"
        f"launcher.{how}(int(sys.argv[1]))\nprint(1, flush=True)\ntime.sleep(600)"
    )
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(reading)],
        pass_fds=(reading,),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(reading)
    if not early:
        assert process.stdout.readline() == b"1\n"
        assert process.poll() is None
    os.close(writing)
    assert process.wait(60) == -signal.SIGKILL
    process.stdout.close()


def test_no_python_to_start_with(make, monkeypatch):
    monkeypatch.setattr("multiprocessing.spawn.get_executable", lambda: "/no/python")
    before = os.listdir("/proc/self/fd") if sys.platform == "linux" else []
    with pytest.raises(FileNotFoundError):
        make(HANGS)({"x": 0.0})
    after = os.listdir("/proc/self/fd") if sys.platform == "linux" else []
    assert len(before) == len(after)


def test_nothing_is_left_open(make):
    simulator = make("print('loss = 1')")
    simulator({"x": 0.0})
    before = os.listdir("/proc/self/fd") if sys.platform == "linux" else []
    assert [simulator({"x": 0.0}).value for _ in range(3)] == [1.0] * 3
    after = os.listdir("/proc/self/fd") if sys.platform == "linux" else []
    assert len(before) == len(after)


def test_without_the_descriptor_of_a_process(make, monkeypatch):
    def unknown(pid):
        raise OSError("this kernel does not know it")

    if sys.platform == "linux":
        monkeypatch.setattr(os, "pidfd_open", unknown)
    assert make("print('loss = 1')")({"x": 0.0}).value == 1.0
    answer = evaluate(make(HANGS, timeout=0.5), {"x": 0.0})
    assert "longer than 0.5 s" in answer.reason


# ---- large files ---------------------------------------------------------------------

LARGE = (
    "f = open('o', 'wb'); f.truncate(65 * 2**20); f.seek(0, 2); f.write(b'\\nloss = 3')"
)


def test_a_pattern_is_looked_for_in_the_end_of_a_large_file(tmp_path):
    command = [PY, "-c", LARGE, "{{x}}"]
    rule = {"regex": r"^loss = (\S+)", "file": "o"}
    simulator = ExternalSimulator(command, ["x"], rule, root=tmp_path, keep="none")
    assert simulator({"x": 0.0}).value == 3.0


def test_a_large_file_is_no_json(tmp_path):
    command = [PY, "-c", LARGE, "{{x}}"]
    rule = {"json": "a", "file": "o"}
    simulator = ExternalSimulator(command, ["x"], rule, root=tmp_path, keep="none")
    answer = evaluate(simulator, {"x": 0.0})
    assert "68,157,449 bytes, and at most 67,108,864 are read" in answer.reason
