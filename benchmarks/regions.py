"""Whether it pays to know where evaluations fail: ``python -m benchmarks.regions``.

Eight functions that fail in 30 % of their box, 40 instances that were used for nothing
else, 20 evaluations a variable: the default strategy beside the same that is not told
where evaluations have failed. Final values are compared, not levels, so that the lowest
value outside a region need not be known. Makes all runs, in four minutes of one
processor, and writes ``results/regions.md``.
"""

from __future__ import annotations

import logging
import sys
from datetime import date

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks import command
from benchmarks.problem_sets import failing
from benchmarks.problem_sets.base import Case
from benchmarks.reporting import markdown
from benchmarks.solvers.dropping import dropping
from surrogo import __version__, optimize

INSTANCES = range(5, 45)
LEAST, NOTHING = 1e-8, 1e8  # regrets below are equal; of a run without any value


def regret(case: Case, strategy: object, seed: int) -> float:
    """Return how far a run ends above the lowest value of the function."""
    result = optimize(
        case.fun,
        list(zip(case.lower, case.upper, strict=True)),
        max_evals=20 * case.d,
        strategy=strategy,
        rng=seed,
    )
    return max(result.fun - case.f_opt, LEAST) if np.isfinite(result.fun) else NOTHING


def pairs(function: str) -> np.ndarray:
    """Return the regrets (n, 2) of ours and of dropping, a row for each instance."""
    found = []
    for instance in tqdm(INSTANCES, desc=function, disable=None):
        case = failing.in_region(function, None, instance)
        both = "auto", dropping()
        found.append([regret(case, strategy, instance) for strategy in both])
    return np.array(found)


def row(both: np.ndarray) -> dict[str, str]:
    """Return who was lower how often, and the means."""
    signs = np.sign(both[:, 1] - both[:, 0])
    means = np.mean(np.log10(both), axis=0)
    return {
        "lower / alike / higher": " / ".join(
            str(np.sum(signs == sign)) for sign in (1, 0, -1)
        ),
        "mean log10 regret": f"{means[0]:.2f}",
        "of dropping": f"{means[1]:.2f}",
    }


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    options = command.script("regions", __doc__).parse_args(arguments)
    logging.disable(logging.CRITICAL)  # failures are what this is about
    failing.lowest = lambda case, region: case.f_opt  # a search of its own otherwise
    runs = {function: pairs(function) for function in failing.FUNCTIONS}
    rows = {function: row(both) for function, both in runs.items()}
    rows["all"] = row(np.vstack(list(runs.values())))
    table = markdown.lines(pd.DataFrame.from_dict(rows, orient="index"), "function")
    command.write(
        options,
        "# Regions that fail\n\n`python -m benchmarks.regions`, surrogo "
        f"{__version__}, {date.today()}. {len(INSTANCES)} instances of each function, "
        "20 evaluations a variable. Ours beside dropping failed points: in how many "
        "runs it ends lower, alike or higher. Regret: above the lowest value of the "
        f"function, also where that fails.\n\n{table}\n",
    )


if __name__ == "__main__":
    sys.exit(command.guarded(main))
