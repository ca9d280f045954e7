"""Functions of compact support: formulas, derivatives, where they are definite."""

import numpy as np
import pytest
from scipy.integrate import quad

from surrogo.surrogates import wendland
from surrogo.surrogates.profiles import squared_distances
from surrogo.surrogates.wendland import MissingWendland, Wendland

ALL = [Wendland(d, k) for d in (1, 2, 3, 6) for k in range(4)]
ALL += [MissingWendland(1), MissingWendland(3)]
every_profile = pytest.mark.parametrize("profile", ALL, ids=str)


# Wendland 2005, table 9.1, for d = 1 and d = 3.
PUBLISHED = {
    (1, 0): lambda r, t: t,
    (1, 1): lambda r, t: t**3 * (3 * r + 1),
    (1, 2): lambda r, t: t**5 * (8 * r**2 + 5 * r + 1),
    (3, 0): lambda r, t: t**2,
    (3, 1): lambda r, t: t**4 * (4 * r + 1),
    (3, 2): lambda r, t: t**6 * (35 * r**2 + 18 * r + 3) / 3,
    (3, 3): lambda r, t: t**8 * (32 * r**3 + 25 * r**2 + 8 * r + 1),
}


@pytest.mark.parametrize(("d", "k"), PUBLISHED)
def test_formulas_are_the_published_ones(d, k):
    r = np.linspace(0.0, 1.5, 40)
    truth = PUBLISHED[d, k](r, np.maximum(1.0 - r, 0.0))
    np.testing.assert_allclose(Wendland(d, k).value(r**2), truth, atol=1e-14)


@pytest.mark.parametrize("twice_k", [1, 3])
def test_missing_functions_equal_their_integral(twice_k):
    # Schaback 2011, equation (3): the integral over t from r to 1 of
    # t (1 - t)^mu (t^2 - r^2)^(k - 1), here with mu = d/2 + k + 1/2
    k, profile = twice_k / 2, MissingWendland(twice_k)

    def integral(r):
        # t^2 = r^2 + s^2 takes the singularity at t = r away
        def f(s):
            return (1 - np.hypot(r, s)) ** (1.5 + k) * s ** (2 * k - 1)

        return quad(f, 0.0, np.sqrt(1 - r * r))[0]

    for r in (0.1, 0.4, 0.7, 0.95):
        value = profile.value(np.array([r * r]))[0]
        assert value == pytest.approx(integral(r) / integral(0.0), rel=1e-7)


@every_profile
def test_support_ends_exactly_at_one(profile):
    value, slope = profile.value_and_slope(np.array([0.0, 1.0, 1.0001, 7.0, 1e12]))
    assert value[0] == 1.0
    assert np.all(value[1:] == 0.0)
    assert np.all(slope[1:] == 0.0)


@every_profile
def test_slope_equals_differences(profile):
    r2, h = np.array([0.01, 0.2, 0.5, 0.9]), 1e-6
    value, slope = profile.value_and_slope(r2)
    differences = (profile.value(r2 + h) - profile.value(r2 - h)) / (2 * h)
    np.testing.assert_allclose(slope, differences, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(value, profile.value(r2))


@pytest.mark.parametrize("k", range(4))
def test_higher_derivatives_equal_differences_of_the_lower(k):
    profile, r2, h = Wendland(2, k), np.array([0.04, 0.3, 0.8]), 1e-6
    up, down = (profile.derivatives(x, k + 1) for x in (r2 + h, r2 - h))
    for order in range(1, k + 2):
        differences = (up[order - 1] - down[order - 1]) / (2 * h)
        exact = profile.derivatives(r2, order)[order]
        np.testing.assert_allclose(exact, differences, rtol=1e-5, atol=1e-6)


def test_more_derivatives_than_there_are_is_an_error():
    with pytest.raises(NotImplementedError, match="no derivatives of order 3"):
        Wendland(2, 1).derivatives(np.zeros(1), 3)


@every_profile
def test_smooth_at_zero_as_promised(profile):
    # C2 and smoother have a finite slope at 0, which continues that beside it
    if getattr(profile, "k", 1) == 0 or profile == MissingWendland(1):
        pytest.skip("it has a kink there")
    _, slope = profile.value_and_slope(np.array([0.0, 1e-10]))
    assert slope[0] == pytest.approx(slope[1], rel=1e-3)


def smallest_eigenvalue(profile, d, seed, n=60):
    rng = np.random.default_rng(seed)
    Z = rng.random((n, d)) * rng.choice([0.5, 1.0, 2.0, 4.0])
    return np.linalg.eigvalsh(profile.value(squared_distances(Z, Z)))[0]


@every_profile
def test_positive_definite_in_its_dimension_and_below(profile):
    most = getattr(profile, "d", 2)
    for d in range(1, most + 1):
        for seed in range(8):
            assert smallest_eigenvalue(profile, d, seed) > -1e-12


def lattice(d):
    """All corners of an alternating grid: the sign pattern that a bad kernel hates."""
    return np.stack(np.meshgrid(*[np.arange(3.0)] * d), axis=-1).reshape(-1, d)


@pytest.mark.parametrize(("k", "d"), [(0, 4), (0, 5), (1, 5)])
def test_not_positive_definite_far_above_its_dimension(k, d):
    Z, r = lattice(d), np.linspace(0.3, 1.0, 15)
    r2 = squared_distances(Z, Z)
    least = [np.linalg.eigvalsh(Wendland(1, k).value(r2 * s * s))[0] for s in r]
    assert min(least) < -1e-3
    good = [np.linalg.eigvalsh(Wendland(d, k).value(r2 * s * s))[0] for s in r]
    assert min(good) > -1e-12


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="smoothness must be 0, 2, 4 or 6, got 3"):
        wendland.of_smoothness(3, 2)
    with pytest.raises(ValueError, match="twice_k must be 1 or 3, got 2"):
        MissingWendland(2)
    with pytest.raises(ValueError, match="d must be an integer of at least 1, got 0"):
        Wendland(0)
