"""`least_squares` and `composite`: minimise a known function of expensive outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.evaluation import Evaluation
from surrogo.execution import Misuse
from surrogo.optimizers.gauss_newton import GaussNewton
from surrogo.optimizers.loop import optimize
from surrogo.optimizers.outer import AnyOuter, Outer
from surrogo.result import Result


def least_squares(
    fun: Callable[..., Any], bounds: Any, *, y0: Any = None, **options: Any
) -> Result:
    """Minimise a sum of squared residuals that are expensive to evaluate.

    The residuals are modelled one by one, which needs far fewer evaluations than a
    model of their sum: as many as a few variables for a full Gauss-Newton step.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)`` returns the residuals, an array (r,) of any length that is
        always the same, or an `Evaluation` with residuals. An exception, NaN or
        infinity is recorded as a failure with its reason, and the run goes on.
    bounds : anything that `Space.of` reads
        All variables continuous; where some are not, the sum is minimised as one value.
    y0 : array (r,) or list of them, optional
        Residuals at ``x0``, which are then not evaluated again.
    **options
        All others are those of `optimize`, such as ``max_evals``, ``x0``, ``target``
        (of the sum of squares), ``workers``, ``store`` and ``rng``.

    Returns
    -------
    Result
        ``fun`` is the sum of squares, without a half, and ``residuals`` those at the
        best point; None if there is none.

    Raises
    ------
    ValueError
        As `optimize`.

    See Also
    --------
    composite : other known functions of the outputs.

    References
    ----------
    Cartis & Roberts 2019, Mathematical Programming Computation 11, 631-674; Wild 2017,
    in: Advances and Trends in Optimization with Engineering Applications, 529-539.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import least_squares
    >>> t, data = np.arange(5.0), np.array([2.0, 1.21, 0.74, 0.45, 0.27])
    >>> result = least_squares(lambda p: p[0] * np.exp(-p[1] * t) - data,
    ...                        [(0, 10), (0, 5)], max_evals=20, rng=0)
    >>> result.x.round(3)
    array([1.999, 0.499])
    """
    options.setdefault("strategy", GaussNewton())
    if y0 is not None:
        options["y0"] = _known(y0)
    result = optimize(_Residuals(_callable(fun)), bounds, **options)
    return _with_vector(result, "residuals")


def composite(
    fun: Callable[..., Any],
    objective: Outer | Callable[[Any], float],
    bounds: Any,
    **options: Any,
) -> Result:
    """Minimise a known, cheap function of outputs that are expensive to evaluate.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)`` returns the outputs, an array (r,), or an `Evaluation` with
        outputs; a value that it has besides is taken for that of the objective.
    objective : callable or Outer
        ``objective(outputs)`` returns a float, is smooth and much cheaper than `fun`.
        An `Outer` brings its own derivatives.
    bounds, **options
        As in `least_squares`.

    Returns
    -------
    Result
        ``fun`` is the objective, and ``outputs`` the outputs at the best point.

    Raises
    ------
    ValueError
        As `optimize`.

    References
    ----------
    Astudillo & Frazier 2019, Bayesian Optimization of Composite Functions, ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import composite
    >>> result = composite(lambda x: np.array([x[0] + x[1], x[0] * x[1]]),
    ...                    lambda out: (out[0] - 1) ** 4 + (out[1] + 2) ** 2,
    ...                    [(-3, 3), (-3, 3)], max_evals=40, rng=0)
    >>> bool(result.fun < 1e-4)
    True
    """
    outer = objective if isinstance(objective, Outer) else AnyOuter(objective)
    options.setdefault("strategy", GaussNewton(outer))
    result = optimize(_Outputs(_callable(fun), outer), bounds, **options)
    return _with_vector(result, "outputs")


@dataclass(frozen=True)
class _Residuals:
    """A function of residuals as one that returns an Evaluation; can be pickled."""

    fun: Callable[..., Any]

    def __call__(self, x: Any, *args: Any) -> Evaluation:
        return _evaluation(self.fun(x, *args))


@dataclass(frozen=True)
class _Outputs:
    fun: Callable[..., Any]
    outer: Outer

    def __call__(self, x: Any, *args: Any) -> Evaluation:
        returned = self.fun(x, *args)
        if isinstance(returned, Evaluation):
            return returned
        r = _vector(returned, "outputs")
        return Evaluation(float(self.outer.values(r[None])[0]), outputs=r)


def _evaluation(returned: Any) -> Evaluation:
    if isinstance(returned, Evaluation):
        return returned
    return Evaluation(residuals=_vector(returned, "residuals"))


def _vector(returned: Any, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return np.ravel(np.asarray(returned, dtype=np.float64))
    except (TypeError, ValueError):
        raise Misuse(
            f"fun must return the {name}, numbers in an array (r,), got "
            f"{checks.shown(returned)}"
        ) from None


def _known(y0: Any) -> list[Evaluation]:
    """Return known residuals as evaluations: of one point, or of each."""
    several = not isinstance(y0, Evaluation) and any(
        isinstance(one, Evaluation) or np.ndim(one) > 0 for one in y0
    )
    return [_evaluation(one) for one in (y0 if several else [y0])]


def _callable(fun: Any) -> Callable[..., Any]:
    if not callable(fun):
        raise ValueError(f"fun must be callable, got {checks.shown(fun)}")
    return fun  # type: ignore[no-any-return]


def _with_vector(result: Result, name: str) -> Result:
    """Add the residuals or outputs of the best trial."""
    best = result.trials.best
    evaluation = None if best is None else best.evaluation
    result[name] = None if evaluation is None else getattr(evaluation, name)
    return result
