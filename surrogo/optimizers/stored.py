"""Begin a run in a store, or go on with the one that it holds."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.collector import collector_paused
from surrogo.execution import Journal
from surrogo.execution.store_reader import understood
from surrogo.optimizers.base import Strategy
from surrogo.optimizers.registry import make
from surrogo.optimizers.seeds import seed_of
from surrogo.plain import plain
from surrogo.result import check_run_data, run_data
from surrogo.space import Space
from surrogo.trials import Trials

_log = logging.getLogger(__name__)


@collector_paused()
def open_store(
    path: str | Path, space: Space, strategy: Any, rng: Any
) -> tuple[Trials, Strategy, int, Journal]:
    """Return the record in a store, its strategy and seed, and the open journal.

    A new store is begun with what is given here. An existing one has all that, and
    must agree: "auto" and no `rng` agree with anything.

    Raises
    ------
    ValueError
        If space, strategy or seed are not those of the store.
    StoreError
        If the store cannot be used.
    """
    if not isinstance(path, str | Path):
        raise ValueError(
            "store must be the name of a file, such as 'run.db', got "
            f"{checks.shown(path)}"
        )
    seed = seed_of(rng)
    head = run_data(Trials(space), seed, make(strategy).to_dict())
    del head["events"]
    journal = Journal(path, head)
    try:
        data = journal.contents.run_data
        with understood(journal.path):
            check_run_data(data)
            stored = Space.from_dict(data["space"])
            seed_there = checks.integer(data["seed"], "seed", 0)
        _check_space(space, stored, path)
        _check_seed(seed if rng is not None else None, seed_there, path)
        chosen = _chosen(strategy, data["strategy"], path)
        with understood(journal.path):
            trials = Trials.of_events(space, data["events"])
        journal.keep(data["events"])  # all there; shows that it can be written
    except BaseException:
        journal.close()
        raise
    trials.keep = journal.keep
    if len(trials):
        _log.info("going on with %s: %r", path, trials)
    return trials, chosen, seed_there, journal


def _chosen(strategy: Any, stored: dict[str, Any], path: str | Path) -> Strategy:
    """Return the strategy to go on with, which is that of the store."""
    if isinstance(strategy, str) and strategy == "auto":
        return make(stored)
    given = make(strategy)
    settings = plain(given.to_dict())
    if any(settings.get(key) != value for key, value in stored.items()):
        raise ValueError(  # settings that came with a later version may differ
            f"the store {path} was begun with the strategy {stored}, got {settings}; "
            "leave strategy out, or name a new store"
        )
    return given


def _check_seed(given: int | None, stored: Any, path: str | Path) -> None:
    if given is not None and given != stored:
        raise ValueError(
            f"the store {path} was begun with rng={stored}, got rng={given}; leave rng "
            "out to go on, or name a new store"
        )


def _check_space(given: Space, stored: Space, path: str | Path) -> None:
    if given.to_dict() == stored.to_dict():
        return
    raise ValueError(
        f"the store {path} holds a run in another space: {_difference(given, stored)}; "
        "give the same bounds to go on, or name a new store and take the old one's "
        "values along with prior=..."
    )


def _difference(given: Space, stored: Space) -> str:
    """Say in what two spaces differ first."""
    if given.names != stored.names or given.named != stored.named:
        return (
            f"its variables are {checks.shown(list(stored.names))}, and not "
            f"{checks.shown(list(given.names))}"
        )
    pairs = zip(given.names, given.variables, stored.variables, strict=True)
    name, mine, theirs = next(
        (name, a, b) for name, a, b in pairs if a.to_dict() != b.to_dict()
    )
    return f"{name} is {theirs} there, and {mine} here"
