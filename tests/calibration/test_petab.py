"""Problems in the PEtab format."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surrogo import Real
from surrogo.calibration import SimulationError, petab
from tests.calibration.petab_files import (
    BOEHM,
    MEASURED,
    OBSERVABLE,
    PARAMETERS,
    TOTAL,
    ci,
    rule,
    sbml,
    times,
    write,
)

v1 = pytest.importorskip("petab.v1")
pytest.importorskip("roadrunner")

T = np.array([0.0, 1.0, 3.0])
Y = np.array([0.6, 0.3, 0.2])


def normal(model: Any, y: Any, sigma: Any) -> float:
    """Return the negative log likelihood of normal noise."""
    z = (np.asarray(model) - np.asarray(y)) / sigma
    return float(np.sum(np.broadcast_to(np.log(sigma), z.shape) + z * z / 2)) + (
        0.5 * z.size * math.log(2 * math.pi)
    )


def decay(a0: float, k: float, t: Any = T) -> Any:
    return a0 * np.exp(-k * np.asarray(t))


# ---------------------------------------------------------------- a published problem


def test_boehm_has_its_published_likelihood_at_its_nominal_point() -> None:
    problem = petab.load(BOEHM)
    assert problem.evaluate(problem.nominal).value == pytest.approx(138.2220, abs=1e-4)
    # Sigmas at the optimum are those that a formula finds.
    fewer = petab.load(BOEHM, eliminate_noise=True)
    assert fewer.eliminated == ("sd_pSTAT5A_rel", "sd_pSTAT5B_rel", "sd_rSTAT5A_rel")
    assert fewer.evaluate(fewer.nominal).value == pytest.approx(138.2220, abs=1e-4)


def test_boehm_has_its_published_courses() -> None:
    problem = petab.load(BOEHM)
    published = pd.read_csv(next(BOEHM.parent.glob("simulatedData*")), sep="\t")
    found = problem.simulate(problem.nominal)
    for name, rows in published.groupby("observableId"):
        in_time = rows.sort_values("time").simulation.to_numpy()
        assert found[name] == pytest.approx(in_time, rel=1e-4, abs=1e-6)


def test_boehm_is_read_as_its_tables_say() -> None:
    problem = petab.load(BOEHM)
    assert len(problem.space.names) == 9
    assert set(problem.space.variables) == {Real(1e-5, 1e5, scale="log")}
    assert problem.nominal["k_phos"] == 15766.5070195731
    assert "ratio" not in problem.nominal  # not estimated
    assert "9 parameters, 48 data in 1 condition" in repr(problem)


# ------------------------------------------------------------------------- likelihood


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library
@pytest.mark.parametrize("distribution", ["normal", "laplace"])
@pytest.mark.parametrize("transformation", ["lin", "log", "log10"])
@pytest.mark.parametrize("noise", ["0.3", "noiseParameter1_obs", "0.1 + 2 * sd"])
def test_likelihood_is_that_of_the_petab_library(
    tmp_path: Path, transformation: str, distribution: str, noise: str
) -> None:
    observable = OBSERVABLE | {
        "noiseFormula": noise,
        "observableTransformation": transformation,
        "noiseDistribution": distribution,
    }
    override = {"noiseParameters": "sd"} if noise.startswith("noise") else {}
    sd = {"parameterId": "sd", "parameterScale": "log", "lowerBound": 0.01}
    path = write(
        tmp_path,
        observables=[observable],
        measurements=[row | override for row in MEASURED],
        parameters=[*PARAMETERS, sd],
    )
    ours = petab.load(path).evaluate({"k": 0.4, "a0": 0.7, "sd": 0.2}).value
    theirs = v1.Problem.from_yaml(str(path))
    theirs.parameter_df["nominalValue"] = [0.4, 0.7, 0.2]
    simulated = theirs.measurement_df.rename(columns={"measurement": "simulation"})
    simulated["simulation"] = decay(0.7, 0.4)
    llh = v1.calculate_llh(
        theirs.measurement_df, simulated, theirs.observable_df, theirs.parameter_df
    )
    assert ours == pytest.approx(-llh, rel=1e-7)


def test_noise_may_depend_on_states(tmp_path: Path) -> None:
    observable = OBSERVABLE | {"noiseFormula": "0.1 + 0.5 * A + 0.01 * time"}
    problem = petab.load(write(tmp_path, observables=[observable]))
    model = decay(0.7, 0.4)
    sigma = 0.1 + 0.5 * model + 0.01 * T
    found = problem.evaluate({"k": 0.4, "a0": 0.7}).value
    assert found == pytest.approx(normal(model, Y, sigma), rel=1e-7)
    assert set(problem.simulate([0.4, 0.7])) == {"obs"}


def test_overrides_belong_to_their_rows(tmp_path: Path) -> None:
    formula = "observableParameter1_obs * A + observableParameter2_obs"
    observable = OBSERVABLE | {
        "observableFormula": formula,
        "noiseFormula": "noiseParameter1_obs",
    }
    overrides = [("2.0;0.1", "0.2"), ("s;0.0", "sd"), ("s;0.0", 0.4)]
    rows = [
        row | {"observableParameters": given, "noiseParameters": sigma}
        for row, (given, sigma) in zip(MEASURED, overrides, strict=True)
    ]
    extra = [
        {"parameterId": name, "parameterScale": "log", "lowerBound": 0.01}
        for name in ("s", "sd")
    ]
    path = write(
        tmp_path,
        observables=[observable],
        measurements=rows,
        parameters=[*PARAMETERS, *extra],
    )
    p = {"k": 0.4, "a0": 0.7, "s": 3.0, "sd": 0.3}
    model = np.array([2.0, 3.0, 3.0]) * decay(0.7, 0.4) + [0.1, 0.0, 0.0]
    problem = petab.load(path)
    expected = normal(model, Y, np.array([0.2, 0.3, 0.4]))
    assert problem.evaluate(p).value == pytest.approx(expected, rel=1e-7)
    assert sorted(problem.simulate(p)) == [
        "obs (2.0;0.1; 0.2)",
        "obs (s;0.0; 0.4)",
        "obs (s;0.0; sd)",
    ]


PRIORS = [
    ("normal", "0.5;0.2", 0.5 * ((0.4 - 0.5) / 0.2) ** 2 + math.log(0.2) + 0.918938533),
    ("laplace", "0.5;0.2", 0.1 / 0.2 + math.log(2 * 0.2)),
    (
        "logNormal",
        "-1;0.5",
        0.5 * ((math.log(0.4) + 1) / 0.5) ** 2 + math.log(0.5 * 0.4) + 0.918938533,
    ),
    (
        "parameterScaleNormal",
        "-1;0.5",
        0.5 * ((math.log10(0.4) + 1) / 0.5) ** 2 + math.log(0.5) + 0.918938533,
    ),
    (
        "parameterScaleLaplace",
        "-1;0.5",
        (math.log10(0.4) + 1) / 0.5 + math.log(2 * 0.5),
    ),
    ("uniform", "0.2;0.8", 0.0),
    ("parameterScaleUniform", "-1;0", 0.0),
]


@pytest.mark.parametrize(("kind", "numbers", "term"), PRIORS)
def test_objective_priors_are_added(
    tmp_path: Path, kind: str, numbers: str, term: float
) -> None:
    prior = {"objectivePriorType": kind, "objectivePriorParameters": numbers}
    path = write(tmp_path, parameters=[PARAMETERS[0] | prior, PARAMETERS[1]])
    problem = petab.load(path)
    without = normal(decay(0.7, 0.4), Y, 0.1)
    found = problem.evaluate([0.4, 0.7])
    assert found.value == pytest.approx(without + term, rel=1e-7)
    assert problem.calibration.nllh(found.outputs) == pytest.approx(without, rel=1e-7)


def test_uniform_priors_narrow_the_bounds(tmp_path: Path) -> None:
    prior = {
        "objectivePriorType": "parameterScaleUniform",
        "objectivePriorParameters": "-1;0",
    }
    problem = petab.load(write(tmp_path, parameters=[PARAMETERS[0] | prior]))
    assert problem.space.variables == (Real(0.1, 1.0, scale="log"),)
    unnamed = {"objectivePriorType": "uniform"}
    problem = petab.load(write(tmp_path, parameters=[PARAMETERS[0] | unnamed]))
    assert problem.space.variables == (Real(0.01, 100.0, scale="log"),)


# ------------------------------------------------------------------------- conditions


def test_conditions_set_parameters_species_and_compartments(tmp_path: Path) -> None:
    rows = [
        {"conditionId": "plain"},
        {"conditionId": "faster", "k": "k2"},
        {"conditionId": "given", "A": 3.0},
        {"conditionId": "both", "k": 2.0, "A": "k2"},
        {"conditionId": "wide", "cell": 4.0},
    ]
    measured = [
        row | {"simulationConditionId": c["conditionId"]}
        for c in rows
        for row in MEASURED
    ]
    extra = {"parameterId": "k2", "parameterScale": "log", "lowerBound": 0.01}
    path = write(
        tmp_path,
        conditions=rows,
        measurements=measured,
        parameters=[PARAMETERS[1], extra],
    )
    problem = petab.load(path)
    p = {"a0": 0.7, "k2": 1.5}
    expected = {
        "plain": decay(0.7, 1.0),  # the model's own k
        "faster": decay(0.7, 1.5),
        "given": decay(3.0, 1.0),
        "both": decay(1.5, 2.0),
        "wide": decay(0.7, 1.0),  # a concentration
    }
    for name, course in expected.items():
        found = problem.simulate(p, condition=name)["obs"]
        assert found == pytest.approx(course, rel=1e-7)
    total = sum(normal(course, Y, 0.1) for course in expected.values())
    assert problem.evaluate(p).value == pytest.approx(total, rel=1e-7)


def test_the_model_comes_to_rest_before(tmp_path: Path) -> None:
    # A' = k a0 - k A comes to rest at a0 of the condition before.
    inflow = f"<apply><minus/>{ci('A')}{ci('a0')}</apply>"
    model = sbml(rate=times(ci("cell"), ci("k"), inflow), initial="")
    rows = [
        {"conditionId": "rest", "a0": 3.0},
        {"conditionId": "c", "a0": 1.0},
        {"conditionId": "filled", "a0": 1.0, "A": 5.0},
    ]
    measured = [
        row | {"preequilibrationConditionId": "rest", "simulationConditionId": name}
        for name in ("c", "filled")
        for row in MEASURED
    ]
    path = write(
        tmp_path,
        model=model,
        conditions=rows,
        measurements=measured,
        parameters=PARAMETERS[:1],
    )
    problem = petab.load(path)
    for name, start in [("c after rest", 3.0), ("filled after rest", 5.0)]:
        course = problem.simulate({"k": 0.4}, condition=name)["obs"]
        expected = 1.0 + (start - 1.0) * np.exp(-0.4 * T)
        assert course == pytest.approx(expected, rel=1e-5)


def test_what_never_comes_to_rest_is_a_failed_simulation(tmp_path: Path) -> None:
    model = sbml(rules=TOTAL + rule("twice", ci("twice"), "rateRule"))
    measured = [row | {"preequilibrationConditionId": "c"} for row in MEASURED]
    problem = petab.load(write(tmp_path, model=model, measurements=measured))
    with pytest.raises(SimulationError, match=r"CVODE|come to rest"):
        problem.evaluate([0.4, 0.7])
