"""Evaluations on any executor, without an engine: what is sent, kept and refused."""

from __future__ import annotations

import threading
import time
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from functools import partial

import numpy as np
import pytest

from surrogo import Evaluation, Slots, Status, optimize
from surrogo.execution import PolledExecutor
from surrogo.execution.capacity import Capacity
from surrogo.execution.executor_workers import ExecutorWorkers
from surrogo.execution.remote import evaluate_packed

BOX = [(-1.0, 1.0), (-1.0, 1.0)]


def bowl(x):
    return float(np.sum((x - 0.3) ** 2))


class Engine(Executor):
    """Runs nothing by itself: a test says how the calls end."""

    def __init__(self, n=2):
        self.n_slots = n
        self.calls = []
        self.refusal = None
        self.was_shut_down = False

    def submit(self, fn, /, *args, **kwargs):
        if self.refusal is not None:
            raise self.refusal
        future = Future()
        self.calls.append((future, partial(fn, *args, **kwargs)))
        return future

    def run(self):
        future, call = self.calls.pop(0)
        if future.set_running_or_notify_cancel():
            future.set_result(call())

    def fail(self, error):
        self.calls.pop(0)[0].set_exception(error)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.was_shut_down = True


class Immediate(Engine):
    """Runs every call when it is submitted."""

    def submit(self, fn, /, *args, **kwargs):
        future = super().submit(fn, *args, **kwargs)
        self.run()
        return future


def workers(engine, fun=bowl, args=(), **options):
    return ExecutorWorkers(fun, args, engine, **options)


def values(done):
    return {one.id: one.answer.value for one in done}


# ---- the whole loop --------------------------------------------------------------


def test_threads_share_the_function_which_need_not_be_sent():
    lock, seen = threading.Lock(), []

    def f(x):
        with lock:
            seen.append(threading.get_ident())
        time.sleep(0.002)
        return bowl(x)

    with ThreadPoolExecutor(4) as executor:
        result = optimize(f, BOX, max_evals=30, workers=executor, rng=0)
        assert executor.submit(int).result() == 0  # it is still ours
    assert result.nfev == 30
    assert result.fun < 1e-3
    assert len(set(seen) - {threading.get_ident()}) <= 4
    assert threading.get_ident() not in seen


def test_slots_say_how_many_run_at_a_time():
    running, most, lock = [0], [0], threading.Lock()

    def f(x):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.003)
        with lock:
            running[0] -= 1
        return bowl(x)

    with ThreadPoolExecutor(8) as executor:
        optimize(f, BOX, max_evals=20, workers=Slots(executor, 3), rng=0)
    assert most[0] <= 3
    assert workers(Engine(8), n=3).free() == 3


def test_what_a_function_raises_is_a_failure_also_there():
    def f(x):
        if x[0] > 0.5:
            raise ValueError("no mesh")
        return Evaluation(bowl(x), info={"side": "left"})

    result = optimize(
        f, BOX, x0=[[0.9, 0.0], [0.0, 0.0]], max_evals=6, workers=Immediate(), rng=0
    )
    first, second = result.trials[:2]
    assert first.reason == "ValueError: no mesh"
    assert second.evaluation.info == {"side": "left"}


def test_a_batch_runs_on_an_executor():
    with ThreadPoolExecutor(2) as executor:
        there = optimize(bowl, BOX, max_evals=12, batch_size=4, workers=executor, rng=1)
    here = optimize(bowl, BOX, max_evals=12, batch_size=4, rng=1)
    assert [t.row.tolist() for t in there.trials] == [
        t.row.tolist() for t in here.trials
    ]


def test_free_slots_are_asked_for_together_within_the_budget():
    result = optimize(bowl, BOX, max_evals=10, workers=Immediate(4), rng=0)
    asked = [len(e["ids"]) for e in result.trials.events if e["event"] == "ask"]
    assert asked == [4, 4, 2]


@pytest.mark.parametrize("limit", [{"eval_timeout": 3.0}, {"eval_memory": 1e9}])
def test_limits_are_refused_before_any_evaluation(limit):
    engine = Immediate()
    with pytest.raises(ValueError, match=r"eval_\w+ needs processes .* in the engine"):
        optimize(pytest.fail, BOX, workers=engine, **limit)


def test_what_is_no_executor_is_refused_with_advice():
    class Client:
        submit = get_executor = print

    class Batch:
        submit = print

    with pytest.raises(ValueError, match=r"client.get_executor\(\)"):
        optimize(bowl, BOX, workers=Client())
    with pytest.raises(ValueError, match="PolledExecutor"):
        optimize(bowl, BOX, workers=Batch())
    with pytest.raises(ValueError, match=r"Executor, got 3; give for example"):
        Slots(3, 2)
    with pytest.raises(ValueError, match="evaluations at a time"):
        Slots(Immediate(), 0)


def test_an_executor_that_does_not_say_its_size_needs_slots():
    engine = Immediate(n=None)
    with pytest.raises(ValueError, match=r"Immediate does not .*Slots\(executor, n\)"):
        optimize(pytest.fail, BOX, workers=engine)
    assert optimize(bowl, BOX, max_evals=4, workers=Slots(engine, 2), rng=0).nfev == 4


def test_a_function_that_cannot_be_sent_is_refused():
    lock = threading.Lock()
    with pytest.raises(ValueError, match="sent to another process"):
        optimize(lambda x: lock, BOX, workers=Immediate())


# ---- workers that die ------------------------------------------------------------


def test_a_worker_that_dies_is_a_transient_failure():
    engine = Engine()
    pool = workers(engine)
    pool.submit(7, np.zeros(2))
    engine.fail(OSError("worker lost"))
    (one,) = pool.wait(None)
    assert one.id == 7
    assert one.transient
    assert one.answer.reason == "the worker or its engine failed: OSError: worker lost"


def test_a_cancelled_evaluation_is_a_transient_failure():
    engine = Engine()
    pool = workers(engine)
    pool.submit(7, np.zeros(2))
    engine.calls[0][0].cancel()
    (one,) = pool.wait(None)
    assert one.transient
    assert "the engine cancelled" in one.answer.reason


def test_a_broken_executor_ends_the_run_after_what_still_runs():
    engine = Engine(3)
    pool = workers(engine)
    for id in range(2):
        pool.submit(id, np.zeros(2))
    engine.refusal = BrokenExecutor("a process died")
    pool.submit(2, np.zeros(2))
    assert pool.free() == 0
    engine.run()
    assert values(pool.wait(None)) == {0: pytest.approx(0.18)}
    engine.run()
    assert values(pool.wait(None)) == {1: pytest.approx(0.18)}
    assert pool.running() == 1
    with pytest.raises(RuntimeError, match=r"takes no evaluations any more .*Bro"):
        pool.wait(None)


def test_a_broken_pool_carries_the_result_and_the_store_goes_on(tmp_path):
    engine = Immediate()
    store = tmp_path / "run.db"

    def stop(result):
        if result.nfev >= 5:
            engine.refusal = BrokenExecutor("all processes died")

    with pytest.raises(RuntimeError, match="make a new executor") as info:
        optimize(bowl, BOX, workers=engine, store=store, callback=stop, rng=0)
    assert info.value.result.nfev >= 5
    done = info.value.result.nfev
    again = optimize(bowl, BOX, workers=Immediate(), store=store, max_evals=12)
    assert again.status is Status.MAX_EVALS
    assert len(again.trials.in_state("done")) == 12 > done


def test_an_executor_that_was_shut_down_says_so():
    executor = ThreadPoolExecutor(2)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="cannot schedule new futures"):
        optimize(bowl, BOX, workers=executor)


def test_a_worker_that_cannot_read_the_function_ends_the_run():
    pool = workers(engine := Engine(), Unreadable())
    pool.submit(0, np.zeros(2))
    engine.run()
    with pytest.raises(RuntimeError, match=r"cannot read (?s:.*)no licence here"):
        pool.wait(None)


def test_an_engine_without_surrogo_ends_the_run():
    pool = workers(engine := Engine())
    pool.submit(0, np.zeros(2))
    engine.fail(ModuleNotFoundError("No module named 'surrogo'"))
    with pytest.raises(RuntimeError, match="install the same surrogo"):
        pool.wait(None)


def _no_licence():
    raise OSError("no licence here")


class Unreadable:
    def __call__(self, x):
        return 0.0

    def __reduce__(self):
        return _no_licence, ()


# ---- waiting ---------------------------------------------------------------------


def test_wait_has_an_end_and_returns_in_order():
    pool = workers(engine := Engine(4))
    for id in range(3):
        pool.submit(id, np.full(2, id / 10))
    assert pool.wait(0.0) == []
    assert pool.wait(0.01) == []
    while engine.calls:
        engine.run()
    assert [one.id for one in pool.wait(None)] == [0, 1, 2]
    assert pool.wait(None) == []


def test_wait_ends_when_the_engine_grows(monkeypatch):
    monkeypatch.setattr("surrogo.execution.capacity._FRESH", 0.0)
    monkeypatch.setattr("surrogo.execution.executor_workers._LOOK", 0.01)
    pool = workers(engine := Engine(1))
    pool.submit(0, np.zeros(2))
    assert pool.free() == 0
    threading.Timer(0.05, setattr, (engine, "n_slots", 3)).start()
    assert pool.wait(None) == []
    assert pool.free() == 2


def test_an_engine_without_workers_yet_gets_one_point():
    pool = workers(Engine(0))
    assert pool.free() == 1
    pool.submit(0, np.zeros(2))
    assert pool.free() == 0


def test_an_engine_that_cannot_be_asked_keeps_its_number(monkeypatch):
    class Client:
        def nthreads(self):
            if self.away:
                raise OSError("no scheduler")
            return {"a": 2, "b": 3}

    monkeypatch.setattr("surrogo.execution.capacity._FRESH", 0.0)
    engine = Engine()
    engine._client = Client()
    engine._client.away = False
    capacity = Capacity(engine, None)
    assert capacity.now() == 5
    engine._client.away = True
    assert capacity.now() == 5


def test_abandon_cancels_what_has_not_begun_and_leaves_the_executor():
    pool = workers(engine := Engine())
    pool.submit(0, np.zeros(2))
    pool.submit(1, np.zeros(2))
    begun, waits = (future for future, _ in engine.calls)
    begun.set_running_or_notify_cancel()
    pool.abandon()
    pool.close()
    assert waits.cancelled()
    assert not begun.cancelled()
    assert pool.running() == 0
    assert not engine.was_shut_down


# ---- what is sent ----------------------------------------------------------------


def sent_with_function(engine):
    return [call.args[1] is not None for _, call in engine.calls]


def test_a_small_function_travels_with_every_point():
    pool = workers(engine := Engine())
    for id in range(4):
        pool.submit(id, np.zeros(2))
        assert sent_with_function(engine) == [True]
        engine.run()
        pool.wait(None)


def large(engine):
    return workers(engine, lambda x, data: x[0] + data[0], (np.ones(20_000),))


def test_a_large_argument_is_sent_until_it_has_arrived():
    pool = large(engine := Engine(3))
    for id in range(3):
        pool.submit(id, np.zeros(2))
    assert sent_with_function(engine) == [True] * 3
    for id in range(3, 15):
        engine.run()
        pool.wait(None)
        pool.submit(id, np.zeros(2))
    assert sent_with_function(engine) == [False] * 3


def test_a_process_that_does_not_know_the_function_is_sent_it():
    from surrogo.execution import remote

    pool = large(engine := Engine())
    pool.submit(0, np.zeros(2))
    engine.run()
    assert values(pool.wait(None)) == {0: 1.0}
    pool.submit(1, np.zeros(2))
    assert sent_with_function(engine) == [False]
    remote._tasks.clear()  # another process, as far as it can tell
    engine.run()
    assert pool.wait(0.0) == []
    assert pool.running() == 1
    assert sent_with_function(engine) == [True]
    engine.run()
    assert values(pool.wait(None)) == {1: 1.0}
    pool.submit(2, np.zeros(2))
    assert sent_with_function(engine) == [True]  # one in vain is enough


def test_no_two_calls_look_alike():
    pool = workers(engine := Engine())
    other = workers(engine)
    for one in (pool, pool, other):
        one.submit(0, np.zeros(2))
    assert len({call.args[-1] for _, call in engine.calls}) == 3


def test_a_process_keeps_few_functions():
    import cloudpickle

    from surrogo.execution import remote

    job = cloudpickle.dumps((0, np.zeros(2)))
    for number in range(10):
        task = cloudpickle.dumps((bowl, (), ()))
        assert evaluate_packed(f"digest {number}", task, job, "")[0] == "ended"
    assert len(remote._tasks) <= 4
    assert evaluate_packed("digest 0", None, job, "") == ("missing", None)


# ---- processes of the standard library -------------------------------------------


class Job:
    """A job as those of submitit, which must be asked."""

    def __init__(self, fn, *args):
        self.asked, self.call, self.was_cancelled = 0, partial(fn, *args), False

    def done(self):
        self.asked += 1
        if self.asked == 1:
            raise OSError("stale file handle")
        return self.asked > 2

    def result(self):
        return self.call()

    def cancel(self):
        self.was_cancelled = True


def test_jobs_that_must_be_asked_become_futures():
    with PolledExecutor(Job, every=0.001) as executor:
        result = optimize(bowl, BOX, max_evals=8, workers=Slots(executor, 2), rng=0)
        bad = executor.submit(int, "x")
        with pytest.raises(ValueError, match="invalid literal"):
            bad.result()
    assert result.nfev == 8
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(int)


def test_jobs_are_cancelled_with_their_futures():
    jobs = []

    def start(fn, *args):
        jobs.append(Job(fn, *args))
        return jobs[-1]

    executor = PolledExecutor(start, every=100.0)
    future = executor.submit(int)
    executor.shutdown(cancel_futures=True)
    assert future.cancelled()
    assert jobs[0].was_cancelled


def test_a_pool_of_processes_is_asked_for_its_size():
    with ProcessPoolExecutor(3) as executor:
        assert Capacity(executor, None).now() == 3
