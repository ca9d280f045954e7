"""What a run gives back."""

from __future__ import annotations

import html
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import scipy
from scipy.optimize import OptimizeResult

from surrogo import checks
from surrogo._version import __version__
from surrogo.files import write_whole
from surrogo.plain import plain
from surrogo.result_text import summary
from surrogo.space import Space
from surrogo.status import Status
from surrogo.trials import Trials

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMAT", "Result", "Status", "make_result", "run_data", "versions"]

FORMAT = 1  # version of the files that `Result.save` writes; readers know all of them

# Ends that say nothing about why there is no best point.
_ORDINARY = (Status.MAX_EVALS, Status.MAX_TIME, Status.EXHAUSTED)


class Result(OptimizeResult):
    """The result of a run, a `scipy.optimize.OptimizeResult`.

    Attributes
    ----------
    x : array (d,), dict or None
        The best point, as the function received it; None if nothing succeeded.
    fun : float
        The value there; NaN if nothing succeeded.
    success : bool
        Whether a best point exists and the run ended as it was meant to.
    status : Status
    message : str
    nfev, nit : int
        Evaluations spent, and how many times points were asked for.
    trials : Trials
        Every trial of the run so far.
    space : Space
    surrogate : object
        A Gaussian process of the successful values, in the user's units, fitted when
        first asked: ``predict(X, return_std=False)``, X points or rows of numbers.
    seed : int
    strategy : dict
    versions : dict

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: (x[0] - 0.3) ** 2, [(0, 1)], max_evals=8,
    ...                           rng=1)
    >>> result.nfev, result.success
    (8, True)
    """

    x: Any
    fun: float
    success: bool
    status: Status
    message: str
    nfev: int
    nit: int
    trials: Trials
    space: Space
    surrogate: Any
    seed: int
    strategy: dict[str, Any]
    versions: dict[str, str]

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)

    def __repr__(self) -> str:
        below = "\n" + " " * 11
        return "\n".join(f"{k:>9}: {below.join(lines)}" for k, lines in summary(self))

    __str__ = __repr__

    def _repr_html_(self) -> str:
        left = "style='text-align:left'"
        texts = [(key, html.escape("\n".join(lines))) for key, lines in summary(self)]
        rows = (
            f"<tr><th {left}>{key}</th><td {left}><pre>{text}</pre></td></tr>"
            for key, text in texts
        )
        return f"<table>{''.join(rows)}</table>"

    def to_frame(self) -> pd.DataFrame:
        """Return the trials as a pandas data frame (needs pandas)."""
        return self.trials.to_frame()

    def plot(self, ax: Any = None) -> Any:
        """Draw the convergence of the run (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional

        Returns
        -------
        matplotlib.axes.Axes
        """
        from surrogo.report import plot_convergence

        return plot_convergence(self, ax=ax)

    def report(self, path: str | Path) -> None:
        """Write the run as one HTML file, for a browser or a mail.

        It holds no script and loads nothing from elsewhere. What ran, the best point,
        convergence, the best trials, failures with their reasons, time, where the
        search went, how well a model predicts the values, and which variables matter.
        (Needs Jinja2 and matplotlib: ``pip install 'surrogo[report]'``.)

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        ImportError
            If Jinja2 or matplotlib are not installed.
        OSError
            If the file cannot be written.
        """
        from surrogo.report import write_report

        write_report(self, path)

    def evidence(self, tol: float | None = None) -> Any:
        """Say how probable it is that the best value is within `tol` of the lowest.

        It is computed when asked for, in about a second, and the same record gives the
        same answer.

        Parameters
        ----------
        tol : float, optional
            In the units of the values. By default a hundredth of the distance from
            the best value to the median of the first d + 4.

        Returns
        -------
        Evidence
            With ``probability``, ``lowest`` (quantiles of where the lowest value
            lies), ``doubt`` (why not to rely on it; empty if nothing speaks against
            it) and ``suffices(confidence)``; as text it is a sentence.

        Raises
        ------
        ValueError
            If `tol` is not above 0.

        Examples
        --------
        >>> import surrogo
        >>> result = surrogo.optimize(lambda x: (x[0] - 0.3) ** 2, [(0, 1)], rng=1,
        ...                           max_evals=15)
        >>> result.evidence(tol=0.01).suffices(confidence=0.95)
        True
        """
        return self.surrogate.evidence(tol)

    def save(self, path: str | Path) -> None:
        """Write the run as JSON; read it back with `surrogo.load`.

        The file appears whole or not at all.

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        data = run_data(self.trials, self.seed, self.strategy)
        data |= {"status": int(self.status), "message": self.message}
        write_whole(path, json.dumps(data, allow_nan=False))


def run_data(trials: Trials, seed: int, strategy: dict[str, Any]) -> dict[str, Any]:
    """Return a whole run as plain data, with the version of its format."""
    head = {"format": FORMAT, "versions": versions(), "seed": seed}
    return {**head, "strategy": plain(strategy), **trials.to_dict()}


def check_run_data(data: Any) -> None:
    """Refuse what `run_data` cannot have written.

    Raises
    ------
    ValueError
        If the format is another one or a part is missing.
    """
    form = data.get("format") if isinstance(data, Mapping) else None
    if form is None:
        raise ValueError(
            "a run must be a dict with a format, as `to_dict` and `Result.save` write "
            f"it, got {checks.shown(data)}"
        )
    if form is True or form != FORMAT:
        raise ValueError(
            f"a run must have format {FORMAT}, got {form!r}; a newer surrogo may have "
            "written it"
        )
    missing = [
        key for key in ("seed", "strategy", "space", "events") if key not in data
    ]
    if missing:
        raise ValueError(f"a run must have the parts {missing}, which are missing")


def versions() -> dict[str, str]:
    """Return the versions of what the numbers of a run depend on."""
    return {
        "surrogo": __version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
    }


def make_result(trials: Trials, status: Status, **more: Any) -> Result:
    """Sum up a run; `more` goes into the result as it is."""
    best = trials.best
    if best is None and status in _ORDINARY:
        status = _without_best(trials, status)
    return Result(
        x=None if best is None else best.x,
        fun=float("nan") if best is None else best.value,
        success=best is not None and status > 0,
        status=status,
        message=status.message,
        nfev=trials.n_spent,
        nit=trials.n_asks,
        trials=trials,
        space=trials.space,
        versions=versions(),
        **more,
    )


def _without_best(trials: Trials, status: Status) -> Status:
    if trials.in_state("done"):
        return Status.INFEASIBLE
    return Status.ALL_FAILED if trials.in_state("failed") else status
