import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import yeojohnson
from sklearn.preprocessing import PowerTransformer

from surrogo import GaussianProcess
from surrogo.surrogates.transforms import ShiftedLog, Transform, YeoJohnson
from tests.reference.differences import gradient

values = arrays(np.float64, st.integers(3, 30), elements=st.floats(-8, 8))
powers = st.floats(0, 2)


def skewed(n=60, seed=0):
    t = np.exp(2.0 * np.random.default_rng(seed).normal(size=n))
    return (t - t.mean()) / t.std()


EVERY = [
    YeoJohnson.of(skewed()),
    YeoJohnson(lam=0.0, centre=0.3, scale=2.0),
    YeoJohnson(lam=2.0),
    YeoJohnson(lam=1.4, scale=0.1),
    ShiftedLog.of(skewed()),
]
every = pytest.mark.parametrize("T", EVERY)


@every
def test_slopes_equal_central_differences(T):
    t = np.quantile(skewed(), [0.05, 0.4, 0.6, 0.9])
    for at in t:
        forward = gradient(lambda x: T.forward(x)[0], [at], 1e-4 * (1 + abs(at)) ** 0)
        assert np.exp(T.log_slope(at)) == pytest.approx(forward[0], rel=1e-4)
        v = T.forward(at)
        back = gradient(lambda x: T.inverse(x)[0], [v], 1e-4)
        assert T.inverse_slope(v) == pytest.approx(back[0], rel=1e-5)


@given(t=values, lam=powers)
def test_yeo_johnson_is_scipys_and_can_be_undone(t, lam):
    T = YeoJohnson(lam=lam)
    np.testing.assert_allclose(
        T.forward(t), yeojohnson(t, lam if lam > 1e-12 else 0.0), rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(T.inverse(T.forward(t)), t, rtol=1e-6, atol=1e-9)


@given(t=values)
def test_logarithm_can_be_undone_and_keeps_the_order(t):
    T = ShiftedLog.of(t)
    if T is None:
        assert np.median(t) - np.min(t) < 1e-100
        return
    v = T.forward(t)
    assert np.all(np.isfinite(v))
    np.testing.assert_allclose(T.inverse(v), t, rtol=1e-6, atol=1e-6 * np.ptp(t))
    assert np.all(np.diff(v[np.argsort(t)]) >= 0)


@every
def test_every_value_has_an_image(T):
    v = np.array([-1e3, -30.0, 0.0, 30.0, 1e3])
    back = T.inverse(v)
    assert np.all(np.isfinite(back))
    assert np.all(np.diff(back) >= 0)
    assert np.all(np.isfinite(T.inverse_slope(np.array([-20.0, 0.0, 20.0]))))


def test_the_power_is_that_of_scikit_learn():
    for seed in range(5):
        t = skewed(80, seed)
        theirs = PowerTransformer().fit(t[:, None])
        lam = np.clip(theirs.lambdas_[0], 0.0, 2.0)
        assert YeoJohnson.of(t).lam == pytest.approx(lam, abs=0.03)


def test_transformed_data_are_standardised():
    for T in (YeoJohnson.of(skewed()), ShiftedLog.of(skewed())):
        v = T.forward(skewed())
        assert np.mean(v) == pytest.approx(0.0, abs=1e-12)
        assert np.std(v) == pytest.approx(1.0)


def test_values_without_a_scale_have_no_logarithm():
    assert ShiftedLog.of(np.array([1.0, 1.0, 1.0, 5.0])) is None
    assert ShiftedLog.of(np.zeros(4)) is None
    assert YeoJohnson.of(np.zeros(4)).scale == 1.0


def test_a_transform_must_say_what_it_is():
    for use in (Transform().forward, Transform().inverse, Transform().log_slope):
        with pytest.raises(NotImplementedError):
            use(np.zeros(1))


def surface(X):
    return np.sin(3 * X[:, 0]) + X[:, 1]


def data(n=50, seed=0, size=3.0):
    X = np.random.default_rng(seed).random((n, 2))
    return X, np.exp(size * surface(X))


def test_exponentials_choose_the_logarithm_and_gain_by_it():
    X, y = data()
    new, truth = data(400, 9)
    plain = GaussianProcess(random_state=0).fit(X, y)
    auto = GaussianProcess(y_transform="auto", random_state=0).fit(X, y)
    assert auto.y_transform_ is not None
    assert auto.log_likelihood_ > plain.log_likelihood_ + 2.5
    error = [np.std(np.log(np.maximum(gp.predict(new), 1e-3)) - np.log(truth))
             for gp in (plain, auto)]  # fmt: skip
    assert error[1] < 0.3 * error[0]
    mean, std = auto.predict(new, return_std=True)
    assert np.mean(np.abs(truth - mean) < 2 * std + 1e-9) > 0.85


def test_draws_of_a_process_are_seldom_transformed():
    wrong = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.random((30, 2))
        k = GaussianProcess("matern52", n_starts=0, length_scale=0.5).fit(X, X[:, 0])
        R = k.kernel_.correlations(X, X, np.log([0.5, 0.5]))
        y = np.linalg.cholesky(R + 1e-10 * np.eye(30)) @ rng.normal(size=30)
        gp = GaussianProcess(y_transform="auto", n_starts=1).fit(X, y)
        wrong += gp.y_transform_ is not None
    assert wrong <= 4


@pytest.mark.parametrize("name", ["log", "yeo_johnson"])
def test_model_of_transformed_values(name):
    X, y = data(30)
    gp = GaussianProcess(y_transform=name, n_starts=2, random_state=0).fit(X, y)
    np.testing.assert_allclose(gp.predict(X), y, rtol=1e-3)
    new = np.random.default_rng(3).random((5, 2))
    slopes = gp.predict_gradient(new, return_std=True)
    for part, slope in enumerate(slopes):
        for row, x in enumerate(new):
            expected = gradient(
                lambda x, part=part: gp.predict([x], return_std=True)[part][0], x, 1e-4
            )
            size = np.abs(expected).max()
            np.testing.assert_allclose(slope[row], expected, atol=1e-3 * size)
    # median and half width of the central interval, against draws
    draws = gp.sample_y(new, 20000)
    low, middle, high = np.quantile(draws, [0.158655, 0.5, 0.841345], axis=1)
    mean, std = gp.predict(new, return_std=True)
    np.testing.assert_allclose(middle, mean, atol=0.05 * np.max(std))
    np.testing.assert_allclose(0.5 * (high - low), std, rtol=0.1)
    loo, loo_std = gp.leave_one_out()
    assert loo.shape == loo_std.shape == (30,)
    before = gp.predict(new)
    gp.update(X[:1] * 0.5, y[:1])
    assert np.any(gp.predict(new) != before)
    np.testing.assert_allclose(gp.predict(X[:1] * 0.5), y[:1], rtol=1e-2)
    gp.update(X[:1] * 0.9, [-1e6])  # far below what the logarithm knows
    assert np.all(np.isfinite(gp.predict(new)))


def test_likelihood_with_the_jacobian_is_a_density():
    """Of two values given the others: it integrates to 1 over the second."""
    X, y = data(12)
    gp = GaussianProcess(
        "matern52", y_transform="log", n_starts=1, nugget=1e-2, random_state=0
    ).fit(X, y)
    posterior, T = gp.model_.posterior, gp.model_.transform
    t = (y - gp.y_mean_) / gp.y_scale_
    expected = posterior.log_likelihood() + np.sum(T.log_slope(t))
    nu = posterior.factors.nu
    assert gp.log_likelihood_ == pytest.approx(expected - nu * np.log(gp.y_scale_))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"y_transform": "sqrt"}, "y_transform, where it is not None, must be one of"),
        ({"hyper": "mcmc"}, "hyper must be one of 'laplace', 'map'"),
    ],
)
def test_unknown_words_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GaussianProcess(**parameters).fit(*data(9))


def test_what_does_not_go_together_is_refused():
    X, y = data(9)
    with pytest.raises(ValueError, match="y should be a 1d array"):
        GaussianProcess(y_transform="log").fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="without noise_var"):
        GaussianProcess(y_transform="log").fit(X, y, noise_var=np.ones(9))
    with pytest.raises(ValueError, match="not mostly the lowest one"):
        GaussianProcess(y_transform="log").fit(X, np.zeros(9))
    with pytest.raises(ValueError, match="n_starts=0 keeps"):
        GaussianProcess(hyper="laplace", n_starts=0, length_scale=1.0).fit(X, y)


def test_few_points_are_not_transformed_unasked():
    X, y = data(5)
    assert GaussianProcess(y_transform="auto").fit(X, y).y_transform_ is None
