"""The box of a local search, and criteria seen through it."""

import numpy as np

from surrogo import Categorical, Integer, Real, Space
from surrogo.acquisition import LogEI
from surrogo.acquisition.zoomed import Zoomed
from surrogo.optimizers.region import Region
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient

SPACE = Space.of(
    {
        "x": (0, 1),
        "n": Integer(1, 5),
        "c": Categorical(["a", "b"]),
        "y": Real(0, 1, active_if={"c": "a"}),
        "z": (0, 1),
    }
)


def test_it_is_cut_at_the_cube_and_leaves_discrete_and_conditional_ones_free():
    centre = np.array([0.05, 0.5, 0.25, 0.5, 0.6])
    region = Region.around(SPACE, centre, np.array([0.1, 0.1, 0.1, 0.1, 0.2]))
    assert np.allclose(region.low, [0, 0, 0, 0, 0.4])
    assert np.allclose(region.high, [0.15, 1, 1, 1, 0.8])


def test_inside_and_outside_are_inverse_and_points_beyond_go_to_the_faces(rng):
    region = Region(np.array([0.2, 0.0]), np.array([0.4, 1.0]))
    V = rng.random((20, 2))
    assert np.allclose(region.outside(region.inside(V)), V)
    assert np.allclose(
        region.outside(np.array([[0.9, 0.5], [0.1, 1.0]])), [[1, 0.5], [0, 1]]
    )


def test_a_zoomed_criterion_has_the_score_and_slope_of_the_box(rng):
    U = rng.random((9, 2))
    trend, y = Trend.of("constant", 2), np.sin(5 * U[:, 0]) + U[:, 1]
    model = Posterior.of(kernels.get("matern52"), trend, np.zeros(2) - 1, 1e-10, U, y)
    low, width = np.array([0.1, 0.5]), np.array([0.3, 0.4])
    plain = LogEI(float(y.min()))
    zoomed, V = Zoomed(plain, low, width), rng.random((6, 2))
    assert np.array_equal(zoomed.score(model, V), plain.score(model, low + width * V))
    score, slope = zoomed.score_and_gradient(model, V)
    assert np.array_equal(score, zoomed.score(model, V))
    numeric = gradient(lambda v: zoomed.score(model, v[None])[0], V[0])
    assert np.allclose(slope[0], numeric, rtol=1e-5, atol=1e-6)
