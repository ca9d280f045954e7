"""`calibrate`: a model and data in, parameters out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from surrogo import checks
from surrogo.calibration.data import Data, read_data
from surrogo.calibration.noise import ELIMINATE, Noise, Normal
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.outcome import CalibrationResult
from surrogo.calibration.priors import Prior, UniformPrior
from surrogo.calibration.problem import Calibration
from surrogo.calibration.search import search
from surrogo.calibration.starts import start_points
from surrogo.space import Real, Space
from surrogo.variables import Variable


def calibrate(
    model: OdeModel | Callable[..., Any],
    data: Any,
    parameters: Mapping[str, Any],
    *,
    noise: Noise | Mapping[str, Noise] | None = None,
    priors: Mapping[str, Prior] | None = None,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
    starts: str | None = "auto",
    x0: Any = None,
    **options: Any,
) -> CalibrationResult:
    """Estimate the parameters of a model from data.

    The negative log posterior is minimised; without priors that is the negative log
    likelihood. The search models the simulated trajectories, not the one number.

    Parameters
    ----------
    model : OdeModel or callable
        ``model(p)`` or ``model(p, condition)`` with a dict of parameters and the dict
        of a condition's constants (with its ``name``; None if there is but one
        condition without constants). It returns a dict of observables, each at the
        data's times in this condition (increasing, without repetitions), or an array
        (n_times, n_observables).
    data : data frame, mapping or array
        A long table with the columns ``time, observable, value`` and, if wanted,
        ``condition`` and ``sigma``; a wide one with ``time`` and a column per
        observable; a mapping of conditions to such tables; an array with the time in
        its first column. NaN stands for a value that is missing.
    parameters : mapping
        ``name: (low, high)`` or ``name: Real(low, high, scale="log")``; a number is a
        constant.
    noise : Noise or mapping, optional
        One for all observables, or one for each. By default `Normal`, its sigma the
        data's own where they have a column ``sigma``, else eliminated.
    priors : mapping, optional
        ``name: NormalPrior(mean, sd)``, ...; a parameter without one has a constant
        density between its bounds, on its own scale, which is left out of the value.
    conditions : mapping, optional
        ``name: {constant: number}`` for the conditions of the data.
    starts : {"auto", "smoothing", "shooting", None}
        Where the search begins, besides `x0`. ``"smoothing"``: the data are smoothed
        and the parameters fitted to the curves, without a simulation; it needs an
        `OdeModel` whose states are all observed, and is what ``"auto"`` takes there.
        ``"shooting"``: a local solve by multiple shooting goes on from there; it costs
        simulations, which are counted.
    x0 : mapping or list of mappings, optional
        Points to begin with.
    **options
        Those of `optimize`: ``max_evals``, ``max_time``, ``workers``, ``store``,
        ``rng``, ...

    Returns
    -------
    CalibrationResult

    Raises
    ------
    ValueError
        If data, parameters, noise or conditions do not fit together; before any
        simulation. A simulation that fails is a recorded trial.

    Examples
    --------
    >>> import numpy as np
    >>> import surrogo
    >>> from surrogo.calibration import Normal
    >>> t = np.linspace(0, 4, 9)
    >>> data = {"time": t, "u": 2.0 * np.exp(-0.5 * t)}
    >>> fit = surrogo.calibrate(
    ...     lambda p: {"u": p["A"] * np.exp(-p["k"] * t)}, data,
    ...     {"A": (0, 5), "k": (0, 2)}, noise=Normal(sigma=0.1), max_evals=40, rng=0)
    >>> round(fit.parameters["A"], 1), round(fit.parameters["k"], 1)
    (2.0, 0.5)
    """
    problem = make_problem(model, data, parameters, noise, priors, conditions)
    begin = start_points(problem, starts, x0)
    if begin.points:
        options = {**options, "x0": begin.points}
    result = search(problem, **options)
    return CalibrationResult(problem, result, begin.n_simulations)


def make_problem(
    model: OdeModel | Callable[..., Any],
    data: Any,
    parameters: Mapping[str, Any],
    noise: Noise | Mapping[str, Noise] | None = None,
    priors: Mapping[str, Prior] | None = None,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Calibration:
    """Make the problem that `calibrate` solves, without solving it.

    Parameters and errors are those of `calibrate`.

    Examples
    --------
    >>> data = {"time": [0.0, 1.0], "u": [1.0, 0.4]}
    >>> decay = OdeModel(lambda t, y, p: -p["k"] * y, ["u"], {"u": 1.0})
    >>> problem = make_problem(decay, data, {"k": (0, 2)}, Normal(sigma=0.1))
    >>> round(problem.evaluate({"k": 1.0}).value, 3)
    -2.716
    """
    if not callable(model):
        raise ValueError(f"model must be a function, got {checks.shown(model)}")
    names = tuple(model.observed) if isinstance(model, OdeModel) else None
    measured = read_data(data, names)
    unknown = [x for x in measured.observables if names and x not in names]
    if unknown:
        raise ValueError(
            f"data must be of observables of the model, which are {list(names or ())}, "
            f"got {unknown}; rename them, or give OdeModel(observables=)"
        )
    space = _space(parameters)
    kinds = _noises(noise, measured)
    _check_names(kinds, space, measured)
    problem = Calibration(
        model,
        measured,
        space,
        kinds,
        _checked_priors(priors or {}, space),
        _checked_conditions(conditions or {}, measured),
    )
    _ = problem.layout  # raises on data that the noise cannot have made
    return problem


def _space(parameters: Any) -> Space:
    if not isinstance(parameters, Mapping) or not parameters:
        raise ValueError(
            "parameters must be a dict of names and bounds, got "
            f"{checks.shown(parameters)}; give {{'k': (0.1, 10)}}"
        )
    fixed = {k: checks.real(v) for k, v in parameters.items()}
    space = Space.of(
        {k: v if (x := fixed[k]) is None else Real(x, x) for k, v in parameters.items()}
    )
    for name, variable in zip(space.names, space.variables, strict=True):
        _check_real(name, variable)
    return space


def _check_real(name: str, variable: Variable) -> None:
    if not isinstance(variable, Real) or variable.active_if:
        raise ValueError(
            f"parameter {name!r} must be a Real that always exists, got {variable}; "
            "for other kinds of variables call optimize"
        )


def _noises(noise: Any, data: Data) -> dict[str, Noise]:
    noise = Normal() if noise is None else noise
    if isinstance(noise, Noise):
        return dict.fromkeys(data.observables, noise)
    if not isinstance(noise, Mapping):
        raise ValueError(
            "noise must be one of the classes of surrogo.calibration, such as "
            f"LogNormal(), or a dict of them, got {checks.shown(noise)}"
        )
    checks.rejected_keys(noise, data.observables, "noise")
    return dict(noise)


def _check_names(noise: Mapping[str, Noise], space: Space, data: Data) -> None:
    for observable, one in noise.items():
        for key in ("sigma", "scale", "offset"):
            name = getattr(one, key)
            known = not isinstance(name, str) or name in (ELIMINATE, *space.names)
            if not known:
                raise ValueError(
                    f"{key} of {observable!r} must be a number, 'eliminate' or one of "
                    f"the parameters {list(space.names)}, got {name!r}"
                )
        own = data.of(observable)[0].sigma is not None
        if one.family == "student" and one.sigma is None and not own:
            raise ValueError(
                f"StudentT noise of {observable!r} has no formula for its sigma; give "
                "a number, or make it a parameter: StudentT(sigma='sigma')"
            )


def _checked_priors(priors: Mapping[str, Prior], space: Space) -> dict[str, Prior]:
    for name, prior in priors.items():
        if name not in space.names:
            raise ValueError(
                f"priors must be for parameters, of which there are "
                f"{list(space.names)}, got one for {name!r}"
            )
        _check_prior(name, prior, space.variables[space.names.index(name)])
    return dict(priors)


def _check_prior(name: str, prior: Prior, variable: Variable) -> None:
    assert isinstance(variable, Real)  # `_space` has looked
    low, high = variable.low, variable.high
    if isinstance(prior, UniformPrior):
        if low < prior.low or high > prior.high:
            raise ValueError(
                f"bounds of {name!r} must lie inside its uniform prior, got "
                f"[{low}, {high}] and {prior}"
            )
    elif prior.scale != "linear" and low <= 0:
        raise ValueError(
            f"bounds of {name!r} must be above 0 for {prior}, got [{low}, {high}]"
        )


def _checked_conditions(
    conditions: Mapping[str, Mapping[str, Any]], data: Data
) -> dict[str, dict[str, Any]]:
    if conditions:
        checks.rejected_keys(conditions, data.times, "conditions")
    return {name: dict(constants) for name, constants in conditions.items()}
