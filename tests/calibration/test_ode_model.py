"""`OdeModel`: events, rest, observables, methods that fail, against formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from surrogo.calibration import Event, Normal, OdeModel, SimulationError, make_problem
from surrogo.checks import FloatArray
from surrogo.ode import IntegrationError, Limits, integrate


def decay(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
    return -p["k"] * y


def fed(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
    return p["feed"] - p["k"] * y


P = {"k": 0.5, "u0": 2.0, "dose": 3.0, "when": 1.5, "feed": 1.0}


def test_initial_states_are_numbers_names_or_functions() -> None:
    rhs = decay
    for initial in (
        {"a": 2.0, "b": 4.0},
        {"a": "u0", "b": lambda p: 2 * p["u0"]},
        lambda p: [p["u0"], 4.0],
    ):
        out = OdeModel(rhs, ["a", "b"], initial)(P, [0.0, 1.0])
        np.testing.assert_allclose(out["a"], [2.0, 2 * math.exp(-0.5)], rtol=1e-7)
        np.testing.assert_allclose(out["b"], 2 * out["a"], rtol=1e-6)


def test_observables_are_states_or_functions() -> None:
    observables = {
        "sum": lambda t, y, p: y[0] + y[1],
        "late": lambda t, y, p: t * p["k"],
        "constant": lambda t, y, p: 7.0,
        "b": "b",
    }
    model = OdeModel(decay, ["a", "b"], {"a": 1.0, "b": 2.0}, observables=observables)
    out = model(P, [0.0, 2.0])
    assert list(out) == ["sum", "late", "constant", "b"]
    np.testing.assert_allclose(out["sum"], [3.0, 3 * math.exp(-1)], rtol=1e-7)
    np.testing.assert_allclose(out["late"], [0.0, 1.0])
    np.testing.assert_array_equal(out["constant"], 7.0)


@pytest.mark.parametrize("time", [1.5, "when", lambda p: p["when"]])
def test_an_event_changes_the_states_at_its_time(time: Any) -> None:
    dose = Event(time, lambda t, y, p: y + p["dose"])
    model = OdeModel(decay, ["u"], {"u": 2.0}, events=[dose])
    u = model(P, [0.0, 1.0, 1.5, 3.0])["u"]
    before = 2 * math.exp(-0.75)
    after = before + 3.0
    known = [2.0, 2 * math.exp(-0.5), after, after * math.exp(-0.75)]
    np.testing.assert_allclose(u, known, rtol=1e-7)


def test_events_come_in_the_order_of_their_times() -> None:
    events = [
        Event(2.0, lambda t, y, p: 0 * y),
        Event(1.0, lambda t, y, p: y + 1),
        Event(1.0, lambda t, y, p: 10 * y),
        Event(9.0, lambda t, y, p: y / 0),  # after the last time: never
    ]
    model = OdeModel(lambda t, y, p: 0 * y, ["u"], {"u": 2.0}, events=events)
    assert model(P, [0.5, 1.0, 1.5, 2.5])["u"].tolist() == [2.0, 30.0, 30.0, 0.0]


def test_an_event_at_the_start_counts() -> None:
    dose = Event(0.0, lambda t, y, p: y + 3)
    model = OdeModel(lambda t, y, p: 0 * y, ["u"], {"u": 2.0}, events=[dose])
    assert model(P, [0.0, 1.0])["u"].tolist() == [5.0, 5.0]


def test_a_rest_comes_before_the_start() -> None:
    model = OdeModel(fed, ["u"], {"u": 0.0}, steady_state_start=True)
    np.testing.assert_allclose(model(P, [0.0, 5.0])["u"], 2.0, rtol=1e-5)


def test_a_rest_may_have_constants_of_its_own() -> None:
    model = OdeModel(fed, ["u"], {"u": 0.0}, steady_state_start={"feed": 4.0})
    u = model(P, [0.0, 1.0])["u"]
    np.testing.assert_allclose(u, [8.0, 2 + 6 * math.exp(-0.5)], rtol=1e-5)


def test_rest_does_not_depend_on_the_unit_of_time() -> None:
    for unit in (1e-6, 1e6):
        p = {"feed": 1.0 / unit, "k": 0.5 / unit}
        model = OdeModel(fed, ["u"], {"u": 0.0}, steady_state_start=True)
        np.testing.assert_allclose(model(p, [0.0, unit])["u"], 2.0, rtol=1e-5)


def test_no_rest_is_said() -> None:
    model = OdeModel(lambda t, y, p: [1.0], ["u"], {"u": 0.0}, steady_state_start=True)
    with pytest.raises(SimulationError, match="did not come to rest"):
        model(P, [0.0, 1.0])


def test_a_start_that_is_not_zero() -> None:
    model = OdeModel(decay, ["u"], {"u": 2.0}, start=-1.0)
    np.testing.assert_allclose(model(P, [1.0])["u"], 2 * math.exp(-1), rtol=1e-7)
    with pytest.raises(ValueError, match="must not be before the start"):
        model(P, [-2.0, 1.0])


def test_another_method_tries_where_one_gives_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = []

    def weak(*args: Any, method: str, **more: Any) -> FloatArray:
        tried.append(method)
        if method != "BDF":
            raise IntegrationError(f"{method} met the limit")
        return integrate(*args, method=method, **more)

    monkeypatch.setattr("surrogo.calibration.ode_model.integrate", weak)
    u = OdeModel(decay, ["u"], {"u": 2.0})(P, [0.0, 1.0])["u"]
    assert tried == ["LSODA", "Radau", "BDF"]
    np.testing.assert_allclose(u, [2.0, 2 * math.exp(-0.5)], rtol=1e-6)
    with pytest.raises(IntegrationError, match="LSODA met"):
        OdeModel(decay, ["u"], {"u": 2.0}, method="LSODA")(P, [0.0, 1.0])
    assert tried[3:] == ["LSODA"]


def test_the_first_failure_is_the_one_told() -> None:
    model = OdeModel(lambda t, y, p: y**2, ["u"], {"u": 1.0}, limits=Limits(200))
    with pytest.raises(IntegrationError, match=r"stopped at t = (0\.9|1)"):
        model({}, [0.0, 2.0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"states": []}, "different names"),
        ({"states": ["a", "a"]}, "different names"),
        ({"initial": {"v": 1.0}}, "initial must have the names"),
        ({"observables": {"o": "w"}}, "one of the states"),
    ],
)
def test_models_check_themselves(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"rhs": decay, "states": ["u"], "initial": {"u": 1.0}}
    with pytest.raises(ValueError, match=words):
        OdeModel(**(given | change))


@pytest.mark.parametrize(
    ("initial", "error", "words"),
    [
        ({"u": math.nan}, SimulationError, "initial must give 1 finite numbers"),
        (lambda p: [1.0, 2.0], SimulationError, "initial must give 1 finite numbers"),
        ({"u": "nobody"}, ValueError, "'nobody' must be the name of a parameter"),
    ],
)
def test_initial_states_that_make_no_sense(
    initial: Any, error: Any, words: str
) -> None:
    with pytest.raises(error, match=words):
        OdeModel(decay, ["u"], initial)(P, [0.0, 1.0])


def test_an_event_that_makes_nan_is_said() -> None:
    event = Event(1.0, lambda t, y, p: y * math.nan)
    with pytest.raises(SimulationError, match="the event at t = 1 must give 1 finite"):
        OdeModel(decay, ["u"], {"u": 1.0}, events=[event])(P, [0.0, 2.0])


def test_partly_observed_states() -> None:
    model = OdeModel(decay, ["a", "b"], {"a": 1.0, "b": 2.0}, observables={"b": "b"})
    t = np.arange(4.0)
    data = {"time": t, "b": 2 * np.exp(-0.5 * t)}
    problem = make_problem(model, data, {"k": (0.1, 1.0)}, Normal(1.0))
    constants = 4 * 0.5 * math.log(2 * math.pi)
    assert problem.evaluate([0.5]).value == pytest.approx(constants, abs=1e-9)
