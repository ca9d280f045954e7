"""A run as one HTML file: no script, and nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from surrogo import checks
from surrogo._version import __version__
from surrogo.files import write_whole
from surrogo.plain import plain
from surrogo.report import tables
from surrogo.report.assessment import Assessment, assess, spread
from surrogo.report.convergence import plot_convergence
from surrogo.report.diagnostics import draw_diagnostics
from surrogo.report.pairs import draw_pairs
from surrogo.report.pictures import picture
from surrogo.result import Result
from surrogo.trials import Trial, Trials

_PAIRS = 8  # variables; more plots than 64 are too small to read
_DRAWN = 1000  # points in each of them
_STRATEGY = 500  # characters
_NAME = 40  # characters of a column's head


def write_report(
    result: Result,
    path: str | Path,
    *,
    title: str = "A run of surrogo",
    facts: Mapping[str, str] | None = None,
    wall: float | None = None,
) -> None:
    """Write a report of a run; see `surrogo.Result.report`.

    The file appears whole or not at all.

    Parameters
    ----------
    result : Result
    path : str or Path
    title : str
    facts : mapping of str, optional
        Further lines for the table of what ran.
    wall : float, optional
        Seconds that the run was going on, where known.

    Raises
    ------
    ImportError
        If Jinja2 or matplotlib are not installed.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, surrogo, tempfile
    >>> result = surrogo.optimize(lambda x: x[0] ** 2, [(-1, 2)], max_evals=12, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(result, path := pathlib.Path(folder) / "run.html")
    ...     "The budget of evaluations is used up." in path.read_text("utf-8")
    True
    """
    page = _template().render(
        title=title,
        message=result.message,
        run={**(facts or {}), **_what_ran(result)},
        version=__version__,
        now=f"{datetime.now():%Y-%m-%d %H:%M}",
        times=tables.times(result.trials, wall),
        **_best(result.trials),
        **_failures(result.trials),
        **_search(result),
        **_model(assess(result.trials)),
    )
    # A reason may hold bytes of a program that are no text.
    write_whole(path, page.encode("utf-8", "backslashreplace").decode("utf-8"))


@cache
def _template() -> Any:
    """Return the page to fill in; whatever is put into it is escaped."""
    try:
        import jinja2
        import matplotlib as mpl
    except ImportError as error:
        raise ImportError(
            "a report needs Jinja2 and matplotlib, which are not all installed; "
            "pip install 'surrogo[report]'"
        ) from error
    del mpl  # only whether it is there
    text = files("surrogo.report").joinpath("page.html").read_text("utf-8")
    strict = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return strict.from_string(text)


def _what_ran(result: Result) -> dict[str, str]:
    space, versions = result.space, plain(result.versions)
    fixed = space.d - space.d_free
    strategy = json.dumps(plain(result.strategy), ensure_ascii=False)
    return {
        "trials": tables.counts(result.trials),
        "stops at": tables.rules(result.trials),
        "variables": f"{space.d}" + (f", {fixed} of them fixed" if fixed else ""),
        "strategy": checks.cut(strategy, _STRATEGY),
        "seed": tables.text(result.seed),
        "versions": tables.text(", ".join(f"{k} {v}" for k, v in versions.items())),
    }


def _best(trials: Trials) -> dict[str, Any]:
    best = trials.best
    heads = [checks.cut(name, _NAME) for name in trials.space.names]
    return {
        "best": None if best is None else _told(best),
        "variables": tables.variables(trials),
        "best_trials": tables.best_trials(trials),
        "names": heads,
    }


def _told(best: Trial) -> dict[str, Any]:
    parts = {} if best.evaluation is None else best.evaluation.to_dict()
    more = {key: tables.text(part) for key, part in parts.items() if key != "value"}
    return {"value": f"{best.value:.10g}", "id": best.id, "more": more}


def _failures(trials: Trials) -> dict[str, Any]:
    reasons, more = tables.failures(trials)
    rows = [[reason.n, reason.text, reason.ids] for reason in reasons]
    return {"failures": reasons, "failure_rows": rows, "more_failures": more}


def _search(result: Result) -> dict[str, Any]:
    """Draw the way of the search, where there is one."""
    if not any(trial.state != "running" for trial in result.trials):
        return {"convergence": "", "pairs": "", "pairs_note": ""}
    return {
        "convergence": picture(lambda f: plot_convergence(result, ax=f.subplots())),
        **_pairs(result.trials),
    }


def _pairs(trials: Trials) -> dict[str, str]:
    space = trials.space
    free = np.flatnonzero(space.levels > 1).tolist()
    shown = free[:_PAIRS]
    if not shown:
        return {"pairs": "", "pairs_note": ""}
    U = space.to_unit(trials.rows())
    some = U[spread(len(U), _DRAWN)]
    notes = [f"{len(some)} of {len(U)} trials."] if len(some) < len(U) else []
    if len(free) > _PAIRS:
        notes.append(f"The first {_PAIRS} of {len(free)} variables.")
    drawn = picture(lambda figure: draw_pairs(figure, some, space, shown))
    return {"pairs": drawn, "pairs_note": " ".join(notes)}


def _model(found: Assessment | str) -> dict[str, Any]:
    if isinstance(found, str):
        return {"model": None, "no_model": found}
    rows = [
        [checks.cut(share.name, _NAME), f"{share.alone:.0%}", f"{share.total:.0%}"]
        for share in found.shares
    ]
    return {
        "model": found,
        "diagnostics": picture(lambda f: draw_diagnostics(f, found.diagnostics), 8, 7),
        "shares": rows,
    }
