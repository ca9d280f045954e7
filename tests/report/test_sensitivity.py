"""Shares of the variance of a model."""

import numpy as np
import pytest

from surrogo import Categorical, Space
from surrogo.report.sensitivity import sensitivity


def shares(f, space):
    return {s.name: (s.alone, s.total) for s in sensitivity(f, space)}


def test_they_are_those_of_ishigami_and_homma():
    # Saltelli et al. 2000, Sensitivity Analysis, section 2.9.3: a = 7, b = 0.1
    def f(U):
        x = np.pi * (2.0 * U - 1.0)
        return np.sin(x[:, 0]) * (1 + 0.1 * x[:, 2] ** 4) + 7 * np.sin(x[:, 1]) ** 2

    found = shares(f, Space.of(dict.fromkeys("abc", (0, 1))))
    for name, exact in {
        "a": (0.3139, 0.5576),
        "b": (0.4424, 0.4424),
        "c": (0.0, 0.2437),
    }.items():
        assert found[name] == pytest.approx(exact, abs=0.03)


def test_fixed_variables_have_none_and_the_largest_comes_first():
    space = Space.of([(0, 1), (2, 2), (0, 1)])
    found = sensitivity(lambda U: U[:, 0] + 3 * U[:, 2] + 5 * U[:, 1], space)
    assert [s.name for s in found] == ["x2", "x0"]
    assert found[0].alone == pytest.approx(0.9, abs=0.03)


def test_a_model_is_asked_at_points_of_the_space_only():
    space = Space.of({"a": Categorical(["p", "q"]), "b": (0, 1)})
    seen = []

    def f(U):
        seen.append(U[:, 0])
        return U[:, 0] + U[:, 1]

    sensitivity(f, space)
    assert set(np.concatenate(seen)) == {0.25, 0.75}


@pytest.mark.parametrize("value", [0.0, 3.0, 1e305])
def test_a_constant_has_no_shares(value):
    space = Space.of([(0, 1)] * 2)
    assert sensitivity(lambda U: np.full(len(U), value), space) == []


def test_the_size_of_the_values_does_not_matter():
    space = Space.of([(0, 1)] * 2)
    small = shares(lambda U: U[:, 0] + 2 * U[:, 1], space)
    large = shares(lambda U: 1e305 * (U[:, 0] + 2 * U[:, 1]), space)
    assert large["x1"] == pytest.approx(small["x1"])
