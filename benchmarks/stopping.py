"""May a run believe its own evidence? ``python -m benchmarks.stopping``.

Runs of the strategy "ego" on functions whose lowest value is known. Whenever a run with
`tol` would weigh its evidence, the probability it states is put beside the truth.
Tolerances are shares of the distance from the lowest value to the median of the
function; the cases take the three in turn. Writes ``results/stopping.md``; takes some
ten minutes of one core. Constants of the method were chosen on ``--instance 2``; the
committed table is of instance 1.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.special import betaincinv

import surrogo
from benchmarks.stopping_cases import Case, cases
from surrogo import Trials
from surrogo.optimizers.evidence import weigh
from surrogo.optimizers.limits import Limits
from surrogo.optimizers.watch import Watch

SHARES = (0.1, 0.01, 0.001)
BUDGET = {2: 50, 3: 75, 4: 90, 5: 100, 6: 120}
CONFIDENCE = 0.95
BINS = (0.0, 0.2, 0.5, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True)
class Look:
    """What was stated after n evaluations of a run, and whether it is so."""

    run: int
    group: str
    share: float
    n: int
    budget: int
    probability: float
    doubted: bool
    right: bool


def looks_at(job: tuple[int, Callable[[], Case]]) -> list[Look]:
    """Run a case, and look at it whenever the loop would."""
    number, make = job
    case = make()
    looks = list(_looks(number, case))
    print(f"{number:4d} {case.group}, {case.name}, d = {case.d}", flush=True)
    return looks


def _looks(number: int, case: Case) -> Iterator[Look]:
    budget, share = BUDGET[case.d], SHARES[number % len(SHARES)]
    result = surrogo.optimize(
        case.fun, [(0, 1)] * case.d, max_evals=budget, strategy="ego", rng=case.seed
    )
    tol = share * case.scale
    so_far, watch = Trials(result.space), Watch(Limits(None, None, None), tol)
    for trial in result.trials:
        so_far.add(trial.row, trial.evaluation)
        if not watch.is_due(so_far):
            continue
        found = weigh(so_far, tol)
        right = so_far.best.value - case.f_opt <= tol
        stated = found.probability, bool(found.doubt), bool(right)
        if not np.isnan(found.probability):
            yield Look(number, case.group, share, len(so_far), budget, *stated)


def reliability(looks: Sequence[Look]) -> str:
    """Return the table of stated probabilities and observed shares."""
    lines = ["| stated | mean stated | right | 90 % interval | looks | runs |"]
    lines.append("|---|---|---|---|---|---|")
    sure = [look for look in looks if not look.doubted]
    for low, high in pairwise(BINS):
        top = 2.0 if high == 1.0 else high  # the last bin holds 1
        inside = [look for look in sure if low <= look.probability < top]
        lines.append(_row(f"{low:g} to {high:g}", inside))
    for least in (0.9, 0.95):
        inside = [look for look in sure if look.probability >= least]
        lines.append(_row(f"**{least:g} or more**", inside))
    lines.append(_row("doubted, 0.9 or more", _doubted(looks)))
    return "\n".join(lines)


def by(looks: Sequence[Look], name: str, key: Callable[[Look], object]) -> str:
    """Return the row of 0.9 or more for each group of looks."""
    lines = [f"| {name} | mean stated | right | 90 % interval | looks | runs |"]
    lines.append("|---|---|---|---|---|---|")
    sure = [k for k in looks if not k.doubted and k.probability >= 0.9]
    for value in sorted({key(look) for look in looks}, key=str):
        lines.append(_row(str(value), [k for k in sure if key(k) == value]))
    return "\n".join(lines)


def stops(looks: Sequence[Look]) -> str:
    """Return what `tol` would have done to the runs, at a confidence of 0.95."""
    lines = ["| tolerance | runs | right at the end | stopped | right then | saved |"]
    lines.append("|---|---|---|---|---|---|")
    for share in (*SHARES, "all"):
        chosen = [k for k in looks if share in (k.share, "all")]
        last = {look.run: look for look in chosen}
        fired = [f for f in (_first(chosen, run) for run in last) if f is not None]
        saved = 100 * np.median([1.0 - f.n / f.budget for f in fired] or [0.0])
        lines.append(
            f"| {share} | {len(last)} | {sum(k.right for k in last.values())} | "
            f"{len(fired)} | {sum(f.right for f in fired)} | {saved:.0f} % |"
        )
    return "\n".join(lines)


def _first(looks: Sequence[Look], run: int) -> Look | None:
    mine = (look for look in looks if look.run == run)
    enough = (k for k in mine if not k.doubted and k.probability >= CONFIDENCE)
    return next(enough, None)


def _doubted(looks: Sequence[Look]) -> list[Look]:
    return [look for look in looks if look.doubted and look.probability >= 0.9]


def _row(name: str, looks: Sequence[Look]) -> str:
    n_runs = len({look.run for look in looks})
    if not n_runs:
        return f"| {name} | | | | 0 | 0 |"
    stated = np.mean([look.probability for look in looks])
    right = float(np.mean([look.right for look in looks]))
    low, high = _interval(right, n_runs)
    return (
        f"| {name} | {stated:.2f} | {right:.3f} | {low:.2f} to {high:.2f} | "
        f"{len(looks)} | {n_runs} |"
    )


def _interval(right: float, n_runs: int) -> tuple[float, float]:
    """Return the exact 90 % interval of Clopper & Pearson 1934.

    As if the looks at a run were one, because they go together.
    """
    k = right * n_runs
    low = betaincinv(k, n_runs - k + 1, 0.05) if k > 0 else 0.0
    high = betaincinv(k + 1, n_runs - k, 0.95) if k < n_runs else 1.0
    return float(low), float(high)


def text(looks: Sequence[Look], instance: int) -> str:
    """Return the page."""
    n_runs, when = len({look.run for look in looks}), time.strftime("%Y-%m-%d")
    return f"""# Stopping with evidence: are the probabilities true?

`python -m benchmarks.stopping --instance {instance}`, {when}, surrogo
{surrogo.__version__}. {n_runs} runs of "ego", {len(looks)} looks. A look is right where
the best value so far is within the tolerance of the lowest value of the function.
Intervals count a run, not a look, as one trial.

## Stated and observed

{reliability(looks)}

The last row: what is stated while the model is doubted, and so stops nothing.

## 0.9 or more, by tolerance (share of lowest to median)

{by(looks, "tolerance", lambda look: look.share)}

## 0.9 or more, by kind of function

{by(looks, "functions", lambda look: look.group)}

## What `tol` would have done, at a confidence of {CONFIDENCE:g}

{stops(looks)}

The end is the last look before the budget is spent: 50 evaluations in two variables,
75, 90, 100 and 120 in three to six. Saved is the median, over the runs that stop, of
the share of the budget that is left then.
"""


def main() -> None:
    """Run the cases and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", type=int, default=1)
    parser.add_argument("--draws", type=int, default=3, help="per number of variables")
    parser.add_argument("--every", type=int, default=1, help="only every so many cases")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, help="the page, by default in results/")
    parser.add_argument("--looks", type=Path, help="every look, as JSON")
    options = parser.parse_args()
    chosen = list(enumerate(cases(options.instance, options.draws)))[:: options.every]
    with get_context("spawn").Pool(options.jobs) as pool:
        parts = pool.map(looks_at, chosen, chunksize=1)
    looks = [look for part in parts for look in part]
    if options.looks:
        options.looks.write_text(json.dumps([asdict(look) for look in looks]))
    out = options.out or Path(__file__).parent / "results" / "stopping.md"
    out.write_text(text(looks, options.instance))


if __name__ == "__main__":
    main()
