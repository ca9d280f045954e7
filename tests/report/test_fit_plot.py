"""The plot of a calibration shows the data and the fit."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from surrogo import OdeModel
from surrogo.calibration import Normal, calibrate
from surrogo.checks import FloatArray
from surrogo.report import plot_fit

mpl.use("Agg")
T = np.arange(5.0)
DATA = {x: {"time": T, "u": 4 * np.exp(-k * T)} for x, k in (("a", 0.2), ("b", 0.4))}


def model(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
    return -p["k"] * p["x"] * y


def test_every_condition_has_points_and_a_curve() -> None:
    decay = OdeModel(model, ["u"], {"u": 1.0})
    fit = calibrate(
        decay,
        DATA,
        {"k": (0.01, 1.0)},
        noise=Normal(scale="eliminate"),
        conditions={"a": {"x": 1.0}, "b": {"x": 2.0}},
        max_evals=15,
        rng=0,
    )
    [ax] = fit.plot_fit()
    points, curve = ax.lines[0].get_xydata(), ax.lines[1].get_xydata()
    assert len(ax.lines) == 4
    np.testing.assert_array_equal(points[:, 1], DATA["a"]["u"])
    np.testing.assert_allclose(curve[0, 1], 4.0, rtol=0.05)  # with the scale
    np.testing.assert_allclose(curve[-1, 1], DATA["a"]["u"][-1], rtol=0.1)
    assert [x.get_text() for x in ax.get_legend().get_texts()] == ["a", "b"]


def test_a_function_is_drawn_at_the_data() -> None:
    fit = calibrate(
        lambda p: {"u": p["A"] + T, "v": p["A"] - T},
        {"time": T, "u": 2 + T, "v": 2 - T},
        {"A": (0.0, 5.0)},
        max_evals=10,
        rng=0,
    )
    axes = plot_fit(fit)
    assert [ax.get_ylabel() for ax in axes] == ["u", "v"]
    np.testing.assert_array_equal(axes[1].lines[1].get_xdata(), T)
    with pytest.raises(ValueError, match="axes must be 2"):
        plot_fit(fit, axes=[axes[0]])


def test_without_a_fit_there_is_nothing_to_draw() -> None:
    fit = calibrate(
        lambda p: T * np.nan, {"time": T, "u": T}, {"A": (0.0, 1.0)}, max_evals=5, rng=0
    )
    with pytest.raises(ValueError, match="no fit to draw"):
        fit.plot_fit()
