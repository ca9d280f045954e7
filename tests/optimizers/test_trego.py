"""TREGO: one global step, then local ones in a box that grows and shrinks."""

import numpy as np
import pytest

from surrogo import Integer, Optimizer
from surrogo.optimizers import TREGO, View
from surrogo.optimizers.trego import TREGOMemory, trust_region
from tests.optimizers.told import (
    median_best,
    median_of_random,
    memories,
    run_on_a_ramp_that_fails,
)

D = 2
DESIGN = D + 4
FIRST = 0.5 * 0.2 ** (1 / D)  # half the width of a square of a fifth of the area


def half_widths(values, **settings):
    return [FIRST * m.scale for m in memories(TREGO(**settings), values, D)]


def test_the_first_region_has_a_fifth_of_the_volume():
    for d in (1, 3, 8):
        optimizer = Optimizer([(0, 1)] * d)
        optimizer.add(np.full(d, 0.5), 1.0)
        region = trust_region(View.of(optimizer.trials, 1), TREGOMemory())
        assert np.prod(region.width) == pytest.approx(0.2)


def test_one_step_in_five_is_global():
    turns = [m.turn for m in memories("trego", np.arange(DESIGN + 11.0), D)]
    assert turns == [0] * DESIGN + [1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    turns = [m.turn for m in memories(TREGO(local_steps=1), np.arange(DESIGN + 4.0))]
    assert turns[DESIGN:] == [1, 0, 1, 0]


def test_local_failures_shrink_the_region_by_0_9_and_global_ones_do_not():
    seen = half_widths(np.arange(DESIGN + 7.0))
    factors = np.array(seen[DESIGN:]) / FIRST
    assert np.allclose(factors, 0.9 ** np.array([0, 0, 1, 2, 3, 4, 4]))


def test_a_success_divides_the_region_by_0_9():
    # a global failure, a local success, a local failure
    values = [*range(DESIGN), 9.0, -5.0, 9.0, 9.0]
    factors = np.array(half_widths(values))[DESIGN:] / FIRST
    assert np.allclose(factors, [1, 1, 1 / 0.9, 1])


def test_after_a_global_success_the_next_step_is_global_again():
    seen = memories("trego", [*range(DESIGN), -5.0, -9.0, 3.0, 3.0], D)[DESIGN:]
    assert [m.turn for m in seen] == [1, 1, 1, 2]
    assert [m.scale for m in seen] == pytest.approx([1, 1 / 0.9, 1 / 0.81, 1 / 0.81])


def test_a_decrease_below_the_forcing_function_is_a_failure():
    # the values of the design lie 3 below their median: 1e-4 sigma^2 3 is asked for
    least = 1e-4 * FIRST**2 * 3
    for gain, factor in ((0.9 * least, 0.9), (1.1 * least, 1 / 0.9)):
        seen = half_widths([*range(DESIGN), 3.0, -gain, 3.0])
        assert seen[-1] / FIRST == pytest.approx(factor)


def test_the_region_stays_between_its_bounds():
    near = half_widths(np.arange(34.0), local_steps=40)
    assert min(near) == pytest.approx(1 / 64)
    far = half_widths([*range(DESIGN), *(-(10.0 ** np.arange(25)))])
    assert max(far) == pytest.approx(2.0)


def test_local_steps_lie_in_the_region_and_a_batch_has_both_kinds():
    optimizer = Optimizer([(0, 1)] * D, strategy="trego", rng=3)
    for _ in range(DESIGN):
        trial = optimizer.ask()
        optimizer.tell(trial, float(np.sum((trial.x - 0.5) ** 2)))
    best = optimizer.trials.best.row
    batch = optimizer.ask(6)
    assert optimizer.trials.memory["explorers"] == [DESIGN, DESIGN + 5]
    for trial in batch[1:5]:
        assert np.max(np.abs(trial.row - best)) <= FIRST * (1 + 1e-9)
    for trial in batch:
        optimizer.tell(trial, 1e9)
    optimizer.ask()
    memory = optimizer.trials.memory
    assert memory["explorers"] == []
    assert memory["scale"] == pytest.approx(0.9**4)


def test_integers_move_though_the_region_is_small():
    optimizer = Optimizer([(0, 1), Integer(1, 6)], strategy="trego", rng=0)
    for _ in range(18):
        trial = optimizer.ask()
        optimizer.tell(trial, (trial.x[0] - 0.2) ** 2 + abs(trial.x[1] - 5))
    assert optimizer.result().fun < 1e-2


def test_points_where_it_fails_are_left():
    asked, optimizer = run_on_a_ramp_that_fails("trego")
    assert np.mean(asked[-20:, 0] < 0.4) < 0.65
    assert optimizer.result().fun < 0.46


def test_it_beats_random_search():
    assert median_best("trego", "branin", 18) < median_of_random("branin", 180)
    assert median_best("trego", "hartmann3", 18) < median_of_random("hartmann3", 180)


def test_settings_that_make_no_sense_are_refused():
    for wrong in ({"kernel": "cubic"}, {"design_extra": -1}, {"local_steps": 0.5}):
        with pytest.raises(ValueError, match=r"must be (one of|an integer)"):
            TREGO(**wrong)
