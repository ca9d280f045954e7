"""Formulas of PEtab tables and SBML models, as functions of named numbers.

They are read by PEtab's grammar into SymPy expressions; text is never evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo.calibration.petab.needs import Unsupported, library
from surrogo.checks import FloatArray


@dataclass(frozen=True, eq=False)
class Formula:
    """A function of named numbers or arrays.

    Attributes
    ----------
    text : str
    names : tuple of str
        What it reads.
    expression : sympy.Expr
    function : callable
        Takes the values of the names, in order.
    """

    text: str
    names: tuple[str, ...]
    expression: Any
    function: Callable[..., Any]

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return the value: a number, or an array where one of the values is one."""
        with np.errstate(all="ignore"):  # NaN and inf say so by themselves later
            return self.function(*[values[name] for name in self.names])

    def rows(self, values: Mapping[str, Any], n: int) -> FloatArray:
        """Return the values at n times, shape (n,)."""
        return np.array(np.broadcast_to(np.asarray(self(values), dtype=float), (n,)))

    def __reduce__(self) -> tuple[Any, ...]:
        return formula, (self.expression,)  # functions that were made have no home

    @property
    def constant(self) -> float | None:
        """The number that the formula is; None if it reads something."""
        return None if self.names else float(self({}))


def formula(text: Any, replaced: Mapping[str, Any] | None = None) -> Formula:
    """Read a formula; names in `replaced` stand for other formulas or numbers.

    Raises
    ------
    Unsupported
        If the grammar of PEtab does not know it.
    """
    expression = _expression(text)
    if replaced:
        swap = {_symbol(name): _expression(new) for name, new in replaced.items()}
        expression = expression.subs(swap, simultaneous=True)
    symbols = sorted(expression.free_symbols, key=str)
    # Dummies: a name may be a word of Python, such as lambda.
    function = library("sympy").lambdify(symbols, expression, "numpy", dummify=True)
    return Formula(str(text), tuple(str(s) for s in symbols), expression, function)


def _expression(text: Any) -> Any:
    if isinstance(text, library("sympy").Basic):
        return text
    # PEtab writes whole numbers as text or as floats, as pandas read them.
    text = float(text) if isinstance(text, float | int | np.number) else str(text)
    try:
        return library("petab.v1.math").sympify_petab(text)
    except (ValueError, TypeError, NotImplementedError) as error:
        raise Unsupported(f"the formula {text!r} cannot be read: {error}") from error


def _symbol(name: str) -> Any:
    return library("sympy").Symbol(name, real=True)  # as `sympify_petab` makes them
