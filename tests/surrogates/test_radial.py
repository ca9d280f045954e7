"""Radial functions: formulas, derivatives, orders; polynomial tails."""

import math

import numpy as np
import pytest

from surrogo.surrogates import radial, tails
from surrogo.surrogates.profiles import Profile, squared_distances
from surrogo.surrogates.radial import (
    RADIAL,
    Gaussian,
    Multiquadric,
    Power,
    Radial,
    ThinPlate,
)
from surrogo.surrogates.tails import Tail
from tests.reference.differences import gradient
from tests.reference.naive_rbf import FORMULAS, monomials

every_profile = pytest.mark.parametrize(
    "profile",
    [
        *RADIAL.values(),
        Power(0.7),
        Power(7.0),
        Power(9.0),
        ThinPlate(2),
        Multiquadric(1.5),
        Multiquadric(-2.3),
    ],
    ids=str,
)


@pytest.mark.parametrize("name", sorted(RADIAL))
def test_values_are_those_of_the_formula(name):
    r = np.array([0.0, 1e-8, 0.3, 1.0, 4.0])
    expected = FORMULAS[name](r)
    np.testing.assert_allclose(RADIAL[name].value(r**2), expected, rtol=1e-13)
    assert radial.get(name) is RADIAL[name]


@every_profile
def test_derivatives_equal_finite_differences(profile):
    for t in (0.05, 0.6, 3.0):
        at = profile.derivatives(np.array([t]), 4)
        for j in range(4):
            slope = gradient(
                lambda x, j=j: profile.derivatives(np.array([x[0]]), j)[j][0],
                [t],
                1e-3 * t,
            )[0]
            assert at[j + 1][0] == pytest.approx(slope, rel=1e-7)
        value, slope = profile.value_and_slope(np.array([t]))
        assert (value[0], slope[0]) == pytest.approx((at[0][0], at[1][0]), rel=1e-13)
        assert profile.value(np.array([t]))[0] == pytest.approx(at[0][0], rel=1e-13)


@every_profile
def test_derivatives_at_zero_are_finite_or_given_as_0(profile):
    derivatives = np.array(profile.derivatives(np.zeros(1), 4))[:, 0]
    near = np.array(profile.derivatives(np.array([1e-20]), 4))[:, 0]
    assert np.all(np.isfinite(derivatives))
    for at, close in zip(derivatives, near, strict=True):
        assert at == pytest.approx(close, abs=1e-5) or (at == 0.0 and abs(close) > 5.0)


def form(profile, Z, degree):
    """The matrix of the quadratic form on weights that annihilate the polynomials."""
    A = profile.value(squared_distances(Z, Z))
    P = monomials(Z, degree)
    N = np.linalg.qr(P, mode="complete")[0][:, P.shape[1] :]
    return N.T @ A @ N


@every_profile
def test_form_is_positive_on_weights_that_annihilate_the_tail(profile):
    m = radial.order(profile)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        d = rng.integers(1, 4)
        Z = rng.random((40, d)) * rng.choice([0.5, 2.0, 8.0])
        W = form(profile, Z, m - 1)
        values = np.linalg.eigvalsh(W) if W.size else np.ones(1)
        assert values[0] > -1e-13 * values[-1]


@pytest.mark.parametrize("profile", [p for p in RADIAL.values() if radial.order(p)])
def test_order_is_the_least(profile):
    """With a lower tail, or the wrong sign, the form would not be positive."""
    Z = 3.0 * np.random.default_rng(0).random((30, 2))
    assert np.linalg.eigvalsh(form(profile, Z, radial.order(profile) - 2))[0] < -1e-3


def test_orders_are_those_of_wendland():
    orders = {name: radial.order(profile) for name, profile in RADIAL.items()}
    assert {name: m for name, m in orders.items() if m} == {
        "linear": 1,
        "multiquadric": 1,
        "cubic": 2,
        "thin_plate": 2,
        "quintic": 3,
    }
    assert [radial.spline_of_order(m).beta for m in (1, 2, 3)] == [1.0, 3.0, 5.0]
    assert [radial.spline_of_order(m).order for m in (1, 2, 3)] == [1, 2, 3]


@every_profile
def test_length_matters_unless_it_only_rescales(profile):
    """Stretching r by 2 changes g by a factor, up to the tail's polynomials."""
    Z = np.random.default_rng(0).random((30, 2))
    m = radial.order(profile)
    W, stretched = form(profile, Z, m - 1), form(profile, 2.0 * Z, m - 1)
    factor = np.sum(stretched * W) / np.sum(W * W)
    same = np.allclose(stretched, factor * W, rtol=1e-6, atol=1e-9 * np.abs(W).max())
    assert same != radial.has_length(profile)


def test_a_profile_that_says_nothing_is_positive_definite_and_has_a_length():
    class Mute(Profile):
        pass

    assert radial.order(Mute()) == 0
    assert radial.has_length(Mute())
    assert Radial().order == 0
    assert radial.get(Gaussian()) == Gaussian()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Power(2.0), "not an even integer, got 2.0; for .* take ThinPlate"),
        (lambda: Power(-1.0), "beta must be above 0"),
        (lambda: Power(math.inf), "beta must be above 0"),
        (lambda: ThinPlate(0), "k must be an integer of at least 1, got 0"),
        (lambda: Multiquadric(1.0), "exponent must be no integer from 0 on, got 1.0"),
        (lambda: Multiquadric(math.nan), "exponent must be no integer"),
        (lambda: radial.get("quartic"), "kernel must be one of 'cubic', "),
    ],
)
def test_senseless_profiles_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("d", [1, 2, 4])
@pytest.mark.parametrize("degree", [-1, 0, 1, 2, 4])
def test_tail_spans_the_monomials(degree, d):
    Z = np.random.default_rng(0).random((100, d)) * 3.0 + 5.0
    tail = Tail.around(Z, degree)
    P = tail.basis(Z)
    assert P.shape == (100, tail.p) == monomials(Z, degree).shape
    if tail.p:
        assert np.linalg.matrix_rank(P) == tail.p
        solved, *_ = np.linalg.lstsq(P, monomials(Z - 6.0, degree), rcond=None)
        np.testing.assert_allclose(P @ solved, monomials(Z - 6.0, degree), atol=1e-8)


@pytest.mark.parametrize("degree", [-1, 0, 1, 3])
def test_slope_of_a_tail_equals_finite_differences(degree):
    rng = np.random.default_rng(0)
    Z = rng.random((5, 3))
    tail = Tail.around(Z, degree)
    b = rng.normal(size=(5, tail.p))
    slopes = tail.slope(Z, b)
    for z, row, slope in zip(Z, b, slopes, strict=True):
        expected = gradient(lambda x, row=row: tail.basis(x[None])[0] @ row, z)
        np.testing.assert_allclose(slope, expected, atol=1e-8)
    np.testing.assert_allclose(tail.slope(Z, b[0])[0], slopes[0])


def test_unisolvence_is_seen_whatever_the_scale_and_the_place():
    rng = np.random.default_rng(0)
    for scale in (1e-6, 1.0, 1e6):
        Z = scale * (rng.random((12, 2)) + 1.0)
        assert [tails.highest_determined(Z, j) for j in range(-1, 6)] == [
            -1, 0, 1, 2, 3, 3, 3
        ]  # fmt: skip
        circle = scale * np.column_stack([np.cos(Z[:, 0] * 9 / scale),
                                          np.sin(Z[:, 0] * 9 / scale)])  # fmt: skip
        assert tails.highest_determined(circle, 2) == 1  # x^2 + y^2 = 1 there
    assert tails.highest_determined(np.zeros((1, 3)), 2) == 0


def test_anchors_determine_the_tail_and_keep_lagrange_functions_small():
    Z = np.random.default_rng(0).random((300, 2))
    P = Tail.around(Z, 3).basis(Z)
    anchors = tails.unisolvent_points(P)
    assert len(set(anchors)) == 10
    lagrange = np.linalg.solve(P[anchors].T, P.T)
    assert np.max(np.abs(lagrange)) < 3.0
    assert len(tails.unisolvent_points(P[:, :0])) == 0
