"""Small PEtab problems, written to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

BOEHM = (
    Path(__file__).parents[1]
    / "data/petab/Boehm_JProteomeRes2014/Boehm_JProteomeRes2014.yaml"
)
MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'


def ci(name: str) -> str:
    return f"<ci> {name} </ci>"


def times(*factors: str) -> str:
    return f"<apply><times/>{''.join(factors)}</apply>"


def assigned(symbol: str, math: str) -> str:
    return (
        f'<initialAssignment symbol="{symbol}"><math {MATH}>{math}</math>'
        "</initialAssignment>"
    )


def rule(name: str, math: str, kind: str = "assignmentRule") -> str:
    return f'<{kind} variable="{name}"><math {MATH}>{math}</math></{kind}>'


# A decays to B at the rate k in a cell of volume 2. A begins at half of `twice`, which
# is twice a0 by an initial assignment: A = a0 exp(-k t).
HALF = "<cn> 0.5 </cn>"
INITIAL = assigned("twice", times("<cn> 2 </cn>", ci("a0"))) + assigned(
    "A", times(HALF, ci("twice"))
)
TOTAL = rule("total", f"<apply><plus/>{ci('A')}{ci('B')}</apply>")


def sbml(
    initial: str = INITIAL,
    rules: str = TOTAL,
    events: str = "",
    functions: str = "",
    rate: str = times(ci("cell"), ci("k"), ci("A")),
    amounts: str = "false",
) -> str:
    """Return a model; A and B are amounts if `amounts` is "true"."""

    def listed(kind: str, text: str) -> str:
        return f"<listOf{kind}>{text}</listOf{kind}>" if text else ""

    def species(name: str) -> str:
        return (
            f'<species id="{name}" compartment="cell" initialConcentration="0" '
            f'hasOnlySubstanceUnits="{amounts}" boundaryCondition="false" '
            'constant="false"/>'
        )

    def parameter(name: str, value: float, constant: str = "true") -> str:
        return f'<parameter id="{name}" value="{value}" constant="{constant}"/>'

    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">
<model id="m" timeUnits="second" substanceUnits="mole" extentUnits="mole">
{listed("FunctionDefinitions", functions)}
<listOfCompartments><compartment id="cell" spatialDimensions="3" size="2"
 constant="true"/></listOfCompartments>
<listOfSpecies>{species("A")}{species("B")}</listOfSpecies>
<listOfParameters>{parameter("k", 1.0)}{parameter("a0", 1.0)}
{parameter("twice", 7.0, "false")}{parameter("total", 0.0, "false")}</listOfParameters>
{listed("InitialAssignments", initial)}{listed("Rules", rules)}
<listOfReactions><reaction id="r" reversible="false" fast="false">
<listOfReactants><speciesReference species="A" stoichiometry="1" constant="true"/>
</listOfReactants><listOfProducts>
<speciesReference species="B" stoichiometry="1" constant="true"/></listOfProducts>
<kineticLaw><math {MATH}>{rate}</math></kineticLaw></reaction></listOfReactions>
{listed("Events", events)}</model></sbml>"""


PARAMETERS = [
    {"parameterId": "k", "parameterScale": "log10", "lowerBound": 0.01},
    {"parameterId": "a0", "parameterScale": "lin", "lowerBound": 0.0},
]
ROW = {"upperBound": 100.0, "nominalValue": 0.5, "estimate": 1}
OBSERVABLE = {"observableId": "obs", "observableFormula": "A", "noiseFormula": "0.1"}
MEASURED = [
    {"observableId": "obs", "simulationConditionId": "c", "time": t, "measurement": y}
    for t, y in [(0.0, 0.6), (1.0, 0.3), (3.0, 0.2)]
]
CONDITIONS = [{"conditionId": "c"}]


def write(
    folder: Path,
    *,
    model: str | None = None,
    parameters: Sequence[dict[str, Any]] = PARAMETERS,
    observables: Sequence[dict[str, Any]] = (OBSERVABLE,),
    measurements: Sequence[dict[str, Any]] = MEASURED,
    conditions: Sequence[dict[str, Any]] = CONDITIONS,
    yaml: str = "",
) -> Path:
    """Write a problem of these tables, and return the path of its YAML file."""
    (folder / "model.xml").write_text(sbml() if model is None else model, "utf-8")
    tables = {
        "parameters": [ROW | row for row in parameters],
        "observables": observables,
        "measurements": measurements,
        "conditions": conditions,
    }
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    path = folder / "problem.yaml"
    path.write_text(yaml or YAML, "utf-8")
    return path


YAML = """format_version: 1
parameter_file: parameters.tsv
problems:
- condition_files: [conditions.tsv]
  measurement_files: [measurements.tsv]
  observable_files: [observables.tsv]
  sbml_files: [model.xml]
"""
