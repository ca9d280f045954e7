"""The fit of a calibration as a table, and its text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo import checks
from surrogo.calibration.data import Series
from surrogo.calibration.noise import base_of
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.problem import Calibration
from surrogo.calibration.terms import Counts, Residuals
from surrogo.checks import FloatArray
from surrogo.result_text import point

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 66  # 80 columns less the longest key and what stands around it
_ROWS = 8  # parameters, and observables, that the text shows


def fitted(problem: Calibration, outputs: FloatArray, name: str) -> FloatArray:
    """Return the model at the data of one observable, with scale and offset; (n,)."""
    term = term_of(problem, name)
    values = outputs[np.array(term.at)]
    found = term.likeliest(outputs)
    if isinstance(term, Counts):
        return np.asarray(np.exp(values) * found.get("scale", 1.0))
    values = values * found.get("scale", 1.0) + found.get("offset", 0.0)
    noise = problem.noise[name]
    log = noise.transform != "linear"
    return np.asarray(np.exp(values * base_of(noise.transform)) if log else values)


def term_of(problem: Calibration, name: str) -> Residuals | Counts:
    """Return the term of one observable."""
    terms = problem.outer.terms
    found = [t for t in terms if isinstance(t, Residuals | Counts)]
    return next(term for term in found if term.observable == name)


def residuals(problem: Calibration, outputs: FloatArray, name: str) -> FloatArray:
    """Return data less model in units of sigma, on the scale of the noise; (n,)."""
    term = term_of(problem, name)
    if isinstance(term, Residuals):
        return -term.standardised(outputs)
    means = fitted(problem, outputs, name)
    return np.asarray((np.array(term.y) - means) / np.sqrt(means))


def fit_frame(problem: Calibration, outputs: FloatArray) -> pd.DataFrame:
    """Return data and fit, a row for each datum."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "to_frame needs pandas, which is not installed; "
            "pip install 'surrogo[frame]'"
        ) from error
    return pd.concat(
        [pd.DataFrame(columns(problem, outputs, x)) for x in problem.data.observables],
        ignore_index=True,
    )


def columns(problem: Calibration, outputs: FloatArray, name: str) -> dict[str, Any]:
    """Return the columns of `fit_frame` for one observable."""
    series = problem.data.of(name)
    return {
        "condition": np.repeat(
            [s.condition for s in series], [len(s.y) for s in series]
        ),
        "observable": np.repeat(name, sum(len(s.y) for s in series)),
        "time": np.concatenate([_times(problem, s) for s in series]),
        "value": np.concatenate([s.y for s in series]),
        "model": fitted(problem, outputs, name),
        "residual": residuals(problem, outputs, name),
    }


def _times(problem: Calibration, series: Series) -> FloatArray:
    return np.asarray(problem.data.times[series.condition][series.rows])


def text(fit: Any) -> str:
    """Return a `CalibrationResult` in words that fit one screen."""
    below = "\n" + " " * 14
    rows = {
        "message": textwrap.wrap(checks.cut(fit.message, 4 * _WIDTH), _WIDTH) or [""],
        "parameters": point(fit.parameters, fit.problem.space.names, _ROWS),
        **_likelihood(fit),
        "eliminated": _eliminated(fit.eliminated),
        "unread": _unread(fit),
        "data": [_data(fit.problem)],
        "simulations": [_simulations(fit)],
    }
    shown = {key: lines for key, lines in rows.items() if lines}
    return "\n".join(f"{k:>12}: {below.join(lines)}" for k, lines in shown.items())


def _likelihood(fit: Any) -> dict[str, list[str]]:
    own = {"nllh": [f"{fit.nllh:.8g}  (negative log likelihood)"]}
    if fit.problem.priors:
        own["nlpost"] = [f"{fit.value:.8g}  (with the priors)"]
    return own


def _eliminated(found: dict[str, dict[str, float]]) -> list[str]:
    lines = []
    for name, values in found.items():
        pairs = ", ".join(f"{key} = {value:.5g}" for key, value in values.items())
        lines.append(f"{checks.cut(name, 30)}: {pairs}")
    more = [f"... and {len(lines) - _ROWS} more"] if len(lines) > _ROWS else []
    return lines[:_ROWS] + more


def _unread(fit: Any) -> list[str]:
    names = fit.unread() if isinstance(fit.problem.model, OdeModel) else ()
    if not names:
        return []
    sentence = f"{', '.join(names)}: never read by the model, so not estimated"
    return [checks.cut(sentence, _WIDTH)]


def _data(problem: Calibration) -> str:
    data = problem.data
    k, n = len(data.times), len(data.observables)
    return (
        f"{data.n} of {n} observable{'s' if n > 1 else ''} in {k} "
        f"condition{'s' if k > 1 else ''}"
    )


def _simulations(fit: Any) -> str:
    failed = len(fit.trials.in_state("failed"))
    seed = fit.n_start_simulations
    began = f", {seed} for start points" if seed else ""
    return f"{fit.n_simulations}, {failed} failed{began}"
