"""Results: their text, their file, and what they are when nothing succeeded."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult

import surrogo
from surrogo import files
from surrogo.evaluation import Evaluation
from surrogo.result import FORMAT, Result, Status, make_result
from surrogo.space import Categorical, Real, Space
from surrogo.trials import Trials
from tests.strategies import anything, records

BOX = Space.of([(0, 1), (-2, 2)])
SETTINGS = {"seed": 3, "strategy": {"name": "random"}, "surrogate": object()}


def run(values, space=BOX, status=Status.MAX_EVALS):
    """Return the result of a run that gave these values; None is a failure."""
    trials = Trials(space)
    rng = np.random.default_rng(0)
    for id, value in enumerate(values):
        trials.ask(space.from_unit(rng.random((1, space.d))))
        if value is None:
            trials.fail(id, "mesh")
        else:
            trials.end(id, Evaluation(value))
    return make_result(trials, status, **SETTINGS)


# ---- what is in it ----------------------------------------------------------


def test_the_parts_of_a_result():
    result = run([3.0, None, 1.0, 2.0])
    result.trials.add([0.5, 0.5], Evaluation(9.0))
    result.trials.ask([[0.25, 0.5]])
    result = make_result(result.trials, Status.TARGET, **SETTINGS)
    assert isinstance(result, OptimizeResult)
    assert isinstance(result, dict)
    assert result.x.tolist() == result.trials[2].row.tolist()
    assert result["fun"] == result.fun == 1.0
    assert result.success is True
    assert result.status is Status.TARGET
    assert result.message == "The target value was reached."
    assert (result.nfev, result.nit) == (4, 5)
    assert result.space is BOX
    assert result.seed == 3
    assert result.surrogate is SETTINGS["surrogate"]
    assert set(result.versions) == {"surrogo", "python", "numpy", "scipy"}
    assert set(result) == set(Result.__annotations__)


@pytest.mark.parametrize("status", list(Status))
def test_success_is_a_best_point_and_an_ordinary_end(status):
    assert run([1.0], status=status).success == (status.value > 0)
    assert not run([None], status=status).success


@pytest.mark.parametrize(
    "status", [Status.MAX_EVALS, Status.MAX_TIME, Status.EXHAUSTED]
)
def test_a_run_without_a_best_point_says_why(status):
    failed = run([None, None], status=status)
    assert failed.x is None
    assert math.isnan(failed.fun)
    assert failed.status is Status.ALL_FAILED
    assert failed.nfev == 2
    infeasible = run([None], status=status)
    infeasible.trials.add([0.5, 0.5], Evaluation(1.0, constraints=[2.0]))
    infeasible = make_result(infeasible.trials, status, **SETTINGS)
    assert infeasible.x is None
    assert infeasible.status is Status.INFEASIBLE
    assert run([], status=status).status is status


@pytest.mark.parametrize("status", [Status.INTERRUPTED, Status.SAME_ERROR])
def test_other_ends_keep_their_reason(status):
    assert run([None], status=status).status is status


def test_changing_x_does_not_change_the_record():
    result = run([1.0])
    result.x[:] = 0.0
    assert result.trials.best.x.tolist() == result.trials[0].row.tolist() != [0.0, 0.0]


def test_every_status_has_a_sentence():
    messages = [status.message for status in Status]
    assert len(set(messages)) == len(Status)
    assert all(re.fullmatch(r"[A-Z].*[a-z]\.", message) for message in messages)
    assert Status(3) is Status.MAX_TIME


def test_results_can_be_copied_and_pickled():
    result = run([3.0, None])
    result.surrogate = None
    for again in (
        copy.copy(result),
        copy.deepcopy(result),
        pickle.loads(pickle.dumps(result)),
    ):
        assert type(again) is Result
        assert repr(again) == repr(result)
        assert again.trials.to_dict() == result.trials.to_dict()
        assert again.status is Status.MAX_EVALS


# ---- its text ---------------------------------------------------------------


def test_the_text_of_a_result():
    assert str(run([0.125, None])) == (
        "  message: The budget of evaluations is used up.\n"
        "      fun: 0.125\n"
        "        x: x0 = 0.63696169\n"
        "           x1 = -0.92085314\n"
        "  success: True (status 1)\n"
        "     nfev: 2 evaluations, 1 failed\n"
        "     seed: 3"
    )


def test_the_text_names_values_and_what_does_not_exist():
    space = Space.of(
        {
            "wood": Categorical(["oak"]),
            "metal": Categorical(["steel", "zinc"]),
            "angle": Real(0, 1, active_if={"metal": "steel"}),
        }
    )
    trials = Trials(space)
    trials.add(space.encode({"wood": "oak", "metal": "zinc"}), Evaluation(1.0))
    text = repr(make_result(trials, Status.RUNNING, **SETTINGS))
    assert "x: wood = oak\n           metal = zinc\n           angle = -\n" in text
    positional = run([1.0], Space.of([Categorical([0]), Real(0, 1, active_if={0: 0})]))
    positional.x[1] = np.nan
    assert "x1 = -" in str(positional)


def test_a_failed_run_has_a_text():
    text = str(run([None]))
    assert "fun: nan" in text
    assert "x: none" in text
    assert "success: False (status -3)" in text


@given(st.text() | st.text(min_size=500), st.integers(1, 100), st.integers())
def test_the_text_fits_one_screen(text, d, seed):
    names = [f"{j}{text}" for j in range(d)]
    result = run([1.0, None], Space.of(dict.fromkeys(names, (-1e300, 1e-300))))
    result.message, result.seed = text, seed
    lines = str(result).split("\n")
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert ("... and" in str(result)) == (d > 12)


def test_a_long_message_is_wrapped_at_words():
    result = run([1.0])
    result.message = "word " * 30
    first, second = str(result).split("\n")[:2]
    assert first == "  message: " + " ".join(["word"] * 14)
    assert second == " " * 11 + " ".join(["word"] * 14)


def test_values_of_choices_are_cut():
    result = run([1.0], Space.of({"file": Categorical(["x" * 500])}))
    assert max(map(len, str(result).split("\n"))) <= 80


def test_a_result_with_parts_missing_still_has_a_text():
    result = run([1.0])
    while result:
        assert isinstance(str(result), str)
        result.popitem()
    result = run([1.0])
    for key in list(result):
        del result[key]
        assert isinstance(str(result), str)


def test_the_html_is_escaped():
    result = run([1.0], Space.of({"<b>": (0, 1)}))
    result.message = "<script>alert('a & b')</script>"
    text = result._repr_html_()
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;alert(&#x27;a &amp; b&#x27;)" in text
    assert text.count("<tr>") == text.count("</tr>") == 6


# ---- its table and its plot -------------------------------------------------


def test_the_table_is_that_of_the_trials():
    assert run([3.0, None]).to_frame()["state"].tolist() == ["done", "failed"]


def test_the_plot_shows_every_value_and_the_best():
    mpl.use("Agg")
    result = run([3.0, None, 1.0, 2.0])
    ax = result.plot()
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert lines["evaluations"] == [[1, 3], [3, 1], [4, 2]]
    assert lines["best so far"] == [[1, 3], [2, 3], [3, 1], [4, 1]]
    assert result.plot(ax) is ax
    for empty in (run([]), run([None])):
        assert empty.plot().get_xlabel() == ax.get_xlabel()
    mpl.pyplot.close("all")


# ---- its file ---------------------------------------------------------------


def test_a_saved_result_comes_back(tmp_path):
    result = surrogo.optimize(
        branin_or_fail, {"a": (-5, 10), "b": (0, 15)}, rng=1, **EIGHT
    )
    result.message += " Umlaut: ü"
    result.save(tmp_path / "run.json")
    again = surrogo.load(tmp_path / "run.json")
    assert str(again) == str(result)
    assert again.trials.to_dict() == result.trials.to_dict()
    assert (again.x, again.status) == (result.x, result.status)
    assert again.strategy == result.strategy
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


EIGHT = {"max_evals": 8, "strategy": "random"}


def branin_or_fail(point):
    if point["a"] > 5:
        raise ValueError("no mesh")
    return point["a"] ** 2 + point["b"]


@given(records(), anything)
def test_every_record_can_be_saved(tmp_path_factory, trials, odd):
    settings = SETTINGS | {"strategy": {"name": "random", "odd": odd}}
    result = make_result(trials, Status.RUNNING, **settings)
    path = tmp_path_factory.mktemp("saved") / "run.json"
    result.save(path)
    data = json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)
    assert (data["format"], data["seed"], data["status"]) == (FORMAT, 3, 0)
    assert Trials.from_dict(data).to_dict() == trials.to_dict()


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    run([3.0]).save(path)
    old = path.read_text("utf-8")

    def full(_):
        raise OSError("no space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        run([1.0]).save(str(path))
    assert path.read_text("utf-8") == old
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
    monkeypatch.undo()
    run([1.0]).save(str(path))
    assert path.read_text("utf-8") != old


def test_a_folder_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run([1.0]).save(tmp_path / "nowhere" / "run.json")
