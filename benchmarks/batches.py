"""What batches cost in quality: ``python -m benchmarks.batches``.

The default strategy on BBOB in five variables, asked for 4 and for 16 points at a time
(all are told before the next are asked for), beside one at a time, at the same numbers
of evaluations; with ``--pending`` also with 4 and 16 points always pending. Makes the
runs that are missing, and writes ``results/batches.md``.
"""

from __future__ import annotations

import sys

from benchmarks import command
from benchmarks.reporting import beside, markdown
from benchmarks.reporting.sections import Section

LABELS = {
    "surrogo": "one at a time",
    "surrogo-batch-4": "batches of 4",
    "surrogo-batch-16": "batches of 16",
    "surrogo-async-4": "always 4 pending",
    "surrogo-async-16": "always 16 pending",
}

ABOUT = """\
Area: mean over all evaluations of the share of 51 targets reached. Ratio and
difference: to one at a time on the same problems, with the 95 % interval if other
instances were drawn. Groups: share solved at the end."""


def section(part: Section) -> str:
    frame = beside.rows(part.comparison, part.columns(), LABELS)
    return f"## {part.title}\n\n{markdown.lines(frame, 'asked')}\n"


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    parser = command.script("batches", __doc__)
    parser.add_argument("--pending", action="store_true", help="also asynchronously")
    options = parser.parse_args(arguments)
    if options.pending and not options.solvers:
        options.solvers = list(LABELS)
    parts, records = command.report(options)
    command.write(
        options,
        f"# Batches\n\n`python -m benchmarks.batches`. {markdown.versions(records)}"
        f"\n\n{ABOUT}\n\n" + "\n".join(map(section, parts)),
    )


if __name__ == "__main__":
    sys.exit(command.guarded(main))
