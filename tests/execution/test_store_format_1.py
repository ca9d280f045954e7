"""Stores that surrogo 0.1.0 wrote: readers must cope with them for ever."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from surrogo import Optimizer, load, optimize
from surrogo.execution import read_store
from surrogo.optimizers.registry import make
from surrogo.result import run_data
from tests.data.make_store_format_1 import BOUNDS, Kept, simulation

DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "store_format_1.json").read_text("utf-8"))
NAMES = sorted(EXPECTED)
STRATEGY = {"auto": "auto", "kept": Kept()}


def stored(name):
    return DATA / f"store_format_1_{name}.db"


@pytest.fixture
def copy(tmp_path):
    """Return a function that gives a copy of a store, to go on with."""

    def copied(name):
        return Path(shutil.copy(stored(name), tmp_path / "run.db"))

    return copied


def same_rows(trials, rows):
    return np.allclose([trial.row for trial in trials], rows, rtol=1e-9, atol=0.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_read_as_it_was_written(name):
    held = read_store(stored(name))
    assert held.events == EXPECTED[name]["events"]
    kept = {"seed", "strategy", "space"}
    assert {k: v for k, v in held.head.items() if k in kept} == {
        k: v for k, v in EXPECTED[name].items() if k in kept
    }
    assert sorted({event["event"] for event in held.events}) == sorted(
        ["add", "ask", "budget", "end", "fail", "retry", "rules"]
    )
    assert [session.status for session in held.sessions][:2] == ["MAX_EVALS"] * 2


@pytest.mark.parametrize("name", NAMES)
def test_the_trials_are_what_they_were(name):
    result = load(stored(name))
    ends = [e for e in EXPECTED[name]["events"] if e["event"] in ("end", "add")]
    values = {event["id"]: event["evaluation"]["value"] for event in ends}
    assert {t.id: t.value for t in result.trials.in_state("done")} == values
    assert result.fun == min(values.values())
    assert result.trials[0].added
    assert max(trial.retries for trial in result.trials) == 1
    rich = next(t for t in result.trials if t.seconds == 3600.0)
    assert rich.evaluation.info == {"cells": 1200, "note": "nan"}
    assert rich.evaluation.noise_var == 0.25
    reasons = {trial.reason for trial in result.trials.in_state("failed")}
    assert "the cluster \N{EN DASH} it was down" in reasons
    assert "the value is nan" in reasons


def test_what_the_strategy_remembered_is_there():
    memory = load(stored("kept")).trials.memory
    assert (memory["lowest"], memory["highest"]) == (math.inf, -math.inf)
    assert math.isnan(memory["unknown"])


def test_the_run_goes_on_with_the_same_points(copy):
    with Optimizer(BOUNDS, strategy=Kept(), store=copy("kept")) as optimizer:
        assert same_rows(optimizer.ask(3), EXPECTED["kept"]["next"])


def test_the_default_strategy_goes_on_as_from_memory(copy):
    told = Optimizer.from_dict(load(stored("auto")))
    with Optimizer(BOUNDS, store=copy("auto")) as optimizer:
        assert same_rows(optimizer.ask(2), [trial.row for trial in told.ask(2)])


def test_a_search_along_lines_goes_on_from_lists_as_from_text(copy):
    """Its samples were written as lists; now they are packed."""
    run = load(stored("lines"))
    data = run_data(run.trials, run.seed, run.strategy)
    ask = next(event for event in data["events"] if event.get("memory"))
    memory = make("auto").revive(ask["memory"])
    assert isinstance(ask["memory"]["lines"]["lines"][0]["t"], list)
    ask["memory"] = make("auto").describe(memory)
    assert isinstance(ask["memory"]["lines"]["lines"][0]["t"], str)
    again = Optimizer.from_dict(data)
    with Optimizer([(-2.0, 2.0)] * 2, store=copy("lines")) as optimizer:
        for _ in range(6):
            trials = [one.ask() for one in (optimizer, again)]
            assert trials[0] == trials[1]
            for one, trial in zip((optimizer, again), trials, strict=True):
                one.tell(trial, float((trial.x - 0.3) @ (trial.x - 0.3)), 1.0)
        assert optimizer.trials.memory == again.trials.memory
        assert optimizer.result().fun < 1e-20


@pytest.mark.parametrize("name", NAMES)
def test_optimize_goes_on_to_the_end(copy, name):
    path, settings = copy(name), {"strategy": STRATEGY[name], "retries": 1}
    result = optimize(simulation(), BOUNDS, store=path, max_evals=36, **settings)
    assert (result.nfev, len(result.trials.in_state("running"))) == (36, 0)
    assert read_store(path).events[: len(EXPECTED[name]["events"])] == [
        {key: value for key, value in event.items() if key != "memory"}
        for event in EXPECTED[name]["events"]
    ]
