"""Tables of the benchmarks, on made-up runs whose numbers are known by hand."""

import numpy as np
import pytest

from benchmarks import tables
from benchmarks.problem_sets import SETS
from benchmarks.reporting import archive, bootstrap, cpu, markdown, plots, targets
from benchmarks.reporting.frame import Comparison, problem_of
from benchmarks.reporting.sections import sections


def run(solver="s", problem="f01", instance=3, improvements=(), **fields):
    record = {
        "set": "bbob",
        "problem": problem,
        "d": 5,
        "instance": instance,
        "group": "separable",
        "solver": solver,
        "budget": 20,
        "evaluations": 20,
        "improvements": [list(pair) for pair in improvements],
        "status": "budget",
        "message": "",
        "cpu": [],
        "date": "2026-01-01",
        "versions": {"numpy": "2.0"},
    }
    return record | fields


def compare(*records, budget=20):
    return Comparison.of(records, {problem_of(r) for r in records}, budget)


def wave(rng, budget):
    """Return improvements as a real run has them: many, and over many decades."""
    when = np.unique(np.append(1, rng.integers(1, budget + 1, size=60)))
    regrets = np.sort(10.0 ** rng.uniform(-9, 3, size=len(when)))[::-1]
    return list(zip(when.tolist(), regrets.tolist(), strict=True))


# Targets


def test_targets_are_those_of_coco():
    assert len(targets.ALL) == 51
    np.testing.assert_allclose(targets.ALL[[0, 5, -1]], [1e2, 1e1, 1e-8])
    assert targets.EASY.sum() == 21
    np.testing.assert_allclose(targets.ALL[targets.EASY][-1], 1e-2)


def test_a_run_that_reaches_all_targets_at_ten_of_twenty():
    hits = targets.hits([[1, 1e3], [10, 1e-8]])
    np.testing.assert_array_equal(hits, np.full(51, 10.0))
    assert [targets.solved(hits, n) for n in (9, 10, 20)] == [0.0, 1.0, 1.0]
    assert targets.area(hits, 20) == pytest.approx(11 / 20)  # evaluations 10 to 20
    assert targets.area(hits, 9) == 0.0


def test_a_regret_equal_to_a_target_reaches_it():
    for k, target in enumerate(targets.ALL):
        hits = targets.hits([[7, target]])
        assert np.isfinite(hits).sum() == k + 1
        above = targets.hits([[7, np.nextafter(target, np.inf)]])
        assert np.isfinite(above).sum() == k


def test_regrets_of_zero_and_below_reach_everything():
    for regret in (0.0, -1e-12):
        assert np.all(targets.hits([[4, regret]]) == 4)


def test_a_run_without_a_finite_value_reaches_nothing():
    assert np.all(targets.hits([]) == np.inf)
    assert targets.area(targets.hits([]), 20) == 0.0


def test_equal_regrets_in_a_row_count_at_the_first():
    """Records keep six digits, so that two improvements may read the same."""
    assert np.all(targets.hits([[2, 0.0], [5, 0.0]]) == 2)


def test_hits_areas_and_curves_are_those_of_a_plain_loop():
    rng = np.random.default_rng(0)
    improvements = [wave(rng, 40) for _ in range(4)]
    records = [
        run(problem=f, instance=i, improvements=improvements.pop(), budget=40)
        for f, i in (("f01", 3), ("f01", 4), ("f01", 5), ("f02", 3))
    ]
    shares = np.zeros((4, 40))
    for row, record in zip(shares, records, strict=True):
        for n in range(1, 41):
            best = min((r for k, r in record["improvements"] if k <= n), default=np.inf)
            row[n - 1] = np.mean(best <= targets.ALL)
    both = compare(*records, budget=40)
    np.testing.assert_allclose(both.areas("s"), shares.mean(axis=1))
    np.testing.assert_allclose(both.solved("s", 25), shares[:, 24])
    curve = 0.5 * shares[:3].mean(axis=0) + 0.5 * shares[3]  # functions weigh the same
    np.testing.assert_allclose(both.curve(both.hits("s")), curve)
    assert both.mean(both.areas("s")) == pytest.approx(curve.mean())


# Intervals


def test_functions_weigh_the_same_however_many_instances_they_have():
    functions = np.array([0, 0, 0, 1])
    assert bootstrap.mean(np.array([1.0, 1.0, 1.0, 0.0]), functions) == 0.5


def test_intervals_hold_the_mean_and_repeat():
    rng = np.random.default_rng(1)
    functions = np.repeat(np.arange(24), 3)
    scores = rng.uniform(size=72)
    low, high = bootstrap.interval(scores, functions)
    assert low < bootstrap.mean(scores, functions) < high
    assert bootstrap.interval(scores, functions) == (low, high)


def test_intervals_are_as_wide_as_the_theory_of_means_says():
    """Many instances: +-1.96 standard errors of a stratified mean."""
    rng = np.random.default_rng(2)
    widths = []
    for n in (25, 400):
        functions = np.repeat(np.arange(4), n)
        scores = rng.normal(size=4 * n)
        error = np.sqrt(sum(scores[functions == f].var() for f in range(4)) / n) / 4
        low, high = bootstrap.interval(scores, functions)
        assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)
        widths.append(high - low)
    assert widths[1] < 0.35 * widths[0]


def test_differences_between_functions_do_not_widen_intervals():
    functions = np.repeat(np.arange(5), 3)
    low, high = bootstrap.interval(functions.astype(float), functions)
    assert low == high == 2.0


def test_one_instance_says_nothing_about_others(table):
    functions = np.array([0, 0, 1])
    assert np.all(np.isnan(bootstrap.interval(np.ones(3), functions)))
    once = [r for r in grid("a") if r["instance"] == 3]
    lot = tables.Lot("bbob", 5, (3,), per_d=20, functions=("f01", "f02"))
    (part,) = sections(tables.Table("once", (lot,)), once)
    text = markdown.section(part)
    row = dict(zip(rows_of(text, "solver")[0], rows_of(text, "a")[0], strict=True))
    assert (row["area"], row["95 %"]) == ("0.510", "-")


def test_differences_are_paired():
    """Instances differ much, solvers by 1/20 on each: the interval has no width."""
    records = []
    for instance, when in ((3, 2), (4, 9), (5, 17)):
        records.append(run("a", instance=instance, improvements=[(when, 1e-9)]))
        records.append(run("b", instance=instance, improvements=[(when + 1, 1e-9)]))
    both = compare(*records)
    assert both.difference("a", "b") == pytest.approx((0.05, 0.05, 0.05))
    assert both.difference("b", "a") == pytest.approx((-0.05, -0.05, -0.05))
    low, high = both.interval(both.areas("a"))
    assert high - low > 0.3


# What is compared


def test_a_solver_that_lacks_runs_is_left_out_and_listed():
    both = compare(
        run("a", "f01", improvements=[(1, 1.0)]),
        run("a", "f02", improvements=[(1, 1.0)]),
        run("slow", "f01", improvements=[(1, 1e-9)]),
    )
    assert both.solvers == ["a"]
    assert both.incomplete == {"slow": 1}
    assert list(both.table({"20": 20}).index) == ["a"]


def test_the_common_problems_alone_compare_both():
    records = [run("a", "f01"), run("a", "f02"), run("slow", "f01")]
    common = Comparison.of(records, {problem_of(records[0])}, 20)
    assert set(common.solvers) == {"a", "slow"}
    assert common.table({"20": 20})["runs"].tolist() == [1, 1]


def test_runs_with_a_smaller_budget_do_not_count_as_runs():
    both = compare(run("a"), run("b", budget=19))
    assert both.solvers == ["a"]


def test_a_solver_with_too_small_budgets_is_listed():
    assert compare(run("a"), run("b", budget=19)).incomplete == {"b": 0}


def test_of_two_runs_that_told_the_nearest_budget_is_taken():
    """A solver told 500 may plan otherwise than one told 20."""
    told = run("a", improvements=[(2, 1e-9)])
    both = compare(told, run("a", budget=500), run("a", budget=19))
    np.testing.assert_array_equal(both.solved("a", 20), [1.0])


def test_shares_beyond_the_budget_are_refused():
    with pytest.raises(ValueError, match="only 20 evaluations are compared, got 21"):
        compare(run("a", budget=500)).solved("a", 21)


def test_a_longer_run_counts_only_up_to_the_budget():
    both = compare(run("a", budget=50, improvements=[(1, 5.0), (21, 1e-9)]))
    assert both.final("a") == [5.0]
    assert both.curve(both.hits("a"))[-1] == pytest.approx(np.mean(targets.ALL >= 5.0))


def test_solvers_are_sorted_by_area():
    both = compare(
        run("late", improvements=[(15, 1e-9)]),
        run("early", improvements=[(2, 1e-9)]),
        run("never"),
    )
    assert both.solvers == ["early", "late", "never"]
    table = both.table({"2 d": 10})
    np.testing.assert_allclose(table["area"], [19 / 20, 6 / 20, 0.0])
    np.testing.assert_allclose(table["2 d"], [1.0, 0.0, 0.0])
    assert table["median regret"].tolist() == [1e-9, 1e-9, np.inf]


def test_easy_targets_stop_at_one_percent():
    both = compare(run(improvements=[(5, 1e-2 * (1 - 1e-9))]))
    row = both.table({"20": 20}).loc["s"]
    assert row["easy 20"] == 1.0
    assert row["20"] == pytest.approx(21 / 51)
    assert row["easy area"] == pytest.approx(16 / 20)


@pytest.mark.parametrize("status", ["raised", "died", "cpu limit", "wall limit"])
def test_a_run_that_ended_early_counts_with_what_it_had(status):
    died = run(improvements=[(3, 1e-9)], status=status, evaluations=4)
    both = compare(died, run(instance=4))
    np.testing.assert_allclose(both.curve(both.hits("s"))[2:], 0.5)
    assert both.table({"20": 20}).loc["s", "ended early"] == 1


def test_a_fault_after_the_compared_budget_is_none():
    both = compare(run(budget=500, status="cpu limit", evaluations=300))
    assert both.ended_early("s") == 0


def test_the_best_for_each_target_takes_it_from_any_solver():
    both = compare(
        run("fast", improvements=[(1, 1.0)]),
        run("deep", improvements=[(10, 1e-9)]),
    )
    expected = np.where(targets.ALL >= 1.0, 1.0, 10.0)
    np.testing.assert_array_equal(both.best_hits(), [expected])


def test_groups_have_their_own_means():
    both = compare(
        run(problem="f01", improvements=[(1, 1e-9)]),
        run(problem="f02", group="multimodal"),
    )
    frame = both.by_group(20)
    assert frame.loc["s"].to_dict() == {"separable": 1.0, "multimodal": 0.0}


# CPU time


TIMES = [[10, 0.1], [20, 0.3], [50, 1.2], [100, 6.2]]


def test_cpu_at_an_evaluation_is_that_since_the_checkpoint_before():
    assert cpu.per_suggestion(TIMES, 10) == pytest.approx(10.0)
    assert cpu.per_suggestion(TIMES, 50) == pytest.approx(30.0)
    assert cpu.per_suggestion(TIMES, 100) == pytest.approx(100.0)
    assert np.isnan(cpu.per_suggestion(TIMES, 200))


def test_cpu_over_the_run_is_a_mean_and_its_median_is_taken():
    assert cpu.per_suggestion(TIMES) == pytest.approx(62.0)
    assert np.isnan(cpu.per_suggestion([]))
    records = [
        run(instance=i, budget=100, cpu=[[100, t]]) for i, t in ((3, 1), (4, 2), (5, 9))
    ]
    both = compare(*records, run(instance=6, budget=100), budget=100)
    assert both.cpu("s") == pytest.approx(20.0)  # that without checkpoints left out


def test_cpu_is_that_of_the_compared_evaluations():
    both = compare(run(budget=100, cpu=TIMES), budget=20)
    assert both.table({"20": 20}).loc["s", "CPU ms"] == pytest.approx(15.0)


# Sections and Markdown


@pytest.fixture
def table():
    lot = tables.Lot("bbob", 5, (3, 4), per_d=20, functions=("f01", "f02"))
    return tables.Table("small", (lot,))


def grid(solver, budget=100, functions=("f01", "f02"), **fields):
    return [
        run(solver, f, i, [(50, 1e-9)], budget=budget, evaluations=budget, **fields)
        for f in functions
        for i in (3, 4)
    ]


def test_columns_are_evaluations_a_variable(table):
    (part,) = sections(table, grid("a"))
    assert part.columns() == {"10 d": 50, "20 d": 100}
    assert part.comparison.table(part.columns()).loc["a", "10 d"] == 1.0
    late = [r | {"improvements": [[51, 1e-9]]} for r in grid("a")]
    (part,) = sections(table, late)
    row = part.comparison.table(part.columns()).loc["a"]
    assert (row["10 d"], row["20 d"]) == (0.0, 1.0)


def test_a_section_needs_all_problems(table):
    assert list(sections(table, grid("a", functions=("f01",)))) == []


def test_a_section_takes_its_own_problems_only(table):
    others = [run("a", "f03"), run("a", instance=1), run("a", d=2)]
    (part,) = sections(table, grid("a") + others)
    assert len(part.comparison.problems) == 4
    assert part.title == "bbob in 5 variables: 2 functions, instances 3, 4, 20 d " + (
        "evaluations"
    )


def test_a_section_needs_a_solver_that_made_all_runs(table):
    halves = grid("a", functions=("f01",)) + grid("b", functions=("f02",))
    assert list(sections(table, halves)) == []
    assert list(sections(table, grid("a", budget=99))) == []


def test_lots_on_the_same_problems_are_shown_once(table):
    twice = tables.Table("small", table.lots * 2)
    assert len(list(sections(twice, grid("a")))) == 1


def rows_of(text, name):
    lines = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_markdown_has_three_decimals_and_names_who_is_missing(table):
    records = grid("a") + grid("half", functions=("f01",))
    (part,) = sections(table, records)
    text = markdown.section(part)
    head = rows_of(text, "solver")[0]
    row = dict(zip(head, rows_of(text, "a")[0], strict=True))
    assert (row["area"], row["95 %"]) == ("0.510", "0.510-0.510")
    assert (row["10 d"], row["20 d"]) == ("1.000", "1.000")
    assert (row["runs"], row["ended early"]) == ("4", "0")
    assert "Not compared, for lack of runs: half (2 of 4)." in text
    assert "archive" not in text  # two functions are no suite


def test_markdown_tables_are_rectangular(table):
    (part,) = sections(table, grid("a") + grid("b"))
    blocks, widths = markdown.section(part).split("\n\n"), []
    for block in blocks:
        lines = [line for line in block.splitlines() if line.startswith("|")]
        widths.append({line.count("|") for line in lines})
    assert all(len(w) <= 1 for w in widths)
    assert sum(map(len, widths)) == 2


def test_versions_dates_and_faults():
    records = [
        run(versions={"numpy": "2.0"}, date="2026-01-02"),
        run(versions={"numpy": "2.1", "cma": "4.5"}, date="2026-01-01"),
        run("b", status="raised", message="ValueError: no"),
    ]
    head = markdown.versions(records)
    assert head == ("3 runs made 2026-01-01 to 2026-01-02; cma 4.5, numpy 2.0/2.1.")
    assert "* b, raised (1 runs): ValueError: no" in markdown.faults(records)
    assert markdown.faults(records[:2]) == "No run ended by a fault or a limit."


@pytest.mark.parametrize("d", archive.ARCHIVE)
def test_the_archive_rises_with_the_budget_and_its_best_is_the_best(d):
    rows = archive.ARCHIVE[d]
    shares = np.array(list(rows.values()))
    assert shares.shape[1] == len(archive.PER_D)
    assert np.all(np.diff(shares, axis=1) > 0)
    assert np.all(shares <= np.array(rows["best of all"]))


def test_archive_rows_stand_beside_the_whole_suite():
    lot = tables.Lot("bbob", 5, (3,), per_d=20)
    functions = SETS["bbob"].functions
    records = [
        run("a", f, 3, [(50, 1e-9)], budget=100, evaluations=100) for f in functions
    ]
    (part,) = sections(tables.Table("suite", (lot,)), records)
    text = markdown.section(part)
    assert rows_of(text, "archive: random") == [["archive: random", "0.063", "0.071"]]


# Plots


@pytest.fixture
def pair():
    rng = np.random.default_rng(3)
    times = [[10, 0.1], [20, 0.4]]
    return compare(
        *(
            run(s, f, i, wave(rng, 20), group=g, cpu=times)
            for s in ("surrogo", "other")
            for f, g in (("f01", "separable"), ("f02", "multimodal"))
            for i in (3, 4)
        )
    )


def drawn(axes):
    return {line.get_label(): line for line in axes.lines}


def test_ecdf_draws_the_curves(pair):
    figure = plots.ecdf(pair, d=5)
    (axes,) = figure.axes
    assert axes.get_xlabel() == "evaluations a variable"
    assert axes.get_ylabel() == "share of targets solved"
    assert axes.get_xscale() == "log"
    lines = drawn(axes)
    assert set(lines) == {"surrogo", "other", "best for each target"}
    x, y = lines["other"].get_data()
    np.testing.assert_allclose(x, np.arange(1, 21) / 5)
    np.testing.assert_allclose(y, pair.curve(pair.hits("other")))
    best = lines["best for each target"].get_ydata()
    assert np.all(best >= y - 1e-12)
    assert {text.get_text() for text in axes.texts} == set(lines)


def test_ecdf_by_group_draws_a_panel_for_each(pair):
    figure = plots.by_group(pair)
    assert [axes.get_title() for axes in figure.axes] == ["separable", "multimodal"]
    for axes, name in zip(figure.axes, ("separable", "multimodal"), strict=True):
        end = drawn(axes)["other"].get_ydata()[-1]
        assert end == pytest.approx(pair.by_group(20).loc["other", name])


def test_no_panel_cuts_lines_off():
    """The first group ends low, the second high."""
    both = compare(
        run(problem="f01", improvements=[(1, 1.0)]),
        run(problem="f02", improvements=[(9, 1e-9)], group="multimodal"),
    )
    for axes in plots.by_group(both).axes:
        assert axes.get_ylim()[1] > drawn(axes)["s"].get_ydata().max()


def test_cost_draws_a_point_for_each_solver(pair):
    (axes,) = plots.cost(pair).axes
    assert axes.get_xlabel() == "CPU milliseconds a suggestion"
    places = np.array([line.get_xydata()[0] for line in axes.lines])
    np.testing.assert_allclose(places[:, 0], 20.0)
    areas = [pair.mean(pair.areas(s)) for s in pair.solvers]
    np.testing.assert_allclose(places[:, 1], areas)


def test_others_than_the_leaders_are_grey_and_ours_is_never():
    best = [run(f"s{k:02d}", improvements=[(k + 1, 1e-9)]) for k in range(15)]
    many = compare(*best, run("surrogo"))
    shown = plots.highlights(many)
    assert shown[0] == "surrogo"
    assert len(shown) == len(plots.COLOURS) <= 10
    lines = drawn(plots.ecdf(many).axes[0])
    grey = {s for s in many.solvers if lines[s].get_color() == plots.GREY}
    assert grey == set(many.solvers) - set(shown)
    assert len({lines[s].get_color() for s in shown}) == len(shown)


def test_labels_at_line_ends_do_not_overlap():
    same = compare(*(run(f"s{k}", improvements=[(9, 1e-3)]) for k in range(5)))
    (axes,) = plots.ecdf(same).axes
    heights = np.sort([text.xyann[1] for text in axes.texts])
    assert np.all(np.diff(heights) > 0.03 * axes.get_ylim()[1])


def test_plots_can_be_saved_and_leave_no_state(pair, tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    for k, draw in enumerate((plots.ecdf, plots.by_group, plots.cost)):
        draw(pair).savefig(tmp_path / f"{k}.png", dpi=40)
        assert (tmp_path / f"{k}.png").stat().st_size > 1000
    assert plt.get_fignums() == before


def test_three_thousand_records():
    rng = np.random.default_rng(4)
    records = [
        run(f"s{s}", f"f{f:02d}", i, wave(rng, 500), budget=500, cpu=[[500, 1.0]])
        for s in range(42)
        for f in range(24)
        for i in range(3)
    ]
    many = compare(*records, budget=500)
    frame = many.table({"10 d": 50, "100 d": 500})
    assert len(many.by_group(500)) == 42
    assert len(frame) == 42
