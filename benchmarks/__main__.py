"""Command line of the benchmarks: ``python -m benchmarks --help``."""

from __future__ import annotations

import argparse
import logging
import math
import os
import subprocess
import sys
from pathlib import Path

from tqdm import tqdm

from benchmarks import tables
from benchmarks.harness import environments, store
from benchmarks.harness.execute import Limits
from benchmarks.harness.jobs import Job, Runner, missing, possible
from benchmarks.harness.store import Record
from benchmarks.solvers import base

RESULTS = Path(__file__).parent / "results"
RESULTS_HELP = "folder of results; default: the committed one"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"python -m benchmarks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on where this one ended", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)

    run = commands.add_parser("run", help="make the runs of a table that are missing")
    run.set_defaults(command=_run)
    run.add_argument("table", help=f"one of {', '.join(tables.TABLES)}")
    run.add_argument("--solvers", nargs="+", default=[], help="default: all that fit")
    run.add_argument("--functions", nargs="+", default=[], help="of those of the table")
    run.add_argument("--instances", nargs="+", default=[], type=int, help="likewise")
    run.add_argument(
        "--redo", action="store_true", help="also the runs there are: forget them first"
    )
    run.add_argument(
        "--jobs",
        type=count,
        default=os.cpu_count() or 1,
        help="runs at a time; default: one a core",
    )
    run.add_argument(
        "--cpu",
        type=seconds,
        default=600.0,
        help="CPU seconds a run may take (default 600)",
    )
    run.add_argument("--results", type=Path, default=RESULTS, help=RESULTS_HELP)

    report = commands.add_parser("report", help="write the table of committed runs")
    report.set_defaults(command=_report)
    report.add_argument("table")
    report.add_argument("--results", type=Path, default=RESULTS, help=RESULTS_HELP)

    make = commands.add_parser("environment", help="make the environment of some peers")
    make.set_defaults(command=_environment)
    make.add_argument("names", nargs="+", help=f"of {', '.join(environments.names())}")
    make.add_argument(
        "--torch-index",
        default=environments.TORCH_INDEX,
        help="where pip finds PyTorch without CUDA; '' for its usual index only",
    )

    show = commands.add_parser("list", help="show tables, solvers and environments")
    show.set_defaults(command=_list)
    return parser


def count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {text}")
    return int(text)


def seconds(text: str) -> float:
    if not 0.0 < float(text) < math.inf:
        raise argparse.ArgumentTypeError(f"must be positive and finite, got {text}")
    return float(text)


def _run(options: argparse.Namespace) -> None:
    table = tables.get(options.table)
    table = table.limited(options.functions, options.instances)
    jobs = list(table.jobs(options.solvers))
    if not jobs:
        raise ValueError(
            f"{table.name} has no runs of these solvers, functions and instances"
        )
    for job in jobs:
        job.check()
    folder = options.results / table.name
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


def _report(options: argparse.Namespace) -> None:
    from benchmarks.reporting import write  # matplotlib and pandas: only when used

    tables.get(options.table)
    print(f"wrote {write.table(options.results / options.table)}")


def _environment(options: argparse.Namespace) -> None:
    for name in options.names:
        environments.make(name, options.torch_index)
        print(f"made {environments.folder(name)}")


def _list(options: argparse.Namespace) -> None:
    print("tables       " + ", ".join(tables.TABLES))
    for name in ("core", *environments.names()):
        state = "" if environments.python(name) else " (not made)"
        members = [s.name for s in base.find_all().values() if s.environment == name]
        print(f"{name:12} {', '.join(members)}{state}")


if __name__ == "__main__":
    sys.exit(main())
