"""The commands; each prints, and `run` alone writes a store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from surrogo import checks
from surrogo._version import __version__
from surrogo.cli import run as runs
from surrogo.cli.standing import facts, standing
from surrogo.cli.stored_run import StoredRun
from surrogo.cli.table import as_csv, as_json
from surrogo.execution import StoreError
from surrogo.files import write_whole

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_LINE = 1000  # characters of an error
_SQLITE = b"SQLite format 3\0"  # the first bytes of a store
_Run = Annotated[Path, typer.Argument(metavar="STORE", help="The file of the run.")]
_File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Where to; printed if left out.")
]


@app.callback(invoke_without_command=True)
def surrogo(
    version: Annotated[bool, typer.Option("--version", help="Say which.")] = False,
) -> None:
    """Run simulators, and look at runs that have a store, also while they go on."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A TOML file.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with it.")] = False,
) -> None:
    """Minimise what a configuration describes."""
    with _in_one_line():
        result = runs.run(config, resume)
        typer.echo(runs.report(result))
        code = runs.exit_code(result)
    raise typer.Exit(code)


@app.command()
def status(store: _Run) -> None:
    """Say how a run stands, on one screen."""
    with _in_one_line():
        typer.echo(standing(StoredRun.read(store)))


@app.command()
def export(
    store: _Run,
    file: _File = None,
    csv: Annotated[bool, typer.Option("--csv", help="A table (the default).")] = False,
    json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
) -> None:
    """Write a row for each trial."""
    if csv and json:
        raise typer.BadParameter("give --csv or --json, not both")
    with _in_one_line():
        text = (as_json if json else as_csv)(StoredRun.read(store))
        if file is None:
            typer.echo(text, nl=False)
        else:
            with _written(file):
                write_whole(file, text)


@app.command()
def report(
    store: _Run,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to; beside the store if left out."),
    ] = None,
) -> None:
    """Write one HTML file about a run."""
    from surrogo.report import write_report  # takes a second

    with _in_one_line():
        run = StoredRun.read(store)
        file = store.with_suffix(".html") if out is None else out
        with _written(file):
            write_report(
                run.result, file, title=store.name, facts=facts(run), wall=run.wall
            )
        typer.echo(file)


@contextmanager
def _in_one_line() -> Iterator[None]:
    """Print what goes wrong in one line, and end with 1."""
    if isinstance(sys.stdout, TextIOWrapper):  # of a terminal that cannot show all
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        yield
    except BrokenPipeError:  # nobody reads on: Typer knows what to do
        raise
    except (ImportError, OSError, StoreError, ValueError) as error:
        typer.echo(f"surrogo: {checks.cut(str(error), _LINE)}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _written(file: Path) -> Iterator[None]:
    """Say what is wrong with a file; a slip of the finger must not replace a run."""
    try:
        if _is_database(file):
            raise ValueError(
                f"{file} is a database and stays as it is; give another name"
            )
        yield
    except OSError as error:
        raise ValueError(
            f"{file} cannot be written: {error.strerror}; give the name of a file in a "
            "folder that exists and may be written to"
        ) from error


def _is_database(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as old:
        return old.read(len(_SQLITE)) == _SQLITE
