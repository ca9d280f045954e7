"""``surrogo run``: minimise what a configuration describes."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.cli.config import Config
from surrogo.optimizers.loop import optimize
from surrogo.result import Result, Status

_INTERRUPTED = 130  # what shells give for Ctrl-C


def run(path: str | Path, resume: bool = False) -> Result:
    """Run a configuration, or go on with its run.

    Every evaluation is on the disk as soon as it has ended: in the ``store`` of the
    section ``[run]``, or beside the configuration under its name and ``.db``.

    Parameters
    ----------
    path : str or Path
        A TOML file.
    resume : bool
        Whether there is a run to go on with.

    Returns
    -------
    Result

    Raises
    ------
    ConfigError
        If the configuration makes no sense, before any evaluation; if there is a run
        and it is not to be resumed, or the other way round.
    OSError, StoreError
        If a file cannot be read or the store not be used.
    """
    config = Config.read(path)
    store = store_of(config)
    _check_store(config, store, resume)
    settings = _settings(config)
    try:
        return optimize(config.simulator, config.space, store=store, **settings)
    except ValueError as error:
        raise config.error_of_run(error) from error


def store_of(config: Config) -> Path:
    """Return the file that holds the run of a configuration."""
    given = config.run.get("store", f"{config.file.path.stem}.db")
    if not isinstance(given, str) or not given:
        raise config.file.error(
            "run", "store", f"must be the name of a file, got {checks.shown(given)}"
        )
    return config.root / given


def report(result: Result) -> str:
    """Return what there is to say in the end, also of the first failure if all are."""
    failed = result.trials.in_state("failed")
    if not math.isnan(result.fun) or not failed:
        return str(result)
    traceback = failed[0].traceback
    words = traceback[max(0, traceback.rfind("SimulatorError: ")) :]
    return f"{result}\nThe first failure was:\n{words}".rstrip()


def exit_code(result: Result) -> int:
    """Return 0 if there is a value, 1 if there is none, 130 after an interruption."""
    if result.status == Status.INTERRUPTED:
        return _INTERRUPTED
    return int(math.isnan(result.fun))


def _check_store(config: Config, store: Path, resume: bool) -> None:
    there = store.exists()
    if store.is_dir():
        text = f"{store} is a folder; give the name of a file"
    elif not store.parent.is_dir():
        text = f"there is no folder {store.parent}; make it, or mend the name"
    elif there and not resume:
        text = f"{store} holds a run already; --resume goes on with it, or name another"
    elif resume and not there:
        text = f"{store} does not exist, so there is no run to resume; leave it out"
    else:
        return
    raise config.file.error("run", "store", text)


def _settings(config: Config) -> dict[str, Any]:
    """Return the arguments of `optimize`."""
    settings: dict[str, Any] = {"progress": sys.stderr.isatty()}
    settings |= {key: value for key, value in config.run.items() if key != "store"}
    if "seed" in settings:
        settings["rng"] = _seed(config, settings.pop("seed"))
    if isinstance(prior := settings.get("prior"), str):
        settings["prior"] = config.root / prior
        if not settings["prior"].is_file():
            text = f"there is no file {settings['prior']}; make it, or mend the name"
            raise config.file.error("run", "prior", text)
    return settings


def _seed(config: Config, given: Any) -> int:
    try:
        return checks.integer(given, "seed", 0)
    except ValueError as error:
        raise config.file.error("run", "seed", str(error)) from error
