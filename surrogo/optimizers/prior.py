"""Values of an earlier run or of a table, taken along into a new run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.optimizers.prior_table import Row, read_csv, table_points
from surrogo.optimizers.saved import load
from surrogo.result import Result
from surrogo.space import Space
from surrogo.trials import Evaluation

_log = logging.getLogger(__name__)


def prior_points(prior: Any, space: Space) -> tuple[list[Any], list[Evaluation]]:
    """Return the points and values known from elsewhere that belong to a space.

    Parameters
    ----------
    prior : Result, str, Path, data frame or None
        A result; a file: a store, what `Result.save` wrote, or a table that ends with
        ``.csv``; or a table in memory. See `table_points`.
    space : Space
        It may have other bounds or scales than the earlier run, not other variables.

    Raises
    ------
    ValueError
        If nothing in it belongs to the space, or it cannot be read.
    """
    if prior is None:
        return [], []
    known = _known(prior, space)
    inside = [pair for pair in known if _belongs(pair[0], space)]
    if not inside:
        raise ValueError(
            f"prior must hold values at points of the new space, and none of its "
            f"{len(known)} values is at one{_names(prior)}; the variables of the new "
            f"space are {checks.shown(list(space.names))}"
        )
    if len(inside) < len(known):
        _log.warning(
            "%d of the %d values in prior lie outside the new bounds and are left out",
            len(known) - len(inside),
            len(known),
        )
    points, values = zip(*inside, strict=True)
    return list(points), list(values)


def _known(prior: Any, space: Space) -> list[tuple[Any, Evaluation]]:
    """Return all points with a value; those of tables in the form of the space."""
    if isinstance(prior, str | Path) and str(prior).lower().endswith(".csv"):
        return _of_rows(read_csv(Path(prior)), space)
    if hasattr(prior, "columns") and hasattr(prior, "to_dict"):  # a data frame
        return _of_rows(prior.to_dict("records"), space)
    if isinstance(prior, str | Path):
        prior = load(prior)
    if not isinstance(prior, Result):
        raise ValueError(
            "prior must be a Result, a data frame or the name of a file with a run or "
            f"a table, got {checks.shown(prior)}"
        )
    done = prior.trials.in_state("done")
    pairs = [(t.x, t.evaluation) for t in done if t.evaluation is not None]
    return [(x, e) for x, e in pairs if isinstance(e.value, float)]


def _of_rows(rows: list[Row], space: Space) -> list[tuple[Any, Evaluation]]:
    pairs = table_points(rows, space)
    if space.named:
        return list(pairs)
    return [([point.get(name) for name in space.names], e) for point, e in pairs]


def _names(prior: Any) -> str:
    if not isinstance(prior, Result):
        return ""
    return f", but in the variables {checks.shown(list(prior.space.names))}"


def _belongs(point: Any, space: Space) -> bool:
    try:
        space.encode(point)
    except ValueError:
        return False
    return True
