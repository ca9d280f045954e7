"""Whether knowing the right-hand side decides: ``python -m benchmarks.known_rates``.

The predator-prey calibration `hare_lynx` from bounds alone, ten seeds, 100 simulations:
`calibrate`, which lays curves through the data for its first points, and the same
without these. Solved is a sum of squared logarithms within 1 % of the lowest. Makes all
runs, in half a minute, and writes ``results/known_rates.md``.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import pandas as pd

from benchmarks import command
from benchmarks.reporting import markdown
from surrogo import OdeModel, Real, __version__, calibrate, problems
from surrogo.calibration import LogNormal, Noise
from surrogo.problems.hare_lynx import HARE, LYNX, PARAMETERS, YEARS

BUDGET, SEEDS = 100, 10
CASES = {
    "sigma = 1, smoothed": (LogNormal(sigma=1.0), "auto"),
    "sigma by a formula, smoothed": (LogNormal(), "auto"),
    "sigma = 1, no start points": (LogNormal(sigma=1.0), None),
}


def predation(t: float, y: np.ndarray, p: dict[str, float]) -> tuple[float, float]:
    """Return the growth of hares and lynxes per year (Lotka 1925, Volterra 1926)."""
    hare, lynx = y
    return (p["a"] - p["b"] * lynx) * hare, (p["d"] * hare - p["c"]) * lynx


def needed(noise: Noise, starts: str | None, seed: int) -> float:
    """Return the simulations until it was solved, inf if never."""
    reference = problems.get("hare_lynx")
    bounds = {
        name: Real(variable.low, variable.high, scale="log")
        for name, variable in zip(PARAMETERS, reference.space.variables, strict=True)
    }
    states = {"hare": "u0", "lynx": "v0"}
    model = OdeModel(predation, ["hare", "lynx"], states, start=YEARS[0])
    data = {"time": YEARS, "hare": HARE, "lynx": LYNX}
    fit = calibrate(
        model, data, bounds, noise=noise, starts=starts, max_evals=BUDGET, rng=seed
    )
    sums = [
        reference(list(trial.x.values())) if trial.state == "done" else np.inf
        for trial in fit.trials
    ]
    hit = np.array(sums) <= 1.01 * reference.f_opt
    return float(np.argmax(hit) + 1) if hit.any() else np.inf


def row(counts: list[float]) -> dict[str, str]:
    """Return how many runs were solved, and after how many simulations."""
    found = sorted(int(n) for n in counts if np.isfinite(n))
    return {
        "solved": f"{len(found)} of {len(counts)}",
        "simulations until then": ", ".join(map(str, found)),
    }


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    options = command.script("known_rates", __doc__).parse_args(arguments)
    rows = {
        name: row([needed(noise, starts, seed) for seed in range(SEEDS)])
        for name, (noise, starts) in CASES.items()
    }
    table = markdown.lines(pd.DataFrame.from_dict(rows, orient="index"))
    command.write(
        options,
        "# Known rates\n\n`python -m benchmarks.known_rates`, surrogo "
        f"{__version__}, {date.today()}. {SEEDS} seeds, {BUDGET} simulations.\n\n"
        f"{table}\n",
    )


if __name__ == "__main__":
    sys.exit(command.guarded(main))
