"""Values of an earlier run, taken along into a new one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.optimizers.saved import load
from surrogo.result import Result
from surrogo.space import Space
from surrogo.trials import Evaluation, Trial

_log = logging.getLogger(__name__)


def prior_points(prior: Any, space: Space) -> tuple[list[Any], list[Evaluation]]:
    """Return the points and values of an earlier run that belong to a space.

    Parameters
    ----------
    prior : Result, str, Path or None
        A result, or a file: a store, or what `Result.save` wrote.
    space : Space
        It may have other bounds or scales, not other variables.

    Raises
    ------
    ValueError
        If nothing in it belongs to the space, or it cannot be read.
    """
    if prior is None:
        return [], []
    if isinstance(prior, str | Path):
        prior = load(prior)
    if not isinstance(prior, Result):
        raise ValueError(
            "prior must be a Result or the name of a file with a run, got "
            f"{checks.shown(prior)}"
        )
    done = [t for t in prior.trials.in_state("done") if t.value == t.value]
    inside = [t for t in done if _belongs(t, space)]
    if not inside:
        raise ValueError(
            f"prior must hold values at points of the new space, and none of its "
            f"{len(done)} values is at one; its variables are "
            f"{checks.shown(list(prior.space.names))}, the new ones "
            f"{checks.shown(list(space.names))}"
        )
    if len(inside) < len(done):
        _log.warning(
            "%d of the %d values in prior lie outside the new bounds and are left out",
            len(done) - len(inside),
            len(done),
        )
    values = [t.evaluation for t in inside if t.evaluation is not None]
    return [t.x for t in inside], values


def _belongs(trial: Trial, space: Space) -> bool:
    try:
        space.encode(trial.x)
    except ValueError:
        return False
    return True
