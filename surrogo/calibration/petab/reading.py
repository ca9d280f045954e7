"""Read a PEtab problem."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from surrogo.calibration.data import read_data
from surrogo.calibration.noise import ELIMINATE, FromModel, Noise
from surrogo.calibration.petab.measurements import (
    Group,
    Measured,
    read_measurements,
)
from surrogo.calibration.petab.model import Condition, PetabModel, asked
from surrogo.calibration.petab.needs import Unsupported, library
from surrogo.calibration.petab.parameters import Parameters, optional, read_parameters
from surrogo.calibration.petab.problem import PetabProblem
from surrogo.calibration.petab.sbml import SbmlModel, read_sbml
from surrogo.calibration.petab.simulator import Simulator
from surrogo.calibration.problem import Calibration
from surrogo.space import Space


def load(path: str | Path, eliminate_noise: bool = False) -> PetabProblem:
    """Read a PEtab problem, version 1 with an SBML model (needs ``surrogo[petab]``).

    Parameters
    ----------
    path : str or Path
        Of the YAML file.
    eliminate_noise : bool
        Find noise parameters by a formula where that can be done: a parameter that is
        the sigma of one observable, has no prior and is read nowhere else. It leaves
        the search; its bounds are not looked at.

    Returns
    -------
    PetabProblem

    Raises
    ------
    Unsupported
        If the problem has a feature that is not there; a ValueError.
    ValueError
        If its files do not fit together.
    ImportError
        If the extra is not installed.

    References
    ----------
    Schmiester et al. 2021, PLOS Computational Biology 17(1):e1008646.
    """
    path = Path(path).resolve()
    problem = _read(path)
    parameters = read_parameters(problem.parameter_df)
    measured = read_measurements(
        problem.measurement_df, problem.observable_df, parameters.fixed
    )
    sbml = read_sbml(problem.model.sbml_document)
    table = _condition_table(problem.condition_df)
    _check_names(table, parameters, sbml, measured)
    return _made(path, parameters, measured, sbml, table, eliminate_noise)


def _read(path: Path) -> Any:
    version1 = library("petab.v1")
    _check_yaml(library("petab.v1.yaml").load_yaml(str(path)))
    with warnings.catch_warnings():
        # How the library reads its tables is between it and pandas.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        problem = version1.Problem.from_yaml(str(path))
    if problem.mapping_df is not None:
        raise Unsupported(
            "the PEtab problem has a mapping table, which is not supported"
        )
    if problem.model is None or problem.model.type_id != "sbml":
        raise Unsupported("the PEtab problem must have one SBML model")
    return problem


def _check_yaml(config: Mapping[str, Any]) -> None:
    version = str(config.get("format_version"))
    if version.split(".")[0] != "1":
        raise Unsupported(f"format_version must be 1, got {version}")
    if len(config.get("problems", ())) != 1:
        raise Unsupported(
            "the YAML file must have one entry in problems, got "
            f"{len(config.get('problems', ()))}; give each of them a file of its own"
        )
    if len(config["problems"][0].get("sbml_files", ())) != 1:
        raise Unsupported("the PEtab problem must have one SBML model")


def _condition_table(table: Any) -> dict[str, dict[str, float | str]]:
    """Return what each condition sets; entries that are empty set nothing."""
    columns = [name for name in table.columns if name != "conditionName"]
    return {
        str(condition): {
            name: _entry(row[name])
            for name in columns
            if optional(row, name) is not None
        }
        for condition, row in table.iterrows()
    }


def _entry(value: Any) -> float | str:
    try:
        return float(value)
    except ValueError:
        return str(value).strip()


def _check_names(
    table: Mapping[str, Mapping[str, float | str]],
    parameters: Parameters,
    sbml: SbmlModel,
    measured: Measured,
) -> None:
    known = {*parameters.variables, *parameters.fixed}
    if ruled := sorted(known & set(sbml.rules)):
        raise ValueError(
            f"the parameter table has {ruled[0]!r}, which follows from a rule in the "
            "model; leave it out of the table"
        )
    for before, name in measured.conditions.values():
        for one in (name, before):
            if one is not None and one not in table:
                raise ValueError(
                    f"the condition table has no condition {one!r} of the measurement "
                    f"table, but {list(table)}"
                )
    for condition, row in table.items():
        for name, value in row.items():
            _check_entry(condition, name, value, sbml, known)
    unknown = [
        n for n in asked(measured.groups) if n not in {*known, *sbml.names, "time"}
    ]
    if unknown:
        raise ValueError(
            f"formulas of the observable table read {unknown}, which are neither in "
            "the model nor in the parameter table"
        )


def _check_entry(
    condition: str, name: str, value: float | str, sbml: SbmlModel, known: set[str]
) -> None:
    if name not in sbml.settable:
        what = "follows from a rule" if name in sbml.rules else "is not in the model"
        raise Unsupported(
            f"the condition table sets {name!r}, which {what}; it must be a parameter, "
            "a species or a compartment"
        )
    if isinstance(value, str) and value not in known:
        raise ValueError(
            f"condition {condition!r} sets {name!r} to {value!r}, which is neither a "
            "number nor in the parameter table"
        )


def _made(
    path: Path,
    parameters: Parameters,
    measured: Measured,
    sbml: SbmlModel,
    table: Mapping[str, Mapping[str, float | str]],
    eliminate: bool,
) -> PetabProblem:
    changed = {name for row in table.values() for name in row}
    free = [name for name in parameters.variables if name not in changed]
    noise = {one.name: one.noise(free) for one in measured.groups}
    gone: dict[str, str] = {}
    if eliminate:
        gone = _alone(noise, measured, parameters, sbml, table)
    noise |= {k: _eliminated(one) for k, one in noise.items() if k in gone.values()}
    names = [name for name in parameters.variables if name not in gone]
    data = read_data(measured.table)
    simulator = Simulator(
        sbml, tuple(n for n in asked(measured.groups) if n in sbml.names)
    )
    simulator.compile()
    model = PetabModel(
        simulator,
        parameters.fixed,
        tuple(names),
        {
            name: _condition(table, *measured.conditions[name], times)
            for name, times in data.times.items()
        },
        measured.groups,
        _with_sigma(measured.groups, noise),
    )
    calibration = Calibration(
        model,
        data,
        Space.of({name: parameters.variables[name] for name in names}),
        noise,
        parameters.priors,
        {},
    )
    _ = calibration.layout  # raises on data that the noise cannot have made
    nominal = {k: v for k, v in parameters.nominal.items() if k in names}
    return PetabProblem(path, calibration, nominal, tuple(gone), load)


def _condition(
    table: Mapping[str, Mapping[str, float | str]],
    before: str | None,
    name: str,
    times: Any,
) -> Condition:
    first = None if before is None else dict(table[before])
    return Condition(dict(table[name]), first, times)


def _with_sigma(
    groups: tuple[Group, ...], noise: Mapping[str, Noise]
) -> tuple[Group, ...]:
    return tuple(g for g in groups if isinstance(noise[g.name].sigma, FromModel))


def _eliminated(noise: Noise) -> Noise:
    return type(noise)(sigma=ELIMINATE, transform=noise.transform)


def _alone(
    noise: Mapping[str, Noise],
    measured: Measured,
    parameters: Parameters,
    sbml: SbmlModel,
    table: Mapping[str, Mapping[str, float | str]],
) -> dict[str, str]:
    """Return noise parameters that only one group reads, and which one."""
    sigmas = [one.sigma for one in noise.values() if isinstance(one.sigma, str)]
    read = [n for one in measured.groups for n in one.value.names]
    read += [n for one in measured.groups for n in one.sigma.names]
    read += [v for row in table.values() for v in row.values() if isinstance(v, str)]
    taken = {*sbml.names, *parameters.priors}
    return {
        one.sigma: name
        for name, one in noise.items()
        if isinstance(one.sigma, str)
        and one.sigma not in taken
        and sigmas.count(one.sigma) == read.count(one.sigma) == 1
    }
