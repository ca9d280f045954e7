"""What one evaluation of the user's function gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.plain import floats, plain

_FLAT = ("constraints", "residuals")
_ARRAYS = (*_FLAT, "outputs", "gradient")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What one evaluation of the user's function gave.

    Arrays are copied and cannot be changed.

    Parameters
    ----------
    value : float or array (k,), optional
        The number to minimise (several for several objectives). If left out and
        `residuals` are given, their sum of squares, without the half.
    constraints : array (c,), optional
        Feasible where all are <= 0.
    residuals : array (r,), optional
        Of a least-squares problem.
    outputs : array, optional
        Further outputs of any shape, kept in the record.
    gradient : array (d,), optional
        Derivatives of `value` in the user's units.
    noise_var : float, optional
        Variance of the noise in `value`, at least 0.
    cost : float, optional
        What the evaluation cost, in a unit of your own.
    info : mapping, optional
        Anything else; kept as plain data.

    Raises
    ------
    ValueError
        If neither `value` nor `residuals` is given, or one of the parts is not what it
        is said to be here. NaN and infinities are allowed: see `defect`.

    Examples
    --------
    >>> from surrogo import Evaluation
    >>> Evaluation(residuals=[1.0, -2.0], info={"steps": 41}).value
    5.0
    """

    value: Any = None
    constraints: Any = None
    residuals: Any = None
    outputs: Any = None
    gradient: Any = None
    noise_var: float | None = None
    cost: float | None = None
    info: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if type(self.value) is float and self._is_number():
            return
        for name in _ARRAYS:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _array(getattr(self, name), name))
        object.__setattr__(self, "value", self._scalar_or_vector())
        for name in ("noise_var", "cost"):
            if getattr(self, name) is not None:
                checked = checks.number(getattr(self, name), f"{name} of an Evaluation")
                object.__setattr__(self, name, checked)
        if self.noise_var is not None and self.noise_var < 0.0:
            raise ValueError(
                "noise_var of an Evaluation is a variance and must be at least 0, got "
                f"{self.noise_var}"
            )
        if self.info is not None:
            object.__setattr__(self, "info", _info(self.info))

    def _is_number(self) -> bool:
        """Say whether there is nothing besides the value, as in most of all."""
        return (
            self.constraints is self.residuals is self.outputs is self.gradient is None
            and self.noise_var is self.cost is None
            and self.info is None
        )

    def _scalar_or_vector(self) -> float | FloatArray:
        if type(self.value) is float:  # most of all evaluations
            return self.value
        if self.value is not None:
            array = _array(self.value, "value")
            if array.ndim > 1 or array.size == 0:
                raise ValueError(
                    "value of an Evaluation must be a number, or one for each "
                    f"objective in an array (k,), got shape {array.shape}"
                )
            return float(array) if array.ndim == 0 else array
        if self.residuals is None:
            raise ValueError(
                "an Evaluation needs a value or residuals, got neither; to report a "
                "failure raise an exception or call tell_failure"
            )
        with np.errstate(over="ignore"):
            return float(np.sum(np.square(self.residuals)))

    def defect(self) -> str | None:
        """Say in words why this is no usable evaluation; None if it is.

        Examples
        --------
        >>> from surrogo import Evaluation
        >>> Evaluation(float("inf")).defect()
        'the value is inf'
        """
        if type(self.value) is float and self.constraints is self.residuals is None:
            return None if isfinite(self.value) else f"the value is {self.value}"
        for name, verb in (
            ("residuals", "contain"),
            ("constraints", "contain"),
            ("value", "is"),
        ):
            numbers = np.ravel([] if (v := getattr(self, name)) is None else v)
            bad = numbers[~np.isfinite(numbers)]
            if len(bad):
                return f"the {name} {verb} {bad[0]}"
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data without the parts that are None."""
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: plain(value) for name, value in pairs if value is not None}

    @classmethod
    def from_dict(cls, data: Any) -> Evaluation:
        """Build an evaluation from the plain data of `to_dict`.

        Raises
        ------
        ValueError
            If the data describe no evaluation.
        """
        known = {f.name for f in fields(cls)}
        if not isinstance(data, Mapping) or not known.issuperset(data):
            raise ValueError(
                f"an evaluation must be a dict with some of the keys {sorted(known)}, "
                f"got {checks.shown(data)}"
            )
        arguments = dict(data)
        for name in ("value", *_ARRAYS):
            if name in arguments:
                arguments[name] = floats(arguments[name], f"{name} of an Evaluation")
        return cls(**arguments)

    @classmethod
    def of_number(cls, value: float) -> Evaluation:
        """Return ``Evaluation(value)`` of a float, faster; long records have many.

        The other parts are at their defaults, which the class itself has.
        """
        out = object.__new__(cls)
        object.__setattr__(out, "value", value)
        return out

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Evaluation) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

    def __reduce__(self) -> tuple[Any, ...]:
        # Arrays that come out of a pickle can be changed; those of a new one cannot.
        return type(self), tuple(getattr(self, f.name) for f in fields(self))


def _array(values: Any, name: str) -> FloatArray:
    out = checks.array(values, f"{name} of an Evaluation").copy()
    if name in _FLAT:
        out = out.reshape(-1)
        if name == "residuals" and out.size == 0:
            raise ValueError(
                "residuals of an Evaluation must not be empty, got none; their sum of "
                "squares would be a perfect 0"
            )
    out.flags.writeable = False
    return out


def _info(info: Any) -> dict[str, Any]:
    if not isinstance(info, Mapping):
        raise ValueError(
            f"info of an Evaluation must be a dict, got {checks.shown(info)}; "
            "give {'name': what you want to keep}"
        )
    out = plain(info)
    return out if isinstance(out, dict) else {"info": out}
