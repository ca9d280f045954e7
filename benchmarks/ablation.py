"""What choices in a strategy are worth: ``python -m benchmarks.ablation NAME``.

Runs the variants of one ablation (``variants.py``) on all functions of BBOB,
development instances, within 50 evaluations a variable, and writes
``results/ablations/NAME.md``. Runs are kept in a cache, one folder for each state of
the library, so that a killed command goes on where it ended, and no table mixes runs
of two states. A variant takes about seven minutes on two cores at 20 ms a suggestion.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import surrogo
from benchmarks import command
from benchmarks.harness import store
from benchmarks.reporting import beside, markdown
from benchmarks.reporting.sections import Section, sections
from benchmarks.tables import DEVELOPMENT, Lot, Table
from benchmarks.variants import ABLATIONS, Variant, variants
from surrogo import checks

CACHE = Path("~/.cache/surrogo-benchmarks").expanduser() / "ablations"
WRITTEN = command.RESULTS / "ablations"
DIMS, PER_D = (2, 5, 10), 50

ABOUT = """\
Share of 51 targets (regrets 1e2 to 1e-8) reached; area: its mean over all evaluations.
Ratio and difference: of the areas, to the first variant's on the same problems, with
the 95 % interval if other instances were drawn. Groups: share solved at the end."""


def table(ablation: str, dims: Sequence[int]) -> Table:
    """Return the runs of an ablation."""
    lots = tuple(Lot("bbob", d, DEVELOPMENT, per_d=PER_D) for d in dims)
    members = tuple(each.solver for each in variants(ablation))
    return Table(ablation, lots, members=members)


def state() -> str:
    """Return what tells one state of the library's sources from another."""
    root = Path(surrogo.__file__).parent
    files = sorted(root.rglob("*.py"))
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return whole.hexdigest()[:12]


def overall(parts: list[Section], known: list[Variant]) -> str:
    """Return the area of each variant in each number of variables, and their mean."""
    areas = {
        f"d = {part.lot.d}": {
            each.label: part.comparison.mean(part.comparison.areas(each.solver))
            for each in known
            if each.solver in part.comparison.records
        }
        for part in parts
    }
    frame = pd.DataFrame(areas).reindex([each.label for each in known]).dropna()
    frame["mean"] = frame.mean(axis=1)
    return markdown.lines(frame.map("{:.3f}".format), "area")


def text(ablation: str, parts: list[Section], records: list[store.Record]) -> str:
    """Return the report."""
    known = variants(ablation)
    labels = {each.solver: each.label for each in known}
    said = [
        f"# Ablation: {ablation}\n\n`python -m benchmarks.ablation {ablation}`, "
        f"sources {state()}. {markdown.versions(records)}\n\n{ABOUT}\n",
        overall(parts, known),
    ]
    for part in parts:
        frame = beside.rows(part.comparison, part.columns(), labels)
        said += [f"\n## {part.title}\n", markdown.lines(frame, "variant")]
    return "\n".join([*said, "\n" + markdown.faults(records), ""])


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    options = _parser().parse_args(arguments)
    options.results, options.solvers = options.cache / state(), []
    for name in options.names:
        _one(checks.one_of(name, ABLATIONS, "ablation"), options)


def _one(name: str, options: argparse.Namespace) -> None:
    whole = table(name, options.dims)
    chosen = whole.limited(options.functions, options.instances)
    command.complete(chosen, options)
    records = store.load(chosen.folder(options.results))
    records = [r for r in records if chosen.holds(r) and r["solver"] in whole.members]
    report = text(name, list(sections(chosen, records)), records)
    print(report)
    if chosen == table(name, DIMS).limited():  # a part of it is only shown
        options.written.mkdir(parents=True, exist_ok=True)
        (options.written / f"{name}.md").write_text(report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.ablation", description=__doc__)
    parser.add_argument("names", nargs="+", help=f"of {', '.join(ABLATIONS)}")
    parser.add_argument("--dims", nargs="+", type=int, default=DIMS)
    parser.add_argument("--cache", type=Path, default=CACHE, help="where runs are kept")
    parser.add_argument("--written", type=Path, default=WRITTEN, help="of tables")
    command.add_runs(parser)
    return parser


if __name__ == "__main__":
    sys.exit(command.guarded(main))
