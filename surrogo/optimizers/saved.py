"""Read back what `Result.save` wrote, and stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.collector import collector_paused
from surrogo.execution import Contents, read_store
from surrogo.execution.store_reader import understood
from surrogo.optimizers.user_surrogate import UserSurrogate
from surrogo.result import Result, Status, check_run_data, make_result
from surrogo.trials import Trials

_SQLITE = b"SQLite format 3\0"  # the first bytes of a store


@collector_paused()
def load(path: str | Path) -> Result:
    """Read a result that `Result.save` wrote, or the run in a store.

    Nothing in the file is executed: it is plain data. A store may be in use; it is
    read as it is at this moment, and not changed.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        If the file is not such a result, or of a newer format.
    StoreError
        If it is a store that is damaged.

    Examples
    --------
    >>> import tempfile, pathlib, surrogo
    >>> result = surrogo.optimize(lambda x: x[0] ** 2, [(-1, 2)], max_evals=6, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "run.json"
    ...     result.save(path)
    ...     surrogo.load(path).fun == result.fun
    True
    """
    path = Path(path)
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) == _SQLITE:
            held = read_store(path)
            with understood(path):
                return of_store(held)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        check_run_data(data)
        result = _result(data, Trials.from_dict(data), Status(data["status"]))
        result.message = str(data["message"])
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no complete JSON file: {error}") from error
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is no result of surrogo: {error!r}") from error
    return result


def of_store(held: Contents) -> Result:
    """Sum up what a store holds."""
    check_run_data(held.run_data)
    name = str(held.sessions[-1].status) if held.sessions else ""
    status = Status[name] if name in Status.__members__ else Status.RUNNING
    return _result(held.run_data, held.trials(), status)


def _result(data: Mapping[str, Any], trials: Trials, status: Status) -> Result:
    result = make_result(
        trials,
        status,
        seed=checks.integer(data["seed"], "seed", 0),
        strategy=dict(data["strategy"]),
        surrogate=UserSurrogate(trials),
    )
    result.versions = dict(data["versions"])
    return result
