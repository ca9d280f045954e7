"""Ours beside the best peer and beside the best of COCO's archive."""

import numpy as np
import pytest

from benchmarks import tables
from benchmarks.harness import store
from benchmarks.problem_sets import SETS
from benchmarks.reporting import beside, envelope, markdown, write
from benchmarks.reporting.archive import ARCHIVE
from benchmarks.reporting.sections import sections
from tests.benchmarks.test_reporting import compare, rows_of, run

ALL = SETS["bbob"].functions


def solved_at(solver, when, functions=("f01", "f02"), **fields):
    return [
        run(solver, f, i, [(when, 1e-9)], **fields) for f in functions for i in (3, 4)
    ]


def test_the_best_peer_is_none_of_ours():
    both = compare(
        *solved_at("surrogo", 11),
        *solved_at("surrogo-ego", 1),
        *solved_at("good", 6),
        *solved_at("bad", 16),
    )
    assert beside.best_peer(both) == (
        "surrogo has 0.67 times the area of the best peer, good (difference -0.250 "
        "(-0.250 to -0.250)); for targets to 1e-2, 0.67 times that of good."
    )


def test_the_best_peer_for_easy_targets_may_be_another():
    quick = [r | {"improvements": [[1, 1e-2]]} for r in solved_at("quick", 1)]
    both = compare(*solved_at("surrogo", 11), *solved_at("good", 6), *quick)
    assert "of the best peer, good" in beside.best_peer(both)
    assert "0.50 times that of quick." in beside.best_peer(both)


@pytest.mark.parametrize("solvers", [("surrogo",), ("good", "bad")])
def test_without_ours_or_peers_there_is_no_sentence(solvers):
    records = [r for s in solvers for r in solved_at(s, 5)]
    assert beside.best_peer(compare(*records)) == ""


def test_each_function_has_its_own_best_peer():
    records = [
        *solved_at("surrogo", 5, ("f01", "f02", "f03")),
        *solved_at("a", 5, ("f01",)),
        *solved_at("a", 15, ("f02", "f03")),
        *solved_at("b", 15, ("f01", "f03")),
        *solved_at("b", 5, ("f02",)),
    ]
    frame = beside.by_function(compare(*records), {"early": 10})
    assert list(frame["early"]) == [
        "1.00 / 1.00 a",
        "1.00 / 1.00 b",
        "1.00 / 0.00 nobody",
    ]


def test_rows_are_beside_the_first():
    both = compare(*solved_at("x", 11), *solved_at("y", 6))
    frame = beside.rows(both, {"half": 10}, {"x": "plain", "y": "new", "z": "lost"})
    assert list(frame.index) == ["plain", "new"]
    assert list(frame["ratio"]) == ["-", "1.50"]
    assert frame["difference"]["new"] == "+0.250 (+0.250 to +0.250)"
    assert list(frame["half"]) == ["0.000", "1.000"]


# The archive


def suite(solver, d, when, budget):
    return [
        run(solver, f, i, [(when, 1e-9)], d=d, budget=budget, format=store.FORMAT)
        for f in ALL
        for i in (3, 4, 5)
    ]


def test_shares_are_of_the_longest_runs_that_there_are():
    long, short = suite("s", 5, 26, 500), suite("s", 5, 51, 100)
    parts = list(sections(tables.get("bbob-5"), long + short))
    found = envelope.shares(parts, "s")
    np.testing.assert_array_equal(found[5], [1.0, 1.0, 1.0, 1.0])
    parts = list(sections(tables.get("bbob-5"), short))
    found = envelope.shares(parts, "s")
    np.testing.assert_array_equal(found[5], [0.0, 1.0, np.nan, np.nan])
    assert np.isnan(found[10]).all()


def test_ratios_are_to_the_best_of_the_archive():
    found = {d: np.array(rows["best of all"]) for d, rows in ARCHIVE.items()}
    found[10] = found[10] * 1.5
    found[2] = np.full(4, np.nan)
    text = envelope.summary(envelope.ratios(found))
    assert text == (
        "Mean ratio 1.125 over 16 of 20 cells; 16 at 1 or above, lowest 1.00."
    )


def test_the_table_beside_the_archive_is_written(tmp_path):
    for record in suite("surrogo", 3, 31, 300):
        store.append(tmp_path / "bbob-3", record)
    text = envelope.write(tmp_path, ["surrogo", "nobody"]).read_text()
    ours = rows_of(text, "3")[0]
    assert ours[1:] == ["0.000 (0.00)", "1.000 (3.48)", "1.000 (2.13)", "1.000 (1.73)"]
    assert rows_of(text, "2")[0] == ["2", "-", "-", "-", "-"]
    assert "No runs." in text
    with pytest.raises(ValueError, match="python -m benchmarks run bbob-5"):
        envelope.write(tmp_path / "bbob-3", ["surrogo"])


def test_a_report_on_the_whole_suite_has_our_ratio():
    parts = sections(tables.get("bbob-5"), suite("surrogo", 5, 51, 100))
    text = markdown.section(next(iter(parts)))
    assert rows_of(text, "surrogo / best of all")[0][1:] == ["0.00", f"{1 / 0.243:.2f}"]


# Tables that are a part of others


def test_live_looks_at_runs_of_bbob_5(tmp_path):
    records = suite("surrogo", 5, 51, 500) + suite("slsqp", 5, 21, 100)
    for record in records:
        store.append(tmp_path / "bbob-5", record)
    table = tables.get("live")
    text = write.table(tmp_path, table).read_text()
    assert "12 functions, instances 3, 4, 5, 20 d evaluations" in text
    assert "72 runs made" in text  # of the twelve functions, by two solvers
    assert "surrogo has 0.62 times the area of the best peer, slsqp" in text
    assert (tmp_path / "live" / "1-ecdf.png").exists()
    keys = {store.key(record) for record in records}
    assert {job.key() for job in table.jobs(["slsqp"])} <= keys


def test_our_own_solver_is_run_on_every_lot_and_others_by_their_pace():
    table = tables.get("bbob-5")
    budgets = {job.key()[-1] for job in table.jobs(["surrogo"])}
    assert budgets == {100, 500}
    assert {job.key()[-1] for job in table.jobs(["egobox"])} == {100}


@pytest.mark.parametrize("name", ["large", "trajectory"])
def test_few_solvers_are_compared_in_many_variables(name):
    table = tables.get(name)
    assert table.solvers() == ["surrogo", "l-bfgs-b", "cma-es", "turbo-1", "random"]
    assert {job.budget for job in table.jobs(["turbo-1"])} == {300}
    assert {job.budget for job in table.jobs(["random"])} == {1000}
    final = {job.instance for job in table.jobs()}
    other = {job.instance for job in tables.get(f"{name}-dev").jobs()}
    assert not final & other
