"""Answers of calibrations that others have published."""

from __future__ import annotations

import numpy as np
import pytest

from surrogo import Real, calibrate
from surrogo.calibration import LogNormal, LogNormalPrior, NormalPrior
from surrogo.problems import boehm, get
from tests.calibration.lynx import BOUNDS, DATA, MODEL
from tests.calibration.test_posterior import LYNX


@pytest.mark.parametrize(("max_evals", "inside"), [(1, 0.0), (3, 0.0), (1, 1e-3)])
def test_boehms_two_rates_are_found_not_identifiable(
    max_evals: int, inside: float
) -> None:
    """At the minimum keh is at its lower and kio at its upper bound.

    Others still are where a fit ends just inside, and their profiles at those bounds.
    """
    x_opt = get("boehm").x_opt[0][:6].tolist()
    best = dict(zip(boehm.PARAMETERS[:6], x_opt, strict=True))
    best["keh"], best["kio"] = 1e-5 * (1 + inside), 1e5 * (1 - inside)
    names, rates = ("pA", "pB", "rA"), tuple(best)
    data = {"time": boehm.TIMES} | dict(zip(names, boehm.DATA.T, strict=True))
    fit = calibrate(
        lambda p: boehm.outputs(np.array([p[name] for name in rates])),
        data,
        dict.fromkeys(rates, Real(1e-5, 1e5, scale="log")),
        x0=best,
        max_evals=max_evals,
        rng=0,
    )
    found = fit.answers.identifiability()
    doubtful = {one.name for one in found.of if one.verdict != "identifiable"}
    assert doubtful == {"keh", "kio"}
    for name in doubtful:
        assert found[name].verdict == "practically not identifiable"
    assert "everything down to its bound 1e-05 fits" in found["keh"].sentence
    assert "everything up to its bound 1e+05 fits" in found["kio"].sentence
    assert found.n_simulations < 200


@pytest.mark.slow
def test_hare_and_lynx_with_the_priors_of_posteriordb() -> None:
    """Means of the reference draws, of hudson_lynx_hare; see test_posterior.py."""
    start, size = LogNormalPrior(np.log(10), 1.0), LogNormalPrior(-1.0, 1.0)
    growth, meeting = NormalPrior(1.0, 0.5), NormalPrior(0.05, 0.05)
    sigma = Real(0.05, 1.5, scale="log")
    fit = calibrate(
        MODEL,
        DATA,
        BOUNDS | {"hare_sd": sigma, "lynx_sd": sigma},
        noise={name: LogNormal(sigma=f"{name}_sd") for name in ("hare", "lynx")},
        priors={"a": growth, "c": growth, "b": meeting, "d": meeting}
        | {"u0": start, "v0": start, "hare_sd": size, "lynx_sd": size},
        max_evals=60,
        rng=0,
    )
    sample = fit.answers.posterior(400, rng=0)
    np.testing.assert_allclose(sample.mean, LYNX, rtol=0.05)
    assert fit.answers.simulations.is_least_squares()
    assert sample.n_simulations < 1000
