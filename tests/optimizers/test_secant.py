"""Second derivatives learnt from steps: exact on quadratics, always definite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.optimizers.secant import Step, learn_curvature


def random_definite(d, rng, log_condition=3.0):
    Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
    return (Q * 10.0 ** rng.uniform(0, log_condition, d)) @ Q.T


def quadratic_step(H, x, s):
    """The step from x of the function x H x / 2."""
    change = float(s @ (H @ x) + 0.5 * s @ H @ s)
    return Step(s, H @ s, change, float(s @ (H @ (2.0 * x + s))))


@pytest.mark.parametrize("d", [2, 5, 9])
def test_d_steps_on_a_quadratic_give_its_matrix(d):
    rng = np.random.default_rng(d)
    H, B = random_definite(d, rng), 1e-3 * np.eye(d)
    for _ in range(d):
        step = quadratic_step(H, rng.random(d), rng.standard_normal(d))
        assert step.looks_quadratic
        B = learn_curvature(B, step)
    assert pytest.approx(H, rel=1e-6, abs=1e-6 * np.max(H)) == B


def test_both_formulas_meet_the_secant_equation():
    rng = np.random.default_rng(0)
    H, s = random_definite(4, rng), rng.standard_normal(4)
    exact = quadratic_step(H, rng.random(4), s)
    curved = Step(s, H @ s, exact.change + 0.1 * float(s @ H @ s), exact.slopes)
    assert not curved.looks_quadratic
    by_sr1, by_bfgs = (learn_curvature(np.eye(4), step) for step in (exact, curved))
    assert by_sr1 @ s == pytest.approx(H @ s)
    assert by_bfgs @ s == pytest.approx(H @ s)
    # SR1 changes the identity in one direction, BFGS in two.
    assert np.linalg.matrix_rank(by_sr1 - np.eye(4), tol=1e-9) == 1
    assert np.linalg.matrix_rank(by_bfgs - np.eye(4), tol=1e-9) == 2


def test_negative_curvature_is_damped_to_a_fifth():
    s = np.array([1.0, 0.0])
    B = learn_curvature(np.eye(2), Step(s, -5.0 * s, -3.0, -5.0))
    assert pytest.approx(np.diag([0.2, 1.0])) == B


@given(st.integers(1, 6), st.integers(0, 10**6), st.floats(-6, 6), st.floats(-1e6, 1e6))
def test_the_matrix_stays_symmetric_and_definite_whatever_is_seen(d, seed, log, change):
    rng = np.random.default_rng(seed)
    B, s = random_definite(d, rng), rng.standard_normal(d)
    y = 10.0**log * rng.standard_normal(d)
    # Half of the time the change of value makes the step look quadratic.
    slopes = float(rng.normal())
    step = Step(s, y, 0.5 * slopes if seed % 2 else change, slopes)
    learnt = learn_curvature(B, step)
    assert np.max(np.abs(learnt - learnt.T)) <= 1e-12 * np.max(np.abs(learnt))
    root = np.sqrt(np.diag(learnt))
    assert np.min(np.linalg.eigvalsh(learnt / root[:, None] / root)) > -1e-12


def test_what_would_overflow_is_not_learnt():
    step = Step(np.ones(2), np.array([1e300, -1e300]) * 1e8, 0.0, 0.0)
    with np.errstate(all="ignore"):
        assert learn_curvature(np.eye(2), step).tolist() == np.eye(2).tolist()


def test_a_curvature_that_underflows_is_kept():
    B, s = 1e-300 * np.eye(2), np.array([1e-12, 0.0])
    assert learn_curvature(B, Step(s, 1e-3 * s, 1.0, 0.0)) is B
