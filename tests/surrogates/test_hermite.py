import inspect
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates import kernels, linalg, radial
from surrogo.surrogates.functionals import Functionals
from surrogo.surrogates.hermite import HermiteRBF
from surrogo.surrogates.hermite_model import HermiteModel
from surrogo.surrogates.rbf import RBF
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient
from tests.surrogates.slope_cases import (
    points,
    rosenbrock,
    rosenbrock_gradient,
    wavy,
    wavy_gradient,
)

SMOOTH = ["cubic", "quintic", "gaussian", "multiquadric", "inverse_multiquadric",
          "inverse_quadratic", "matern32", "matern52"]  # fmt: skip
every = pytest.mark.parametrize("kernel", SMOOTH)
SIZE = np.array([30.0, 0.2, 7.0])


def user_data(n=15, complete=True):
    """Points in units of their own, values and slopes."""
    Z = points(n)
    y, G = 1e3 * wavy(Z), 1e3 * wavy_gradient(Z) / SIZE
    if not complete:
        G[2, 1] = G[4] = y[3] = np.nan
    return Z * SIZE - 5.0, y, G


@parametrize_with_checks([HermiteRBF(), HermiteRBF("gaussian", degree=0)])
def test_it_is_a_scikit_learn_regressor(estimator, check):
    check(estimator)


@every
@pytest.mark.parametrize("complete", [True, False])
def test_values_and_slopes_are_reproduced(kernel, complete):
    X, y, G = user_data(complete=complete)
    rbf = HermiteRBF(kernel).fit(X, y, gradients=G)
    seen, slopes_seen = ~np.isnan(y), ~np.isnan(G)
    mean, std = rbf.predict(X, return_std=True)
    assert np.abs(mean - y)[seen].max() < 1e-8 * np.nanstd(y)
    assert std[seen].max() < 1e-5 * np.nanstd(y)
    error = SIZE * np.abs(rbf.predict_gradient(X) - G)
    assert error[slopes_seen].max() < 1e-8 * np.nanmax(np.abs(SIZE * G))


@every
def test_the_mean_itself_has_the_slopes(kernel):
    X, y, G = user_data()
    rbf = HermiteRBF(kernel).fit(X, y, gradients=G)
    for x, slope in zip(X[:4], G[:4], strict=True):
        found = gradient(
            lambda v, x=x: rbf.predict([x + v * SIZE])[0], np.zeros(3), 1e-5
        )
        np.testing.assert_allclose(found, slope * SIZE, atol=1e-3 * np.std(y))


@pytest.mark.parametrize("kernel", [*SMOOTH, "linear", "thin_plate", "matern12"])
def test_values_alone_give_the_interpolant_of_values(kernel):
    X, y, _ = user_data(20)
    degree = max(radial.order(radial.get(kernel)) - 1, 0)
    ours = HermiteRBF(kernel, degree=degree, shape=1.5).fit(X, y)
    other = RBF(kernel, degree=degree, shape=1.5).fit(X, y)
    new = points(10, seed=4) * SIZE - 5.0
    for one, expected in zip(
        ours.predict(new, return_std=True), other.predict(new, return_std=True),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-6 * np.std(y))


@every
def test_std_and_its_gradient_equal_differences(kernel):
    X, y, G = user_data(complete=False)
    rbf = HermiteRBF(kernel).fit(X, y, gradients=G)
    for x in points(3, seed=8) * SIZE - 5.0:
        for part, slope in enumerate(rbf.predict_gradient([x], return_std=True)):
            found = gradient(
                lambda v, x=x, part=part: rbf.predict([x + v * SIZE], return_std=True)[
                    part
                ][0],
                np.zeros(3),
            )
            size = np.abs(found).max()
            np.testing.assert_allclose(slope[0] * SIZE, found, atol=1e-3 * size)


def test_slopes_halve_the_points_that_rosenbrock_needs(rng):
    X, new = rng.random((80, 4)) * 4.0 - 2.0, rng.random((500, 4)) * 4.0 - 2.0
    y, truth = rosenbrock(X), rosenbrock(new)
    few = HermiteRBF("quintic").fit(
        X[:40], y[:40], gradients=rosenbrock_gradient(X[:40])
    )
    many = HermiteRBF("quintic").fit(X, y)
    errors = [np.sqrt(np.mean((m.predict(new) - truth) ** 2)) for m in (few, many)]
    assert errors[0] < 0.9 * errors[1]


def test_slopes_alone_give_the_function_up_to_a_constant():
    X, y, G = user_data(40)
    rbf = HermiteRBF("quintic").fit(X, np.full(40, np.nan), gradients=G)
    shift = y - rbf.predict(X)
    assert np.std(shift) < 0.05 * np.std(y)


def test_leaving_a_point_out_equals_a_fit_without_it():
    X, y, G = user_data(complete=False)
    bounds = np.column_stack([X.min(0), X.max(0)])
    rbf = HermiteRBF("cubic", bounds=bounds).fit(X, y, gradients=G)
    mean, _ = rbf.leave_one_out()
    for row, i in enumerate(np.flatnonzero(~np.isnan(y))):
        rest = np.arange(len(y)) != i
        other = clone(rbf).fit(X[rest], y[rest], gradients=G[rest])
        assert mean[row] == pytest.approx(other.predict(X[[i]])[0], rel=1e-6)


def test_update_equals_a_fit_to_everything():
    X, y, G = user_data(complete=False)
    bounds = np.column_stack([X.min(0), X.max(0)])
    whole = HermiteRBF("cubic", bounds=bounds).fit(X, y, gradients=G)
    grown = HermiteRBF("cubic", bounds=bounds).fit(X[:8], y[:8], gradients=G[:8])
    grown.update(X[8:], y[8:], gradients=G[8:])
    new = points(10, seed=4) * SIZE - 5.0
    np.testing.assert_allclose(grown.predict(new), whole.predict(new), rtol=1e-8)
    grown.update(X[:1] + 0.01, [1.0])
    assert grown.predict(X[:1] + 0.01)[0] == pytest.approx(1.0, abs=1e-6)


def test_samples_go_through_the_data():
    X, y, G = user_data()
    rbf = HermiteRBF(random_state=0).fit(X, y, gradients=G)
    draws = rbf.sample_y(np.vstack([X[:2], X[:1] + 1.0]), 5)
    np.testing.assert_allclose(draws[:2], y[:2, None] * np.ones(5), rtol=1e-3)
    assert np.ptp(draws[2]) > 0


def test_shape_is_chosen_by_leaving_one_out_among_those_that_interpolate():
    X, y, G = user_data(30)
    chosen = HermiteRBF("gaussian").fit(X, y, gradients=G)
    errors = {}
    for shape in 2.0 ** np.arange(-2, 5):
        rbf = HermiteRBF("gaussian", shape=shape).fit(X, y, gradients=G)
        if np.abs(rbf.predict(X) - y).max() < 1e-8 * np.std(y):
            errors[shape] = np.mean((rbf.leave_one_out()[0] - y) ** 2)
    assert 1 < len(errors) < 7
    assert chosen.shape_ == pytest.approx(min(errors, key=errors.get))


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_values_of_any_scale(scale):
    X, y, G = user_data(complete=False)
    plain = HermiteRBF().fit(X, y, gradients=G)
    scaled = HermiteRBF().fit(X, scale * y, gradients=scale * G)
    np.testing.assert_allclose(scaled.predict(X) / scale, plain.predict(X), rtol=1e-9)
    np.testing.assert_allclose(
        scaled.predict_gradient(X) / scale, plain.predict_gradient(X), rtol=1e-6
    )


@pytest.mark.parametrize("kernel", ["cubic", "quintic", "gaussian", "multiquadric"])
@pytest.mark.parametrize("with_slopes", [True, False])
@pytest.mark.parametrize("case", range(9))
def test_odd_data_are_interpolated_without_a_fuss(kernel, with_slopes, case):
    rng = np.random.default_rng(case)
    X = [
        rng.random((1, 3)),
        rng.random((2, 5)),
        rng.random((12, 1)),
        np.outer(rng.random(8), [1.0, 2.0, 3.0]),
        np.column_stack([rng.random((8, 2)), np.ones(8)]),
        np.repeat(rng.random((4, 2)), 2, axis=0),
        rng.random((9, 2)) + 1e9,
        rng.random((9, 2)) * [1e-100, 1e100],
        np.full((5, 2), 3.0),
    ][case]
    width = np.ptp(X) or 1.0
    y = np.sin(X / width).sum(axis=1)
    G = np.cos(X / width) / width if with_slopes else None
    rbf = HermiteRBF(kernel).fit(X, y, gradients=G)
    mean, std, slope = (*rbf.predict(X, return_std=True), rbf.predict_gradient(X))
    assert np.isfinite(mean).all()
    assert np.isfinite(std).all()
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(mean, y, atol=2e-6 * max(np.ptp(y), 1.0))
    assert not np.isnan(rbf.leave_one_out()).any()


def test_contradicting_values_are_averaged():
    X = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.3], [0.2, 1.0], [0.7, 0.9]])
    rbf = HermiteRBF().fit(X, [0.0, 1.0, 2.0, 3.0, 4.0])
    expected = [0.5, 0.5, 2.0, 3.0, 4.0]
    np.testing.assert_allclose(rbf.predict(X), expected, atol=1e-4)


def test_arguments_stay_as_they_are():
    X, y, G = user_data(complete=False)
    for array in (X, y, G):
        array.setflags(write=False)
    HermiteRBF().fit(X, y, gradients=G).update(X[:1] + 0.1, [1.0], gradients=G[:1])


def test_copies_predict_the_same():
    X, y, G = user_data()
    rbf = HermiteRBF().fit(X, y, gradients=G)
    copy = pickle.loads(pickle.dumps(rbf))
    np.testing.assert_array_equal(copy.predict(X), rbf.predict(X))


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"kernel": "linear"}, "take a smoother one"),
        ({"kernel": "thin_plate"}, "take a smoother one"),
        ({"kernel": "matern12"}, r"order 1 .* got Matern12"),
        ({"kernel": "sine"}, "kernel must be one of"),
        ({"kernel": "cubic", "degree": 0}, "degree must be from 1 to 2"),
        ({"degree": 3}, "degree must be from -1 to 2"),
        ({"shape": 0.0}, "shape must be above 0"),
        ({"smoothing": -1.0}, "smoothing must be at least 0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, text):
    X, y, G = user_data()
    with pytest.raises(ValueError, match=text):
        HermiteRBF(**parameters).fit(X, y, gradients=G)


def test_data_that_make_no_sense_are_refused():
    X, y, G = user_data()
    rbf = HermiteRBF()
    with pytest.raises(ValueError, match=r"gradients must have the shape \(15, 3\)"):
        rbf.fit(X, y, gradients=G[:, :2])
    with pytest.raises(ValueError, match="be finite, or NaN"):
        rbf.fit(X, y, gradients=np.where(G > 0, np.inf, G))
    with pytest.raises(ValueError, match="none at row 0"):
        rbf.fit(X, np.full(15, np.nan), gradients=np.full((15, 3), np.nan))
    with pytest.raises(ValueError, match=r"y must have shape \(n,\)"):
        rbf.fit(X, np.column_stack([y, y]), gradients=G)
    with pytest.raises(ValueError, match="NaN"):
        rbf.fit(X, np.where(y > y[0], np.nan, y))


def test_docstring_shows_how_to_use_it():
    doc = inspect.getdoc(HermiteRBF)
    for section in ("Parameters\n---", "Attributes\n---", "Examples\n---", ">>> "):
        assert section in doc


def disc(n, seed=0):
    """Points inside the unit disc around 0 and on its edge, evenly spread."""
    golden = np.pi * (3.0 - np.sqrt(5.0))  # Vogel 1979
    i = np.arange(n)
    r, phi = np.sqrt((i + 0.5) / n), golden * i
    inside = np.column_stack([r * np.cos(phi), r * np.sin(phi)])
    edge = 2.0 * np.pi * np.arange(int(3.5 * np.sqrt(n))) / int(3.5 * np.sqrt(n))
    return inside[r < 0.98], np.column_stack([np.cos(edge), np.sin(edge)])


def poisson(n, profile):
    """Solve laplacian u = f on the disc, u given on its edge: symmetric collocation."""
    inside, edge = disc(n)

    def u(X):
        return np.sin(2.0 * X[:, 0]) * np.exp(X[:, 1])

    f = -3.0 * u(inside)  # (1 - 4) u
    given = [Functionals.laplacian(inside), Functionals.values(edge)]
    model = HermiteModel.interpolating(
        profile, Trend.of("zero", 2), np.zeros(2), given, np.concatenate([f, u(edge)])
    )
    new = disc(500)[0]
    return np.abs(model.mean(new) - u(new)).max(), model


def test_poisson_on_a_disc_converges_with_a_positive_definite_system():
    """Symmetric collocation (Wu 1992; Fasshauer 1997; Franke & Schaback 1998)."""
    errors = []
    for n in (25, 50, 100):
        error, model = poisson(n, kernels.get("squared_exponential"))
        np.testing.assert_allclose(model.factors.A, model.factors.A.T, atol=1e-13)
        errors.append(error)
    assert np.linalg.eigvalsh(poisson(25, kernels.get("matern52"))[1].factors.A)[0] > 0
    assert errors[0] < 1e-2
    assert errors[1] < 1e-4
    assert errors[2] < 1e-6


def test_poisson_has_the_order_of_a_rough_kernel():
    """Measured 2.7 to 3.0, with distances halved from n to 4 n.

    The kernel's functions have tau = nu + d/2 = 3.5 derivatives, two of which the
    equation takes; for smoother ones, as here, the order 2 (tau - 2) = 3 is seen.
    """
    errors = [poisson(n, kernels.get("matern52"))[0] for n in (50, 200, 800)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders.min() > 2.5
    assert orders.max() < 3.3


def test_mixed_conditions_are_met():
    """Normal derivatives on part of the edge, values on the rest."""
    inside, edge = disc(100)
    right = edge[:, 0] > 0

    def u(X):
        return X[:, 0] ** 2 - X[:, 1] ** 2 + X[:, 0]

    normal = 2.0 * edge[right] * [1.0, -1.0] + [1.0, 0.0]
    given = [
        Functionals.laplacian(inside),
        Functionals.directional(edge[right], edge[right]),
        Functionals.values(edge[~right]),
    ]
    y = np.concatenate([
        np.zeros(len(inside)), np.sum(normal * edge[right], axis=1), u(edge[~right])
    ])  # fmt: skip
    model = HermiteModel.interpolating(
        kernels.get("squared_exponential"),
        Trend.of("constant", 2),
        np.zeros(2),
        given,
        y,
    )
    np.testing.assert_allclose(model.mean(inside), u(inside), atol=1e-4)
    np.testing.assert_allclose(model.apply(given)[0], y, atol=1e-6)


def test_data_that_leave_the_trend_open_are_told():
    Z = points(3, 2)
    parts = kernels.get("matern52"), Trend.of("linear", 2), np.zeros(2)
    slope = [Functionals.slopes(Z, 0)]
    open_ = HermiteModel.interpolating(*parts, slope, np.ones(3))
    assert not open_.unisolvent
    np.testing.assert_allclose(open_.apply(slope)[0], 1.0)
    more = [*slope, Functionals.values(Z)]
    assert HermiteModel.interpolating(*parts, more, np.ones(6)).unisolvent


def test_a_trend_of_too_low_a_degree_is_refused():
    with pytest.raises(linalg.NotPositiveDefinite, match="degree of the polynomial"):
        HermiteModel.interpolating(
            radial.get("quintic"), Trend.of("zero", 2), np.zeros(2),
            [Functionals.values(points(12, 2))], np.ones(12),
        )  # fmt: skip
