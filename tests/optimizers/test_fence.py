"""Steps keep to where success is likely, and away from points that failed."""

import numpy as np
import pytest

from surrogo.optimizers.fence import Fence
from surrogo.optimizers.promises import Region
from surrogo.optimizers.trust_region import next_step

CENTRE = np.array([0.45, 0.5])


@pytest.fixture
def cloud(rng):
    """Points about the centre; they fail where x0 > 0.5."""
    U = CENTRE + rng.uniform(-0.1, 0.1, (40, 2))
    fails = U[:, 0] > 0.5
    return np.vstack([CENTRE, U[~fails]]), U[fails]


def fence(cloud, by_chance=False, **region):
    return Fence.about(*cloud, CENTRE, Region(radius=0.1, **region), by_chance)


def test_without_failures_nearby_there_is_no_fence(cloud):
    good, _ = cloud
    assert Fence.about(good, np.empty((0, 2)), CENTRE, Region(), False) is None
    far = np.array([[0.9, 0.9]])
    assert Fence.about(good, far, CENTRE, Region(radius=0.1), False) is None


def test_it_knows_the_border(cloud):
    Z = np.array([[-0.5, 0.0], [0.2, 0.3], [0.9, 0.0], [0.9, -0.8]])
    assert fence(cloud).allows(Z).tolist() == [True, True, False, False]


def test_after_failures_it_keeps_further_away(cloud, rng):
    Z = rng.uniform(-1.0, 1.0, (500, 2))
    allowed = [np.sum(fence(cloud, failures=k).allows(Z)) for k in range(3)]
    assert allowed[0] > allowed[1] > allowed[2] > 100


def test_failures_by_chance_forbid_their_own_place_only(cloud):
    lucky = fence(cloud, by_chance=True)
    assert not np.any(lucky.allows(lucky.failed))
    assert np.all(lucky.allows(lucky.failed + 0.06)) or len(lucky.failed) > 1
    assert not lucky.depends_on_place


def test_the_lowest_point_allowed_is_at_the_border(cloud, rng):
    box = np.full(2, -1.0), np.ones(2)
    z = fence(cloud).lowest(lambda Z: -Z[:, 0], np.array([1.0, 0.0]), box, rng)
    assert 0.25 < z[0] < 0.75
    inside = np.array([-0.5, 0.1])
    assert fence(cloud).lowest(lambda Z: Z[:, 0], inside, box, rng) is inside


def test_steps_of_the_trust_region_stay_behind_it(cloud):
    good, bad = cloud
    y = -good[:, 0]
    at = int(np.argmin(y))
    rng = np.random.default_rng(0)
    free, _, _ = next_step(good, y, at, Region(radius=0.1), rng)
    assert free[0] == pytest.approx(good[at, 0] + 0.1)
    kept, _, region = next_step(good, y, at, Region(radius=0.1), rng, bad)
    assert kept[0] < 0.53
    assert region.radius <= 0.1
