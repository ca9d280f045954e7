"""The pair plot of a design."""

import matplotlib as mpl
import numpy as np
import pytest

from surrogo import Categorical, Integer, Real
from surrogo.report.pairs import plot_pairs
from surrogo.samplers import LatinHypercube, Sobol

mpl.use("Agg")

SPACE = {
    "rate": Real(1e-5, 1, scale="log"),
    "solver": Categorical(["euler", "rk4"]),
    "order": Integer(1, 3, active_if={"solver": "rk4"}),
}


@pytest.fixture(autouse=True)
def _close():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def axes_of(figure, k):
    return np.array(figure.axes).reshape(k, k)


def test_every_pair_shows_the_points():
    U = Sobol().sample_unit(16, 3, rng=0)
    axes = axes_of(plot_pairs(U), 3)
    for i, j in np.ndindex(3, 3):
        if i != j:
            x, y = axes[i, j].lines[0].get_data()
            np.testing.assert_allclose(x, U[:, j])
            np.testing.assert_allclose(y, U[:, i])


def test_the_diagonal_counts_the_points_of_equal_parts():
    axes = axes_of(plot_pairs(LatinHypercube().sample_unit(40, 2, rng=0)), 2)
    for k in range(2):
        assert [bar.get_height() for bar in axes[k, k].patches] == [4.0] * 10


def test_names_scales_and_choices_are_shown():
    X = LatinHypercube().sample(30, SPACE, rng=0)
    axes = axes_of(plot_pairs(X, SPACE), 3)
    assert [ax.get_xlabel() for ax in axes[-1]] == ["rate", "solver", "order"]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["rate", "solver", "order"]
    assert axes[1, 0].get_xscale() == "log"
    labels = [label.get_text() for label in axes[1, 0].get_yticklabels()]
    assert labels == ["euler", "rk4"]


def test_points_without_a_variable_are_left_out_of_its_plots():
    X = LatinHypercube().sample(30, SPACE, rng=0)
    axes = axes_of(plot_pairs(X, SPACE), 3)
    assert np.sum(np.isfinite(axes[2, 0].lines[0].get_ydata())) == np.sum(X[:, 1] == 1)
    counted = sum(bar.get_height() for bar in axes[2, 2].patches)
    assert counted == np.sum(X[:, 1] == 1)


def test_variables_can_be_chosen():
    X = LatinHypercube().sample(10, SPACE, rng=0)
    figure = plot_pairs(X, SPACE, variables=["order", 0])
    assert [ax.get_ylabel() for ax in axes_of(figure, 2)[:, 0]] == ["order", "rate"]
    assert len(plot_pairs(X, SPACE, variables=["rate"]).axes) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (np.zeros((2, 13)),),
            "1 to 12 variables to show, got 13; choose some with var",
        ),
        (([[0.5]], None, []), r"1 to 12 variables to show, got \[\]"),
        (
            ([[0.5]], None, ["rate"]),
            r"must be one of \['x0'\] or an index below 1, got",
        ),
        (([[3.0]],), "without a space X must lie in the unit cube"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_pairs(*arguments)
