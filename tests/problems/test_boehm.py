"""The STAT5 model, its outputs and its likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from surrogo import problems
from surrogo.ode import Limits, integrate
from surrogo.problems import boehm


def truth(problem):
    return problems.get(problem).x_opt[0]


def test_outputs_of_boehm_need_no_sigmas():
    x = truth("boehm")
    out = boehm.outputs(x)
    assert out.shape == boehm.DATA.shape == (16, 3)
    np.testing.assert_array_equal(boehm.outputs(x[:6]), out)


def test_best_sigmas_of_boehm_are_the_deviations():
    x = truth("boehm")
    deviations = np.sqrt(np.mean((boehm.outputs(x) - boehm.DATA) ** 2, axis=0))
    np.testing.assert_allclose(x[6:], deviations, rtol=1e-6)


def test_boehm_where_lsoda_gives_up(monkeypatch):
    x = truth("boehm")
    expected = boehm.outputs(x)
    monkeypatch.setattr(boehm, "_LIMITS", Limits(max_steps=5))
    np.testing.assert_allclose(boehm.outputs(x), expected, rtol=1e-6, atol=1e-6)


def test_boehm_keeps_its_proteins():
    # Nothing is made or broken down: A and B in all forms, with the nucleus' volume.
    x = truth("boehm")
    args = tuple(x[:6].tolist())
    y = integrate(boehm._rhs, boehm.TIMES, boehm._START, args=args, rtol=1e-10)
    A, B, AB, AA, BB, nAA, nAB, nBB = y.T
    all_A = A + AB + 2 * AA + boehm._V * (2 * nAA + nAB)
    all_B = B + AB + 2 * BB + boehm._V * (2 * nBB + nAB)
    np.testing.assert_allclose(all_A, 207.6 * 0.693, rtol=1e-8)
    np.testing.assert_allclose(all_B, 207.6 * 0.307, rtol=1e-8)


def test_boehm_is_better_with_kio_at_its_bound():
    x = truth("boehm").copy()
    best = boehm.negative_log_likelihood(x)
    for kio, loss in [(10**4.5, 4.15e-5), (1e4, 1.726e-4)]:
        x[4] = kio
        assert boehm.negative_log_likelihood(x) - best == pytest.approx(loss, rel=0.05)


def test_no_local_search_improves_boehm():
    problem = problems.get("boehm")
    u = problem.space.to_unit(problem.x_opt)[0]

    def fun(u):
        return problem.fun(problem.space.from_unit([u])[0])

    start = (u + 0.002 * np.array([1, 1, -1, 1, -1, 1, -1, 1, 1])).clip(0, 1)
    result = minimize(
        fun, start, method="L-BFGS-B", bounds=[(0, 1)] * 9, options={"maxfun": 300}
    )
    assert fun(start) > problem.f_opt + 0.01
    assert result.fun > problem.f_opt - 1e-6
    assert result.fun < problem.f_opt + 0.01
