"""Saved results come back whole, and foreign files are refused."""

import json
from pathlib import Path

import pytest

from surrogo import Integer, Optimizer, Real, load, optimize
from surrogo.optimizers import RandomSearch


def run(**more):
    bounds = {"rate": Real(1e-3, 1, scale="log"), "n": Integer(1, 5)}
    return optimize(lambda p: p["rate"] * p["n"], bounds, max_evals=9, rng=0, **more)


def test_a_result_comes_back_whole(tmp_path):
    result, path = run(), tmp_path / "run.json"
    result.save(path)
    again = load(path)
    assert again.x == result.x
    assert repr(again) == repr(result)
    assert again.trials.to_dict() == result.trials.to_dict()
    assert (again.status, again.strategy) == (result.status, result.strategy)
    assert again.versions == result.versions
    point = [[0.1, 2]]
    assert again.surrogate.predict(point) == result.surrogate.predict(point)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no complete JSON file"),
        ('{"format": 1, "se', "no complete JSON file"),
        ("[1, 2]", "must be a dict with a format"),
        ('{"format": 1}', "must have the parts"),
        ('{"format": 99}', "must have format 1, got 99"),
        ('{"a": 1}', "must be a dict with a format"),
    ],
)
def test_foreign_files_are_refused(tmp_path, text, match):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=match):
        load(path)


@pytest.mark.parametrize("key", ["seed", "strategy", "space", "events", "message"])
def test_a_file_without_a_part_is_refused(tmp_path, key):
    path = tmp_path / "run.json"
    run().save(path)
    data = json.loads(path.read_text())
    del data[key]
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match=key):
        load(path)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.json")


class Mine(RandomSearch):
    name = "mine"


def test_a_result_of_an_unregistered_strategy_can_be_read(tmp_path):
    result, path = run(strategy=Mine()), tmp_path / "run.json"
    result.save(path)
    assert load(path).fun == result.fun
    assert load(path).strategy["name"] == "mine"


def test_a_file_of_format_1_stays_readable():
    # Written by surrogo 0.1.0; never regenerate it, readers must cope with it for ever.
    result = load(Path(__file__).parents[1] / "data" / "run_format_1.json")
    states = [trial.state for trial in result.trials]
    assert states.count("failed") == 2
    assert states.count("running") == 2
    assert (len(states), result.nfev, result.seed) == (15, 12, 12)
    assert result.trials[0].added
    assert result.trials[0].evaluation.info == {"by": "hand"}
    assert result.trials[4].reason == "mesh"
    assert result.fun == 0.2502770345502931
    assert result.x["n"] == 1
    assert result.trials.best.evaluation.residuals.shape == (2,)


def test_a_saved_run_goes_on_as_if_it_had_not_ended(tmp_path):
    def fun(x):
        return float((x[0] - 0.3) ** 2)

    half = optimize(fun, [(-1, 1)], max_evals=5, rng=0)
    half.save(tmp_path / "run.json")
    runs = [Optimizer.from_dict(each) for each in (half, load(tmp_path / "run.json"))]
    for optimizer in runs:
        for _ in range(3):
            trial = optimizer.ask()
            optimizer.tell(trial, fun(trial.x))
    first, second = (optimizer.trials.rows().tolist() for optimizer in runs)
    assert first == second
    assert first[:5] == half.trials.rows().tolist()


def test_a_result_is_no_space_and_a_stranger_no_run(tmp_path):
    result = optimize(lambda x: x[0], [(0, 1)], max_evals=3, rng=0)
    with pytest.raises(ValueError, match=r"got a Result; .* Optimizer.from_dict"):
        optimize(lambda x: x[0], result)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match=r"a run must be a dict with a format"):
        load(tmp_path / "other.json")
    with pytest.raises(ValueError, match=r"args must be a tuple .* got 3"):
        optimize(lambda x, a: x[0], [(0, 1)], args=3)
