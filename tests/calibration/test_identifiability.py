"""Verdicts on parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

from surrogo.calibration.identifiability import identifiability
from surrogo.calibration.target import Target
from surrogo.space import Real, Space
from surrogo.trials import Evaluation
from tests.calibration import models

DECADES = Real(0.1, 10, scale="log")


def product_residuals(x):
    """Return residuals of data that show k_exp k_imp and c, as Boehm's do nearly."""
    return np.array(
        [np.log(x[0] * x[1]) / 0.1, (x[2] - 1) / 0.1, (x[0] * x[1] - 1) / 0.2]
    )


@pytest.mark.parametrize("scalar", [False, True])
def test_a_product_is_all_that_is_known_of_two(scalar):
    space = {"k_exp": DECADES, "k_imp": DECADES, "c": (0, 2)}
    found = identifiability(
        models.of_residuals(space, product_residuals, [1, 1, 1], scalar=scalar)
    )
    verdicts = [one.verdict for one in found.of]
    assert verdicts == ["structurally not identifiable"] * 2 + ["identifiable"]
    [combination] = found.combinations
    assert str(combination) == "+0.71 log(k_exp) -0.71 log(k_imp)"
    assert found.structural is True
    assert "if k_imp may change with it" in found["k_exp"].sentence
    assert not found.identifiable
    assert "-0.71 log(k_imp) anywhere" in str(found)


def test_what_is_flat_here_only_is_said_to_be_so():
    # b matters where a is not 0, which is where the data put it
    def residuals(x):
        return np.array([x[0] / 0.1, x[0] * x[1], 0.5 * x[0] ** 2])

    found = identifiability(
        models.of_residuals({"a": (-1, 1), "b": (0, 0.5)}, residuals, [0.0, 0.25])
    )
    assert found["a"].verdict == "identifiable"
    assert found["b"].verdict == "structurally not identifiable"
    assert found.structural is False
    assert "near the estimate" in str(found)


def test_rates_far_below_saturation_leave_one_end_open():
    residuals = models.michaelis_residuals(highest=0.15, sd=0.02)
    log = Real(0.01, 20, scale="log")
    x = least_squares(residuals, [1.0, 0.5], bounds=(0.01, 20)).x
    found = identifiability(models.of_residuals({"v_max": log, "K": log}, residuals, x))
    one = found["v_max"]
    assert one.verdict == "practically not identifiable"
    assert "it is above 0.3" in one.sentence
    assert "everything up to its bound 20 fits" in one.sentence
    assert found.structural is None


def test_rates_up_to_saturation_determine_both():
    residuals = models.michaelis_residuals()
    x = least_squares(residuals, [1.0, 0.5]).x
    found = identifiability(
        models.of_residuals({"v_max": (0.01, 20), "K": (0.01, 20)}, residuals, x)
    )
    assert found.identifiable
    assert found.combinations == ()
    assert found.n_simulations < 40


def test_failures_leave_a_verdict_open():
    def residuals(x):
        if x[0] > 1.05:
            raise RuntimeError("diverged")
        return (x - 1.0) / 0.1

    found = identifiability(models.of_residuals({"k": (0, 3)}, residuals, [1.0]))
    assert found["k"].verdict == "unknown"
    assert "where simulations fail" in found["k"].sentence


def test_a_prior_makes_a_parameter_identifiable():
    def evaluate(x):
        r = np.array([(x[0] + x[1] - 2.0) / 0.1, (x[1] - 1.0) / 0.3])
        return Evaluation(0.5 * float(r @ r), residuals=r)

    found = identifiability(Target(Space.of([(-3, 3), (-3, 3)]), evaluate, [1.0, 1.0]))
    assert found.identifiable


@pytest.mark.parametrize("scalar", [False, True])
def test_a_parameter_that_does_nothing(scalar):
    target = models.of_residuals(
        {"k": (0, 2), "idle": (0, 2)},
        lambda x: (x[0] - [1.0, 1.0]) / 0.1,
        [1.0, 0.5],
        scalar=scalar,
    )
    found = identifiability(target)
    assert found["idle"].verdict == "structurally not identifiable"
    assert str(found.combinations[0]) == "+1.00 idle"
    assert found.structural is True


def test_ends_that_are_those_of_another_parameters_bounds():
    # K = v_max / 2 fits anywhere; v_max ends at its bounds before K does
    space = {"v_max": DECADES, "K": Real(0.01, 100, scale="log")}
    found = identifiability(
        models.of_residuals(
            space, lambda x: (x[0] / x[1] - 2.0) * np.array([10.0, 20.0]), [1.0, 0.5]
        )
    )
    assert found["v_max"].verdict == "structurally not identifiable"
    assert found["K"].verdict == "structurally not identifiable"
    assert "only because v_max meets its bound" in found["K"].sentence
    assert found["K"].profile.closed


def test_an_end_that_took_too_long_does_not_hide_one_that_is_open():
    target = models.of_residuals(
        {"k": (0.0, 10.0)}, lambda x: np.maximum(x - 4.0, 0.0) ** 4, [1.0]
    )
    one = identifiability(target, max_simulations=1)["k"]
    assert one.profile.lower_state == "open"
    assert one.profile.upper_state == "unfinished"
    assert one.verdict == "practically not identifiable"
    assert "to its bound 0 fits; where that ends takes more simulations" in one.sentence
