"""What the designs promise beyond lying in the box."""

import numpy as np
import pytest
from scipy.stats import qmc

from surrogo.samplers import (
    Grid,
    Halton,
    Hammersley,
    Kronecker,
    LatinHypercube,
    Lattice,
    PoissonDisk,
    Sampler,
    Sobol,
    Uniform,
    discrepancy,
    min_distance,
)


def median(measure, sampler, n, d, seeds=21):
    return np.median(
        [measure(sampler.sample_unit(n, d, seed)) for seed in range(seeds)]
    )


def scipys(measure, make, n, d, seeds=21):
    """Median over the designs of a class of scipy.stats.qmc."""
    return np.median([measure(make(d, rng=seed).random(n)) for seed in range(seeds)])


def test_uniform_is_the_generator_itself():
    expected = np.random.default_rng(9).random((6, 3))
    np.testing.assert_array_equal(Uniform().sample_unit(6, 3, 9), expected)


SPREAD = [Halton(), Hammersley(), Kronecker(), LatinHypercube(), Lattice(), Sobol()]
OPTIMISED = [LatinHypercube(optimise=how) for how in ("discrepancy", "maximin")]


@pytest.mark.parametrize("sampler", SPREAD, ids=repr)
@pytest.mark.parametrize(("n", "d"), [(16, 2), (64, 2), (64, 5), (128, 5)])
def test_discrepancy_is_below_that_of_uniform_points(sampler, n, d):
    """Medians of the centred discrepancy (Hickernell 1998)."""
    assert median(discrepancy, sampler, n, d) < median(discrepancy, Uniform(), n, d)


@pytest.mark.parametrize(
    ("sampler", "theirs"),
    [
        (Sobol(), qmc.Sobol),
        (Halton(), qmc.Halton),
        (Hammersley(), qmc.Halton),
        (LatinHypercube(), qmc.LatinHypercube),
        (Lattice(), qmc.LatinHypercube),
    ],
    ids=repr,
)
@pytest.mark.parametrize(("n", "d"), [(32, 2), (64, 5), (128, 8)])
def test_discrepancy_is_no_worse_than_scipys(sampler, theirs, n, d):
    ours = median(discrepancy, sampler, n, d)
    assert ours <= scipys(discrepancy, theirs, n, d) * (1 + 1e-12)


@pytest.mark.parametrize("sampler", OPTIMISED, ids=repr)
@pytest.mark.parametrize(("n", "d"), [(16, 2), (40, 4)])
def test_optimising_lowers_the_discrepancy_of_latin_hypercubes(sampler, n, d):
    ours = median(discrepancy, sampler, n, d, seeds=5)
    assert ours < 0.8 * scipys(discrepancy, qmc.LatinHypercube, n, d)


def test_discrepancy_of_a_grid_is_low_in_two_variables():
    assert discrepancy(Grid().sample_unit(64, 2)) < median(
        discrepancy, Uniform(), 64, 2
    )


@pytest.mark.parametrize(("n", "d"), [(50, 1), (100, 2), (100, 3), (60, 4)])
def test_poisson_disk_keeps_points_apart(n, d):
    """No closer than the radius, which is near that of as many balls as fit.

    Balls of half the radius around `n` points fill some part of the cube; random
    sequential packing leaves more room in more dimensions (Torquato, Uche &
    Stillinger 2006: 0.55, 0.38, 0.26 for d = 2, 3, 4, without walls).
    """
    U = PoissonDisk().sample_unit(n, d, rng=1)
    volume = {1: 2, 2: np.pi, 3: np.pi * 4 / 3, 4: np.pi**2 / 2}[d]
    filled = n * volume * (min_distance(U) / 2) ** d
    assert filled > {1: 0.6, 2: 0.4, 3: 0.25, 4: 0.12}[d]
    assert min_distance(U) > 2 * min_distance(Uniform().sample_unit(n, d, rng=1))


@pytest.mark.parametrize("n", [1, 2, 3, 17, 91])
def test_poisson_disk_gives_the_number_of_points_asked_for(n):
    for seed in range(5):
        assert PoissonDisk().sample_unit(n, 2, seed).shape == (n, 2)


def test_a_sampler_must_say_where_its_points_are():
    with pytest.raises(NotImplementedError):
        Sampler().sample_unit(3, 2)
