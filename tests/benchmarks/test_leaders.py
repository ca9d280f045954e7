"""Who leads, and who might with other instances."""

import numpy as np

from benchmarks.reporting.frame import Comparison
from benchmarks.reporting.leaders import by_group_and_budget, leaders

FUNCTIONS = np.repeat([0, 1, 2], 4)


def test_only_those_that_might_lead_are_named():
    rng = np.random.default_rng(0)
    best = rng.uniform(0.4, 0.6, 12)
    scores = {
        "far behind": best - 0.3,
        "best": best,
        "as good": best + rng.normal(-0.001, 0.05, 12),
        "always a little worse": best - 0.001,
    }
    assert leaders(scores, FUNCTIONS) == ["best", "as good"]
    assert leaders(scores, FUNCTIONS, at_most=1) == ["best"]


def test_with_one_instance_nobody_is_excluded():
    scores = {"a": np.array([0.1, 0.1]), "b": np.array([0.9, 0.9])}
    assert leaders(scores, np.array([0, 1])) == ["b", "a"]


def record(solver, function, instance, hit):
    improvements = [[1, 1e3]] if hit is None else [[1, 1e3], [hit, 0.0]]
    return {
        "set": "s",
        "problem": function,
        "d": 2,
        "instance": instance,
        "group": "round" if function == "a" else "rough",
        "solver": solver,
        "budget": 20,
        "evaluations": 20,
        "improvements": improvements,
        "status": "budget",
        "cpu": [[20, 0.1]],
    }


def test_by_group_and_budget():
    records = [
        record(solver, function, instance, hits[function])
        for solver, hits in {
            "quick": {"a": 2, "b": None},
            "thorough": {"a": 15, "b": 15},
        }.items()
        for function in ("a", "b")
        for instance in (1, 2)
    ]
    problems = [("s", f, 2, i) for f in ("a", "b") for i in (1, 2)]
    frame = by_group_and_budget(
        Comparison.of(records, problems, 20), {"5": 5, "20": 20}
    )
    assert frame.loc["round", "5"] == "quick (1.00)"
    assert frame.loc["rough", "5"] == "nobody"
    assert frame.loc["rough", "20"] == "thorough (1.00)"
    assert frame.loc["all", "5"] == "quick (0.50)"
    assert frame.loc["all", "20"] == "thorough (1.00)"
    assert frame.loc["round", "20"] == "quick, thorough (1.00)"
