"""Command line of the benchmarks: ``python -m benchmarks --help``."""

from __future__ import annotations

import argparse
import sys

from benchmarks import command, tables
from benchmarks.harness import environments
from benchmarks.solvers import base


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    return command.guarded(lambda: options.command(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)

    run = commands.add_parser("run", help="make the runs of a table that are missing")
    run.set_defaults(command=_run)
    run.add_argument("table", help=f"one of {', '.join(tables.TABLES)}")
    command.add_table(run)

    report = commands.add_parser("report", help="write the table of committed runs")
    report.set_defaults(command=_report)
    report.add_argument("table")
    command.add_results(report)

    beside = commands.add_parser("archive", help="our BBOB runs beside COCO's archive")
    beside.set_defaults(command=_archive)
    beside.add_argument("--solvers", nargs="+", default=["surrogo"])
    command.add_results(beside)

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


def _run(options: argparse.Namespace) -> None:
    table = tables.get(options.table)
    command.complete(table.limited(options.functions, options.instances), options)


def _report(options: argparse.Namespace) -> None:
    from benchmarks.reporting import write  # matplotlib and pandas: only when used

    print(f"wrote {write.table(options.results, tables.get(options.table))}")


def _archive(options: argparse.Namespace) -> None:
    from benchmarks.reporting import envelope

    print(f"wrote {envelope.write(options.results, options.solvers)}")


def _environment(options: argparse.Namespace) -> None:
    for name in options.names:
        environments.make(name, options.torch_index)
        print(f"made {environments.folder(name)}")


def _list(options: argparse.Namespace) -> None:
    print("tables       " + ", ".join(tables.TABLES))
    for name in ("core", *environments.names()):
        state = "" if environments.python(name) else " (not made)"
        members = [s.name for s in base.everywhere() if s.environment == name]
        print(f"{name:12} {', '.join(members)}{state}")


if __name__ == "__main__":
    sys.exit(main())
