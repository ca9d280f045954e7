"""Values of calibrations with known answers, and all forms of data and models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from surrogo import OdeModel
from surrogo.calibration import (
    Laplace,
    LaplacePrior,
    LogNormal,
    LogNormalPrior,
    Normal,
    NormalPrior,
    Poisson,
    StudentT,
    UniformPrior,
    make_problem,
)
from surrogo.checks import FloatArray
from tests.calibration.decay import DECAY, FLAT, T, decay, table, value_of
from tests.calibration.lynx import BOUNDS, DATA, MODEL


def test_hare_lynx_has_its_known_likelihood() -> None:
    problem = make_problem(MODEL, DATA, BOUNDS, LogNormal())
    best = {
        "a": 0.540014,
        "b": 0.027156,
        "c": 0.796599,
        "d": 0.023702,
        "u0": 34.5992,
        "v0": 5.84374,
    }
    evaluation = problem.evaluate(best)
    assert evaluation.value == pytest.approx(122.925951, abs=1e-5)
    found = problem.outer.likeliest(np.array(evaluation.outputs))
    assert found["hare"]["sigma"] == pytest.approx(0.21838, abs=1e-5)
    assert found["lynx"]["sigma"] == pytest.approx(0.22008, abs=1e-5)


@pytest.mark.parametrize(
    ("noise", "density"),
    [
        (Normal(sigma=0.3), lambda y, m: stats.norm.logpdf(y, m, 0.3)),
        (Normal(sigma="u0"), lambda y, m: stats.norm.logpdf(y, m, 2.0)),
        (
            Normal(sigma=lambda p, u: 0.1 * u),
            lambda y, m: stats.norm.logpdf(y, m, m / 10),
        ),
        (
            Normal(0.3, scale=2.0, offset="k"),
            lambda y, m: stats.norm.logpdf(y, 2 * m + 0.5, 0.3),
        ),
        (LogNormal(sigma=0.2), lambda y, m: stats.lognorm.logpdf(y, 0.2, scale=m)),
        (
            LogNormal(sigma=0.2, transform="log10"),
            lambda y, m: stats.lognorm.logpdf(y, 0.2 * math.log(10), scale=m),
        ),
        (Laplace(sigma=0.3), lambda y, m: stats.laplace.logpdf(y, m, 0.3)),
        (StudentT(sigma=0.3, df=3), lambda y, m: stats.t.logpdf(y, 3, m, 0.3)),
    ],
)
def test_values_are_minus_log_densities_of_the_data(noise: Any, density: Any) -> None:
    problem = make_problem(DECAY, table(), FLAT, noise)
    p = {"k": 0.5, "u0": 2.0}
    value = problem.evaluate(p).value
    assert value == pytest.approx(-density(table()["u"], 2 * np.exp(-0.5 * T)).sum())


def test_counts_have_the_poisson_likelihood() -> None:
    data = {"time": T, "u": [30, 22, 11, 12, 5, 0]}
    value = make_problem(DECAY, data, {"k": 0.4, "u0": 28.0}, Poisson()).evaluate(
        [0.4, 28.0]
    )
    known = -stats.poisson.logpmf(data["u"], 28 * np.exp(-0.4 * T)).sum()
    assert value.value == pytest.approx(known)


@pytest.mark.parametrize(
    ("prior", "density"),
    [
        (NormalPrior(1.0, 0.5), stats.norm(1.0, 0.5).logpdf(0.5)),
        (NormalPrior(0.3, 0.5, "log"), stats.norm(0.3, 0.5).logpdf(math.log(0.5))),
        (LogNormalPrior(0.3, 0.5), stats.lognorm(0.5, scale=math.exp(0.3)).logpdf(0.5)),
        (LaplacePrior(1.0, 0.5), stats.laplace(1.0, 0.5).logpdf(0.5)),
        (UniformPrior(0.0, 4.0), -math.log(4.0)),
    ],
)
def test_priors_add_minus_their_log_density(prior: Any, density: float) -> None:
    p = {"k": 0.5, "u0": 2.0}
    alone = make_problem(DECAY, table(), FLAT, Normal(0.1)).evaluate(p).value
    problem = make_problem(DECAY, table(), FLAT, Normal(0.1), {"k": prior})
    evaluation = problem.evaluate(p)
    assert evaluation.value - alone == pytest.approx(-density)
    assert problem.nllh(np.array(evaluation.outputs)) == pytest.approx(alone)


def test_two_observables_may_share_a_sigma() -> None:
    model = OdeModel(
        decay,
        ["u"],
        {"u": "u0"},
        observables={"u": "u", "w": lambda t, y, p: y[0] ** 2},
    )
    data = table() | {"w": np.ones(6)}
    noise = {"u": Normal(sigma="s"), "w": Laplace(sigma="s")}
    problem = make_problem(model, data, FLAT | {"s": (0.1, 2.0)}, noise)
    evaluation = problem.evaluate({"k": 0.5, "u0": 2.0, "s": 0.7})
    u = 2 * np.exp(-0.5 * T)
    known = stats.norm.logpdf(table()["u"], u, 0.7).sum()
    known += stats.laplace.logpdf(1.0, u**2, 0.7).sum()
    assert evaluation.value == pytest.approx(-known)
    assert len(np.array(evaluation.outputs)) == 13


def test_all_forms_of_data_give_one_value() -> None:
    wide = table()
    long = pd.DataFrame({"time": T, "observable": "u", "value": wide["u"]})
    forms = [
        pd.DataFrame(wide),
        long,
        long.sample(frac=1.0, random_state=1),
        long.to_dict("list"),
        np.column_stack([T, wide["u"]]),
        {"only": wide},
        {"only": long},
        long.assign(sigma=0.1),
        long.assign(condition="a"),
    ]
    for form in forms:
        assert value_of(form) == pytest.approx(value_of(wide), rel=1e-12)
    own = make_problem(DECAY, long.assign(sigma=0.1), FLAT).evaluate([0.5, 2.0]).value
    assert own == pytest.approx(value_of(wide))


def test_missing_values_and_repeated_times_are_no_matter() -> None:
    wide = table()
    gaps = {"time": np.r_[T, 9.0], "u": np.r_[wide["u"], np.nan]}
    assert value_of(gaps) == pytest.approx(value_of(wide))
    twice = {"time": np.r_[T, T], "u": np.r_[wide["u"], wide["u"]]}
    assert value_of(twice) == pytest.approx(2 * value_of(wide))


@pytest.mark.parametrize(
    "model",
    [
        lambda p: {"u": p["u0"] * np.exp(-p["k"] * T)},
        lambda p: p["u0"] * np.exp(-p["k"] * T),
        lambda p, condition: (p["u0"] * np.exp(-p["k"] * T))[:, None],
        lambda p, condition=None: {"u": p["u0"] * np.exp(-p["k"] * T), "more": T},
    ],
)
def test_a_function_may_be_the_model(model: Any) -> None:
    assert value_of(table(), model) == pytest.approx(value_of(table()))


def test_conditions_bring_their_constants() -> None:
    data = {"slow": table(0.2), "fast": table(0.8)}
    constants = {"slow": {"x": 1.0}, "fast": {"x": 4.0}}
    model = OdeModel(lambda t, y, p: -p["k"] * p["x"] * y, ["u"], {"u": "u0"})
    bounds = {"k": (0.01, 1.0), "u0": (0.5, 5.0)}
    problem = make_problem(model, data, bounds, Normal(0.1), conditions=constants)
    both = problem.evaluate([0.2, 3.0]).value
    wiggle = 0.05 * np.cos(5 * T)
    assert both == pytest.approx(-2 * stats.norm.logpdf(wiggle, 0, 0.1).sum(), rel=1e-6)
    end = problem.simulate({"k": 0.2, "u0": 3.0}, [0.0, 2.0], "fast")["u"][-1]
    assert end == pytest.approx(3 * math.exp(-1.6))


def test_a_function_gets_the_condition() -> None:
    data = {"slow": table(0.2), "fast": table(0.8)}
    seen = []

    def model(p: dict[str, float], condition: dict[str, Any]) -> FloatArray:
        seen.append(condition)
        return np.asarray(p["u0"] * np.exp(-p["k"] * condition["x"] * T))

    constants = {"slow": {"x": 1.0}, "fast": {"x": 4.0}}
    make_problem(model, data, FLAT, conditions=constants).evaluate([0.2, 3.0])
    assert seen == [{"name": "slow", "x": 1.0}, {"name": "fast", "x": 4.0}]
