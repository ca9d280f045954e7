"""The plots of predictions left out."""

import matplotlib as mpl
import numpy as np
import pytest

from surrogo.report import plot_diagnostics
from surrogo.surrogates.diagnostics import Diagnostics

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def diagnostics(n=50, std=0.1, z=None):
    rng = np.random.default_rng(0)
    y = rng.normal(size=n)
    z = rng.normal(size=n) if z is None else z
    return Diagnostics(y, y - 0.1 * z, std and np.full(n, std), np.zeros(n), "5-fold")


def test_values_are_drawn_against_predictions_with_intervals():
    of = diagnostics()
    ax = plot_diagnostics(of).axes[0]
    x, y = ax.containers[0].lines[0].get_data()
    np.testing.assert_array_equal(x, of.predicted)
    np.testing.assert_array_equal(y, of.y)
    bars = ax.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(
        bars[3][:, 0] - of.predicted[3], [-0.16449, 0.16449], rtol=1e-4
    )
    assert ax.get_xlabel() == "predicted (5-fold, 90 % interval)"


def test_far_residuals_are_numbered():
    z = np.zeros(50)
    z[[4, 31]] = 3.5, -1e9
    ax = plot_diagnostics(diagnostics(z=z)).axes[1]
    assert [text.get_text() for text in ax.texts] == ["4", "31"]
    drawn = ax.lines[0].get_ydata()
    np.testing.assert_allclose(drawn[[4, 31]], [3.5, -10.0], rtol=1e-6)


def test_residuals_in_order_lie_on_the_line_of_a_normal_sample():
    ax = plot_diagnostics(diagnostics(n=2000)).axes[2]
    normal, z = ax.lines[0].get_data()
    assert np.all(np.diff(z) >= 0)
    np.testing.assert_allclose(normal, -normal[::-1], atol=1e-9)
    assert np.max(np.abs(z - normal)[50:-50]) < 0.2


def test_coverage_steps_through_the_shares_of_the_levels():
    of = diagnostics()
    ax = plot_diagnostics(of).axes[3]
    level, share = ax.lines[1].get_data()
    for p, expected in of.coverage.items():
        assert share[np.argmin(np.abs(level - p))] == pytest.approx(expected)
    assert share[0] == 0.0
    assert share[-1] == 1.0


def test_without_standard_deviations_residuals_are_plain_and_coverage_is_missing():
    of = diagnostics(std=None)
    axes = plot_diagnostics(of).axes
    assert len(axes) == 3
    assert axes[1].get_ylabel() == "residual / rmse"
    np.testing.assert_allclose(
        axes[1].lines[0].get_ydata(), (of.y - of.predicted) / of.rmse
    )


def test_the_verdict_is_the_title():
    of = diagnostics()
    assert plot_diagnostics(of).get_suptitle() == of.verdict


def test_constant_values_can_be_drawn():
    of = Diagnostics(np.ones(5), np.ones(5), np.zeros(5), np.ones(5), "leave-one-out")
    assert len(plot_diagnostics(of).axes) == 4
