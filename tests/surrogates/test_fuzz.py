"""Every surrogate on nasty data: no surprise, no NaN, and interpolation if promised.

An ordinary run takes a few examples of each; `make slow` takes 10,000 in all.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from surrogo.surrogates import SURROGATES
from surrogo.surrogates.gp import GaussianProcess
from surrogo.surrogates.radial import RADIAL
from surrogo.surrogates.rbf import RBF
from tests.surrogates.nasty import Nasty, datasets

IN_ALL = 10_000
A_FEW = 5

# All that may be said of such data; each says what to do, or what is needed.
ALLOWED = re.compile(
    r"minimum of 2 is required"  # scikit-learn's wording for n = 1
    r"|take a simpler trend"
    r"|fit anew with all of them"
    r"|take y_transform=None"
    r"|such values say nothing"
    r"|degree must be"
    r"|raise the degree|lower degree|degree=None"
)
# The smallest distance of points, in the unit cube, that counts as apart, and the
# share of the spread of values by which an interpolating model may miss them: that of
# a nugget of 1e-10 where points are apart by so much.
APART, MISSED = 0.03, 1e-3


@dataclass(frozen=True)
class Case:
    """A surrogate with its settings, and what is to be given to it besides X and y."""

    make: Any
    settings: dict[str, Any] = field(default_factory=dict)
    outputs: int | None = None
    noise: bool = False
    gradients: bool = False
    interpolates: bool = True

    def model(self):
        return self.make(random_state=0, **self.settings)

    @property
    def centred(self):
        """Whether an offset of the values is nothing to the model."""
        no_tail = self.settings.get("degree") == -1
        return not no_tail and self.settings.get("trend") != "zero"

    def values(self, data: Nasty):
        """y (n,), or (n, k) with further columns that are no function of X."""
        if self.outputs is None:
            return data.y
        return np.column_stack([np.roll(data.y, k) for k in range(self.outputs)])

    def can_be_told(self, data: Nasty):
        """Whether slopes and variances of these data are floats."""
        squares = 1e-145 < data.size < 1e145
        return (squares or not self.noise) and (data.has_slopes or not self.gradients)

    def extras(self, data: Nasty, rows: slice):
        out = {}
        if self.noise:
            out["noise_var"] = np.linspace(1e-4, 1e-2, data.n)[rows] * data.size**2
        if self.gradients:
            rng = np.random.default_rng(data.seed)
            out["gradients"] = (rng.normal(size=(data.n, data.d)) * data.slopes)[rows]
        return out


def gp(interpolates=True, **settings):
    return Case(GaussianProcess, settings, interpolates=interpolates)


CASES = {
    **{f"default {name}": Case(kind) for name, kind in SURROGATES.items()},
    "gp exponential_power": gp(kernel="exponential_power"),
    "gp periodic": gp(kernel="periodic", interpolates=False),
    "gp additive": gp(kernel="additive", interpolates=False),
    "gp squared_exponential": gp(kernel="squared_exponential"),
    "gp rational_quadratic": gp(kernel="rational_quadratic"),
    "gp matern12": gp(kernel="matern12"),
    "gp zero trend": gp(trend="zero"),
    "gp linear trend": gp(trend="linear"),
    "gp quadratic trend": gp(trend="quadratic"),
    "gp nugget 0": gp(nugget=0.0),
    "gp nugget estimated": gp(nugget="estimate", interpolates=False),
    "gp nugget auto": gp(nugget="auto", interpolates=False),
    "gp transform auto": gp(y_transform="auto", interpolates=False),
    "gp transform log": gp(y_transform="log", interpolates=False),
    "gp warped": gp(warp=True, interpolates=False),
    "gp averaged": gp(hyper="laplace", n_starts=1),
    "gp without prior": gp(prior=False, interpolates=False),
    "gp two outputs": Case(GaussianProcess, outputs=2),
    "gp known noise": Case(GaussianProcess, noise=True, interpolates=False),
    "gp gradients": Case(GaussianProcess, gradients=True, interpolates=False),
    **{f"rbf {kernel}": Case(RBF, {"kernel": kernel}) for kernel in sorted(RADIAL)},
    "rbf no tail": Case(RBF, {"kernel": "matern52", "degree": -1}),
    "rbf linear tail": Case(RBF, {"degree": 1}),
    "rbf quadratic tail": Case(RBF, {"degree": 2}),
    "rbf shape loo": Case(RBF, {"kernel": "gaussian", "shape": "loo"}),
    "rbf smoothing": Case(RBF, {"smoothing": 1e-3}, interpolates=False),
    "rbf smoothing gcv": Case(RBF, {"smoothing": "gcv"}, interpolates=False),
    "rbf two outputs": Case(RBF, outputs=2),
}
every_case = pytest.mark.parametrize("name", sorted(CASES))


@every_case
@settings(max_examples=A_FEW)
@given(data=datasets)
def test_nasty_data_do_no_harm(name, data):
    survives(CASES[name], data)


@pytest.mark.slow
@every_case
@settings(max_examples=math.ceil(IN_ALL / len(CASES)))
@given(data=datasets)
def test_many_nasty_data_do_no_harm(name, data):
    survives(CASES[name], data)


# What failed once: other points that do not determine the trend, a logarithm starting
# at a value, and known noise whose units changed.
FOUND = (
    ("gp linear trend", Nasty(7, 3, 474528, ("repeated", "whole", "clustered"))),
    ("gp quadratic trend", Nasty(5, 1, 805630, ("collinear", "clustered"))),
    ("gp quadratic trend", Nasty(4, 1, 534256, ("whole", "far_from_zero"))),
    (
        "gp transform log",
        Nasty(10, 2, 787749, ("whole", "collinear"), ("one_outlier",)),
    ),
    (
        "gp known noise",
        Nasty(12, 1, 361918, ("constant_column",), ("constant", "one_outlier")),
    ),
    ("rbf thin_plate", Nasty(4, 1, 0, ("nearly_repeated",))),
)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_stays_mended(name, data):
    survives(CASES[name], data)


every_surrogate = pytest.mark.parametrize("kind", SURROGATES.values())


def few(dtype=np.float64):
    """Nine points (9, 2) and their values (9,)."""
    X = np.random.default_rng(0).random((9, 2))
    return X, np.sin(5.0 * X[:, 0]).astype(dtype)


@every_surrogate
def test_one_point_is_predicted_or_refused(kind):
    X, y = few()
    try:
        model = kind().fit(X[:1], y[:1])
    except ValueError as error:
        assert re.search("minimum of 2 is required", str(error))
    else:
        np.testing.assert_allclose(model.predict(X), y[0])


@every_surrogate
def test_points_at_the_end_of_floats_have_predictions(kind):
    mean, std = kind(random_state=0).fit(*few()).predict([[1e308, -1e308]], True)
    sane(mean, std)


@every_surrogate
def test_further_values_out_of_proportion_are_refused(kind):
    X, y = few()
    model = kind(random_state=0).fit(X, y)
    if hasattr(model, "update"):
        with pytest.raises(ValueError, match=r"at most 1e\+120 times .*; fit anew"):
            model.update([[0.5, 0.5]], [1e150])


@every_surrogate
def test_values_whose_differences_are_no_floats_are_refused(kind):
    X, y = few()
    with pytest.raises(
        ValueError, match=r"at most 8e\+307 in size.*change their units"
    ):
        kind().fit(X, np.sign(y - 0.5) * 1.7e308)


@every_surrogate
def test_short_floats_cost_no_more_than_their_rounding(kind):
    X, y = few(np.float32)
    far = y + np.float32(1000.0)
    model = kind(random_state=0).fit(X, far)
    np.testing.assert_allclose(
        model.predict(X), kind(random_state=0).fit(X, far.astype(float)).predict(X)
    )


def test_a_point_that_the_trend_needs_is_not_predicted_by_the_others():
    X = np.array([[0.0], [0.0], [0.0], [1.0]])
    y = np.array([1.0, 1.1, 0.9, 5.0])
    gp = GaussianProcess("matern52", trend="linear", nugget=0.1).fit(X, y)
    mean, std = gp.leave_one_out()
    assert mean[3] == pytest.approx(2.0)  # the mean of y
    np.testing.assert_array_equal(np.isinf(std), [False, False, False, True])


def survives(case: Case, data: Nasty):
    """Fit, predict, differentiate, update and leave out: everything finite."""
    y, everything = case.values(data), slice(None)
    if not case.can_be_told(data):
        return
    try:
        model = case.model().fit(data.X, y, **case.extras(data, everything))
    except ValueError as error:
        assert type(error) is ValueError, repr(error)
        assert ALLOWED.search(str(error)), error
        return
    predicts(model, data)
    if case.interpolates and data.apart > APART:
        spread = np.ptp(data.y) if case.centred else data.size
        missed = np.max(np.abs(model.predict(data.X) - y))
        assert missed <= MISSED * spread + data.rounding, (missed, spread)
    if hasattr(model, "leave_one_out"):
        leaves_out(model)
    if hasattr(model, "update") and data.n > 2:
        updates(case, data, y)


def leaves_out(model):
    """The std is infinite where the others do not determine the trend."""
    try:
        mean, std = model.leave_one_out()
    except ValueError as error:
        assert ALLOWED.search(str(error)), error
        return
    sane(mean, np.where(np.isinf(std), 0.0, std))


def predicts(model, data: Nasty):
    for points in (data.X, data.new):
        sane(*model.predict(points, return_std=True))
        if data.has_slopes:
            slopes = model.predict_gradient(points, return_std=True)
            assert np.all(np.isfinite(slopes))


def sane(mean, std):
    assert np.all(np.isfinite(mean))
    assert np.all(np.isfinite(std))
    assert np.all(std >= 0.0)


def updates(case: Case, data: Nasty, y):
    """Fit the first half, which may be rejected, and append the rest."""
    first, rest = slice(None, data.n // 2 + 1), slice(data.n // 2 + 1, None)
    try:
        model = case.model().fit(data.X[first], y[first], **case.extras(data, first))
        model.update(data.X[rest], y[rest], **case.extras(data, rest))
    except ValueError as error:
        assert type(error) is ValueError, repr(error)
        assert ALLOWED.search(str(error)), error
        return
    predicts(model, data)
