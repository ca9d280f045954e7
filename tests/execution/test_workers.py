"""What all workers promise, and what is refused before any evaluation."""

from __future__ import annotations

import sys
import threading
from enum import Enum

import numpy as np
import pytest

from surrogo.evaluation import Evaluation
from surrogo.execution import Failure, Misuse
from surrogo.execution.workers import Ended, InProcess, LocalWorkers
from tests.execution.processes import answer, obey

KINDS = ["InProcess", "LocalWorkers"]


class Solver(Enum):
    LU = 1
    QR = 2


class Stubborn(Exception):
    """Cannot be pickled, as it holds a lock."""

    def __init__(self, text):
        super().__init__(text, threading.Lock())


def made(kind, fun=obey, args=(), **options):
    if kind == "InProcess":
        return InProcess(fun, args, **options)
    return LocalWorkers(fun, args, 1, **options)


@pytest.fixture(scope="module", params=KINDS)
def workers(request):
    workers = made(request.param, transient=(ConnectionError,))
    yield workers
    workers.close()


# ---- answers ----------------------------------------------------------------


def test_a_value(workers):
    ended = answer(workers, {"do": "return", "with": (2.5,)}, id=7)
    assert ended == Ended(7, Evaluation(2.5), ended.seconds)
    assert 0.0 <= ended.seconds < 10.0


def test_the_duration_is_that_of_the_evaluation(workers):
    assert answer(workers, {"do": "sleep", "with": (0.1,)}).seconds >= 0.1


def test_a_full_evaluation(workers):
    whole = Evaluation(residuals=[1.0, -2.0], outputs=np.eye(2), info={"steps": 3})
    got = answer(workers, {"do": "return", "with": (whole,)}).answer
    assert got == whole
    assert not got.outputs.flags.writeable


def test_a_value_that_is_not_finite(workers):
    ended = answer(workers, {"do": "return", "with": (float("nan"),)})
    assert ended.answer == Failure("the value is nan")
    assert not ended.transient


@pytest.mark.parametrize("value", ["text", None, [1.0, 2.0]])
def test_no_number_is_a_misuse(workers, value):
    ended = answer(workers, {"do": "return", "with": (value,)})
    assert isinstance(ended.answer, Misuse)
    assert "must return one real number" in str(ended.answer)


def test_an_exception_with_its_traceback(workers):
    ended = answer(workers, {"do": "raise", "with": (ArithmeticError, "no mesh")})
    assert ended.answer.reason == "ArithmeticError: no mesh"
    assert "raise kind(text)" in ended.answer.traceback
    assert not ended.transient


def test_leaving_python_is_a_failure(workers):
    assert answer(workers, {"do": "exit", "with": (3,)}).answer.reason == (
        "SystemExit: 3"
    )


@pytest.mark.parametrize("kind", [ConnectionError, ConnectionResetError])
def test_transient_exceptions_are_said_to_be(workers, kind):
    assert answer(workers, {"do": "raise", "with": (kind, "later")}).transient


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_pickled_arrives_all_the_same(kind):
    def fun(x):
        if x[0] > 0.0:
            raise Stubborn("locked")
        return Evaluation(1.0, info={"lock": threading.Lock()})

    workers = made(kind, fun)
    assert answer(workers, np.array([1.0])).answer.reason.startswith("Stubborn: ")
    assert "lock" in answer(workers, np.array([0.0])).answer.info["lock"]
    workers.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_of_a_kind_of_its_own_arrives(kind):
    class Mine(Evaluation):
        pass

    workers = made(kind, lambda x: Mine(2.0, cost=3.0))
    assert answer(workers, np.zeros(1)).answer == Evaluation(2.0, cost=3.0)
    workers.close()


@pytest.mark.parametrize("kind", KINDS)
def test_points_and_arguments_arrive(kind):
    class Private:
        value = 3.0

    chosen = Private()
    workers = made(kind, lambda x, a, b: a * x["s"].value + b * x["p"].value, (1.0, 2))
    x = {"s": Solver.QR, "p": chosen}
    assert answer(workers, x).answer.value == 8.0
    workers.close()


@pytest.mark.parametrize("kind", KINDS)
def test_they_work_in_any_thread(kind):
    found = []

    def use():
        workers = made(kind)
        found.append(answer(workers, {"do": "return", "with": (1.0,)}).answer.value)
        workers.close()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert found == [1.0]


# ---- slots ------------------------------------------------------------------


def test_a_slot_holds_one_job(workers):
    assert workers.free() == 1
    assert workers.running() == 0
    assert workers.wait(None) == []
    workers.submit(1, {"do": "return", "with": (1.0,)})
    assert workers.running() == 1
    with pytest.raises(RuntimeError, match="no slot is free"):
        workers.submit(2, {"do": "return", "with": (1.0,)})
    assert [ended.id for ended in workers.wait(None)] == [1]
    assert workers.running() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_abandoned_job_is_gone(kind):
    workers = made(kind)
    workers.submit(1, {"do": "sleep", "with": (60.0,)})
    workers.abandon()
    assert workers.running() == 0
    assert workers.wait(1.0) == []
    workers.close()
    workers.close()


def test_what_an_interrupt_broke_off_is_begun_anew():
    calls = []

    def fun(x):
        calls.append(x[0])
        if len(calls) == 1:
            raise KeyboardInterrupt
        return 1.0

    workers = InProcess(fun)
    workers.submit(0, np.array([0.5]))
    with pytest.raises(KeyboardInterrupt):
        workers.wait(None)
    assert workers.running() == 1
    assert workers.wait(None)[0].answer.value == 1.0
    assert calls == [0.5, 0.5]


# ---- refused at construction ------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, "number of workers must be an integer of at least 1, got 0"),
        ({"n": 1.5}, "number of workers must be an integer"),
        ({"timeout": 0.0}, "timeout must be above 0"),
        ({"timeout": "5s"}, "timeout must be a finite number"),
        ({"memory": -1}, r"memory \(in bytes\) must be above 0, got -1"),
        ({"transient": OSError}, "transient must be a tuple of exception types"),
        ({"transient": (1,)}, "transient must be a tuple of exception types"),
        ({"fun": 3.0}, "fun must be callable, got 3.0"),
    ],
)
def test_options_that_make_no_sense(options, words):
    arguments = {"fun": obey, "args": (), "n": 1} | options
    with pytest.raises(ValueError, match=words):
        LocalWorkers(**arguments)


def test_in_process_checks_transient():
    with pytest.raises(ValueError, match="transient must be a tuple"):
        InProcess(obey, transient=[OSError])


def test_what_cannot_leave_the_process_is_refused(tmp_path):
    lock = threading.Lock()
    with pytest.raises(ValueError, match=r"TypeError: cannot pickle .*lock.*; open"):
        LocalWorkers(lambda x: lock.locked(), (), 1)
    with (
        open(tmp_path / "log", "w") as file,
        pytest.raises(ValueError, match="sent to another process"),
    ):
        LocalWorkers(obey, (file,), 1)


def test_memory_limits_are_refused_where_there_are_none(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ValueError, match="Linux only, got memory=1000000"):
        LocalWorkers(obey, (), 1, memory=1e6)
