"""What choosing the kernel is worth: ``python benchmarks/surrogate_kernels.py``.

The default of `GaussianProcess` was settled on functions of ``surrogate_functions.py``.
These here were kept apart: the problems of `surrogo.problems` that are not among them,
and two functions in 20 variables. Errors at 1000 new points relative to those of the
radial Matern 5/2 on the same data, geometric means over seeds, and the share of new
values inside 90 % intervals. Writes ``results/surrogate_kernels.md``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import numpy as np
from surrogates import ridge, welch

import surrogo
from surrogo import GaussianProcess, problems
from surrogo.samplers import LatinHypercube

KERNELS = ("auto", "anova", "tensor_matern52", "squared_exponential")
PROBLEMS = ("branin", "goldstein_price", "hartmann3", "rosenbrock", "ackley", "gas_oil")
SEEDS, NEW = 3, 1000
SIZES = (5, 10, 30)
RESULTS = Path(__file__).parent / "results" / "surrogate_kernels.md"


def on_the_cube(name: str) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    """Return a problem as a function of points of the unit cube, and d."""
    problem = problems.get(name)

    def f(U: np.ndarray) -> np.ndarray:
        return np.array([problem.fun(x) for x in problem.space.from_unit(U)])

    return f, problem.space.d


def judged(kernel: str, data: tuple[np.ndarray, ...]) -> tuple[float, float]:
    """Return the error at new points, and the share of them inside the intervals."""
    U, y, V, truth = data
    box = [[0, 1]] * U.shape[1]
    gp = GaussianProcess(kernel, bounds=box, random_state=0).fit(U, y)
    low, high = gp.predict_interval(V, 0.9)
    error = float(np.sqrt(np.mean((gp.predict(V) - truth) ** 2)))
    return error, float(np.mean((truth >= low) & (truth <= high)))


def row(name: str, f: Callable[[np.ndarray], np.ndarray], d: int, size: int) -> str:
    """Compare the kernels on one function and number of points."""
    ratios: dict[str, list[float]] = {kernel: [] for kernel in KERNELS}
    inside: dict[str, list[float]] = {kernel: [] for kernel in ("matern52", *KERNELS)}
    for seed in range(SEEDS):
        U = LatinHypercube().sample_unit(size * d, d, seed)
        V = np.random.default_rng(100 + seed).random((NEW, d))
        data = U, f(U), V, f(V)
        base, share = judged("matern52", data)
        inside["matern52"].append(share)
        for kernel in KERNELS:
            error, share = judged(kernel, data)
            ratios[kernel].append(np.log(error / base))
            inside[kernel].append(share)
    LOGS.append([np.mean(ratios[kernel]) for kernel in KERNELS])
    shown = [f"{np.exp(np.mean(ratios[kernel])):.2f}" for kernel in KERNELS]
    shares = [f"{np.mean(share):.2f}" for share in inside.values()]
    return f"| {name} | {size * d} | {' | '.join([*shown, *shares])} |"


LOGS: list[list[float]] = []


def main() -> None:
    """Run all and write the table."""
    functions = {name: on_the_cube(name) for name in PROBLEMS}
    functions |= {"welch": (welch, 20), "ridge": (ridge, 20)}
    head = ["function", "n", *KERNELS, "matern52 inside", *(f"{k} in" for k in KERNELS)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, (f, d) in functions.items():
        for size in SIZES if d < 20 else SIZES[:2]:
            lines.append(row(name, f, d, size))
    means = [f"{x:.2f}" for x in np.exp(np.mean(LOGS, axis=0))]
    text = (
        "# The kernel by likelihood, on functions kept apart\n\n"
        "`python benchmarks/surrogate_kernels.py`, "
        f"{time.strftime('%Y-%m-%d')}; surrogo {surrogo.__version__}, {SEEDS} Latin "
        "hypercubes each. Error relative\nto that of the radial Matern 5/2 (below 1 is "
        "better), then shares of values inside 90 %\nintervals.\n\n"
        + "\n".join(lines)
        + "\n\nGeometric means over all rows: "
        + ", ".join(f"{k} {m}" for k, m in zip(KERNELS, means, strict=True))
        + ".\n"
    )
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
