"""What an SBML model can say, and what is refused of it and of the tables."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from surrogo.calibration import SimulationError, petab
from surrogo.calibration.petab.needs import Unsupported, library
from tests.calibration.petab_files import (
    INITIAL,
    MATH,
    MEASURED,
    OBSERVABLE,
    PARAMETERS,
    TOTAL,
    YAML,
    assigned,
    ci,
    sbml,
    times,
    write,
)

pytest.importorskip("petab.v1")
pytest.importorskip("roadrunner")

T = np.array([0.0, 1.0, 3.0])
P = {"k": 0.4, "a0": 0.7}


def course(folder: Path, what: str = "A", **files: Any) -> Any:
    """Return the course of a formula at P."""
    observable = OBSERVABLE | {"observableFormula": what}
    path = write(folder, observables=[observable], **files)
    return petab.load(path).simulate(P)["obs"]


# ------------------------------------------------------------------------- SBML models


def test_initial_assignments_of_parameters_follow_the_parameters(
    tmp_path: Path,
) -> None:
    # Simulators disagree here: `twice` has the value 7 in the file, and is 2 a0.
    assert course(tmp_path, "twice") == pytest.approx([1.4] * 3)
    assert course(tmp_path) == pytest.approx(0.7 * np.exp(-0.4 * T), rel=1e-7)


def test_rules_time_and_functions_are_seen_in_formulas(tmp_path: Path) -> None:
    assert course(tmp_path, "total") == pytest.approx([0.7] * 3, rel=1e-7)
    assert course(tmp_path, "exp(time) + cell") == pytest.approx(np.exp(T) + 2)
    steps = course(tmp_path, "piecewise(1, time < 2, 5)")
    assert steps.tolist() == [1.0, 1.0, 5.0]


def test_functions_of_the_model_are_written_out(tmp_path: Path) -> None:
    double = (
        f'<functionDefinition id="double"><math {MATH}><lambda><bvar>{ci("x")}</bvar>'
        f"{times('<cn> 2 </cn>', ci('x'))}</lambda></math></functionDefinition>"
    )
    initial = assigned("A", f"<apply>{ci('double')}{ci('a0')}</apply>")
    found = course(tmp_path, model=sbml(initial=initial, functions=double))
    assert found == pytest.approx(1.4 * np.exp(-0.4 * T), rel=1e-7)


def test_amounts_are_amounts(tmp_path: Path) -> None:
    rate = times(ci("k"), ci("A"))
    model = sbml(amounts="true", rate=rate)
    found = course(tmp_path, model=model)
    assert found == pytest.approx(0.7 * np.exp(-0.4 * T), rel=1e-7)
    # A concentration of 3 in a volume of 2, as an amount.
    model = model.replace(INITIAL, assigned("twice", ci("a0")))
    model = model.replace('initialConcentration="0"', 'initialConcentration="3"', 1)
    found = course(tmp_path, model=model)
    assert found == pytest.approx(6.0 * np.exp(-0.4 * T), rel=1e-7)


def test_an_amount_in_a_volume_is_a_concentration(tmp_path: Path) -> None:
    model = sbml(initial=assigned("twice", ci("a0")))
    model = model.replace('initialConcentration="0"', 'initialAmount="3"', 1)
    found = course(tmp_path, model=model)
    assert found == pytest.approx(1.5 * np.exp(-0.4 * T), rel=1e-7)


def event(trigger: str, variable: str, value: float) -> str:
    return (
        '<event id="e" useValuesFromTriggerTime="true">'
        '<trigger initialValue="false" persistent="true">'
        f"<math {MATH}>{trigger}</math></trigger>"
        f'<listOfEventAssignments><eventAssignment variable="{variable}">'
        f"<math {MATH}><cn> {value} </cn></math></eventAssignment>"
        "</listOfEventAssignments></event>"
    )


CLOCK = (
    '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">'
    " t </csymbol>"
)
LATE = event(f"<apply><gt/>{CLOCK}<cn> 2 </cn></apply>", "A", 5.0)
LOW = event(f"<apply><lt/>{ci('A')}<cn> 0.5 </cn></apply>", "B", 9.0)


@pytest.mark.parametrize(
    ("what", "when", "expected"),
    [
        ("A", LATE, [0.7, 0.7 * math.exp(-0.4), 5.0 * math.exp(-0.4)]),
        ("B", LOW, [0.0, *(9.5 - 0.7 * np.exp([-0.4, -1.2]))]),
    ],
)
def test_events_happen_in_every_simulation(
    tmp_path: Path, what: str, when: str, expected: list[float]
) -> None:
    observable = OBSERVABLE | {"observableFormula": what}
    path = write(tmp_path, model=sbml(events=when), observables=[observable])
    problem = petab.load(path)
    for _ in range(3):
        assert problem.simulate(P)["obs"] == pytest.approx(expected, rel=1e-5)


def test_times_need_not_be_those_of_the_data(tmp_path: Path) -> None:
    problem = petab.load(write(tmp_path))
    assert problem.simulate(P, times=[0.0])["obs"] == pytest.approx([0.7])
    found = problem.simulate(P, times=[0.5, 2.0])["obs"]
    assert found == pytest.approx(0.7 * np.exp([-0.2, -0.8]), rel=1e-7)
    for wrong in ([2.0, 1.0], [], [-1.0, 0.0]):
        with pytest.raises(ValueError, match="times must be increasing and 0 or later"):
            problem.simulate(P, times=wrong)
    with pytest.raises(ValueError, match="condition must be one of 'c'"):
        problem.simulate(P, condition="d")


def test_a_species_without_a_start_is_named(tmp_path: Path) -> None:
    model = sbml(initial="").replace('initialConcentration="0"', "", 1)
    with pytest.raises(
        SimulationError, match="'A' of the SBML model must have a number"
    ):
        course(tmp_path, model=model)


# ---------------------------------------------------------------------- what is refused

DELAY = (
    '<event id="e" useValuesFromTriggerTime="true"><trigger initialValue="false" '
    f'persistent="true"><math {MATH}><apply><gt/>{ci("A")}<cn> 2 </cn></apply></math>'
    f"</trigger><delay><math {MATH}><cn> 1 </cn></math></delay></event>"
)
ALGEBRAIC = f"<algebraicRule><math {MATH}>{ci('A')}</math></algebraicRule>"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (sbml(events=DELAY), "has delays in events"),
        (sbml(rules=TOTAL + ALGEBRAIC), "has algebraic rules"),
        (
            sbml(initial=assigned("twice", ci("a0")) + assigned("a0", ci("twice"))),
            "in a ring",
        ),
        (sbml(rate=ci("nobody")), "libroadrunner cannot simulate"),
        (sbml(initial=assigned("A", ci("nobody"))), "'nobody'.* is no parameter"),
    ],
)
def test_models_that_are_not_supported(
    tmp_path: Path, model: str, sentence: str
) -> None:
    with pytest.raises(Unsupported, match=sentence):
        petab.load(write(tmp_path, model=model))


K = PARAMETERS[0]
FILES: list[tuple[dict[str, Any], str]] = [
    ({"yaml": YAML.replace("version: 1", "version: 2.0.0")}, "must be 1, got 2.0.0"),
    ({"yaml": YAML + YAML[YAML.index("- ") :]}, "one entry in problems, got 2"),
    (
        {"yaml": YAML.replace("[model.xml]", "[model.xml, model.xml]")},
        "must have one SBML model",
    ),
    ({"parameters": [K | {"estimate": 0}]}, "estimate = 1 somewhere"),
    ({"parameters": [K | {"lowerBound": None}]}, "must have lowerBound and upperBound"),
    ({"parameters": [K | {"lowerBound": 0.0}]}, "above 0 on the scale log10"),
    ({"parameters": [K | {"parameterScale": "sqrt"}]}, "parameterScale of 'k' must be"),
    (
        {"parameters": [K, PARAMETERS[1] | {"estimate": 0, "nominalValue": None}]},
        "'a0' has estimate = 0 and no nominalValue",
    ),
    (
        {
            "parameters": [
                K | {"objectivePriorType": "cauchy", "objectivePriorParameters": "0;1"}
            ]
        },
        "got 'cauchy', which is not supported",
    ),
    (
        {
            "parameters": [
                K | {"objectivePriorType": "normal", "objectivePriorParameters": "0"}
            ]
        },
        "must be two numbers and a semicolon",
    ),
    ({"measurements": [MEASURED[0] | {"time": math.inf}]}, "steady states as measure"),
    ({"measurements": [MEASURED[0] | {"observableId": "o"}]}, "the observable 'o'"),
    (
        {"measurements": [MEASURED[0] | {"simulationConditionId": "d"}]},
        "no condition 'd'",
    ),
    (
        {"observables": [OBSERVABLE | {"noiseFormula": "noiseParameter1_obs"}]},
        "has noiseParameter1_obs, for which",
    ),
    ({"observables": [OBSERVABLE | {"noiseFormula": "0"}]}, "the noise of 'obs'"),
    ({"observables": [OBSERVABLE | {"observableFormula": "A * C"}]}, r"read \['C'\]"),
    ({"observables": [OBSERVABLE | {"observableFormula": "A *"}]}, "cannot be read"),
    (
        {"observables": [OBSERVABLE | {"noiseDistribution": "cauchy"}]},
        "noiseDistribution of 'obs' must be",
    ),
    ({"parameters": [K | {"parameterId": "total"}]}, "follows from a rule in the"),
    ({"conditions": [{"conditionId": "c", "total": 1.0}]}, "follows from a rule"),
    ({"conditions": [{"conditionId": "c", "nobody": 1.0}]}, "is not in the model"),
    ({"conditions": [{"conditionId": "c", "A": "nobody"}]}, "neither a number nor"),
]


@pytest.mark.parametrize(("files", "sentence"), FILES)
def test_tables_that_are_not_supported(
    tmp_path: Path, files: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        petab.load(write(tmp_path, **files))


def test_a_formula_is_read_and_not_run(tmp_path: Path) -> None:
    target = tmp_path / "written"
    spy = f"__import__('pathlib').Path('{target}').touch()"
    with pytest.raises(Unsupported, match="cannot be read"):
        course(tmp_path, spy)
    assert not target.exists()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "roadrunner", None)
    with pytest.raises(
        ImportError, match=r"roadrunner.*pip install 'surrogo\[petab\]'"
    ):
        library("roadrunner")
