"""What every registered sampler must do. Adding one adds it here."""

import dataclasses
import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import Categorical, Integer, Real, Space
from surrogo.samplers import SAMPLERS
from tests.strategies import spaces

ROOT = Path(__file__).parents[2]

MIXED = Space.of(
    {
        "rate": Real(1e-5, 1.0, scale="log"),
        "layers": Integer(1, 5),
        "solver": Categorical(["euler", "rk4"]),
        "order": Integer(1, 3, active_if={"solver": "rk4"}),
        "gravity": Real(9.81, 9.81),
    }
)


# Where a design legitimately differs: a full grid is not random, and SciPy finds the
# neighbours in Poisson disk sampling in few dimensions only (and slowly).
REGULAR = {"grid"}
MOST_VARIABLES = {"poisson_disk": 4}
VERY_MANY = {"poisson_disk": 400}  # points where others are asked for 4000


@pytest.fixture(params=sorted(SAMPLERS))
def name(request):
    return request.param


@pytest.fixture
def sampler(name):
    return SAMPLERS[name]()


@pytest.fixture(params=sorted(set(SAMPLERS) - REGULAR))
def random_sampler(request):
    return SAMPLERS[request.param]()


@pytest.fixture(params=sorted(set(SAMPLERS) - set(MOST_VARIABLES)))
def high_dimensional(request):
    return SAMPLERS[request.param]()


@pytest.mark.parametrize("n", [1, 2, 3, 8, 100, 1000])
@pytest.mark.parametrize("d", [1, 2, 7, 50])
def test_points_lie_in_the_cube_and_differ(name, sampler, n, d):
    if d > MOST_VARIABLES.get(name, d):
        with pytest.raises(ValueError, match=f"at most 4 variables, got {d}; take"):
            sampler.sample_unit(n, d)
        return
    U = sampler.sample_unit(n, d, rng=0)
    assert U.shape == (n, d)
    assert U.dtype == np.float64
    assert np.all((U >= 0) & (U <= 1))
    assert len(np.unique(U, axis=0)) == n


def test_the_same_seed_gives_the_same_points(sampler):
    U = [sampler.sample_unit(20, 3, seed) for seed in (4, 4)]
    np.testing.assert_array_equal(U[0], U[1])


def test_another_seed_gives_other_points(random_sampler):
    U = [random_sampler.sample_unit(20, 3, seed) for seed in (4, 5)]
    assert not np.any(U[0] == U[1])


def test_a_generator_does_what_its_seed_does_and_then_goes_on(random_sampler):
    rng = np.random.default_rng(4)
    first, second = (random_sampler.sample_unit(20, 3, rng) for _ in range(2))
    np.testing.assert_array_equal(first, random_sampler.sample_unit(20, 3, 4))
    assert not np.any(first == second)


def test_without_a_seed_every_sample_is_new(random_sampler):
    U = [random_sampler.sample_unit(20, 3) for _ in range(2)]
    assert not np.any(U[0] == U[1])


def test_the_global_generator_is_left_alone(sampler):
    before = repr(np.random.get_state())  # noqa: NPY002
    sampler.sample_unit(20, 3)
    assert repr(np.random.get_state()) == before  # noqa: NPY002


def test_another_process_draws_the_same_points(name, sampler):
    code = (
        "from surrogo.samplers import SAMPLERS\n"
        f"print(SAMPLERS[{name!r}]().sample_unit(5, 2, 7).tobytes().hex())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert shown == sampler.sample_unit(5, 2, 7).tobytes().hex()


def test_rows_of_a_sample_are_the_images_of_the_cube(sampler):
    space = Space.of([(-3.0, 5.0), (100.0, 101.0)])
    X = sampler.sample(16, space, rng=2)
    np.testing.assert_array_equal(X, space.from_unit(sampler.sample_unit(16, 2, 2)))
    np.testing.assert_array_equal(X, sampler.sample(16, [(-3, 5), (100, 101)], 2))


def test_points_of_a_mixed_space_belong_to_it(high_dimensional):
    X = high_dimensional.sample(200, MIXED, rng=1)
    assert np.all(MIXED.contains(X))
    assert set(X[:, 1]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert set(X[:, 2]) == {0.0, 1.0}
    assert np.all(X[:, 4] == 9.81)
    # spread over the five decades; seven levels of a grid leave out half of one each
    assert np.ptp(np.log10(X[:, 0])) > 4.2


@given(space=spaces(max_d=4), n=st.integers(1, 9), seed=st.integers(0, 2**32))
def test_points_of_any_space_belong_to_it(space, n, seed):
    for make in SAMPLERS.values():
        X = make().sample(n, space, seed)
        assert X.shape == (n, space.d)
        assert np.all(space.contains(X))


def test_every_variable_is_uniform(name, sampler):
    """Mean and variance of many points, within four standard errors of independent
    ones; the designs do better.
    """
    n, d = VERY_MANY.get(name, 4000), min(5, MOST_VARIABLES.get(name, 5))
    U = sampler.sample_unit(n, d, rng=3)
    np.testing.assert_allclose(U.mean(axis=0), 0.5, atol=4 * np.sqrt(1 / 12 / n))
    spread = 4 * np.sqrt(1 / 180 / n)
    np.testing.assert_allclose(U.var(axis=0), 1 / 12, atol=spread)
    correlation = np.corrcoef(U.T) - np.eye(d)
    assert np.all(np.abs(correlation) < 4 / np.sqrt(n))


@pytest.mark.parametrize("n", [0, -1, 2.5, "ten", None, True])
def test_a_number_of_points_that_is_none_is_refused(sampler, n):
    message = "n, the number of points, must be an integer of at least 1, got"
    with pytest.raises(ValueError, match=message):
        sampler.sample(n, [(0, 1)])


def test_zero_variables_are_refused(sampler):
    with pytest.raises(ValueError, match="d, the number of variables, must be an int"):
        sampler.sample_unit(3, 0)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ([], "bounds must hold at least one variable"),
        ("box", "cannot read bounds from 'box'"),
        ([(1, 0)], "bounds of x0: .* got low=1.0, high=0.0"),
        ([(0, np.inf)], "bounds of x0: .* must be a finite number"),
        ([(0, 1, 2)], "bounds of x0 must be a pair"),
    ],
)
def test_bounds_that_are_none_are_refused(sampler, bounds, message):
    with pytest.raises(ValueError, match=message):
        sampler.sample(3, bounds)


def test_it_is_a_frozen_value_with_a_documented_example(sampler):
    assert sampler == type(sampler)()
    assert dataclasses.is_dataclass(sampler)
    with pytest.raises(dataclasses.FrozenInstanceError):
        sampler.n = 3
    assert "Examples\n---" in inspect.getdoc(type(sampler))
