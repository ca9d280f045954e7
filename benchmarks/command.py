"""What the commands share: their options, and making the runs that are missing."""

from __future__ import annotations

import argparse
import logging
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from benchmarks import tables
from benchmarks.harness import store
from benchmarks.harness.execute import Limits
from benchmarks.harness.jobs import Job, Runner, missing, possible
from benchmarks.harness.store import Record

if TYPE_CHECKING:
    from benchmarks.reporting.sections import Section

RESULTS = Path(__file__).parent / "results"


def guarded(action: Callable[[], None]) -> int:
    """Do something; tell mistakes in one line; return the exit code."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        action()
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"python -m benchmarks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on where this one ended", file=sys.stderr)
        return 130
    return 0


def count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {text}")
    return int(text)


def seconds(text: str) -> float:
    if not 0.0 < float(text) < math.inf:
        raise argparse.ArgumentTypeError(f"must be positive and finite, got {text}")
    return float(text)


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the options of what makes runs of a committed table."""
    parser.add_argument("--solvers", nargs="+", default=[], help="default: all of it")
    add_results(parser)
    add_runs(parser)


def add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        help="folder of results; default: the committed one",
    )


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Add the options of whatever makes runs."""
    parser.add_argument("--functions", nargs="+", default=[], help="of the table's")
    parser.add_argument("--instances", nargs="+", default=[], type=int, help="likewise")
    parser.add_argument(
        "--redo", action="store_true", help="also the runs there are: forget them first"
    )
    parser.add_argument(
        "--jobs",
        type=count,
        default=os.cpu_count() or 1,
        help="runs at a time; default: one a core",
    )
    parser.add_argument(
        "--cpu",
        type=seconds,
        default=600.0,
        help="CPU seconds a run may take (default 600)",
    )


def script(name: str, about: str | None) -> argparse.ArgumentParser:
    """Return the parser of a script that makes the runs of one table, and reports."""
    parser = argparse.ArgumentParser(f"python -m benchmarks.{name}", description=about)
    parser.set_defaults(table=name)
    parser.add_argument(
        "--dev",
        dest="table",
        action="store_const",
        const=f"{name}-dev",
        help="development instances, for choosing settings",
    )
    add_table(parser)
    return parser


def report(options: argparse.Namespace) -> tuple[list[Section], list[Record]]:
    """Make what is missing; return the sections and the records to report on."""
    from benchmarks.reporting.sections import sections  # pandas: only when used

    table = tables.get(options.table).limited(options.functions, options.instances)
    complete(table, options)
    records = [r for r in store.load(table.folder(options.results)) if table.holds(r)]
    return list(sections(table, records)), records


def write(options: argparse.Namespace, text: str) -> None:
    """Print a report; keep it, beside the folder of its runs, if none is left out."""
    if options.functions or options.instances:
        print(text)
        return
    path = options.results / f"{options.table}.md"
    path.write_text(text)
    print(f"{text}\nwrote {path}")


def complete(table: tables.Table, options: argparse.Namespace) -> None:
    """Make the runs of a table that are missing, of all solvers or of some.

    Raises
    ------
    ValueError
        If there are no such runs, or one of them cannot work.
    """
    jobs = list(table.jobs(options.solvers))
    if not jobs:
        raise ValueError(
            f"{table.name} has no runs of these solvers, functions and instances"
        )
    for job in jobs:
        job.check()
    folder = table.folder(options.results)
    with store.held(folder):
        if options.redo:
            store.forget(folder, [job.key() for job in jobs])
        todo = missing(jobs, folder)
        if not todo:
            print(f"all {len(jobs)} runs are there; --redo makes them again")
        _make(list(possible(todo)), folder, options)


def _make(todo: list[Job], folder: Path, options: argparse.Namespace) -> None:
    """Make these runs, and show how far it is."""
    # A suggestion that is only slow is to meet the limit of CPU time, not of silence.
    limits = Limits(options.cpu, silence=max(300.0, 2.0 * options.cpu))
    with tqdm(total=len(todo), desc=folder.name, mininterval=5) as bar:

        def told(record: Record) -> None:
            bar.update()
            if record["status"] not in ("budget", "returned"):
                line = "{problem} {instance} {solver}: {status} {message}"
                bar.write(line.format(**record), file=sys.stderr)

        Runner(folder, limits, told).run(todo, options.jobs)
