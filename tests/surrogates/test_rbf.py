"""The model of a radial basis function against a naive one, SciPy, and theory."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline, RBFInterpolator
from sklearn.kernel_ridge import KernelRidge

from surrogo import GaussianProcess
from surrogo.surrogates import radial, rbf_fit
from surrogo.surrogates.radial import RADIAL
from surrogo.surrogates.rbf import RBF
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.rbf_recipe import Recipe
from tests.reference import naive_rbf
from tests.surrogates.cases import smooth

every_kernel = pytest.mark.parametrize("kernel", sorted(RADIAL))
definite = pytest.mark.parametrize(
    "kernel", sorted(name for name in RADIAL if not radial.order(RADIAL[name]))
)

SCIPY = {
    "linear": "linear",
    "cubic": "cubic",
    "quintic": "quintic",
    "thin_plate": "thin_plate_spline",
    "gaussian": "gaussian",
    "multiquadric": "multiquadric",
    "inverse_multiquadric": "inverse_multiquadric",
    "inverse_quadratic": "inverse_quadratic",
}


def points(n=30, d=2, seed=0):
    return np.random.default_rng(seed).random((n, d))


def least(kernel):
    return radial.order(RADIAL[kernel]) - 1


def shape_for(kernel, d=2):
    """A shape that leaves the matrix well conditioned."""
    return {1: 25.0, 2: 6.0, 3: 3.0}[d] if radial.has_length(RADIAL[kernel]) else 1.0


def recipe(kernel, degree=None, smoothing=0.0, d=2):
    return Recipe(RADIAL[kernel], degree, shape_for(kernel, d), smoothing)


def fitted(kernel, degree=None, smoothing=0.0, n=30, d=2):
    Z = points(n, d)
    return RBFModel.of(recipe(kernel, degree, smoothing, d), Z, smooth(Z))


def close(got, expected, tolerance=1e-8):
    size = np.max(np.abs(expected))
    np.testing.assert_allclose(got, expected, atol=tolerance * size, rtol=0)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("smoothing", [0.0, 1e-2])
@pytest.mark.parametrize("kernel", sorted(SCIPY))
def test_equals_scipy_at_all_degrees(kernel, smoothing, d):
    Z, new = points(60, d), points(200, d, seed=1)
    Y = np.column_stack([smooth(Z), np.cos(Z[:, 0])])
    for degree in range(least(kernel), 4):
        model = RBFModel.of(recipe(kernel, degree, smoothing, d), Z, Y)
        scipy = RBFInterpolator(
            Z,
            Y,
            kernel=SCIPY[kernel],
            degree=degree,
            smoothing=smoothing,
            epsilon=shape_for(kernel, d),
        )
        assert model.jitter == 0.0
        close(model.mean(new), scipy(new))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@every_kernel
def test_mean_and_power_function_equal_the_saddle_point_system(kernel, smoothing):
    Z, new = points(), points(50, seed=1)
    for degree in range(max(least(kernel), 0), 3):
        given = kernel, shape_for(kernel), degree, smoothing, Z
        model = fitted(kernel, degree, smoothing)
        close(model.mean(new), naive_rbf.mean(*given, smooth(Z), new))
        close(model.power(new) ** 2, naive_rbf.power2(*given, new))
        _mean, std = model.mean_std(new)
        close(std, np.sqrt(model.s2) * model.power(new))
        close(np.diag(model.covariance(new)), std**2)


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
@every_kernel
def test_polynomials_of_the_degree_of_the_tail_are_reproduced(kernel, degree):
    if degree < least(kernel):
        pytest.skip("the kernel needs a higher tail")
    Z, new = points(40), points(50, seed=1) * 3.0 - 1.0  # outside as well
    b = np.random.default_rng(2).normal(size=naive_rbf.monomials(Z, degree).shape[1])
    model = RBFModel.of(recipe(kernel, degree), Z, naive_rbf.monomials(Z, degree) @ b)
    close(model.mean(new), naive_rbf.monomials(new, degree) @ b, 1e-10)
    assert model.norm < 1e-8 * np.max(np.abs(b))


@every_kernel
def test_weights_annihilate_the_tail_and_data_are_met(kernel):
    model = fitted(kernel)
    P = naive_rbf.monomials(model.sites.Z, model.recipe.degree)
    assert np.max(np.abs(P.T @ model.c)) < 1e-11 * np.sum(np.abs(model.c))
    close(model.mean(model.sites.Z), model.sites.values, 1e-10)
    assert np.max(model.power(model.sites.Z)) < 1e-6


@every_kernel
def test_the_order_of_the_points_does_not_matter(kernel):
    Z, new = points(), points(20, seed=1)
    order = np.random.default_rng(0).permutation(len(Z))
    shuffled = RBFModel.of(recipe(kernel), Z[order], smooth(Z)[order])
    model = fitted(kernel)
    close(shuffled.mean(new), model.mean(new), 1e-10)
    close(shuffled.c, model.c[order], 1e-8)
    close(shuffled.power(new), model.power(new))


@pytest.mark.parametrize("smoothing", [0.0, 0.05])
@every_kernel
def test_leave_one_out_equals_refits(kernel, smoothing):
    model = fitted(kernel, smoothing=smoothing, n=25)
    mean, std = model.leave_one_out()
    Z, y = model.sites.Z, model.sites.values
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        without = RBFModel.of(model.recipe, Z[rest], y[rest])
        assert mean[i] == pytest.approx(without.mean(Z[[i]])[0], rel=1e-8, abs=1e-8)
        variance = model.s2 * (without.power(Z[[i]])[0] ** 2 + smoothing)
        assert std[i] ** 2 == pytest.approx(variance, rel=1e-6)


def test_a_point_without_which_there_is_no_tail_has_an_infinite_std():
    Z = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [0.3, 1.0]])
    mean, std = RBFModel.of(recipe("cubic"), Z, np.arange(4.0)).leave_one_out()
    assert mean[3] == 0.0
    assert np.isinf(std[3])
    assert np.all(np.isfinite(std[:3]))


@pytest.mark.parametrize(
    ("kernel", "covariance", "to_length"),
    [
        ("gaussian", "squared_exponential", np.sqrt(0.5)),
        ("matern12", "matern12", 1.0),
        ("matern32", "matern32", 1.0),
        ("matern52", "matern52", 1.0),
    ],
)
@pytest.mark.parametrize(
    ("trend", "degree"),
    [("zero", -1), ("constant", 0), ("linear", 1), ("quadratic", 2)],
)
@pytest.mark.parametrize("noise", [0.0, 1e-2])
def test_equals_the_gaussian_process(
    kernel, covariance, to_length, trend, degree, noise
):
    """Same predictor to 1e-10, same standard deviation, same leave-one-out."""
    X, new = 10.0 * points(), 10.0 * points(40, seed=1)
    y, bounds = smooth(X / 10.0), [[0.0, 10.0]] * 2
    shape = 5.0
    gp = GaussianProcess(
        covariance,
        trend=trend,
        nugget=noise,
        n_starts=0,
        length_scale=10.0 * to_length / shape,
        bounds=bounds,
    ).fit(X, y)
    rbf = RBF(kernel, degree=degree, shape=shape, smoothing=noise, bounds=bounds)
    rbf.fit(X, y)
    for got, expected in zip(
        rbf.predict(new, return_std=True), gp.predict(new, return_std=True), strict=True
    ):
        close(got, expected, 1e-10)
    for got, expected in zip(
        rbf.predict_gradient(new, return_std=True),
        gp.predict_gradient(new, return_std=True),
        strict=True,
    ):
        close(got, expected, 1e-8)
    for got, expected in zip(rbf.leave_one_out(), gp.leave_one_out(), strict=True):
        close(got, expected, 1e-9)


def test_equals_kernel_ridge_regression():
    Z, new = points(), points(40, seed=1)
    ridge = KernelRidge(alpha=0.1, kernel="rbf", gamma=36.0).fit(Z, smooth(Z))
    close(fitted("gaussian", -1, 0.1).mean(new), ridge.predict(new), 1e-10)


def test_cubic_on_a_line_is_the_natural_cubic_spline():
    Z = np.sort(points(15, 1), axis=0)
    spline = CubicSpline(Z[:, 0], smooth(Z), bc_type="natural")
    new = np.linspace(Z[0], Z[-1], 100)
    model = RBFModel.of(recipe("cubic"), Z, smooth(Z))
    close(model.mean(new), spline(new[:, 0]), 1e-10)
    close(model.mean_std_gradients(new)[2][:, 0], spline(new[:, 0], 1), 1e-9)
    # its seminorm is the bending energy: int s''^2 = 12 c^T A c, as (r^3)'''' = 12 d
    bend = spline(np.linspace(Z[0, 0], Z[-1, 0], 200_001), 2) ** 2
    energy = np.mean(bend) * (Z[-1, 0] - Z[0, 0])
    assert energy == pytest.approx(12.0 * float(model.norm) ** 2, rel=1e-4)


@definite
def test_variance_holds_the_trend_term(kernel):
    """A simple-Kriging variance would say nothing of the unknown trend far away."""
    model = fitted(kernel, 1)
    far = np.array([[3.0, 3.0], [-4.0, 0.5]])
    given = kernel, shape_for(kernel)
    k, A = (naive_rbf.kernel(*given, B, model.sites.Z) for B in (far, model.sites.Z))
    without = 1.0 - np.sum(k * np.linalg.solve(A, k.T).T, axis=1)
    assert np.all(model.power(far) ** 2 > without + 0.5)
    assert model.power(10.0 * far)[0] > 5.0 * model.power(far)[0]


@every_kernel
def test_cardinal_functions(kernel):
    """u_j(x_i) = delta_ij, they sum up to the tail, and are the predictor."""
    model, new = fitted(kernel), points(30, seed=1)
    close(model.cardinal(model.sites.Z), np.eye(30), 1e-7)
    u, degree = model.cardinal(new), model.recipe.degree
    P = naive_rbf.monomials(model.sites.Z, degree)
    close(u @ P, naive_rbf.monomials(new, degree), 1e-9)
    close(u @ model.sites.values, model.mean(new), 1e-9)


@pytest.mark.parametrize("kernel", ["cubic", "thin_plate", "linear"])
def test_lebesgue_constant_grows_slowly_on_grids(kernel):
    new, constants = points(400, seed=1), []
    for side in (4, 8, 16):
        axes = np.meshgrid(*2 * [np.linspace(0, 1, side)])
        Z = np.stack(axes, axis=-1).reshape(-1, 2)
        model = RBFModel.of(recipe(kernel), Z, smooth(Z))
        constants.append(np.max(np.sum(np.abs(model.cardinal(new)), axis=1)))
    assert constants[0] > 1.0
    assert constants[2] < 1.5 * constants[0] < 6.0


def native(kernel, n_functions, n=12, seed=0):
    """Random functions of the native space: centres, weights and their norms."""
    rng = np.random.default_rng(seed)
    Z = rng.random((n, 2))
    P = naive_rbf.monomials(Z, least(kernel))
    N = np.linalg.qr(P, mode="complete")[0][:, P.shape[1] :]
    alpha = N @ rng.normal(size=(N.shape[1], n_functions))
    A = naive_rbf.kernel(kernel, shape_for(kernel), Z, Z)
    return Z, alpha, np.sqrt(np.sum(alpha * (A @ alpha), axis=0))


@every_kernel
def test_error_is_below_power_function_times_norm(kernel):
    centres, alpha, norms = native(kernel, 1000)
    Z, new = points(20, seed=5), points(30, seed=6)
    shape = shape_for(kernel)
    F = naive_rbf.kernel(kernel, shape, Z, centres) @ alpha
    truth = naive_rbf.kernel(kernel, shape, new, centres) @ alpha
    model = RBFModel.of(recipe(kernel, least(kernel)), Z, F)
    bound = np.outer(model.power(new), norms)
    assert np.all(np.abs(model.mean(new) - truth) <= bound * (1 + 1e-6) + 1e-9)
    assert np.max(np.abs(model.mean(new) - truth) / bound) > 0.3  # and it is sharp


@every_kernel
def test_norms_obey_pythagoras_and_grow_with_the_data(kernel):
    centres, alpha, norms = native(kernel, 1)
    shape, norm = shape_for(kernel), []
    f = naive_rbf.kernel(kernel, shape, centres, centres) @ alpha
    for n in range(6, 13):
        model = RBFModel.of(recipe(kernel, least(kernel)), centres[:n], f[:n])
        rest = alpha.copy()
        rest[:n] -= model.c  # f - s, in the span of the translates
        A = naive_rbf.kernel(kernel, shape, centres, centres)
        error = (rest.T @ A @ rest)[0, 0]
        assert model.norm[0] ** 2 + error == pytest.approx(norms[0] ** 2, rel=1e-6)
        norm.append(model.norm[0])
    assert np.all(np.diff(norm) > -1e-9)
    assert norm[-1] == pytest.approx(norms[0], rel=1e-6)


@every_kernel
def test_interpolant_has_the_least_norm(kernel):
    """Any other function of the space that meets the data has a larger one."""
    Z = points(20)
    model = RBFModel.of(recipe(kernel, least(kernel)), Z[:10], smooth(Z[:10]))
    for seed in range(5):
        y = smooth(Z)
        y[10:] = model.mean(Z[10:]) + np.random.default_rng(seed).normal(size=10)
        other = RBFModel.of(recipe(kernel, least(kernel)), Z, y)
        assert other.norm > model.norm


@every_kernel
def test_power_function_bounds_the_least_eigenvalue(kernel):
    """The uncertainty relation: accurate and well conditioned exclude each other."""
    model, new = fitted(kernel, least(kernel)), points(40, seed=7)
    for x, power in zip(new, model.power(new), strict=True):
        Z = np.vstack([model.sites.Z, x])
        P = naive_rbf.monomials(Z, least(kernel))
        N = np.linalg.qr(P, mode="complete")[0][:, P.shape[1] :]
        A = naive_rbf.kernel(kernel, shape_for(kernel), Z, Z)
        assert np.linalg.eigvalsh(N.T @ A @ N)[0] <= power**2 * (1 + 1e-6)


def order_of(errors):
    """Slope of the error in h, which is halved each time."""
    return np.polyfit(-np.arange(len(errors)), np.log2(errors), 1)[0]


@pytest.mark.parametrize(
    ("kernel", "theory"),
    [("linear", 0.5), ("cubic", 1.5), ("quintic", 2.5),
     ("matern12", 0.5), ("matern32", 1.5), ("matern52", 2.5)],
)  # fmt: skip
def test_power_function_falls_at_the_order_of_theory(kernel, theory):
    """h^(tau - d/2), tau = (beta + d) / 2 or nu + d / 2 (Wendland 2005, ch. 11)."""
    new, peaks = np.linspace(0, 1, 1001)[:, None], []
    for n in (9, 17, 33, 65):
        Z = np.linspace(0, 1, n)[:, None]
        model = RBFModel.of(Recipe(RADIAL[kernel]), Z, smooth(Z))
        peaks.append(np.max(model.power(new)))
    assert order_of(peaks) == pytest.approx(theory, abs=0.3)


def errors_of(make, sizes):
    new, errors = np.linspace(0, 1, 1001)[:, None], []
    for n in sizes:
        Z = np.linspace(0, 1, n)[:, None]
        model = RBFModel.of(make(n), Z, np.sin(2 * np.pi * Z[:, 0]))
        errors.append(np.max(np.abs(model.mean(new) - np.sin(2 * np.pi * new[:, 0]))))
    return np.array(errors)


def test_cubic_converges_at_order_four_where_natural_ends_fit():
    errors = errors_of(lambda n: Recipe(RADIAL["cubic"]), (9, 17, 33, 65))
    assert order_of(errors) == pytest.approx(4.0, abs=0.3)


def test_gaussian_converges_faster_than_any_power():
    errors = errors_of(lambda n: Recipe(RADIAL["gaussian"], -1, 3.0), (3, 6, 12))
    steps = np.log2(errors[:-1] / errors[1:])
    assert steps[1] > 2.0 * steps[0]
    assert errors[-1] < 1e-4


def test_nothing_converges_in_the_stationary_limit():
    """As many points in each bump whatever n is: the error stays."""
    errors = errors_of(
        lambda n: Recipe(RADIAL["gaussian"], -1, 2.0 * (n - 1)), (17, 33, 65, 129)
    )
    assert errors[-1] > 0.9 * errors[0] > 0.1


@every_kernel
def test_smoothing_goes_from_interpolation_to_the_tail_alone(kernel):
    model, new = fitted(kernel, 1 if least(kernel) < 2 else 2), points(20, seed=1)
    degree, Z = model.recipe.degree, model.sites.Z
    slight, heavy = (
        RBFModel.of(replace(model.recipe, smoothing=s), Z, smooth(Z))
        for s in (1e-12, 1e12)
    )
    close(slight.mean(new), model.mean(new), 1e-6)
    b, *_ = np.linalg.lstsq(naive_rbf.monomials(Z, degree), smooth(Z), rcond=None)
    close(heavy.mean(new), naive_rbf.monomials(new, degree) @ b, 1e-8)


def test_generalised_cross_validation_equals_its_definition():
    model = fitted("cubic", smoothing=0.05)
    H = model.cardinal(model.sites.Z)
    y, n = model.sites.values, 30
    expected = np.mean((y - H @ y) ** 2) / (np.trace(np.eye(n) - H) / n) ** 2
    spectrum = rbf_fit.Spectrum.of(model.recipe, model.sites.Z, y)
    assert spectrum.score(0.05, "gcv") == pytest.approx(expected, rel=1e-9)
    residual = y - model.leave_one_out()[0]
    assert spectrum.score(0.05, "loo") == pytest.approx(np.mean(residual**2), rel=1e-9)


@pytest.mark.parametrize("criterion", ["loo", "gcv"])
def test_smoothing_in_use_is_the_best(criterion):
    Z = points(60)
    y = smooth(Z) + 0.2 * np.random.default_rng(3).normal(size=60)
    fit = rbf_fit.best(recipe("cubic"), 1.0, criterion, Z, y)
    spectrum = rbf_fit.Spectrum.of(recipe("cubic"), Z, y)
    ridge = fit.recipe.smoothing
    for factor in (1e-4, 0.5, 2.0, 1e4):
        best, other = (spectrum.score(r, criterion) for r in (ridge, factor * ridge))
        assert best <= other


def test_flat_gaussians_are_held_by_jitter():
    Z, new = points(60), points(50, seed=1)
    model = RBFModel.of(Recipe(RADIAL["gaussian"], 0, 0.3), Z, smooth(Z))
    assert 0.0 < model.jitter < 1e-6
    assert np.max(np.abs(model.mean(new) - smooth(new))) < 1e-2


def test_a_shape_that_overflows_is_refused():
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match="overflows; take a smaller shape"),
    ):
        RBFModel.of(Recipe(RADIAL["cubic"], 1, 1e150), points(), smooth(points()))


def test_appending_many_points_and_points_that_coincide():
    model, Z = fitted("cubic", n=10), points(60, seed=4)
    grown = model.append(Z[:5], smooth(Z[:5]))
    assert grown.space.n_base == 10
    again = grown.append(Z[5:], smooth(Z[5:])).append(Z[:3], smooth(Z[:3]) + 1.0)
    assert again.space.n_base == len(again.sites.Z) == 70
    everything = np.vstack([points(10), Z, Z[:3]])
    y = np.concatenate([smooth(points(10)), smooth(Z), smooth(Z[:3]) + 1.0])
    fresh = RBFModel.of(model.recipe, everything, y)
    close(again.mean(Z), fresh.mean(Z), 1e-10)


def test_without_degrees_of_freedom_the_std_is_that_of_order_one():
    model = RBFModel.of(recipe("cubic"), np.eye(3)[:, :2], np.array([1.0, 2.0, 0.0]))
    mean, std = model.mean_std(np.array([[0.5, 0.5], [0.0, 0.0]]))
    np.testing.assert_allclose(mean, [1.5, 0.0], atol=1e-12)
    assert std[0] > 0.1 > 1e-6 > std[1]
