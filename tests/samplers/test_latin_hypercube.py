"""Latin hypercubes: strata, strength, optimisation, nesting, balance."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import Categorical, Integer, Ordinal, Space
from surrogo.samplers import LatinHypercube, Uniform, maximin, min_distance
from surrogo.samplers.nested import free_strata

PLAIN = LatinHypercube()
MAXIMIN = LatinHypercube(optimise="maximin")
VARIANTS = [PLAIN, MAXIMIN, LatinHypercube(optimise="discrepancy")]


def assert_one_point_a_stratum(U):
    n, d = U.shape
    strata = np.sort(np.floor(U * n).astype(int), axis=0)
    np.testing.assert_array_equal(strata, np.arange(n)[:, None].repeat(d, axis=1))


@pytest.mark.parametrize("sampler", VARIANTS, ids=repr)
@given(n=st.integers(1, 40), d=st.integers(1, 8), seed=st.integers(0, 2**32))
def test_every_stratum_has_one_point(sampler, n, d, seed):
    assert_one_point_a_stratum(sampler.sample_unit(n, d, seed))


@pytest.mark.parametrize(("n", "d"), [(333, 50), (1000, 2)])
def test_every_stratum_has_one_point_in_large_designs(n, d):
    assert_one_point_a_stratum(PLAIN.sample_unit(n, d, rng=n))


# ---- strength 2 -----------------------------------------------------------------


@pytest.mark.parametrize("p", [2, 3, 5, 7, 11])
@pytest.mark.parametrize("d", [1, 2, 3, 6, 12])
def test_strength_2_puts_one_point_into_each_square_of_each_pair(p, d):
    if d > p + 1:
        return
    U = LatinHypercube(strength=2).sample_unit(p * p, d, rng=d)
    assert_one_point_a_stratum(U)
    cells = np.floor(U * p).astype(int)
    for i, j in itertools.combinations(range(d), 2):
        assert len(set(zip(cells[:, i], cells[:, j], strict=True))) == p * p


@pytest.mark.parametrize(
    ("n", "d", "nearest"),
    [(10, 2, 9), (16, 3, 9), (100, 5, 121), (9, 6, 25), (1, 1, 4)],
)
def test_strength_2_names_the_nearest_number_of_points(n, d, nearest):
    message = f"got n={n}, d={d}; the nearest is n={nearest}$"
    with pytest.raises(ValueError, match=message):
        LatinHypercube(strength=2).sample_unit(n, d)
    LatinHypercube(strength=2).sample_unit(nearest, d)


# ---- maximin --------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(10, 2), (40, 3), (50, 8), (120, 4)])
def test_maximin_moves_points_apart(n, d):
    """Even the worst of three beats the best of 100 random Latin hypercubes."""
    random = [min_distance(PLAIN.sample_unit(n, d, seed)) for seed in range(100)]
    spread = [min_distance(MAXIMIN.sample_unit(n, d, seed)) for seed in range(3)]
    assert min(spread) > max(random)
    assert min(spread) > 1.4 * np.median(random)


def slow_criterion(U):
    """Morris & Mitchell 1995, with p = 16, to the power of p."""
    pairs = itertools.combinations(U, 2)
    return sum((np.sum((u - v) ** 2) + 1e-12) ** -8.0 for u, v in pairs)


@given(n=st.integers(2, 12), d=st.integers(1, 4), seed=st.integers(0, 999))
def test_steps_of_maximin_lower_the_criterion_and_keep_their_books(n, d, seed):
    rng = np.random.default_rng(seed)
    pairs = maximin._Pairs(rng.random((n, d)))
    before = slow_criterion(pairs.U)
    for _ in range(20):
        pairs.step(0, rng)
        after = slow_criterion(pairs.U)
        assert after <= before * (1 + 1e-3)  # 1e96 where two points nearly meet
        before = after
    fresh = maximin._Pairs(pairs.U)
    np.testing.assert_allclose(pairs.D, fresh.D, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(pairs.F, maximin._repulsion(pairs.D))
    pairs.recount()
    np.testing.assert_array_equal(pairs.crowding, pairs.F.sum(axis=1))


@given(n=st.integers(2, 8), d=st.integers(1, 3), seed=st.integers(0, 999))
def test_distances_after_an_exchange_are_known_before_it(n, d, seed):
    U = np.random.default_rng(seed).random((n, d))
    i, column = seed % n, seed % d
    partners = np.array([j for j in range(n) if j != i])
    D_i, D_j = maximin._Pairs(U)._exchanged(i, partners, U[:, column])
    for j, of_i, of_j in zip(partners, D_i, D_j, strict=True):
        after = U.copy()
        after[[i, j], column] = U[[j, i], column]
        expected = maximin._Pairs(after).D
        np.testing.assert_allclose(of_i, expected[i], atol=1e-14)
        np.testing.assert_allclose(of_j, expected[j], atol=1e-14)


def test_a_step_finds_the_only_exchange_that_helps():
    """On a diagonal of four points the middle two have to part in one variable."""
    U = np.array([[0.1, 0.1], [0.4, 0.4], [0.6, 0.6], [0.9, 0.9]])
    spread = maximin.spread(U, np.random.default_rng(0))
    best = max(
        min_distance(np.column_stack([U[:, 0], U[list(order), 1]]))
        for order in itertools.permutations(range(4))
    )
    assert min_distance(spread) == pytest.approx(best)


def test_maximin_in_subsets_of_partners_still_helps(monkeypatch):
    monkeypatch.setattr(maximin, "_WORK", 0)  # the fewest partners, as for n = 2500
    U = PLAIN.sample_unit(60, 4, rng=0)
    spread = maximin.spread(U, np.random.default_rng(1))
    assert_one_point_a_stratum(spread)
    assert min_distance(spread) > 2 * min_distance(U)


def test_too_many_points_for_maximin_are_refused():
    message = "compares all pairs of points and takes at most 4096, got 4097; take opt"
    with pytest.raises(ValueError, match=message):
        MAXIMIN.sample_unit(4097, 1)


# ---- nested ---------------------------------------------------------------------


@pytest.mark.parametrize("sampler", [PLAIN, MAXIMIN], ids=repr)
@given(
    n0=st.integers(1, 12),
    times=st.integers(1, 4),
    d=st.integers(1, 5),
    seed=st.integers(0, 2**32),
)
def test_an_extended_latin_hypercube_is_one(sampler, n0, times, d, seed):
    U = sampler.sample_unit(n0, d, seed)
    new = sampler.extend_unit(U, times * n0, seed + 1)
    assert new.shape == (times * n0, d)
    assert_one_point_a_stratum(np.vstack([U, new]))


@given(n0=st.integers(1, 20), n=st.integers(1, 20), seed=st.integers(0, 2**32))
def test_extending_any_design_fills_as_many_strata_as_can_be(n0, n, seed):
    U = Uniform().sample_unit(n0, 3, seed)
    new = PLAIN.extend_unit(U, n, seed + 1)
    for old, u in zip(U.T, new.T, strict=True):
        taken = set(np.floor(old * (n0 + n)).astype(int))
        chosen = set(np.floor(u * (n0 + n)).astype(int))
        assert len(chosen) == n
        assert not taken & chosen


def test_strata_left_empty_are_beside_those_held_twice():
    # ten strata: 2 is held three times, and 1 and 3 make up for it
    u = np.array([0.21, 0.25, 0.29, 0.75])
    np.testing.assert_array_equal(free_strata(u, 6), [0, 4, 5, 6, 8, 9])


def test_points_on_the_borders_of_strata_belong_to_the_right():
    centres = (np.arange(4) + 0.5) / 4  # borders of eight strata
    np.testing.assert_array_equal(free_strata(centres, 4), [0, 2, 4, 6])


def test_nested_designs_work_in_the_users_units():
    bounds = [(100, 104), (-1, 1)]
    X = PLAIN.sample(4, bounds, rng=0)
    both = np.vstack([X, PLAIN.extend(X, 4, bounds, rng=1)])
    assert_one_point_a_stratum((both - [100, -1]) / [4, 2])
    np.testing.assert_array_equal(both[:4], X)


def test_maximin_spreads_the_new_points_away_from_the_old():
    U = MAXIMIN.sample_unit(20, 4, rng=0)
    random = [
        min_distance(np.vstack([U, PLAIN.extend_unit(U, 20, seed)]))
        for seed in range(21)
    ]
    spread = min_distance(np.vstack([U, MAXIMIN.extend_unit(U, 20, 5)]))
    assert spread > max(random)


# ---- discrete variables ---------------------------------------------------------


@pytest.mark.parametrize("sampler", VARIANTS, ids=repr)
@given(n=st.integers(1, 30), seed=st.integers(0, 2**32))
def test_values_of_discrete_variables_come_equally_often(sampler, n, seed):
    space = Space.of([Integer(-2, 4), Categorical([0, 1, 5]), Ordinal([1, 2, 4, 8])])
    X = sampler.sample(n, space, seed)
    for counts in counts_of_values(X, space):
        assert counts.sum() == n
        assert np.ptp(counts) == (0 if n % len(counts) == 0 else 1)


@given(n0=st.integers(1, 3), n=st.integers(1, 3), seed=st.integers(0, 2**32))
def test_values_stay_balanced_when_a_design_is_extended(n0, n, seed):
    space = Space.of([Categorical([0, 1, 5]), Ordinal([1, 2, 4, 8])])
    X = PLAIN.sample(12 * n0, space, seed)
    both = np.vstack([X, PLAIN.extend(X, 12 * n, space, seed + 1)])
    for counts in counts_of_values(both, space):
        assert np.ptp(counts) == 0


def test_values_stay_nearly_balanced_whatever_the_number_of_points():
    space = Space.of([Ordinal([1, 2, 4, 8]), Integer(1, 7)])
    spread = []
    for seed in range(60):
        n0, n = np.random.default_rng(seed).integers(1, 20, 2)
        X = PLAIN.sample(n0, space, seed)
        both = np.vstack([X, PLAIN.extend(X, n, space, seed + 1)])
        spread += [np.ptp(counts) for counts in counts_of_values(both, space)]
    assert max(spread) <= 2
    assert np.mean(np.array(spread) <= 1) > 0.95


def test_no_value_of_an_integer_is_preferred():
    """Where n is no multiple of the levels, those that come once more are random."""
    counts = np.zeros(5)
    for seed in range(400):
        X = PLAIN.sample(3, [Integer(1, 5)], seed)
        counts += np.bincount(X.ravel().astype(int) - 1, minlength=5)
    expected = 3 * 400 / 5
    np.testing.assert_allclose(counts, expected, atol=4 * np.sqrt(expected * 0.4))


def counts_of_values(X, space):
    return [
        np.array([np.sum(x == value) for value in variable.numbers()])
        for x, variable in zip(X.T, space.variables, strict=True)
    ]


# ---- errors ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimise": "all"}, "optimise must be one of 'discrepancy', 'maximin', got"),
        ({"strength": 3}, "strength of a Latin hypercube must be 1 or 2, got 3"),
        ({"strength": True}, "strength of a Latin hypercube must be 1 or 2, got True"),
        (
            {"strength": 2, "optimise": "maximin"},
            "of strength 2 must have optimise=None, got 'maximin'; exchanges would",
        ),
    ],
)
def test_options_that_are_none_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        LatinHypercube(**options)


@pytest.mark.parametrize("options", [{"strength": 2}, {"optimise": "discrepancy"}])
def test_variants_that_cannot_be_extended_say_so(options):
    message = "only plain and maximin Latin hypercubes can be extended, got LatinHyp"
    with pytest.raises(ValueError, match=message):
        LatinHypercube(**options).extend([[0.5]], 3, [(0, 1)])


def test_extending_by_nothing_is_refused():
    with pytest.raises(ValueError, match="n, the number of points, must be an integer"):
        PLAIN.extend([[0.5]], 0, [(0, 1)])
    with pytest.raises(ValueError, match=r"X must have shape \(n, 2\), got shape"):
        PLAIN.extend([[0.5]], 1, [(0, 1), (0, 1)])
