"""Simulations for a posterior sample, beside emcee. ``python -m benchmarks.posterior``.

The same target, start, flat prior and estimate of effective size for both. Needs emcee
(not a dependency). Writes ``results/posterior.md``; takes ten minutes of one core.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from benchmarks.reporting import markdown
from surrogo import Evaluation, Space
from surrogo.calibration.curvature import Curvature
from surrogo.calibration.posterior import posterior
from surrogo.calibration.sample_size import effective_sample_size
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.target import Target
from surrogo.problems import hare_lynx as lynx

SEEDS, WORTH = 3, 400
WALKERS, BURN_IN = 32, 100
STEPS = {"exponential decay": 1000, "hare-lynx": 400}
RESULT = Path(__file__).parent / "results" / "posterior.md"


def decay() -> Target:
    """Return 12 noisy data of a decay: two parameters, a bent posterior."""
    t = np.linspace(0.2, 4.0, 12)
    y = 2.0 * np.exp(-0.8 * t) + 0.3 * np.random.default_rng(0).normal(size=12)

    def residuals(x: np.ndarray) -> np.ndarray:
        return (x[0] * np.exp(-x[1] * t) - y) / 0.3

    x = least_squares(residuals, [2.0, 0.8], xtol=1e-12).x
    return Target(Space.of({"A": (0.1, 10), "k": (0.01, 5)}), density(residuals), x)


def hare_lynx() -> Target:
    """Return hare and lynx with log-normal noise of 0.22: six parameters."""
    problem = lynx.hare_lynx()
    space = Space(problem.space.variables, lynx.PARAMETERS, False)
    evaluate = density(lambda x: lynx.log_residuals(x) / 0.22)
    return Target(space, evaluate, problem.x_opt[0])


def density(
    residuals: Callable[[np.ndarray], np.ndarray],
) -> Callable[[np.ndarray], Evaluation]:
    def evaluate(x: np.ndarray) -> Evaluation:
        r = residuals(x)
        return Evaluation(0.5 * float(r @ r), residuals=r)

    return evaluate


TARGETS = {"exponential decay": decay, "hare-lynx": hare_lynx}


def ours(target: Target, seed: int) -> dict[str, object]:
    start = time.process_time()
    sample = posterior(target, n_effective=WORTH, rng=seed)
    return {
        "simulations": sample.n_simulations,
        "effective": sample.n_effective,
        "mean": sample.mean,
        "std": sample.std,
        "cpu": time.process_time() - start,
    }


def emcees(target: Target, seed: int, steps: int) -> dict[str, object]:
    """Run emcee's stretch move from draws of the normal approximation.

    Its burn-in is counted, its start is not.
    """
    import emcee

    simulations = Simulations(target)
    curvature = Curvature.of(simulations)
    rng = np.random.default_rng(seed)
    start = curvature.to_u(rng.normal(size=(WALKERS, simulations.p))).clip(0.001, 0.999)
    calls = 0

    def log_density(u: np.ndarray) -> float:
        nonlocal calls
        if np.any((u < 0.0) | (u > 1.0)):
            return -np.inf
        calls += 1
        try:
            return -target.evaluate(simulations.rows(u[None, :])[0]).value
        except ArithmeticError:
            return -np.inf

    begin = time.process_time()
    np.random.seed(seed)  # noqa: NPY002 emcee draws from the global generator
    sampler = emcee.EnsembleSampler(WALKERS, simulations.p, log_density)
    sampler.run_mcmc(start, BURN_IN + steps)
    chains = sampler.get_chain(discard=BURN_IN)  # (steps, walkers, p)
    draws = simulations.rows(chains.reshape(-1, simulations.p))
    sizes = [effective_sample_size(c) for c in chains.transpose(2, 1, 0)]
    return {
        "simulations": calls,
        "effective": min(sizes),
        "mean": draws.mean(axis=0),
        "std": draws.std(axis=0),
        "cpu": time.process_time() - begin,
    }


def runs() -> pd.DataFrame:
    rows = []
    for name, make in TARGETS.items():
        for seed in range(SEEDS):
            for method in ("surrogo", "emcee"):
                target = make()
                if method == "surrogo":
                    found = ours(target, seed)
                else:
                    found = emcees(target, seed, STEPS[name])
                rows.append({"problem": name, "method": method, **found})
                print(name, method, found, flush=True)
    return pd.DataFrame(rows)


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return medians over seeds."""
    rows = {}
    for name, some in frame.groupby("problem", sort=False):
        cost = {}
        for method, of in some.groupby("method", sort=False):
            cost[method] = np.median(of.simulations / of.effective)
            rows[f"{name}, {method}"] = {
                "simulations": f"{of.simulations.median():.0f}",
                "effective draws": f"{of.effective.median():.0f}",
                "simulations per draw": f"{cost[method]:.2f}",
                "ratio": f"{cost[method] / cost['surrogo']:.0f}",
                "CPU seconds": f"{of.cpu.median():.0f}",
            }
    return pd.DataFrame.from_dict(rows, orient="index")


def agreement(frame: pd.DataFrame) -> str:
    """Say by how much posterior means differ at most, in standard deviations."""
    worst = []
    for _, some in frame.groupby("problem", sort=False):
        mean = {m: np.mean(np.stack(of["mean"]), 0) for m, of in some.groupby("method")}
        std = np.mean(np.stack(some["std"]), axis=0)
        worst.append(np.max(np.abs(mean["surrogo"] - mean["emcee"]) / std))
    return ", ".join(f"{value:.3f}" for value in worst)


def text(frame: pd.DataFrame) -> str:
    return (
        "# Simulations for a posterior sample\n\n`python -m benchmarks.posterior`, "
        f"medians of {SEEDS} seeds. emcee 3.1: {WALKERS} walkers, stretch moves, begun "
        f"at draws of the normal approximation, {BURN_IN} steps of burn-in counted. "
        "Effective draws: Geyer's estimate by the same code for both, the smallest of "
        "parameters; for surrogo times the worth of the importance weights. All "
        "simulations of surrogo count, those for its surrogate included; its CPU time "
        "is mostly thinking, emcee's mostly simulations (0.02 ms and 6 ms each).\n\n"
        f"{markdown.lines(table(frame), '')}\n\n"
        "Posterior means, averaged over seeds, differ at most by "
        f"{agreement(frame)} standard deviations (a problem each).\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    options.output.write_text(text(runs()), "utf-8")


if __name__ == "__main__":
    main()
