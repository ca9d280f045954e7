"""`optimize` on several processes: nothing lost, nothing twice, slots kept busy."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

from benchmarks.killing.replay import replay
from surrogo import Optimizer, Status, optimize

BOX = [(-2.0, 2.0), (0.0, 3.0)]
POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture
def usual_signals():
    """Undo what engines of other tests, nohup and xdist do to signals."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, how) for number, how in usual.items()}
    yield
    for number, how in before.items():
        signal.signal(number, how)


def bowl(x):
    return float((x[0] - 0.5) ** 2 + (x[1] - 1.0) ** 2)


def test_three_workers_evaluate_everything_once(tmp_path):
    log = tmp_path / "log"

    def f(x):
        time.sleep(0.005)
        with log.open("a") as file:
            file.write(f"{os.getpid()} {x.tobytes().hex()}\n")
        return bowl(x)

    result = optimize(f, BOX, max_evals=30, workers=3, rng=0)
    assert result.status is Status.MAX_EVALS
    lines = [line.split() for line in log.read_text().splitlines()]
    assert sorted(x for _, x in lines) == sorted(
        trial.row.tobytes().hex() for trial in result.trials
    )
    assert os.getpid() not in {int(process) for process, _ in lines}
    assert result.fun < 1e-3
    assert all(t.seconds > 0.004 for t in result.trials)


def test_points_in_another_order_of_results_come_from_the_record_alone():
    def f(x):
        time.sleep(0.02 * abs(x[0]))
        if x[1] > 2.6:
            raise ValueError("too steep")
        return bowl(x)

    result = optimize(f, BOX, max_evals=24, workers=3, rng=5)
    ends = [e["id"] for e in result.trials.events if e["event"] in ("end", "fail")]
    assert ends != sorted(ends)
    assert replay(Optimizer.from_dict(result).to_dict()) == []


def test_batches_on_workers_are_those_of_one_process():
    one = optimize(bowl, BOX, max_evals=16, batch_size=4, rng=1)
    two = optimize(bowl, BOX, max_evals=16, batch_size=4, workers=2, rng=1)
    assert [t.row.tolist() for t in one.trials] == [t.row.tolist() for t in two.trials]
    asked = [e["ids"] for e in two.trials.events if e["event"] == "ask"]
    assert [len(ids) for ids in asked] == [4, 4, 4, 4]


def test_a_batch_does_not_exceed_the_budget():
    result = optimize(bowl, BOX, max_evals=10, batch_size=4, rng=1)
    assert result.nfev == len(result.trials) == 10


@POSIX
def test_time_outs_crashes_and_memory_are_failures_and_the_run_goes_on():
    def f(x):
        if x[0] > 1.2:
            os.kill(os.getpid(), signal.SIGSEGV)
        if x[1] > 2.4:
            time.sleep(60)
        if x[0] < -1.2:
            np.ones(10**10)
        return bowl(x)

    corners = [[1.5, 0.5], [0.0, 2.9], [-1.9, 0.5]]
    result = optimize(
        f, BOX, x0=corners, max_evals=12, eval_timeout=1.0, eval_memory=2e9, rng=0
    )
    died, late, large = (trial.reason for trial in result.trials[:3])
    assert "SIGSEGV" in died
    assert "longer than 1 s" in late
    assert "emory" in large
    assert result.nfev == 12
    assert result.fun < 1.0


@POSIX
def test_transient_failures_are_tried_again(tmp_path):
    def f(x):
        mark = tmp_path / x.tobytes().hex()
        if not mark.exists():
            mark.touch()
            if x[0] > 0.0:
                os.kill(os.getpid(), signal.SIGKILL)
            raise ConnectionError("the licence server is away")
        return bowl(x)

    path = tmp_path / "run.db"
    result = optimize(f, BOX, max_evals=8, workers=2, retries=1, rng=0, store=path)
    assert all(trial.state == "done" for trial in result.trials)
    assert [trial.retries for trial in result.trials] == [1] * 8
    reasons = [e["reason"] for e in result.trials.events if e["event"] == "retry"]
    assert any("SIGKILL" in reason for reason in reasons)
    assert any("licence server" in reason for reason in reasons)


def test_retries_are_limited_and_for_what_was_asked_for():
    calls = []

    def f(x):
        calls.append(x)
        raise (OSError if x[0] > 0 else ValueError)("no")

    result = optimize(f, BOX, max_evals=9, retries=2, rng=0)
    right = [t for t in result.trials if t.x[0] > 0]
    assert len(calls) == 9 + 2 * len(right)
    assert {t.retries for t in right} == {2}
    assert {t.retries for t in result.trials if t.x[0] <= 0} == {0}


@POSIX
@pytest.mark.usefixtures("usual_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("on_interrupt", ["abandon", "finish"])
def test_a_signal_ends_the_run_with_the_result_so_far(
    tmp_path, number, workers, on_interrupt
):
    def f(x):
        time.sleep(0.3)
        return bowl(x)

    timers = []

    def interrupt(result):
        if not timers and result.nfev > workers:
            timers.append(threading.Timer(0.1, os.kill, (os.getpid(), number)))
            timers[0].start()

    path = tmp_path / "run.db"
    before = signal.getsignal(number)
    result = optimize(
        f,
        BOX,
        max_evals=50,
        workers=workers,
        callback=interrupt,
        on_interrupt=on_interrupt,
        store=path,
        rng=0,
    )
    assert signal.getsignal(number) == before
    assert result.status is Status.INTERRUPTED
    assert "goes on from" in result.message
    running = result.trials.in_state("running")
    assert bool(running) == (on_interrupt == "abandon")
    assert 1 <= result.nfev < 50
    again = optimize(bowl, BOX, store=path, max_evals=result.nfev + len(running))
    assert all(trial.state == "done" for trial in again.trials)
    assert again.nfev == len(result.trials)


@POSIX
@pytest.mark.usefixtures("usual_signals")
def test_a_second_signal_ends_at_once_and_loses_nothing(tmp_path):
    def f(x):
        time.sleep(0.05 if x[0] < 1.0 else 30.0)
        return bowl(x)

    timers = []

    def interrupt(result):
        if not timers and result.nfev >= 4:
            kill = os.kill, (os.getpid(), signal.SIGINT)
            timers.extend(threading.Timer(seconds, *kill) for seconds in (0.2, 0.5))
            for timer in timers:
                timer.start()

    path = tmp_path / "run.db"
    result = optimize(
        f,
        BOX,
        x0=[[1.5, 1.0]],
        max_evals=50,
        workers=2,
        callback=interrupt,
        on_interrupt="finish",
        store=path,
        rng=0,
    )
    assert result.status is Status.INTERRUPTED
    assert result.trials[0].state == "running"
    done = len(result.trials.in_state("done"))
    assert done >= 4
    with Optimizer(BOX, store=path) as optimizer:
        assert len(optimizer.trials.in_state("done")) == done


def test_a_callback_stops_and_running_evaluations_are_kept():
    def f(x):
        time.sleep(0.02)
        return bowl(x)

    def stop(result):
        if result.nfev >= 5:
            raise StopIteration

    result = optimize(f, BOX, max_evals=50, workers=3, callback=stop, rng=0)
    assert result.status is Status.CALLBACK
    assert not result.trials.in_state("running")
    assert 5 <= result.nfev <= 8


def test_a_target_reached_by_the_last_evaluations_is_said():
    result = optimize(bowl, BOX, max_evals=6, workers=2, target=100.0, rng=0)
    assert result.status is Status.TARGET


def test_a_time_out_may_be_longer_than_the_system_can_wait():
    assert optimize(bowl, BOX, max_evals=3, eval_timeout=1e308, rng=0).nfev == 3


def test_a_broken_callback_leaves_no_process_and_carries_the_result():
    def broken(result):
        if result.nfev == 3:
            raise RuntimeError("no disk")

    with pytest.raises(RuntimeError, match="no disk") as caught:
        optimize(bowl, BOX, max_evals=20, workers=2, callback=broken, rng=0)
    assert caught.value.result.nfev >= 3


def test_a_wrong_return_stops_on_workers_too():
    with pytest.raises(TypeError, match="one real number"):
        optimize(lambda x: "high", BOX, max_evals=20, workers=2)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"workers": 0}, "workers must be a number of processes"),
        ({"workers": "all"}, "workers must be a number of processes"),
        ({"workers": 10**6}, "at most 512, got 1000000; give an executor"),
        ({"eval_timeout": -1}, "eval_timeout"),
        ({"eval_memory": 0}, "eval_memory"),
        ({"retries": -1}, "retries"),
        ({"retry_on": "OSError"}, "exception"),
        ({"on_interrupt": "wait"}, "on_interrupt must be one of 'abandon', 'finish'"),
        ({"workers": 2, "args": (threading.Lock(),)}, "cannot"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_evaluation(change, match):
    calls = []
    with pytest.raises(ValueError, match=match):
        optimize(lambda x, *a: calls.append(x), BOX, max_evals=5, **change)
    assert not calls


def test_a_lambda_and_a_closure_run_on_workers():
    shift = 0.25
    f = lambda x, a: (x[0] - shift) ** 2 + a  # noqa: E731
    result = optimize(f, [(0, 1)], args=[2.0], max_evals=12, workers=2)
    assert result.fun == pytest.approx(2.0, abs=1e-3)


@POSIX
@pytest.mark.usefixtures("usual_signals")
def test_sigterm_to_all_processes_of_a_run_is_no_failure(tmp_path):
    def f(x):
        with (tmp_path / "processes").open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(0.5)
        return bowl(x)

    def interrupt(result):
        lines = (tmp_path / "processes").read_text().split()
        for process in {*lines, str(os.getpid())}:
            os.kill(int(process), signal.SIGTERM)

    result = optimize(f, BOX, max_evals=20, workers=2, callback=interrupt, rng=0)
    assert result.status is Status.INTERRUPTED
    assert not result.trials.in_state("failed")
