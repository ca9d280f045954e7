"""The trials of a run as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

_AFTER = ("value", "state", "reason", "seconds")  # columns after those of the variables


def frame(trials: Sequence[Trial], names: Sequence[str]) -> pd.DataFrame:
    """Return a pandas data frame, a row for each trial.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "to_frame needs pandas, which is not installed; "
            "pip install 'surrogo[frame]'"
        ) from error
    rows = [row(trial, names) for trial in trials]
    return pd.DataFrame(rows, columns=columns(names))


def columns(names: Sequence[str], more: Sequence[str] = ()) -> list[str]:
    """Return the names of the columns: of `row`, and `more`."""
    after = (*_AFTER, *more)
    clash = not {"id", *after}.isdisjoint(names)
    return ["id", *(f"x.{name}" if clash else name for name in names), *after]


def row(trial: Trial, names: Sequence[str]) -> list[Any]:
    """Return what the table says of a trial; NaN is what there is not."""
    x = trial.x
    point = [x.get(name, np.nan) for name in names] if isinstance(x, dict) else list(x)
    seconds = np.nan if trial.seconds is None else trial.seconds
    return [trial.id, *point, trial.value, trial.state, trial.reason, seconds]
