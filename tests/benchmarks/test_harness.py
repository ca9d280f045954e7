"""What the harness writes down of solvers that misbehave, and of those that do not."""

import json
import os
import threading
import time

import numpy as np
import pytest

from benchmarks.harness import execute as module
from benchmarks.harness.execute import Interrupted, Limits, execute
from benchmarks.harness.meter import Meter, Refused
from benchmarks.problem_sets.base import Case
from benchmarks.solvers import base
from tests.benchmarks import bad_solvers
from tests.benchmarks.bad_solvers import running

QUICK = Limits(cpu=1.0, silence=1.0)


def bowl(d=2, residuals=True):
    """A bowl with its minimum 1 at (0.5, 0.5) in the unit square."""
    return Case(
        set="made up",
        name="bowl",
        d=d,
        instance=7,
        group="round",
        lower=np.zeros(d),
        upper=np.ones(d),
        fun=lambda x: 1.0 + float(np.sum((x - 0.5) ** 2)),
        f_opt=1.0,
        residuals=(lambda x: x - 0.5) if residuals else None,
        scale=2.0,
    )


@pytest.fixture(autouse=True)
def quick_start(monkeypatch):
    monkeypatch.setattr(module, "STARTING", 1)


def record(name, budget=5, limits=QUICK):
    return execute(bowl(), base.SOLVERS[name], budget, limits)


def test_a_good_solver():
    found = record("good", 20)
    X = np.random.default_rng(7).uniform(size=(20, 2))
    regrets = np.sum((X - 0.5) ** 2, axis=1) / 2.0
    best = np.minimum.accumulate(regrets)
    at = [k for k in range(20) if k == 0 or best[k] < best[k - 1]]
    assert [k for k, _ in found["improvements"]] == [k + 1 for k in at]
    np.testing.assert_allclose([r for _, r in found["improvements"]], best[at], 1e-5)
    assert (found["status"], found["evaluations"]) == ("returned", 20)
    assert found["refused"] == found["clipped"] == found["not_finite"] == 0
    assert found["instance"] == 7
    assert found["versions"]["numpy"] == np.__version__
    assert found["versions"]["no-such-distribution"] == "?"
    assert [k for k, _ in found["cpu"]] == [10, 20]
    assert json.loads(json.dumps(found))["improvements"][0][0] == 1


def test_one_evaluation_too_many_is_refused():
    found = record("one too many")
    assert (found["status"], found["evaluations"], found["refused"]) == ("budget", 5, 1)


def test_a_solver_that_goes_on_for_ever_is_ended():
    found = record("swallows everything")
    assert (found["status"], found["evaluations"]) == ("budget", 5)
    assert found["refused"] == module.PATIENCE + 1


@pytest.mark.parametrize(
    ("name", "status", "message", "evaluations"),
    [
        ("raises", "raised", "RuntimeError: no luck (bad_solvers.py", 1),
        ("not installed", "raised", "No module named 'no_such_module'", 0),
        ("exits", "raised", "SystemExit: enough", 1),
        ("killed", "died", "SIGKILL", 1),
        ("hangs", "wall limit", "no request for 1 s", 1),
        ("closes everything", "died", "closed its connection", 1),
        ("thinks too long", "cpu limit", "more than 1 s", 5),
        ("wrong shape", "raised", "shape (2,), got (3,)", 1),
        ("a scalar", "raised", "shape (2,), got ()", 1),
        ("two dimensions", "raised", "shape (2,), got (1, 2)", 1),
        ("words", "raised", "ValueError: could not convert string to float", 1),
        ("its own pipe breaks", "raised", "BrokenPipeError: of a worker", 1),
        ("forks", "died", "exit code 3", 1),
        ("returns at once", "returned", "", 0),
    ],
)
def test_faults(name, status, message, evaluations):
    found = record(name, 20)
    assert found["status"] == status
    assert message in found["message"]
    assert found["evaluations"] == evaluations
    assert len(found["improvements"]) == min(evaluations, 1)
    assert "numpy" in found["versions"]


def test_what_follows_the_budget_is_no_fault():
    found = record("spends all and hangs")
    assert (found["status"], found["message"]) == ("budget", "")
    assert (found["evaluations"], found["refused"]) == (5, 1)


def test_threads_of_a_solver_take_turns():
    found = record("threads", 40)
    assert (found["status"], found["message"]) == ("returned", "")
    assert (found["evaluations"], found["refused"]) == (40, 0)


def test_a_function_that_raises_is_no_fault_of_the_solver():
    case = bowl()
    object.__setattr__(case, "fun", lambda x: float("no number"))
    with pytest.raises(ValueError, match="could not convert"):
        execute(case, base.SOLVERS["good"], 5, QUICK)


def test_an_interpreter_that_does_not_run(monkeypatch):
    monkeypatch.setattr(module.environments, "python", lambda name: "/bin/false")
    found = record("good")
    assert (found["status"], found["evaluations"]) == ("died", 0)
    assert found["message"] == "the process ended by exit code 1"


def test_cpu_time_is_bounded_between_evaluations_too():
    found = record("burns", limits=Limits(cpu=1.0, silence=60.0))
    assert (found["status"], found["evaluations"]) == ("cpu limit", 1)
    assert "SIGXCPU" in found["message"]


def test_points_that_are_not_numbers_are_paid_for():
    found = record("not a number")
    assert (found["evaluations"], found["not_finite"]) == (2, 1)
    assert found["improvements"] == [(2, 0.25)]
    assert found["status"] == "returned"


def test_points_outside_are_clipped():
    found = record("leaves the box")
    assert (found["evaluations"], found["clipped"]) == (3, 1)
    assert found["improvements"] == [(1, 0.25)]
    assert found["status"] == "returned"


def test_residuals_are_handed_over_and_summed():
    found = record("sums squares")
    assert (found["evaluations"], found["not_finite"]) == (3, 1)
    assert found["improvements"] == [(1, -0.25)]  # the optimum of this case is 1
    assert found["status"] == "returned"
    with pytest.raises(ValueError, match="has no residuals"):
        Meter(bowl(residuals=False), 5, residuals=True)


def test_output_of_a_solver_does_no_harm():
    assert record("prints")["status"] == "returned"


def test_processes_of_a_solver_end_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SURROGO_TEST_PID", str(tmp_path / "pid"))
    record("starts a process")
    pid = int((tmp_path / "pid").read_text())
    for _ in range(50):
        if not running(pid):
            return
        time.sleep(0.1)
    pytest.fail("the process of the solver is still there")


@pytest.mark.parametrize("name", ["hangs", "thinks steadily"])
def test_stopped_from_outside(name):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(Interrupted):
        execute(bowl(), base.SOLVERS[name], 10**6, Limits(cpu=5.0), stop)


def test_threads_of_libraries_are_limited():
    assert module._variables()["OPENBLAS_NUM_THREADS"] == "1"
    assert os.environ.keys() <= module._variables().keys()


def test_missing_environment():
    solver = base.Solver("x", bad_solvers.good, environment="nowhere")
    with pytest.raises(ValueError, match="python -m benchmarks environment nowhere"):
        execute(bowl(), solver, 5, QUICK)


def test_values_that_are_not_finite_never_improve():
    case = bowl()
    values = iter([np.nan, np.inf, 3.0, -np.inf])
    object.__setattr__(case, "fun", lambda x: next(values))
    meter = Meter(case, 4)
    for _ in range(4):
        meter.evaluate([0.5, 0.5])
    assert meter.improvements == [(3, 1.0)]  # (3 - 1) / 2
    with pytest.raises(Refused):
        meter.evaluate([0.5, 0.5])
    assert (meter.evaluations, meter.refused) == (4, 1)


def test_a_run_is_over_when_the_value_is_good_enough():
    case = bowl()
    values = iter([3.0, 1.2, 0.9])
    object.__setattr__(case, "fun", lambda x: next(values))
    object.__setattr__(case, "enough", 0.1)
    meter = Meter(case, 9)
    for _ in range(2):  # the second is good enough: (1.2 - 1) / 2
        meter.evaluate([0.5, 0.5])
    with pytest.raises(Refused, match="good enough"):
        meter.evaluate([0.5, 0.5])
    assert (meter.evaluations, meter.refused) == (2, 1)


def test_improvements_that_read_the_same_are_written_down_once():
    case = bowl()
    values = iter([3.0, 3.0 - 1e-9, 2.0])
    object.__setattr__(case, "fun", lambda x: next(values))
    meter = Meter(case, 3)
    for _ in range(3):
        meter.evaluate([0.5, 0.5])
    assert meter.improvements == [(1, 1.0), (3, 0.5)]
