"""Values of an earlier run in a new space."""

import logging

import pytest

from surrogo import (
    Categorical,
    Evaluation,
    Integer,
    Optimizer,
    Ordinal,
    Real,
    optimize,
)


def bowl(x):
    return float((x[0] - 0.5) ** 2 + (x[1] - 1.0) ** 2)


def named(p):
    return bowl([p["a"], p["b"]])


@pytest.fixture
def old():
    def f(x):
        if x[1] > 2.5:
            raise ValueError("too steep")
        return bowl(x)

    return optimize(f, [(-2, 2), (0, 3)], max_evals=20, rng=0)


def test_values_inside_the_new_bounds_are_known(old, caplog):
    with caplog.at_level(logging.WARNING, logger="surrogo"):
        new = optimize(bowl, [(-1, 1), (0, 2)], prior=old, max_evals=3, rng=1)
    inside = [t for t in old.trials if abs(t.x[0]) <= 1 and t.x[1] <= 2]
    added = [t for t in new.trials if t.added]
    assert [t.value for t in added] == [t.value for t in inside if t.state == "done"]
    assert new.nfev == 3
    assert new.fun <= old.fun
    assert "left out" in caplog.text


@pytest.mark.parametrize("kind", ["store", "saved"])
def test_from_a_file_into_a_store_once(tmp_path, old, kind):
    path = tmp_path / "old"
    if kind == "saved":
        old.save(path)
    else:
        optimize(bowl, [(-2, 2), (0, 3)], max_evals=8, rng=0, store=path)
    n = 8 if kind == "store" else len(old.trials.in_state("done"))
    new = tmp_path / "new.db"
    for budget in (2, 4):
        bounds = [(-3, 3), (0, 5)]
        result = optimize(bowl, bounds, prior=path, max_evals=budget, store=new, rng=0)
        assert sum(t.added for t in result.trials) == n
        assert result.nfev == budget


def test_names_count_and_not_scales():
    old = optimize(named, {"a": (0.1, 2), "b": (0, 3)}, max_evals=6, rng=0)
    space = {"b": (0, 4), "a": Real(0.01, 2, scale="log")}
    new = optimize(named, space, prior=old, max_evals=1, rng=0)
    assert sum(t.added for t in new.trials) == 6


def test_all_parts_of_an_evaluation_are_taken_along():
    optimizer = Optimizer([(0, 1)], rng=0)
    optimizer.tell(optimizer.ask(), Evaluation(residuals=[1.0, 2.0], cost=3.0))
    old = optimizer.result()
    new = optimize(lambda x: x[0], [(0, 2)], prior=old, max_evals=1, rng=0)
    assert new.trials[0].evaluation == Evaluation(residuals=[1.0, 2.0], cost=3.0)


@pytest.mark.parametrize(
    ("prior", "match"),
    [
        (3, "prior must be a Result, a data frame or the name of a file"),
        ("named", "none of its 6 values is at one.*variables"),
    ],
)
def test_what_has_nothing_to_say_is_refused(prior, match):
    if prior == "named":
        prior = optimize(named, {"a": (0, 2), "b": (0, 3)}, max_evals=6, rng=0)
    with pytest.raises(ValueError, match=match):
        optimize(bowl, [(-2, 2), (0, 3)], prior=prior, max_evals=2)


CHOICES = {
    "rate": Real(1e-3, 1.0, scale="log"),
    "n": Integer(1, 4),
    "solver": Categorical(["explicit", "implicit"]),
    "order": Ordinal([1, 2, 4], active_if={"solver": "implicit"}),
}


def mixed(p):
    if p["n"] == 3:
        raise ValueError("=no mesh")
    return p["rate"] * p["n"] + p.get("order", 0)


@pytest.mark.parametrize("kind", ["csv", "frame"])
def test_what_was_exported_comes_back(tmp_path, kind):
    store, table = tmp_path / "run.db", tmp_path / "run.csv"
    old = optimize(mixed, CHOICES, max_evals=14, rng=0, store=store)
    if kind == "csv":
        from surrogo.cli.stored_run import StoredRun
        from surrogo.cli.table import as_csv

        table.write_text(as_csv(StoredRun.read(store)))
        prior = table
    else:
        prior = old.to_frame()
    new = optimize(mixed, CHOICES, max_evals=1, rng=5, prior=prior)
    done = old.trials.in_state("done")
    added = [t for t in new.trials if t.added]
    assert 0 < len(done) < 14
    assert [(t.x, t.value) for t in added] == [(t.x, t.value) for t in done]


def test_a_table_of_measurements(tmp_path):
    table = tmp_path / "lab.CSV"
    table.write_text(
        "operator,x1,x0,value\nEve,1.0,0.5,0.25\nBob,0.5, 1e-1,\nBob,9,0,3\n"
    )
    new = optimize(bowl, [(-2, 2), (0, 3)], max_evals=1, rng=5, prior=table)
    assert [(t.x.tolist(), t.value) for t in new.trials if t.added] == [
        ([0.5, 1.0], 0.25)
    ]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", r"\['x0', 'x1', 'value'\] are missing"),
        ("x0,x1\n1,2\n", r"\['value'\] are missing, its columns are"),
        ("x0;x1;value\n1;2;3\n", "are missing"),
        ("x0,x1,value\n1,2\n", "3 cells in every row.*got 2 in row 1"),
        ("x0,x1,value\n1,2,high\n", "value in row 1 of prior must be a number"),
        ("x0,x1,value\nlow,2,1\n", "x0 in row 1 of prior must be a number"),
        ("x0,x1,value\n8,8,1\n", "none of its 1 values is at one"),
        ("x0,x1,value\n1,2,nan\n", "none of its 0 values is at one"),
    ],
)
def test_tables_that_say_nothing_are_refused(tmp_path, text, match):
    table = tmp_path / "lab.csv"
    table.write_text(text)
    with pytest.raises(ValueError, match=match):
        optimize(bowl, [(-2, 2), (0, 3)], max_evals=1, prior=table)
