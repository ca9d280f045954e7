"""Steps that follow a valley: when they lead, and what they do better."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from surrogo.optimizers import curved, finish_state
from surrogo.optimizers.curved import Curved, Quadratic
from tests.optimizers.test_finish import ellipsoid, needed, rosenbrock, walk


def seen_along_a_valley(n=6):
    """Points with gradients of f = (x0 - .5)^2 + 50 (x1 - x0^2)^2 near its floor."""
    out = Curved()
    for i, a in enumerate(np.linspace(0.1, 0.3, n)):
        u = np.array([a, a * a + (0.01, -0.02, 0.03)[i % 3]])
        out = out.with_point(u.tolist(), valley(u), slopes(u).tolist())
    return out


def valley(u):
    return float((u[0] - 0.5) ** 2 + 50.0 * (u[1] - u[0] ** 2) ** 2)


def slopes(u):
    off = 100.0 * (u[1] - u[0] ** 2)
    return np.array([2.0 * (u[0] - 0.5) - 2.0 * u[0] * off, off])


def at_the_last(seen):
    u, (f,), g = (np.array(part) for part in seen.last_gradient)
    return Quadratic(u, float(f), g, np.diag([10.0, 100.0]))


def test_the_process_knows_where_the_valley_leads():
    seen = replace(seen_along_a_valley(), doubt=-1.0)
    q = at_the_last(seen)
    newton = -q.g / np.diag(q.B)
    step, gain, after = curved.propose(seen, q, newton, [0, 1])
    assert after.leads
    assert q.f - valley(q.x + step) == pytest.approx(gain, rel=0.3)
    assert valley(q.x + step) < 0.01 * valley(q.x + newton)
    assert after.said[1] == pytest.approx(q.f - gain)


def test_in_doubt_the_quadratic_leads_and_both_are_asked():
    seen = replace(seen_along_a_valley(), doubt=0.0)
    q = at_the_last(seen)
    newton = -q.g / np.diag(q.B)
    step, _, after = curved.propose(seen, q, newton, [0, 1])
    assert step is None
    assert not after.leads
    assert after.said[0] == pytest.approx(q.f + q.change(newton))
    truth = valley(q.x + newton)
    assert abs(after.said[1] - truth) < abs(after.said[0] - truth)
    assert curved.judged(after, q.f, truth).doubt < 0.0
    assert curved.judged(after, q.f, after.said[0]).doubt > 0.0
    for nothing in (np.nan, np.inf, -np.inf):
        assert curved.judged(after, q.f, nothing) == replace(after, said=[])
    beyond = replace(after, said=[-np.inf, -np.inf])
    assert curved.judged(beyond, q.f, truth).doubt == 0.0


def test_steps_stay_in_the_region_in_the_cube_and_off_fixed_coordinates():
    seen = replace(seen_along_a_valley(), doubt=-1.0, radius=0.01)
    q = at_the_last(seen)
    step, _, _ = curved.propose(seen, q, np.array([0.2, 0.0]), [0, 1])
    assert np.max(np.abs(step)) <= 0.01 * (1 + 1e-12)
    step, _, _ = curved.propose(seen, q, np.array([0.2, 0.0]), [0])
    assert step[1] == 0.0


def test_one_gradient_is_not_enough():
    seen = seen_along_a_valley(1)
    q = at_the_last(seen)
    assert curved.propose(seen, q, -q.g / 100.0, [0, 1])[2].said == []


def test_old_points_are_forgotten_and_covariances_bounded():
    seen = Curved()
    for i in range(200):
        u = np.full(40, i / 200)
        seen = seen.with_point(u.tolist(), 0.0, u.tolist())
    assert len(seen.seen) == 80
    near = curved._near(seen, np.arange(80.0), 40)
    assert near == list(range(600 // 41))


def test_the_region_grows_shrinks_and_is_given_up():
    led = Curved(leads=True, radius=0.1, doubt=-2.0)
    assert curved.moved(led, 0.1, 0.9).radius == 0.2
    assert curved.moved(led, 0.05, 0.9).radius == 0.1
    assert curved.moved(led, 0.1, 0.01).radius == 0.05
    assert curved.moved(Curved(radius=0.5), 0.01, 0.9).radius == pytest.approx(0.03)
    for _ in range(5):
        led = curved.missed(led, np.zeros(2), 1.0, led.radius)
        assert led.doubt < 0.0
    assert len(led.seen) == 5
    assert curved.missed(led, np.zeros(2), np.nan, led.radius).doubt > 0.0


def alone(monkeypatch):
    """Walks that only follow the quadratic."""
    monkeypatch.setattr(curved, "_fitted", lambda *_: None)


@pytest.mark.parametrize("d", [2, 3])
def test_rosenbrock_takes_far_fewer_evaluations_than_by_quadratics(d, monkeypatch):
    starts = np.random.default_rng(d).uniform(0.2, 0.8, (6, d))
    with_process = [needed(walk(rosenbrock, x)[1]) for x in starts]
    alone(monkeypatch)
    without = [needed(walk(rosenbrock, x)[1]) for x in starts]
    assert np.median(with_process) < 0.8 * np.median(without)


def test_quadratics_take_as_many_as_before(monkeypatch):
    cases = [ellipsoid(4, 1e6, seed) for seed in range(4)]
    with_process = [needed(walk(*case)[1]) for case in cases]
    alone(monkeypatch)
    without = [needed(walk(*case)[1]) for case in cases]
    assert np.median(with_process) <= 1.15 * np.median(without)


def test_values_around_the_start_are_used_and_travel_as_plain_data():
    known = [(np.full(2, 0.3 + 0.05 * i), 1.0 + i) for i in range(3)]
    state = finish_state.begin([0.2, 0.3], 0.5, known=known)
    assert [one[1] for one in state.curved.seen] == [[1.0], [2.0], [3.0]]
    assert state.curved.last_gradient is None
    assert finish_state.revive(json.loads(json.dumps(asdict(state)))) == state
