"""Outer functions against differences."""

import numpy as np
import pytest

from surrogo.optimizers import AnyOuter, GaussNewton, SumOfSquares
from surrogo.optimizers.registry import make


def test_any_function_agrees_with_the_sum_of_squares():
    r = np.array([1.0, -20.0, 0.3, 0.0])
    known = SumOfSquares()
    mine = AnyOuter(lambda r: float(r @ r))
    for one, other in zip(known.expand(r), mine.expand(r), strict=True):
        assert np.allclose(one, other, rtol=2e-3, atol=1e-4)
    assert mine.misfit(r) == pytest.approx(known.misfit(r), rel=1e-4)
    assert known.misfit(r) == pytest.approx(float(r @ r))


def test_curvature_downwards_is_left_out():
    _, g, w = AnyOuter(lambda r: -float(r[0] ** 2) + r[1]).expand(np.array([2.0, 0.0]))
    assert np.allclose(g, [-4.0, 1.0], atol=1e-5)
    assert w[0] == 0.0
    assert w[1] == pytest.approx(0.0, abs=1e-6)


def test_objectives_that_are_none_are_refused():
    with pytest.raises(ValueError, match="function of the outputs"):
        AnyOuter(3.0)


def test_the_strategy_comes_back_from_its_plain_data():
    data = GaussNewton().to_dict()
    assert data == {"name": "gauss_newton", "outer": {"name": "sum_of_squares"}}
    assert make(data) == GaussNewton()
    with pytest.raises(ValueError, match="'any' is not known here"):
        make(GaussNewton(AnyOuter(sum)).to_dict())
    with pytest.raises(ValueError, match="must be an Outer"):
        GaussNewton(outer=3)
