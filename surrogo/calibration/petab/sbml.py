"""What an SBML model says about its start: values and initial assignments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from surrogo.calibration.petab.formulas import Formula, formula
from surrogo.calibration.petab.needs import Unsupported, library


@dataclass(frozen=True, eq=False)
class SbmlModel:
    """The parts of a model that a simulation has to set.

    Attributes
    ----------
    text : str
        The model without initial assignments, which are evaluated here: simulators
        differ in what they recompute.
    values : dict of str to float
        Of parameters, compartments and species; NaN where the model gives none.
    initial : dict of str to Formula
        Initial assignments.
    rules : dict of str to Formula
        Assignment rules.
    species : dict of str to str
        How each species is selected: ``[S]`` if its symbol stands for a concentration,
        ``S`` for an amount.
    compartments : tuple of str
    states : tuple of str
        What changes by reactions and rate rules.
    """

    text: str
    values: dict[str, float]
    initial: dict[str, Formula]
    rules: dict[str, Formula]
    species: dict[str, str]
    compartments: tuple[str, ...]
    states: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        """Everything that has a value."""
        return {*self.values, *self.rules}

    @property
    def settable(self) -> tuple[str, ...]:
        """What may be set at the start: compartments, parameters, species, in order."""
        free = [name for name in self.values if name not in self.rules]
        first = [name for name in free if name in self.compartments]
        last = [name for name in free if name in self.species]
        others = [name for name in free if name not in {*first, *last}]
        return (*first, *others, *last)

    def selection(self, name: str) -> str:
        """Return how a symbol is asked for."""
        return self.species.get(name, name)

    def start(self, given: Mapping[str, float]) -> dict[str, float]:
        """Return the values of all names at the start, where some are given.

        What is given goes before an initial assignment.
        """
        values = {**self.values, **given, "time": 0.0}
        formulas = {**self.initial, **self.rules}
        for name in self._order(frozenset(given)):
            values[name] = float(formulas[name](values))
        return values

    def _order(self, given: frozenset[str]) -> list[str]:
        """Return what is to be computed, each after what it reads."""
        formulas = {**self.initial, **self.rules}
        wanted = [name for name in formulas if name not in given]
        graph = {name: set(formulas[name].names) & set(wanted) for name in wanted}
        return list(TopologicalSorter(graph).static_order())


def read_sbml(document: Any) -> SbmlModel:
    """Read a libsbml document, which is left as it is.

    Raises
    ------
    Unsupported
        If there is something in it that has no value to begin with.
    """
    document = document.clone()
    _expand(document)
    model = document.getModel()
    _check(model)
    species = {s.getId(): _initial(s) for s in model.getListOfSpecies()}
    assigned = {k: one for k, one in species.items() if isinstance(one, Formula)}
    assigned |= _formulas(model.getListOfInitialAssignments(), "getSymbol")
    rules = [rule for rule in model.getListOfRules() if rule.isAssignment()]
    while model.getNumInitialAssignments():
        model.removeInitialAssignment(0)
    out = SbmlModel(
        library("libsbml").writeSBMLToString(document),
        _values(model) | {k: _number(one) for k, one in species.items()},
        assigned,
        _formulas(rules, "getVariable"),
        {s.getId(): _selection(s) for s in model.getListOfSpecies()},
        tuple(c.getId() for c in model.getListOfCompartments()),
        _states(model),
    )
    _check_order(out)
    return out


def _states(model: Any) -> tuple[str, ...]:
    rules = list(model.getListOfRules())
    assigned = {rule.getVariable() for rule in rules if rule.isAssignment()}
    rates = [rule.getVariable() for rule in rules if rule.isRate()]
    names = [s.getId() for s in model.getListOfSpecies() if not s.getConstant()]
    return tuple(n for n in dict.fromkeys([*names, *rates]) if n not in assigned)


def _expand(document: Any) -> None:
    """Write functions that the model defines out in full."""
    properties = library("libsbml").ConversionProperties()
    properties.addOption("expandFunctionDefinitions", True)
    if document.convert(properties) != library("libsbml").LIBSBML_OPERATION_SUCCESS:
        raise Unsupported(
            "the functions that the SBML model defines cannot be expanded"
        )


def _check(model: Any) -> None:
    for kind, items in (
        ("algebraic rules", [r for r in model.getListOfRules() if r.isAlgebraic()]),
        ("delays in events", [e for e in model.getListOfEvents() if e.isSetDelay()]),
    ):
        if items:
            raise Unsupported(f"the SBML model has {kind}, which are not supported")


def _check_order(model: SbmlModel) -> None:
    known = {*model.names, "time"}
    for name, one in {**model.initial, **model.rules}.items():
        unknown = [symbol for symbol in one.names if symbol not in known]
        if name not in known or unknown:
            raise Unsupported(
                f"the SBML model assigns {name!r} from {one.text!r}, in which "
                f"{unknown or [name]} is no parameter, species or compartment"
            )
    try:
        model._order(frozenset())
    except CycleError as error:
        raise Unsupported(
            f"the SBML model assigns {error.args[1]} in a ring; no value comes first"
        ) from None


def _formulas(items: Iterable[Any], key: str) -> dict[str, Formula]:
    return {getattr(one, key)(): formula(_text(one.getMath())) for one in items}


def _text(math_: Any) -> str:
    if math_ is None:
        raise Unsupported("the SBML model has an assignment without a formula")
    sbml = library("libsbml")
    settings = sbml.L3ParserSettings()
    settings.setParseUnits(sbml.L3P_NO_UNITS)
    return str(sbml.formulaToL3StringWithSettings(math_, settings))


def _values(model: Any) -> dict[str, float]:
    values = {}
    for one in model.getListOfCompartments():
        values[one.getId()] = one.getSize() if one.isSetSize() else 1.0
    for one in model.getListOfParameters():
        values[one.getId()] = one.getValue() if one.isSetValue() else math.nan
    return {name: float(value) for name, value in values.items()}


def _initial(species: Any) -> float | Formula:
    """Return the start as the symbol means it: concentration or amount.

    A volume between the two may be a parameter, so that then it is a formula.
    """
    amount, volume = species.getHasOnlySubstanceUnits(), species.getCompartment()
    if species.isSetInitialAmount():
        value = float(species.getInitialAmount())
        return value if amount or value == 0 else formula(f"{value!r} / {volume}")
    if species.isSetInitialConcentration():
        value = float(species.getInitialConcentration())
        return formula(f"{value!r} * {volume}") if amount and value else value
    return math.nan


def _number(start: float | Formula) -> float:
    return math.nan if isinstance(start, Formula) else start


def _selection(species: Any) -> str:
    name = species.getId()
    return str(name if species.getHasOnlySubstanceUnits() else f"[{name}]")
