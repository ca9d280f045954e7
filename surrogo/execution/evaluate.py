"""One evaluation: call the function, and turn whatever comes back into an answer."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.space import Point
from surrogo.trials import Evaluation

# A simulator may put its whole log into an exception, and every trial is on record.
_REASON = 300  # characters
_TRACEBACK = 10_000


@dataclass(frozen=True)
class Failure:
    r"""Why an evaluation gave no value; a normal answer.

    Attributes
    ----------
    reason : str
        One line, at most 300 characters.
    traceback : str
        Empty unless the function raised.

    Examples
    --------
    >>> Failure("the mesh\n did not close").reason
    'the mesh did not close'
    """

    reason: str
    traceback: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", checks.cut(str(self.reason), _REASON))
        object.__setattr__(self, "traceback", _both_ends(str(self.traceback)))


class Misuse(TypeError):
    """The function returned something that cannot be a value."""


def evaluate(
    fun: Callable[..., Any], x: Point, args: tuple[Any, ...] = ()
) -> Evaluation | Failure:
    """Call `fun` at a copy of `x`.

    Returns
    -------
    Evaluation or Failure
        A failure if the function raised or the value is not finite.

    Raises
    ------
    Misuse
        If the function returned no number.

    Examples
    --------
    >>> import math
    >>> evaluate(lambda x: math.log(x["rate"]), {"rate": 1.0}).value
    0.0
    >>> evaluate(lambda x: math.log(x["rate"]), {"rate": 0.0}).reason
    'ValueError: math domain error'
    """
    return attempt(fun, x, args)[0]


def attempt(
    fun: Callable[..., Any],
    x: Point,
    args: tuple[Any, ...] = (),
    within: AbstractContextManager[Any] | None = None,
) -> tuple[Evaluation | Failure, BaseException | None]:
    """Evaluate, and return with the answer what the function raised.

    The function alone runs `within` the context, such as a limit of memory: to put
    an exception into words may need some more.
    """
    try:
        with within or nullcontext():
            returned = fun(x.copy(), *args)
    except Misuse:  # of our own wrappers around the function
        raise
    except (Exception, SystemExit) as error:  # a simulator may well call sys.exit
        return _failure(error), error
    return as_evaluation(returned), None


def as_evaluation(returned: Any) -> Evaluation | Failure:
    """Turn what a function returned, or a user told, into an answer.

    Raises
    ------
    Misuse
        If it is neither a number nor an `Evaluation` with one value.

    Examples
    --------
    >>> import numpy as np
    >>> as_evaluation(np.array([[2.5]])).value
    2.5
    >>> as_evaluation(float("nan"))
    Failure(reason='the value is nan', traceback='')
    """
    if not isinstance(returned, Evaluation):
        returned = Evaluation(_as_number(returned))
    if np.size(returned.value) != 1:
        raise Misuse(
            "the strategies minimise one number, got an Evaluation with "
            f"{np.size(returned.value)} values; combine them into one"
        )
    if np.ndim(returned.value) != 0:
        returned = replace(returned, value=float(returned.value[0]))
    defect = returned.defect()
    return returned if defect is None else Failure(defect)


def _failure(error: BaseException) -> Failure:
    """Put an exception into words, even one that cannot say what it is."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be read)"
    own = error.__traceback__  # begins in this file, which is no news to the user
    frames = own.tb_next if own is not None else None
    lines = traceback.format_exception(type(error), error, frames)
    return Failure(f"{name}: {text}" if text.strip() else name, "".join(lines))


def _both_ends(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(text) <= _TRACEBACK:
        return text
    half = _TRACEBACK // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters]\n{text[-half:]}"


def _as_number(returned: Any) -> float:
    number = checks.real(returned)
    if number is None:
        number = _only_element(returned)
    if number is None:
        raise Misuse(_misuse(returned))
    return number


def _only_element(returned: Any) -> float | None:
    """Return the number in an array of one element, such as a (1, 1) matrix product."""
    try:
        array = checks.array(returned, "the value")
    except ValueError:
        return None
    return float(array.reshape(())) if array.size == 1 else None


def _misuse(returned: Any) -> str:
    kind = type(returned).__name__
    shape = getattr(returned, "shape", None)
    what = f"{kind} of shape {shape}" if isinstance(shape, tuple) else kind
    return (
        "the function must return one real number or a surrogo.Evaluation, got "
        f"{what}: {checks.shown(returned)}; {_advice(returned)}"
    )


def _advice(returned: Any) -> str:
    if returned is None:
        return "end it with return and the value"
    if isinstance(returned, dict | str | bytes):
        return "for more than a value return Evaluation(value, info={...})"
    return (
        "for a vector of residuals return Evaluation(residuals=r), whose value is "
        "their sum of squares"
    )
