"""The benchmark of the evidence: its functions, and its tables."""

import numpy as np
import pytest

from benchmarks.stopping import Look, reliability, stops
from benchmarks.stopping_cases import classic_case, coco_case, draw, drawn_case
from surrogo.problems import analytic as problems
from surrogo.samplers import Sobol
from tests.reference.differences import gradient

MAKERS = {
    "branin": lambda: classic_case(problems.branin, 3),
    "ackley": lambda: classic_case(lambda: problems.ackley(3), 3),
    "draw": lambda: drawn_case(2, 3, 0),
    "coco": lambda: coco_case(8, 2, 3),
}


@pytest.mark.parametrize("name", MAKERS)
def test_no_value_is_below_the_lowest_and_half_are_below_the_scale(name):
    if name == "coco":
        pytest.importorskip("cocoex")
    case = MAKERS[name]()
    values = np.array([case.fun(u) for u in Sobol().sample_unit(512, case.d, 5)])
    assert np.min(values) >= case.f_opt
    assert np.mean(values < case.f_opt + case.scale) == pytest.approx(0.5, abs=0.05)


def test_a_draw_is_the_same_again_and_another_in_another_instance():
    U = np.array([[0.2, 0.7]])
    here = draw(2, 3, 0)[0](U)
    assert draw(2, 3, 0)[0](U) == here
    assert draw(2, 4, 0)[0](U) != here
    assert draw(2, 3, 1)[0](U) != here


def test_the_slope_of_a_draw():
    values, slope = draw(2, 3, 0)
    u = np.array([0.2, 0.7])
    slow = gradient(lambda v: float(values(v[None, :])[0]), u)
    assert np.allclose(slope(u), slow, rtol=1e-6)


def look(run, n, probability, right, doubted=False):
    return Look(run, "classic", 0.1, n, 50, probability, doubted, right)


LOOKS = [
    look(0, 12, 0.97, False, doubted=True),
    look(0, 20, 0.92, True),
    look(0, 25, 0.96, True),
    look(1, 10, 1.0, False),
    look(2, 30, 0.1, True),
]


def test_doubted_looks_have_a_row_of_their_own():
    rows = reliability(LOOKS).split("\n")
    assert "| 0 to 0.2 | 0.10 | 1.000 | 0.05 to 1.00 | 1 | 1 |" in rows
    assert "| **0.95 or more** | 0.98 | 0.500 | 0.03 to 0.97 | 2 | 2 |" in rows
    assert "| doubted, 0.9 or more | 0.97 | 0.000 | 0.00 to 0.95 | 1 | 1 |" in rows


def test_a_run_stops_at_its_first_look_that_suffices():
    # runs 0 and 1 stop after 25 and 10 of 50: half and four fifths are saved
    assert stops(LOOKS).endswith("| all | 3 | 2 | 2 | 1 | 65 % |")
