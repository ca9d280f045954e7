"""Values of an earlier run in a new space."""

import logging

import pytest

from surrogo import Evaluation, Optimizer, Real, optimize


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
        (3, "prior must be a Result or the name of a file"),
        ("named", "none of its 6 values is at one"),
    ],
)
def test_what_has_nothing_to_say_is_refused(prior, match):
    if prior == "named":
        prior = optimize(named, {"a": (0, 2), "b": (0, 3)}, max_evals=6, rng=0)
    with pytest.raises(ValueError, match=match):
        optimize(bowl, [(-2, 2), (0, 3)], prior=prior, max_evals=2)
