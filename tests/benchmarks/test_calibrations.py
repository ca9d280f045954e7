"""The comparison of calibrations: what is counted, and what is said about it."""

import numpy as np
import pytest

from benchmarks import calibrations, tables
from benchmarks.problem_sets.calibrations import BASINS, FUNCTIONS, MEDIANS
from benchmarks.reporting import plots
from benchmarks.reporting.frame import Comparison, problem_of
from benchmarks.reporting.sections import sections
from benchmarks.reporting.simulations import Needs, until
from tests.benchmarks.test_reporting import rows_of, run

FIELDS = {"set": "calibrations", "d": 3, "budget": 200, "group": "any"}
EASY = [f for f in FUNCTIONS if f not in BASINS]


def all_runs(solver, when, seeds=(0, 1)):
    """Return runs that are solved after `when` simulations, if that is in time."""
    return [
        run(solver, f, i, [(2, 1.0), (when, 1e-9)] if when <= 200 else [], **FIELDS)
        for f in FUNCTIONS
        for i in seeds
    ]


def needs_of(*records):
    return Needs.of(Comparison.of(records, {problem_of(r) for r in records}, 200))


def test_the_first_value_that_is_good_enough_counts():
    record = run("s", "pinene", 0, [(3, 0.5), (7, 0.009), (9, 0.001)], **FIELDS)
    assert [until(record, r) for r in (1.0, 0.01, 1e-4)] == [3, 7, np.inf]


def test_one_percent_where_data_have_noise_and_a_millionth_where_not():
    found = [(4, 0.01), (30, 1e-6)]
    records = [run("s", f, 0, found, **FIELDS) for f in ("pinene", "heat")]
    needs = needs_of(*records)
    assert dict(zip(needs.functions, needs.solved["s"], strict=True)) == {
        "pinene": 4,
        "heat": 30,
    }


def test_the_basin_is_found_before_the_solution():
    found = [(1, 50.0), (5, 6.9), (9, 0.001)]
    needs = needs_of(run("s", "hare_lynx", 0, found, **FIELDS))
    assert needs.mean("s", found=True) == pytest.approx(5)
    assert needs.mean("s") == pytest.approx(9)


def test_means_are_geometric_and_failures_count_as_the_budget():
    records = [
        run("s", "pinene", i, [(n, 0.0)] if n else [], **FIELDS)
        for i, n in enumerate([8, 50, None])
    ]
    needs = needs_of(*records)
    assert needs.mean("s") == pytest.approx((8 * 50 * 200) ** (1 / 3))
    assert needs.share("s") == pytest.approx(2 / 3)


def test_leaders_have_solved_most_in_time():
    needs = needs_of(*all_runs("a", 60), *all_runs("b", 40), *all_runs("c", 999))
    found = [needs.leader(["a", "b", "c"], n) for n in (39, 40, 100)]
    assert found == ["nobody", "b (1.00)", "b (1.00)"]
    assert needs.leader(["a", "c"], 100) == "a (1.00)"


def test_leaders_by_what_is_known():
    records = [*all_runs("surrogo-residuals", 30), *all_runs("surrogo", 60)]
    table = calibrations.leaders(needs_of(*records), (50, 100))
    assert len(table) == 4
    known = table.loc["several minima, residuals known"]
    assert known.tolist() == ["surrogo-residuals (1.00)"] * 2
    summed = table.loc["several minima, their sum known"]
    assert summed.tolist() == ["nobody", "surrogo (1.00)"]


def test_curves_rise_where_runs_are_solved():
    needs = needs_of(*all_runs("a", 60), *all_runs("b", 999))
    figure = plots.calibrated({"one": needs, "two": needs}, ["a"])
    curves = {line.get_label(): line.get_ydata() for line in figure.axes[1].lines}
    assert (curves["a"][58], curves["a"][59], curves["a"][-1]) == (0.0, 1.0, 1.0)
    assert not curves["b"].any()
    (legend,) = figure.legends
    assert [each.get_text() for each in legend.get_texts()] == ["a"]


def test_ratios_are_paired_and_parts_are_taken():
    needs = needs_of(*all_runs("a", 10), *all_runs("b", 40))
    np.testing.assert_allclose(needs.ratio("a", "b"), 0.25)
    assert set(needs.on(["heat"]).functions) == {"heat"}
    with pytest.raises(ValueError, match=r"no runs on .*'unknown'"):
        needs.on(["unknown"])


def test_solvers_are_compared_with_ours_from_the_same_start():
    records = [
        *all_runs("surrogo-residuals", 20),
        *all_runs("surrogo-residuals-scattered", 30),
        *all_runs("dfo-ls", 10),
        *all_runs("dfo-ls-scattered", 60),
        *all_runs("slsqp-scattered", 120),
        *all_runs("cobyqa-scattered", 999),
        *all_runs("surrogo", 100, seeds=(0,)),
    ]
    compared = Comparison.of(records, {problem_of(r) for r in records}, 200)
    text = calibrations.text([compared], records)
    names = ("dfo-ls", "dfo-ls-scattered", "slsqp-scattered", "cobyqa-scattered")
    ratios = [rows_of(text, name)[0][6].split()[0] for name in names]
    assert ratios == ["2.00", "0.50", "0.25", "0.15"]
    assert rows_of(text, "cobyqa-scattered")[0][3:5] == ["0.00", "200.0"]
    assert "dfo-ls, overall: 2.00, at most 0.80: **not met**" in text
    assert "dfo-ls-scattered, overall: 0.50, at most 0.80: met" in text
    assert "slsqp-scattered, overall: 0.25, at most 0.33: met" in text
    assert f"surrogo ({len(FUNCTIONS)} runs)" in text


def test_a_section_names_its_seeds_and_who_lacks_runs():
    records = [*all_runs("dfo-ls", 20, range(10)), *all_runs("surrogo", 80, range(5))]
    parts = sections(tables.get("calibrations"), records)
    text = calibrations.text((part.comparison for part in parts), records)
    (only,) = text.split("## Seeds ")[1:]
    assert only.startswith("0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n")
    assert not rows_of(only, "surrogo")
    assert f"surrogo ({5 * len(FUNCTIONS)} runs)" in only


def test_the_table_knows_its_solvers_and_their_residuals():
    jobs = list(tables.get("calibrations").jobs())
    assert {(job.set, job.budget) for job in jobs} == {("calibrations", 200)}
    assert {job.instance for job in jobs} == set(range(10))
    for job in jobs[:: len(FUNCTIONS) * 10]:
        job.check()
    assert {calibrations.OURS, calibrations.partner("x-scattered")} <= {
        job.solver for job in jobs
    }


def test_every_calibration_has_its_measures():
    assert set(FUNCTIONS) >= set(MEDIANS) | set(BASINS)
    assert len(FUNCTIONS) >= 10
    assert len(EASY) + len(BASINS) == len(FUNCTIONS)
