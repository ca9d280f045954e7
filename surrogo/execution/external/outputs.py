"""All that is read after a simulation, put together as an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.execution.external.errors import SpecError
from surrogo.execution.external.rules import Rule


@dataclass(frozen=True)
class Outputs:
    """The rules of an evaluation.

    Attributes
    ----------
    names : tuple of str
        Of `outputs`; empty if they have none.
    """

    value: Rule | None
    residuals: tuple[Rule, ...]
    constraints: tuple[Rule, ...]
    outputs: tuple[Rule, ...]
    names: tuple[str, ...]
    cost: Rule | None

    @classmethod
    def of(
        cls,
        value: Any,
        residuals: Any,
        constraints: Any,
        outputs: Any,
        cost: Any,
        root: Path,
    ) -> Outputs:
        """Read the rules.

        Raises
        ------
        SpecError
            If one makes no sense, or there is neither a value nor residuals.
        """
        if value is None and not residuals:
            raise SpecError(
                "value",
                "there must be a rule for the value to minimise, or for residuals; "
                "write for example value = { regex = 'drag = (\\S+)' }",
            )
        names = list(map(str, outputs)) if _is_named(outputs) else []
        tables = list(outputs.values()) if _is_named(outputs) else outputs
        return cls(
            None if value is None else Rule.of(value, "value", root, one=True),
            _rules(residuals, "residuals", root),
            _rules(constraints, "constraints", root),
            _rules(tables, "outputs", root, names),
            tuple(names),
            None if cost is None else Rule.of(cost, "cost", root, one=True),
        )

    def read(self, folder: Path, info: Mapping[str, Any] | None) -> Evaluation:
        """Return the evaluation in the folder of a trial.

        Raises
        ------
        SimulatorError
            If an output is not there.
        """
        value = None if self.value is None else self.value.read(folder)
        if isinstance(value, Evaluation):
            return value
        named, outputs = self._named(folder)
        return Evaluation(
            None if value is None else value[0],
            constraints=_joined(self.constraints, folder),
            residuals=_joined(self.residuals, folder),
            outputs=outputs,
            cost=None if self.cost is None else _numbers(self.cost, folder)[0],
            info={**named, **(info or {})} or None,
        )

    def _named(self, folder: Path) -> tuple[dict[str, Any], FloatArray | None]:
        """Return the further outputs by name, and as one array."""
        if not self.outputs:
            return {}, None
        arrays = [_numbers(rule, folder) for rule in self.outputs]
        lists = [a.tolist() if a.size != 1 else float(a[0]) for a in arrays]
        named = dict(zip(self.names, lists, strict=True)) if self.names else {}
        return named, np.concatenate(arrays)


def _is_named(outputs: Any) -> bool:
    """Whether these are rules by name, rather than one rule or a list."""
    return isinstance(outputs, Mapping) and not any(
        key in outputs for key in ("regex", "json", "csv", "python")
    )


def _rules(
    tables: Any, what: str, root: Path, names: list[str] | None = None
) -> tuple[Rule, ...]:
    """Read one rule or a list of them."""
    single = callable(tables) or isinstance(tables, str | Mapping)
    listed = [tables] if single else checks.listed(tables)
    if listed is None:
        raise SpecError(
            what,
            f"{what} must be a rule or a list of rules, got {checks.shown(tables)}",
        )
    labels = names or ([""] if single else [str(i) for i in range(len(listed))])
    return tuple(
        Rule.of(table, f"{what}[{label}]" if label else what, root, one=False)
        for table, label in zip(listed, labels, strict=True)
    )


def _joined(rules: tuple[Rule, ...], folder: Path) -> FloatArray | None:
    if not rules:
        return None
    return np.concatenate([_numbers(rule, folder) for rule in rules])


def _numbers(rule: Rule, folder: Path) -> FloatArray:
    out = rule.read(folder)
    if isinstance(out, Evaluation):  # only the rule of the value gives one
        raise TypeError("an Evaluation is a value, and no other output")
    return out
