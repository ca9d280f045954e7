"""What the designs promise beyond lying in the box."""

import numpy as np
import pytest
from scipy.stats import qmc

from surrogo.samplers import Halton, LatinHypercube, Sampler, Sobol, Uniform


@pytest.mark.parametrize("n", [1, 2, 7, 64, 333])
@pytest.mark.parametrize("d", [1, 3, 50])
def test_latin_hypercube_has_one_point_in_each_stratum(n, d):
    U = LatinHypercube().sample_unit(n, d, rng=n)
    strata = np.sort(np.floor(U * n).astype(int), axis=0)
    np.testing.assert_array_equal(strata, np.arange(n)[:, None].repeat(d, axis=1))


@pytest.mark.parametrize("m", [0, 1, 4, 7])
@pytest.mark.parametrize("d", [1, 2, 20])
def test_sobol_is_balanced_at_powers_of_two(m, d):
    n = 2**m
    U = Sobol().sample_unit(n, d, rng=m)
    # every variable alone is a (0, m, 1)-net: one point in each of n intervals
    strata = np.sort(np.floor(U * n).astype(int), axis=0)
    np.testing.assert_array_equal(strata, np.arange(n)[:, None].repeat(d, axis=1))


def test_first_two_variables_of_sobol_fill_every_elementary_box():
    """Dimensions 1 and 2 form a (0, m, 2)-net (Sobol 1967), scrambled or not."""
    U = Sobol().sample_unit(64, 2, rng=0)
    for k in range(7):
        boxes = np.floor(U * [2**k, 2 ** (6 - k)]).astype(int)
        assert len(np.unique(boxes, axis=0)) == 64


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13, 100])
@pytest.mark.parametrize("d", [1, 4, 30])
@pytest.mark.filterwarnings("ignore:The balance properties of Sobol:UserWarning")
def test_sobol_gives_the_first_points_of_scipys_sequence(n, d):
    expected = qmc.Sobol(d, scramble=True, rng=np.random.default_rng(5)).random(n)
    np.testing.assert_array_equal(Sobol().sample_unit(n, d, 5), expected)


@pytest.mark.parametrize("make", [Sobol, Halton])
def test_sequences_go_on_where_shorter_ones_end(make):
    longer = make().sample_unit(100, 4, 5)
    for n in (1, 2, 31, 64, 99):
        np.testing.assert_array_equal(make().sample_unit(n, 4, 5), longer[:n])


def test_halton_is_stratified_in_the_base_of_each_variable():
    U = Halton().sample_unit(2 * 3 * 5 * 7, 4, rng=1)
    for column, base in enumerate([2, 3, 5, 7]):
        counts = np.bincount((U[:, column] * base).astype(int), minlength=base)
        np.testing.assert_array_equal(counts, 210 // base)


def test_uniform_is_the_generator_itself():
    expected = np.random.default_rng(9).random((6, 3))
    np.testing.assert_array_equal(Uniform().sample_unit(6, 3, 9), expected)


@pytest.mark.parametrize("make", [LatinHypercube, Sobol, Halton])
@pytest.mark.parametrize(("n", "d"), [(16, 2), (64, 2), (64, 5), (128, 8)])
def test_discrepancy_is_below_that_of_uniform_points(make, n, d):
    """Medians of the centred discrepancy (Hickernell 1998) over 21 seeds."""

    def median(sampler):
        seeds = range(21)
        return np.median(
            [qmc.discrepancy(sampler.sample_unit(n, d, seed)) for seed in seeds]
        )

    assert median(make()) < median(Uniform())


def test_a_sampler_must_say_where_its_points_are():
    with pytest.raises(NotImplementedError):
        Sampler().sample_unit(3, 2)
