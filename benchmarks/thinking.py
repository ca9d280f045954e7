"""What a suggestion costs: ``python -m benchmarks.thinking``.

CPU time of a suggestion in ten variables when 100 and 200 points are known, ours beside
the peers that fit Gaussian processes, and the memory of a long run. CPU time is all
that a solver's process spends between two evaluations (ask and tell), on one thread;
runs are made one after another, so that they do not disturb each other. Writes
``results/thinking.md``; takes about a quarter of an hour, most of it the peers'.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import command, memory
from benchmarks.harness import environments
from benchmarks.harness.execute import Limits, execute
from benchmarks.problem_sets import SETS
from benchmarks.reporting import markdown
from benchmarks.solvers import base
from benchmarks.tables import OURS

D = 10
FUNCTIONS = ("f08", "f15", "f21")  # a valley, many minima, few minima
INSTANCE = 1
PEERS = ("botorch-logei", "optuna-gp", "egobox")
KNOWN = (100, 200)  # points when a suggestion is asked for
HALF = 5  # the median is over so many suggestions before and after
LONG, SHORT = 500, KNOWN[0] + HALF  # evaluations of ours and of the peers
TRIALS = 5000  # for memory

ABOUT = f"""\
CPU milliseconds of a suggestion in {D} variables: median over the {2 * HALF} around the
number of known points, and over BBOB's {", ".join(FUNCTIONS)}; in brackets the lowest
and the highest function. One thread."""


def spent(solver: str, function: str, budget: int) -> np.ndarray:
    """Return the CPU seconds used until each evaluation was asked for: (evaluations,).

    Raises
    ------
    ValueError
        If the run did not go to its end.
    """
    used: list[float] = []
    case = SETS["bbob"].make(function, D, INSTANCE)
    limits = Limits(cpu=3600.0, silence=3600.0)
    record = execute(
        case, base.get(solver), budget, limits, watch=lambda n, cpu: used.append(cpu)
    )
    if record["evaluations"] < budget:
        raise ValueError(
            f"{solver} ended after {record['evaluations']} of {budget} evaluations: "
            f"{record['status']} {record['message']}"
        )
    return np.array(used[:budget])


def around(used: np.ndarray, known: int) -> float:
    """Return the median milliseconds of the suggestions when so many points are known.

    The suggestion for evaluation k, when k - 1 points are known, is what was used
    between the requests for evaluations k - 1 and k. NaN if there are too few.
    """
    each = 1e3 * np.diff(used)  # each[j]: when j + 1 points are known
    window = each[known - 1 - HALF : known - 1 + HALF]
    return float(np.median(window)) if len(window) == 2 * HALF else np.nan


def row(solver: str, budget: int) -> dict[str, np.ndarray]:
    """Return what is measured of a solver, one number for each function."""
    print(f"{solver} ...", flush=True)
    runs = [spent(solver, function, budget) for function in FUNCTIONS]
    found = {f"at n = {k}": np.array([around(u, k) for u in runs]) for k in KNOWN}
    whole = [u[-1] if budget >= LONG else np.nan for u in runs]
    return {**found, f"{LONG} trials, s": np.array(whole)}


def cell(values: np.ndarray) -> str:
    if not np.isfinite(values).all():
        return "-"
    return f"{np.median(values):.3g} ({values.min():.3g} to {values.max():.3g})"


def table(rows: dict[str, dict[str, np.ndarray]], ours: str) -> str:
    """Return a row for each solver; the last column is in units of ours."""
    first = f"at n = {KNOWN[0]}"
    shown = {
        solver: {
            **{name: cell(values) for name, values in columns.items()},
            f"ratio {first}": f"{np.median(columns[first] / rows[ours][first]):.2g}",
        }
        for solver, columns in rows.items()
    }
    return markdown.lines(pd.DataFrame.from_dict(shown, orient="index"))


def memory_table(strategy: str, trials: int) -> str:
    """Return the memory after each thousand trials, and its growth."""
    print("memory ...", flush=True)
    occupied, allocated = memory.measured(strategy, trials)
    frame = pd.DataFrame(
        [[f"{mb:.1f}" for mb in occupied], [f"{mb:.1f}" for mb in allocated]],
        index=["resident, MB", "allocated by Python, MB"],
        columns=[f"{n} trials" for n in range(memory.EVERY, trials + 1, memory.EVERY)],
    )
    frame["bytes a trial"] = [f"{memory.slope(m):.0f}" for m in (occupied, allocated)]
    return markdown.lines(frame, "memory")


def main(arguments: list[str] | None = None) -> None:
    """Measure, and write the table."""
    options = _parser().parse_args(arguments)
    rows = {options.ours: row(options.ours, LONG)}
    for peer in options.peers:
        if environments.python(base.get(peer).environment) is None:
            print(f"left out: {peer}, whose environment is not made")
            continue
        rows[peer] = row(peer, SHORT)
    text = (
        "# What a suggestion costs\n\n`python -m benchmarks.thinking`, "
        f"{datetime.date.today().isoformat()}.\n\n{ABOUT}\n\n"
        f"{table(rows, options.ours)}\n"
    )
    if options.trials:
        text += (
            f"\nMemory of a run in {memory.D} variables (Rosenbrock), in a process of "
            "its own; growth by least squares from the first measurement on.\n\n"
            f"{memory_table(options.strategy, options.trials)}\n"
        )
    print(text)
    if options.written:
        options.written.write_text(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.thinking", description=__doc__)
    parser.add_argument("--ours", default=OURS, help="a solver of our own")
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--strategy", default="auto", help="whose memory is measured")
    parser.add_argument("--trials", type=int, default=TRIALS, help="0: no memory")
    parser.add_argument(
        "--written", type=Path, default=command.RESULTS / "thinking.md", help="file"
    )
    return parser


if __name__ == "__main__":
    sys.exit(command.guarded(main))
