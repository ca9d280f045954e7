"""Write the tables and plots of a folder of runs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks import tables
from benchmarks.harness import store
from benchmarks.reporting import markdown, plots
from benchmarks.reporting.sections import Section, sections

ABOUT = """\
Share of (function, target) pairs solved, for 51 targets: regrets from 1e2 down to 1e-8,
evenly in their logarithm; "to 1e-2" leaves out those below 1e-2. Area: the mean of that
share over all evaluations of the budget. Intervals: 95 %, if other instances of the
same functions were drawn; none where there is one instance only. CPU: the median over
the runs of a solver's own time for a suggestion. Median regret: at the end of the
budget."""


def table(results: Path, which: tables.Table) -> Path:
    """Write a table into the folder of results, and its plots; return the file.

    Raises
    ------
    FileNotFoundError
        If there is no folder of its runs.
    ValueError
        If that holds no complete lot of the table.
    """
    records = [r for r in store.load(which.folder(results)) if which.holds(r)]
    parts = list(sections(which, records))
    if not parts:
        counts = Counter(record["solver"] for record in records)
        made = ", ".join(f"{solver} {n}" for solver, n in counts.items())
        raise ValueError(
            f"no solver has made all runs of a lot of {which.name} yet (so far: "
            f"{made}); make them by `python -m benchmarks run {which.name}`"
        )
    folder = results / which.name
    folder.mkdir(exist_ok=True)
    text = [
        f"# {which.name}\n\n`python -m benchmarks run {which.name}`, then `python -m "
        f"benchmarks report {which.name}`. {markdown.versions(records)}\n\n{ABOUT}\n"
    ]
    for number, part in enumerate(parts, start=1):
        text.append(markdown.section(part))
        text.append(_plots(folder, part, number))
    text.append(markdown.faults(records))
    path = folder.with_suffix(".md")
    path.write_text("\n".join(text) + "\n")
    return path


def _plots(folder: Path, part: Section, number: int) -> str:
    """Save the plots of a section; return the lines that show them."""
    d = part.lot.d if part.lot.per_d else None
    shown = []
    for name, draw in (("ecdf", plots.ecdf), ("groups", plots.by_group)):
        path = folder / f"{number}-{name}.png"
        draw(part.comparison, d).savefig(path, dpi=90)
        shown.append(f"![{name}]({folder.name}/{path.name})")
    return "\n" + "\n\n".join(shown) + "\n"
