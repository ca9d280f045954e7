"""Sobol, Halton and Kronecker sequences, and Hammersley points."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from surrogo.samplers import Halton, Hammersley, Kronecker, Sobol
from surrogo.samplers.kronecker import golden_ratio

BOXES = [(0, 1), (-5, 5), (10, 1000)]


def assert_one_point_a_stratum(U):
    n, d = U.shape
    strata = np.sort(np.floor(U * n).astype(int), axis=0)
    np.testing.assert_array_equal(strata, np.arange(n)[:, None].repeat(d, axis=1))


def radical_inverse(i, base):
    """Digits of `i` mirrored at the point (van der Corput 1935), exactly."""
    value, unit = Fraction(0), Fraction(1, base)
    while i:
        i, digit = divmod(i, base)
        value, unit = value + digit * unit, unit / base
    return float(value)


def splits(m, d):
    """All (k_1, ..., k_d) of sum m: shapes of elementary intervals."""
    if d == 1:
        return [(m,)]
    return [(k, *rest) for k in range(m + 1) for rest in splits(m - k, d - 1)]


# ---- Sobol ----------------------------------------------------------------------


@pytest.mark.parametrize("scramble", [True, False])
@pytest.mark.parametrize("m", [0, 1, 4, 7])
@pytest.mark.parametrize("d", [1, 2, 20])
def test_every_variable_of_sobol_is_stratified(m, d, scramble):
    assert_one_point_a_stratum(Sobol(scramble=scramble).sample_unit(2**m, d, rng=m))


@pytest.mark.parametrize("scramble", [True, False])
@pytest.mark.parametrize(
    # The quality t is the sum of (degree - 1) over the primitive polynomials
    # (Sobol 1967; Joe & Kuo 2008): degrees 0, 1, 2, 3, 3 of the first variables.
    ("d", "t"),
    [(1, 0), (2, 0), (3, 1), (4, 3), (5, 5)],
)
@pytest.mark.parametrize("m", [5, 7, 8])
def test_sobol_is_a_t_m_s_net(d, t, m, scramble):
    """Each elementary interval of volume 2**(t - m) holds 2**t points."""
    if t > m:
        return
    for seed in range(3):
        U = Sobol(scramble=scramble).sample_unit(2**m, d, seed)
        for split in splits(m - t, d):
            sides = 2 ** np.array(split)
            cells = np.ravel_multi_index(np.floor(U * sides).astype(int).T, sides)
            counts = np.bincount(cells, minlength=2 ** (m - t))
            np.testing.assert_array_equal(counts, 2**t)


def test_the_net_property_holds_for_each_later_block_of_the_sequence():
    """A (t, s)-sequence: also points k 2**m to (k + 1) 2**m - 1 are a net."""
    for skip in (32, 64, 96):
        U = Sobol(skip=skip).sample_unit(32, 2, rng=1)
        for k in range(6):
            boxes = np.floor(U * [2**k, 2 ** (5 - k)]).astype(int)
            assert len(np.unique(boxes, axis=0)) == 32


def test_sobol_unscrambled_has_the_published_first_points():
    """Joe & Kuo 2008 in the order of Antonov & Saleev 1979, as published in Bratley &
    Fox 1988, ACM Transactions on Mathematical Software 14, for two variables.
    """
    expected = [
        [0, 0],
        [0.5, 0.5],
        [0.75, 0.25],
        [0.25, 0.75],
        [0.375, 0.375],
        [0.875, 0.875],
        [0.625, 0.125],
        [0.125, 0.625],
    ]
    U = Sobol(scramble=False).sample_unit(8, 2)
    np.testing.assert_array_equal(U, expected)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13, 100])
@pytest.mark.parametrize("d", [1, 4, 30])
@pytest.mark.filterwarnings("ignore:The balance properties of Sobol:UserWarning")
def test_sobol_gives_the_first_points_of_scipys_sequence(n, d):
    expected = qmc.Sobol(d, scramble=True, rng=np.random.default_rng(5)).random(n)
    np.testing.assert_array_equal(Sobol().sample_unit(n, d, 5), expected)


# ---- Halton and Hammersley ------------------------------------------------------


def test_halton_is_stratified_in_the_base_of_each_variable():
    U = Halton().sample_unit(2 * 3 * 5 * 7, 4, rng=1)
    for column, base in enumerate([2, 3, 5, 7]):
        counts = np.bincount((U[:, column] * base).astype(int), minlength=base)
        np.testing.assert_array_equal(counts, 210 // base)


def test_halton_unscrambled_is_the_radical_inverse():
    U = Halton(scramble=False).sample_unit(40, 4)
    expected = [[radical_inverse(i, base) for base in (2, 3, 5, 7)] for i in range(40)]
    np.testing.assert_allclose(U, expected, rtol=0, atol=1e-15)


def test_hammersley_unscrambled_is_steps_and_radical_inverses():
    U = Hammersley(scramble=False).sample_unit(10, 3)
    expected = [
        [i / 10, radical_inverse(i, 2), radical_inverse(i, 3)] for i in range(10)
    ]
    np.testing.assert_allclose(U, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("m", [1, 4, 7])
@pytest.mark.parametrize("scramble", [True, False])
def test_hammersley_in_two_variables_is_a_net(m, scramble):
    U = Hammersley(scramble=scramble).sample_unit(2**m, 2, rng=m)
    for k in range(m + 1):
        boxes = np.floor(U * [2**k, 2 ** (m - k)]).astype(int)
        assert len(np.unique(boxes, axis=0)) == 2**m


@given(n=st.integers(1, 300), d=st.integers(1, 6), seed=st.integers(0, 99))
def test_first_variable_of_hammersley_is_stratified(n, d, seed):
    assert_one_point_a_stratum(Hammersley().sample_unit(n, d, seed)[:, :1])


# ---- Kronecker ------------------------------------------------------------------


def test_golden_ratio_of_one_and_two_variables():
    """The golden ratio and the plastic number (OEIS A001622, A060006)."""
    assert golden_ratio(1) == pytest.approx(1.618033988749894848, abs=1e-15)
    assert golden_ratio(2) == pytest.approx(1.324717957244746026, abs=1e-15)


@given(d=st.integers(1, 200))
def test_generalised_golden_ratio_is_the_root(d):
    g = golden_ratio(d)
    assert 1 < g < 2
    assert g ** (d + 1) == pytest.approx(g + 1, rel=1e-12)


def test_kronecker_unshifted_is_the_fractional_part_of_multiples():
    U = Kronecker(shift=False).sample_unit(200, 2)
    g = golden_ratio(2)
    i = np.arange(1, 201)
    np.testing.assert_allclose(U[:, 0], np.modf(i / g)[0], atol=1e-12)
    np.testing.assert_allclose(U[:, 1], np.modf(i / g**2)[0], atol=1e-12)


def test_gaps_of_a_kronecker_sequence_have_at_most_three_lengths():
    """The three-gap theorem (Steinhaus; Sos 1958), on the circle."""
    for n in (2, 10, 57, 144):
        u = np.sort(Kronecker().sample_unit(n, 1, rng=n).ravel())
        gaps = np.diff(np.append(u, u[0] + 1))
        assert len(np.unique(gaps.round(10))) <= 3


def test_kronecker_takes_steps_of_the_user():
    U = Kronecker(alpha=np.sqrt([2, 3]), shift=False).sample_unit(2, 2)
    np.testing.assert_allclose(
        U, [[np.sqrt(2) - 1, np.sqrt(3) - 1], [2 * np.sqrt(2) - 2, 2 * np.sqrt(3) - 3]]
    )


def test_steps_that_do_not_fit_are_refused():
    message = "alpha must hold one step for each of the 3 variables, got 2; leave it"
    with pytest.raises(ValueError, match=message):
        Kronecker(alpha=[0.1, 0.2]).sample_unit(5, 3)
    with pytest.raises(
        ValueError, match="alpha, the steps of a Kronecker sequence, mus"
    ):
        Kronecker(alpha="golden")
    with pytest.raises(ValueError, match="sequence, must be finite, got nan at"):
        Kronecker(alpha=[np.nan])


# ---- all ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Sobol, Halton, Kronecker])
def test_sequences_go_on_where_shorter_ones_end(make):
    longer = make().sample_unit(100, 4, 5)
    for n in (1, 2, 31, 64, 99):
        np.testing.assert_array_equal(make().sample_unit(n, 4, 5), longer[:n])


@pytest.mark.parametrize("make", [Sobol, Halton, Kronecker])
@given(skip=st.integers(0, 70), n=st.integers(1, 70))
def test_skip_continues_a_design_of_the_same_seed(make, skip, n):
    longer = make().sample(skip + n, BOXES, rng=3)
    np.testing.assert_array_equal(
        make(skip=skip).sample(n, BOXES, rng=3), longer[skip:]
    )


@pytest.mark.parametrize("skip", [-1, 1.5, None, "all"])
def test_a_skip_that_is_none_is_refused(skip):
    message = (
        "skip, the number of points to leave out, must be an integer of at least 0"
    )
    with pytest.raises(ValueError, match=message):
        Sobol(skip=skip)
