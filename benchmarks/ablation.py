"""What each choice in the default strategy is worth: ``python benchmarks/ablation.py``.

Development seeds (from 100 on) only; the table of ``optimizers.py`` uses others. The
area is the mean, over evaluations and 36 targets from 10 down to 1e-6 above the
optimum, of the share reached. Writes ``results/ablation.md``; takes about two minutes a
seed on two cores.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads, here and in the workers

import numpy as np
from optimizers import TABLE, Job, run

import surrogo
from surrogo.optimizers import EGO
from surrogo.problems import get
from surrogo.surrogates import map_fit

PROBLEMS = ("branin", "goldstein_price", "hartmann3", "hartmann6", "rosenbrock")
PROBLEMS += ("ackley", "gas_oil", "hare_lynx")
FIRST_SEED = 100
TARGETS = 10.0 ** np.linspace(1.0, -6.0, 36)

# name: (settings of the strategy, prior of length scales as (median, log variance))
VARIANTS = {
    "default": ({}, None),
    "never leave a basin": ({"leave_basins": False}, None),
    "values only, never their logarithm": ({"log_targets": False}, None),
    "improvement only": ({"exploit_every": 0}, None),
    "design d + 14": ({"design_extra": 14}, None),
    "squared exponential": ({"kernel": "squared_exponential"}, None),
    "Matern 3/2": ({"kernel": "matern32"}, None),
    "prior of Hvarfner et al.": ({}, (math.exp(math.sqrt(2.0)), 3.0)),
}


def run_variant(variant: str, job: Job) -> np.ndarray:
    """Run one job under a variant; return its regret after each evaluation."""
    prior = VARIANTS[variant][1]
    if prior is not None:  # the process belongs to this job alone
        map_fit.MEDIAN, map_fit.LENGTH_VARIANCE = prior
    return run(job).best - get(job.problem).f_opt


def area(regrets: np.ndarray) -> float:
    """Return the mean share of targets reached, for regrets (runs, evaluations)."""
    return float(np.mean(regrets[:, :, None] <= TARGETS))


def table(n_seeds: int) -> str:
    """Run every variant on every problem and return the table."""
    head = f"| variant | {' | '.join(PROBLEMS)} | mean |\n"
    rows = [head, "|---" * (len(PROBLEMS) + 2) + "|\n"]
    for variant, (settings, _) in VARIANTS.items():
        strategy = EGO(**settings)
        areas = []
        for problem in PROBLEMS:
            budget = TABLE[problem][0]
            seeds = range(FIRST_SEED, FIRST_SEED + n_seeds)
            jobs = [Job(problem, budget, strategy, seed) for seed in seeds]
            # A fresh process for each job, so that no variant leaks into another.
            with get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
                regrets = pool.map(partial(run_variant, variant), jobs, chunksize=1)
            areas.append(area(np.array(regrets)))
        cells = " | ".join(f"{a:.3f}" for a in [*areas, float(np.mean(areas))])
        rows.append(f"| {variant} | {cells} |\n")
        print(rows[-1], end="", flush=True)
    return "".join(rows)


def main() -> None:
    """Run the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    options = parser.parse_args()
    text = (
        f"# Ablation of the default strategy\n\n`python benchmarks/ablation.py`, "
        f"{time.strftime('%Y-%m-%d')}, surrogo {surrogo.__version__}, {options.seeds} "
        f"seeds from {FIRST_SEED} on. Area under the curve of targets reached; higher "
        f"is better.\n\n{table(options.seeds)}"
    )
    (Path(__file__).parent / "results" / "ablation.md").write_text(text)


if __name__ == "__main__":
    main()
