"""What of a run its convergence plot shows."""

import matplotlib as mpl
import pytest

from surrogo import Evaluation, Optimizer
from surrogo.report import plot_convergence

mpl.use("Agg")


@pytest.fixture
def lines():
    """Draw the values of a run: None fails, a pair is a value and a constraint."""

    def drawn(values, running=0):
        optimizer = Optimizer([(0, 1)], strategy="random", rng=0)
        for value in values:
            trial = optimizer.ask()
            if value is None:
                optimizer.tell_failure(trial, "no convergence")
            elif isinstance(value, tuple):
                given = Evaluation(value[0], constraints=[value[1]])
                optimizer.tell(trial, given)
            else:
                optimizer.tell(trial, value)
        optimizer.ask(running) if running else None
        ax = plot_convergence(optimizer.result())
        return {line.get_label(): line.get_xydata().tolist() for line in ax.lines}

    yield drawn
    mpl.pyplot.close("all")


def test_a_trial_that_runs_has_not_failed(lines):
    drawn = lines([3.0, None, 2.0], running=2)
    assert [x for x, _ in drawn["failed"]] == [2]
    assert drawn["best so far"] == [[1, 3], [2, 3], [3, 2]]
    assert "failed" not in lines([3.0], running=1)


@pytest.mark.filterwarnings("ignore:no strategy uses constraints")
def test_a_point_that_is_not_feasible_is_shown_and_never_the_best(lines):
    drawn = lines([(3.0, -1.0), (1.0, 1.0), (2.0, 0.0)])
    assert drawn["not feasible"] == [[2, 1]]
    assert drawn["evaluations"] == [[1, 3], [3, 2]]
    assert drawn["best so far"] == [[1, 3], [2, 3], [3, 2]]


def test_numbers_too_large_to_draw_are_drawn_at_the_largest(lines):
    drawn = lines([1.7e308, -1.7e308])
    assert drawn["evaluations"] == [[1, 1e300], [2, -1e300]]
