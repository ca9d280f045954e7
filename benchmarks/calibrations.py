"""How many simulations a calibration takes: ``python -m benchmarks.calibrations``.

Residuals modelled one by one beside others who know them, and beside those who see
their sum of squares only: twelve problems, ten seeds, 200 simulations, bounds alone.
Makes the runs that are missing, and writes ``results/calibrations.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from benchmarks import command
from benchmarks.harness.store import Record
from benchmarks.problem_sets.calibrations import BASINS, FUNCTIONS
from benchmarks.reporting import markdown
from benchmarks.reporting.frame import Comparison
from benchmarks.reporting.simulations import Needs
from benchmarks.solvers import base

RANDOM = "-scattered"  # begin at a random point, the same for all in runs of a seed
OURS = "surrogo-residuals"
COUNTS = (20, 50, 100, 200)
AT_CENTRE = (OURS, "dfo-ls", "least-squares")
ABOUT = """\
Solved: within 1 % of the smallest sum of squares, or, where it is zero (data made by
the model), at 1e-6 of the median sum of squares of random points. Means are geometric,
over the seeds and then the problems; a run that is not solved counts as {budget}, all
that it was allowed. To the basin: to a value lower than that of any other minimum
known. Ratios have their 95 % interval for other seeds.

Solvers know the bounds and nothing else. What begins at a random point has the same one
in runs of the same seed, ours as x0, and others when it begins again (some move it away
from the bounds by a first step); `dfo-ls-sobol`
begins at the best of 20 Sobol points, each time. What begins at the centre does the
same in all seeds until it begins again, ours but for the signs of its first steps: its
ten seeds are fewer than ten different runs. Every start is good on {good}: 30 local
searches from random points all end at the optimum."""
BEGINS = {"dfo-ls-sobol": "best of 20"} | dict.fromkeys(AT_CENTRE, "centre")


def begins(solver: str) -> str:
    """Return where a solver begins."""
    return "random" if solver.endswith(RANDOM) else BEGINS.get(solver, "its choice")


def partner(solver: str) -> str:
    """Return which of ours a solver is compared with: the one that begins alike."""
    return f"{OURS}{RANDOM}" if begins(solver) == "random" else OURS


def columns(needs: Needs) -> pd.DataFrame:
    """Return a row for each solver, the one that needs fewest first."""
    easy, hard = halves(needs)
    rows = {
        solver: {
            "sees": "residuals" if base.get(solver).residuals else "sum",
            "begins": begins(solver),
            "solved": f"{needs.share(solver):.2f}",
            "simulations": f"{needs.mean(solver):.1f}",
            "to the basin": f"{needs.mean(solver, found=True):.1f}",
            "ours / theirs": ratio(needs, solver),
            "every start good": ratio(easy, solver),
            "several minima": ratio(hard, solver),
        }
        for solver in sorted(needs.solved, key=needs.mean)
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def halves(needs: Needs) -> tuple[Needs, Needs]:
    """Return the problems where every start is good, and those of several minima."""
    easy = [f for f in FUNCTIONS if f not in BASINS]
    return needs.on(easy), needs.on(list(BASINS))


def leaders(needs: Needs, counts: Sequence[int] = COUNTS) -> pd.DataFrame:
    """Return who has solved most within so many simulations, by what is known."""
    rows = {}
    sees = {s: base.get(s).residuals for s in needs.solved}
    for where, part in zip(
        ("every start good", "several minima"), halves(needs), strict=True
    ):
        for known in sorted(set(sees.values())):
            own = [s for s in sees if sees[s] == known]
            name = f"{where}, {'residuals' if known else 'their sum'} known"
            rows[name] = {n: part.leader(own, n) for n in counts}
    return pd.DataFrame.from_dict(rows, orient="index")


def ratio(needs: Needs, solver: str) -> str:
    """Return our simulations in theirs, with the interval."""
    ours = partner(solver)
    if solver.startswith(OURS) or ours not in needs.solved:
        return "-"
    return "{:.2f} ({:.2f} to {:.2f})".format(*needs.ratio(ours, solver))


def goals(needs: Needs) -> str:
    """Return what was aimed at, and what was measured, a line each."""
    found = []
    easy, _ = halves(needs)
    for best in _rivals(needs, residuals=False):
        found.append(_goal(needs, best, 1 / 3, "overall"))
    for best in _rivals(needs, residuals=True):
        found.append(_goal(needs, best, 0.8, "overall"))
        found.append(_goal(easy, best, 1.1, "where every start is good"))
    return "\n".join(found)


def _rivals(needs: Needs, residuals: bool) -> list[str]:
    """Return the two best scalar solvers, or all that know residuals, best first."""
    peers = [
        s
        for s in sorted(needs.solved, key=needs.mean)
        if not s.startswith(OURS)
        and base.get(s).residuals == residuals
        and partner(s) in needs.solved
    ]
    return peers if residuals else peers[:2]


def _goal(needs: Needs, peer: str, most: float, where: str) -> str:
    ours = partner(peer)
    found, _, _ = needs.ratio(ours, peer)
    met = "met" if found <= most else "**not met**"
    shares = f"solved {needs.share(ours):.2f} beside {needs.share(peer):.2f}"
    return f"* {peer}, {where}: {found:.2f}, at most {most:.2f}: {met}; {shares}."


def by_problem(needs: Needs) -> pd.DataFrame:
    """Return mean simulations, and how many seeds were solved, by problem."""
    order = sorted(needs.solved, key=needs.mean)
    rows = {}
    for name in dict.fromkeys(needs.functions):
        part = needs.on([name])
        rows[name] = {s: _cell(part, s) for s in order}
    return pd.DataFrame.from_dict(rows, orient="index").T


def _cell(part: Needs, solver: str) -> str:
    done = np.isfinite(part.solved[solver])
    return f"{part.mean(solver):.0f} ({done.sum()})"


def missing(comparison: Comparison) -> str:
    """Return a sentence on the solvers that lack runs, empty if none does."""
    named = [f"{s} ({n} runs)" for s, n in sorted(comparison.incomplete.items())]
    return f"Not compared, for lack of runs: {', '.join(named)}.\n\n" if named else ""


def section(comparison: Comparison) -> str:
    """Return the tables of one set of seeds."""
    needs = Needs.of(comparison)
    seeds = sorted({problem[-1] for problem in comparison.problems})
    return (
        f"## Seeds {', '.join(map(str, seeds))}\n\n"
        f"{markdown.lines(columns(needs))}\n\n{missing(comparison)}"
        f"Goals, our simulations in theirs:\n\n{goals(needs)}\n\n"
        "Who has solved most within so many simulations, and what share:\n\n"
        f"{markdown.lines(leaders(needs), 'problems')}\n\n"
        "Mean simulations by problem, and how many of the seeds were solved:\n\n"
        f"{markdown.lines(by_problem(needs))}\n\n"
    )


def text(comparisons: Iterable[Comparison], records: Sequence[Record]) -> str:
    """Return the whole report."""
    good = ", ".join(f for f in FUNCTIONS if f not in BASINS)
    parts = list(comparisons)
    return (
        f"# Calibrations\n\n`python -m benchmarks.calibrations`. "
        f"{markdown.versions(records)}\n\n"
        f"{ABOUT.format(budget=parts[0].budget, good=good)}\n\n"
        f"{''.join(map(section, parts))}{markdown.faults(records)}\n"
    )


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    options = command.script("calibrations", __doc__).parse_args(arguments)
    parts, records = command.report(options)
    command.write(options, text((part.comparison for part in parts), records))


if __name__ == "__main__":
    sys.exit(command.guarded(main))
