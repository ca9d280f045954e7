"""Read back what `Result.save` wrote."""

from __future__ import annotations

import json
from pathlib import Path

from surrogo import checks
from surrogo.optimizers.user_surrogate import UserSurrogate
from surrogo.result import Result, Status, check_run_data, make_result
from surrogo.trials import Trials


def load(path: str | Path) -> Result:
    """Read a result that `Result.save` wrote.

    Nothing in the file is executed: it is plain data.

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
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        check_run_data(data)
        trials = Trials.from_dict(data)
        result = make_result(
            trials,
            Status(data["status"]),
            seed=checks.integer(data["seed"], "seed", 0),
            strategy=dict(data["strategy"]),
            surrogate=UserSurrogate(trials),
        )
        result.message, result.versions = str(data["message"]), dict(data["versions"])
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no complete JSON file: {error}") from error
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is no result of surrogo: {error!r}") from error
    return result
