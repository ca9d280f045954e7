"""The checks of a strategy: precision, hare and lynx, batches, thinking, ablations."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import (
    ablation,
    batches,
    command,
    lynx,
    memory,
    precision,
    tables,
    thinking,
    variants,
)
from benchmarks.harness import store
from benchmarks.problem_sets import SETS
from benchmarks.reporting.sections import sections
from benchmarks.solvers import base, surrogo_
from tests.benchmarks.test_reporting import rows_of, run


def cells(text, name):
    return rows_of(text, name)[0][1:]


# Precision


def precise(solver, d, seed, needed, function="sphere"):
    improvements = [] if needed is None else [(1, 1.0), (needed, 1e-8)]
    fields = {"set": "precision", "d": d, "budget": 60 * d, "group": "one minimum"}
    return run(solver, function, seed, improvements, **fields)


def test_precision_counts_the_runs_that_get_there():
    """Nine of ten are enough and eight are not; the median of none is a dash."""
    table = tables.get("precision").limited(functions=["sphere"])
    goes = [precise("a", d, i, 10 + i) for d in (2, 3, 5) for i in range(10)]
    lost = {(2, 0), (3, 0), (3, 1), *((5, i) for i in range(10))}
    stays = [
        precise("b", d, i, None if (d, i) in lost else 20)
        for d in (2, 3, 5)
        for i in range(10)
    ]
    text = precision.table(list(sections(table, goes + stays)))
    assert rows_of(text, "function")[0] == ["function", "a", "b"]
    assert cells(text, "goals met") == ["3 of 3", "1 of 3"]
    assert cells(text, "sphere, d = 2") == ["14, 19 (10 of 10)", "20, - (9 of 10)"]
    assert cells(text, "sphere, d = 3")[1] == "20, - (8 of 10)"
    assert cells(text, "sphere, d = 5")[1] == "-, - (0 of 10)"


def test_a_part_of_a_table_is_shown_and_not_kept(tmp_path, capsys):
    options = ["--solvers", "random", "--results", str(tmp_path), "--jobs", "1"]
    precision.main([*options, "--functions", "sphere", "--instances", "0"])
    assert cells(capsys.readouterr().out, "sphere, d = 5") == ["-, - (0 of 1)"]
    assert len(store.load(tmp_path / "precision")) == 3
    assert not (tmp_path / "precision.md").exists()


def test_a_whole_table_is_kept(tmp_path):
    options = command.script("lynx", "").parse_args(["--results", str(tmp_path)])
    command.write(options, "whole")
    assert (tmp_path / "lynx.md").read_text() == "whole"


# Hare and lynx


def test_lynx_gives_values_and_counts_those_in_the_right_basin():
    case = SETS["ode"].make("hare_lynx", None, 0)
    better, worse = 2.03, 17.27
    records = [
        run(
            solver,
            "hare_lynx",
            i,
            [(9, (value - case.f_opt) / case.scale)],
            set="ode",
            d=6,
            budget=300,
            group="several minima",
        )
        for solver, found in (("a", [worse] * 10), ("b", [worse] * 7 + [better] * 3))
        for i, value in enumerate(found)
    ]
    (part,) = sections(tables.get("lynx"), records)
    text = lynx.table(part.comparison)
    assert [row.split("|")[1].strip() for row in text.splitlines()[2:]] == ["b", "a"]
    assert cells(text, "b") == [
        "3 of 10",
        "17.27",
        ", ".join(7 * ["17.27"] + 3 * ["2.03"]),
    ]


# Batches


class Recorded:
    """Counts evaluations, and notes how many points were pending at each."""

    def __init__(self, monkeypatch):
        self.pending, self.asked, self.told = [], 0, 0
        monkeypatch.setattr(surrogo_, "start", self.start)

    def start(self, strategy, lower, upper, budget, seed):
        from surrogo import Optimizer

        recorder = self

        class Watched(Optimizer):
            def ask(self, n=None):
                recorder.asked += n or 1
                return super().ask(n)

            def tell(self, trial, value):
                recorder.told += 1
                super().tell(trial, value)

        bounds = list(zip(lower, upper, strict=True))
        return Watched(bounds, strategy="random", rng=seed)

    def __call__(self, x):
        self.pending.append(self.asked - self.told)
        return float(x @ x)


@pytest.mark.parametrize(
    ("name", "pending"),
    [
        ("surrogo", 10 * [1]),
        ("surrogo-batch-4", [*(8 * [4]), 2, 2]),  # none is told before all are known
        ("surrogo-async-4", [*(7 * [4]), 3, 2, 1]),
        ("surrogo-async-16", [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_batches_keep_as_many_pending_as_they_say(monkeypatch, name, pending):
    fun = Recorded(monkeypatch)
    base.get(name).solve(fun, np.zeros(2), np.ones(2), 10, 0)
    assert fun.pending == pending
    assert fun.asked == fun.told == 10


def test_batches_are_laid_beside_one_at_a_time():
    lot = tables.Lot("bbob", 5, (3, 4), per_d=20, functions=("f01",))
    records = [
        run(solver, "f01", i, [(when, 1e-9)], budget=100)
        for solver, when in (("surrogo", 21), ("surrogo-batch-4", 61))
        for i in (3, 4)
    ]
    (part,) = sections(tables.Table("batches", (lot,)), records)
    row = cells(batches.section(part), "batches of 4")
    assert row[:5] == ["0.400", "0.50", "-0.400 (-0.400 to -0.400)", "0.000", "1.000"]
    assert cells(batches.section(part), "one at a time")[1:3] == ["-", "-"]


# Thinking


def test_the_median_is_over_the_suggestions_around_the_known_points():
    """Suggestion j takes j ms; with 100 known points it is the one for 101."""
    each = np.arange(1, 201) * 1e-3  # of evaluations 1 to 200
    used = np.cumsum(each)
    expected = np.median(np.arange(96, 106))  # 95 to 104 points known
    assert thinking.around(used, 100) == pytest.approx(expected)
    assert np.isnan(thinking.around(used[:104], 100))
    assert np.isfinite(thinking.around(used[:105], 100))
    assert len(used[: thinking.SHORT]) == 105


def test_what_is_spent_rises_with_every_evaluation(monkeypatch):
    used = thinking.spent("random", "f08", 12)
    assert used.shape == (12,)
    assert used[0] == 0.0  # imports are not counted
    assert np.all(np.diff(used) >= 0)


def test_ratios_are_to_ours():
    ours = {"at n = 100": np.array([2.0, 4.0]), "x": np.array([1.0, np.nan])}
    peer = {"at n = 100": np.array([20.0, 60.0]), "x": np.array([1.0, 3.0])}
    text = thinking.table({"mine": ours, "peer": peer}, "mine")
    assert cells(text, "mine") == ["3 (2 to 4)", "-", "1"]
    assert cells(text, "peer") == ["40 (20 to 60)", "2 (1 to 3)", "12"]


def test_memory_is_measured_and_its_growth_is_a_slope(monkeypatch):
    monkeypatch.setattr(memory, "EVERY", 20)
    assert len(memory.measure("random", 60, trace=False)) == 3
    assert memory.slope([5.0, 5.2, 5.4]) == pytest.approx(0.2e6 / 20)
    assert np.isnan(memory.slope([5.0]))


def test_traced_memory_holds_the_record():
    """In a process of its own: tracing slows everything that follows."""
    code = (
        "from benchmarks import memory; memory.EVERY = 100;"
        "import json; print(json.dumps(memory.measure('random', 200, trace=True)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    first, second = json.loads(ran.stdout)
    assert second - first > 100 * 5 * 8 / 1e6  # the points at least


# Ablations


def test_every_variant_is_a_strategy_that_runs_where_it_is_named():
    from surrogo.optimizers import registry

    everywhere = {each.name for each in base.everywhere()}
    found = list(variants.every_variant())
    assert len({each.solver for each in found}) == len(found)
    for each in found:
        registry.make(each.settings)
        with surrogo_.changed(each.constants):
            pass
        assert base.get(each.solver).name == each.solver
        assert each.solver not in everywhere


def test_constants_are_changed_for_a_while():
    from surrogo.optimizers import walking
    from surrogo.surrogates import quadratic_kernel

    others = {
        "optimizers.walking._AROUND": 7,
        "surrogates.quadratic_kernel.UPPER": {3: -25.0},
    }
    around, upper = walking._AROUND, quadratic_kernel.UPPER.copy()
    with surrogo_.changed(others):
        assert walking._AROUND == 7
        assert quadratic_kernel.UPPER[3] == -25.0
        assert quadratic_kernel.UPPER[2] == upper[2]
    assert walking._AROUND == around != 7
    assert quadratic_kernel.UPPER.tolist() == upper.tolist()
    one, other = (variants.Variant("a", "b", {}, c) for c in ({}, others))
    assert one.solver != other.solver


def test_other_settings_are_another_solver():
    one, same, other = (
        variants.Variant("a", "Big steps!", settings)
        for settings in ({"x": 1, "y": 2}, {"y": 2, "x": 1}, {"x": 1, "y": 3})
    )
    assert one.solver == same.solver != other.solver
    assert one.solver.startswith("a-big-steps-")


def test_the_state_changes_with_the_sources(tmp_path, monkeypatch):
    (tmp_path / "part").mkdir()
    for name in ("__init__.py", "part/a.py"):
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(ablation.surrogo, "__file__", str(tmp_path / "__init__.py"))
    before = ablation.state()
    assert ablation.state() == before
    (tmp_path / "part" / "a.py").write_text("x = 2\n")
    changed = ablation.state()
    (tmp_path / "part" / "a.py").rename(tmp_path / "part" / "b.py")
    assert len({before, changed, ablation.state()}) == 3


def test_an_ablation_shows_areas_and_what_differs(monkeypatch):
    known = [("all", {"name": "ego"}), ("less", {"name": "random"}), ("none", {})]
    monkeypatch.setitem(variants.ABLATIONS, "mine", known)
    first, second, _ = (each.solver for each in variants.variants("mine"))
    lots = tuple(tables.Lot("bbob", d, (1, 2), per_d=50) for d in (2, 5))
    records = [
        run(solver, f, i, [(when * d, 1e-9)], d=d, budget=50 * d)
        for solver, when in ((first, 10), (second, 20))
        for d in (2, 5)
        for f in SETS["bbob"].functions
        for i in (1, 2)
    ]
    parts = list(sections(tables.Table("mine", lots), records))
    text = ablation.text("mine", parts, records)
    assert cells(text, "all")[-1] == "0.807"  # mean of 81/100 and 201/250
    assert cells(text, "less")[:2] == ["0.610", "0.604"]
    beside = rows_of(text, "less")[1]
    assert beside[2] == "0.75"
    assert not rows_of(text, "none")


def test_an_ablation_runs_its_variants_on_the_development_instances():
    table = ablation.table("ego", (2, 10))
    todo = list(table.jobs())
    assert {job.d for job in todo} == {2, 10}
    assert {job.instance for job in todo} == {1, 2}
    assert len(todo) == 2 * 2 * 24 * len(variants.ABLATIONS["ego"])
    for job in todo[:: len(todo) // 5]:
        job.check()
