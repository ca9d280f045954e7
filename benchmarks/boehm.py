"""Whether a published PEtab problem is calibrated: ``python -m benchmarks.boehm``.

STAT5 signalling (Boehm et al. 2014): nine parameters, three of them sigmas, or six
where sigmas are found by a formula. Ten seeds, 1,500 simulations from bounds alone.
Solved is a negative log likelihood of 138.72, half above the published minimum; other
local minima are 147.544, 149.519 and 149.588. Makes all runs and writes
``results/boehm.md``. Needs ``surrogo[petab]``.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks import command
from benchmarks.reporting import markdown
from surrogo import __version__
from surrogo.calibration import petab

PROBLEM = Path("tests/data/petab/Boehm_JProteomeRes2014/Boehm_JProteomeRes2014.yaml")
BUDGET, SEEDS, SOLVED = 1_500, 10, 138.72
STATEMENTS = {"sigmas by a formula": True, "sigmas as parameters": False}


@dataclass(frozen=True)
class Run:
    """One calibration: the best value after each simulation, and its seconds."""

    best: np.ndarray
    seconds: float

    @property
    def needed(self) -> float:
        """Simulations until it was solved, inf if never."""
        hit = self.best <= SOLVED
        return float(np.argmax(hit) + 1) if hit.any() else np.inf


def calibrated(eliminate: bool, seed: int, budget: int) -> Run:
    """Calibrate from bounds alone."""
    problem = petab.load(Path(__file__).parents[1] / PROBLEM, eliminate)
    began = time.perf_counter()
    fit = problem.calibrate(max_evals=budget, rng=seed)
    values = [np.inf if t.evaluation is None else t.value for t in fit.trials]
    return Run(np.minimum.accumulate(values), time.perf_counter() - began)


def row(runs: list[Run]) -> dict[str, str]:
    """Return how many were solved, how fast, and where all of them ended."""
    needed = np.sort([run.needed for run in runs])
    counts = ", ".join("-" if np.isinf(n) else f"{n:.0f}" for n in needed)
    ends = sorted(float(run.best[-1]) for run in runs)
    return {
        "solved": f"{np.isfinite(needed).sum()} of {len(runs)}",
        "simulations until then": counts,
        "final values": ", ".join(f"{value:.2f}" for value in ends),
        "seconds a run": f"{np.median([run.seconds for run in runs]):.0f}",
    }


def table(runs: dict[str, list[Run]]) -> str:
    """Return a row for each way to state the problem."""
    rows = {name: row(of_one) for name, of_one in runs.items()}
    return markdown.lines(pd.DataFrame.from_dict(rows, orient="index"), "statement")


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.boehm")
    parser.add_argument("--seeds", type=command.count, default=SEEDS)
    parser.add_argument("--budget", type=command.count, default=BUDGET)
    parser.add_argument("--out", type=Path, default=command.RESULTS / "boehm.md")
    options = parser.parse_args(arguments)
    runs = {
        name: [
            calibrated(eliminate, seed, options.budget)
            for seed in tqdm(range(options.seeds), desc=name, disable=None)
        ]
        for name, eliminate in STATEMENTS.items()
    }
    options.out.write_text(
        f"# Boehm\n\n`python -m benchmarks.boehm`, surrogo {__version__}. "
        f"{options.budget} simulations, {options.seeds} seeds; solved at {SOLVED}.\n\n"
        f"{table(runs)}\n",
        "utf-8",
    )


if __name__ == "__main__":
    sys.exit(command.guarded(main))
