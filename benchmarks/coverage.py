"""Do 90 % intervals hold the truth in 90 % of cases? ``python -m benchmarks.coverage``.

Data of two models are made 200 times; each time the parameters are estimated by local
least squares from the truth, and profile likelihood and posterior intervals are asked
for. Writes ``results/coverage.md``; takes a quarter of an hour of one core.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from tqdm import tqdm

from benchmarks.reporting import markdown
from surrogo import Evaluation, Real, Space
from surrogo.calibration.posterior import posterior
from surrogo.calibration.profiles import profiles
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.target import Target
from surrogo.calibration.uncertainty import local_uncertainty

LEVEL, REPETITIONS, WORTH = 0.9, 200, 200
RESULT = Path(__file__).parent / "results" / "coverage.md"
METHODS = ("curvature", "profile", "posterior")


@dataclass(frozen=True)
class Model:
    """A curve y(t), its true parameters, the space and the noise."""

    name: str
    curve: Callable[[np.ndarray, np.ndarray], np.ndarray]
    t: np.ndarray
    truth: np.ndarray
    space: Space
    sd: float

    def target(self, seed: int) -> Target:
        """Return the calibration to data of this seed."""
        noise = np.random.default_rng([seed, len(self.name)]).normal(size=len(self.t))
        y = self.curve(self.truth, self.t) + self.sd * noise

        def residuals(x: np.ndarray) -> np.ndarray:
            return (self.curve(x, self.t) - y) / self.sd

        def evaluate(x: np.ndarray) -> Evaluation:
            r = residuals(x)
            return Evaluation(0.5 * float(r @ r), residuals=r)

        box = np.array([(v.low, v.high) for v in self.space.variables]).T
        x = least_squares(residuals, self.truth, bounds=box, x_scale="jac").x
        return Target(self.space, evaluate, x)


MODELS = (
    Model(
        "exponential decay",
        lambda x, t: x[0] * np.exp(-x[1] * t),
        np.linspace(0.2, 4.0, 12),
        np.array([2.0, 0.8]),
        Space.of({"A": (0.1, 10), "k": (0.01, 5)}),
        0.15,
    ),
    Model(
        "Michaelis-Menten",
        lambda x, s: x[0] * s / (x[1] + s),
        np.linspace(0.1, 2.0, 12),
        np.array([1.0, 0.5]),
        Space.of(
            {
                "v_max": Real(0.05, 20, scale="log"),
                "K": Real(0.01, 50, scale="log"),
            }
        ),
        0.04,
    ),
)


def intervals(target: Target, seed: int) -> Iterator[tuple[str, np.ndarray, int]]:
    """Yield a method, its intervals (p, 2) and the simulations that it took."""
    local = local_uncertainty(target, level=LEVEL)
    both = np.column_stack([local.lower, local.upper])
    yield "curvature", both, local.n_simulations
    found = profiles(Simulations(target), level=LEVEL)
    yield "profile", np.array([one.interval for one in found]), found.n_simulations
    sample = posterior(Simulations(target), n_effective=WORTH, rng=seed)
    yield "posterior", sample.interval(LEVEL), sample.n_simulations


def runs(repetitions: int) -> pd.DataFrame:
    """Return a row for each model, seed, method and parameter."""
    rows = []
    for model in MODELS:
        for seed in tqdm(range(repetitions), desc=model.name):
            for method, ends, cost in intervals(model.target(seed), seed):
                inside = (ends[:, 0] <= model.truth) & (model.truth <= ends[:, 1])
                for name, hit in zip(model.space.names, inside, strict=True):
                    rows.append((model.name, name, method, bool(hit), cost))
    columns = ["model", "parameter", "method", "inside", "simulations"]
    return pd.DataFrame(rows, columns=columns)


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the share inside in % by parameter, pooled, and the median cost."""
    rows: dict[str, dict[str, str]] = {}
    for method in METHODS:
        of = frame[frame.method == method]
        for (model, name), some in of.groupby(["model", "parameter"], sort=False):
            cell = f"{100 * some.inside.mean():.1f}"
            rows.setdefault(f"{name} of {model}", {})[method] = cell
        rows.setdefault("pooled", {})[method] = f"{100 * of.inside.mean():.1f}"
        cost = f"{of.simulations.median():.0f}"
        rows.setdefault("median simulations", {})[method] = cost
    return pd.DataFrame.from_dict(rows, orient="index")


def text(frame: pd.DataFrame, repetitions: int) -> str:
    return (
        "# Coverage of intervals\n\n`python -m benchmarks.coverage`: how often, in %, "
        f"a {100 * LEVEL:.0f} % interval holds the truth, in {repetitions} repetitions "
        "of each of two models (12 data, known normal noise). A share of 90 % has a "
        f"standard error of {100 * np.sqrt(0.09 / repetitions):.1f} %. Posterior: flat "
        f"priors, samples worth {WORTH} draws. Simulations include the one at the "
        "estimate.\n\n"
        f"{markdown.lines(table(frame), '')}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    frame = runs(options.repetitions)
    options.output.write_text(text(frame, options.repetitions), "utf-8")


if __name__ == "__main__":
    main()
