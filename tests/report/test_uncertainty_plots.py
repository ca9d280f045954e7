"""The plots of what data say of parameters."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from surrogo.calibration.bands import Bands
from surrogo.calibration.posterior import PosteriorSample
from surrogo.calibration.profiles import profiles
from surrogo.calibration.uncertainty import local_uncertainty
from surrogo.report import plot_bands, plot_correlation, plot_posterior, plot_profiles
from tests.calibration import models

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def test_profiles_are_drawn_with_threshold_and_ends():
    found = profiles(models.decay()[0])
    axes = plot_profiles(found).axes
    assert [ax.get_xlabel() for ax in axes] == ["A", "k"]
    curve, threshold, low, high = axes[1].lines
    np.testing.assert_array_equal(curve.get_xdata(), found["k"].x[:, 1])
    assert threshold.get_ydata()[0] == found["k"].rise
    assert (low.get_xdata()[0], high.get_xdata()[0]) == found["k"].interval


def test_open_ends_have_another_colour():
    target = models.of_residuals([(0.0, 3.0)], lambda x: (x - 0.1) / 0.2, [0.1])
    _, _, low, high = plot_profiles(profiles(target)).axes[0].lines
    assert to_rgba(low.get_color()) == to_rgba("C1")
    assert to_rgba(high.get_color()) == to_rgba("C0")


def test_correlations_stand_in_their_cells():
    local = local_uncertainty(models.line()[0])
    ax = plot_correlation(local).axes[0]
    written = [float(text.get_text()) for text in ax.texts]
    np.testing.assert_allclose(written, [local.correlation[0, 1]] * 2, atol=0.005)


def sample(p=3, n=50):
    x = np.random.default_rng(0).normal(size=(n, p))
    weights = np.arange(1.0, n + 1) / np.arange(1.0, n + 1).sum()
    names = tuple(f"k{j}" for j in range(p))
    return PosteriorSample(names, x, x, weights, np.zeros(n), n, 0.0, n, 0)


def test_pairs_of_a_posterior_have_points_as_large_as_their_weights():
    of = sample()
    axes = plot_posterior(of).axes
    assert len(axes) == 6
    points = axes[1].collections[0]
    np.testing.assert_array_equal(points.get_offsets(), of.x[:, [0, 1]])
    sizes = points.get_sizes()
    np.testing.assert_allclose(sizes / sizes[0], of.weights / of.weights[0])
    heights = [patch.get_height() for patch in axes[0].patches]
    assert sum(heights) == pytest.approx(1.0)


def test_some_parameters_by_name():
    axes = plot_posterior(sample(), ["k2", "k0"]).axes
    assert [ax.get_xlabel() for ax in axes] == ["", "k2", "k0"]
    with pytest.raises(ValueError, match="names must be"):
        plot_posterior(sample(), ["q"])
    with pytest.raises(ValueError, match="shows 1 to 12"):
        plot_posterior(sample(13))


def test_bands_are_filled_with_and_without_noise():
    y = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])
    bands = Bands(0.9, y, y - 1, y + 1, y - 2, y + 2, 50, 0)
    data = [0, 2], np.array([[1.1, np.nan], [3.1, 7.1]])
    ax = plot_bands([0, 1, 2], bands, data).axes[0]
    assert len(ax.collections) == 4
    assert len(ax.lines) == 4
    low, high = ax.collections[1].get_datalim(ax.transData).intervaly
    assert (low, high) == (-1.0, 5.0)


def test_bands_of_one_curve_on_given_axes():
    import matplotlib.pyplot as plt

    y = np.array([1.0, 2.0])
    figure, ax = plt.subplots()
    assert plot_bands([0, 1], Bands(0.9, y, y, y, None, None, 5, 0), ax=ax) is figure
    assert len(ax.collections) == 1
    with pytest.raises(ValueError, match="at the 3 times"):
        plot_bands([0, 1, 2], Bands(0.9, y, y, y, None, None, 5, 0))
