"""Sparse radial basis functions on many points: ``python benchmarks/large_rbf.py``.

Each case runs in a process of its own, so that its peak memory is its own, on one BLAS
thread; times are CPU seconds. Errors are those at 10 000 new points of the unit cube:
of Franke's function in two variables, of its four hills with a third variable in three.
Writes ``results/large_rbf.md`` and prints it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import numpy as np
import scipy
from scipy.sparse.linalg import splu

import surrogo
from surrogo.surrogates import CompactRBF, MultilevelRBF, sparse
from surrogo.surrogates.compact_model import radius_for
from surrogo.surrogates.wendland import Wendland

HERE = Path(__file__).parent
NEW = 10_000
RUNS = 3
GIGABYTE = 1e6 if sys.platform != "darwin" else 1e9  # of ru_maxrss

MODELS = {
    "CompactRBF()": lambda box: CompactRBF(bounds=box),
    "CompactRBF(4)": lambda box: CompactRBF(4, bounds=box),
    "MultilevelRBF()": lambda box: MultilevelRBF(bounds=box),
    "MultilevelRBF(4)": lambda box: MultilevelRBF(4, bounds=box),
}
SIZES = [(2, n) for n in (10_000, 30_000, 100_000)] + [(3, n) for n in (10_000, 30_000)]
CASES = [(name, d, n) for d, n in SIZES for name in MODELS]
NEIGHBOURS = (0, 10, 20, 30, 40)
DIRECT = (2000, 10_000, 30_000)

HEAD = f"""# Sparse radial basis functions on many points

`python benchmarks/large_rbf.py --runs {{runs}}`, {{date}}; {{versions}}; one BLAS
thread. Medians of the runs, with data of their own, uniform at random without noise.
Default settings but for the smoothness.

## What they cost, and how good they are

CPU seconds of the fit, and of {NEW} predictions without and with standard deviations;
peak memory of the process in GB, in brackets what it was with the data, before the fit;
conjugate gradient iterations, of the finest level; numbers in its matrix, a row;
largest and root mean square error at {NEW} new points, and how many of these lie within
two standard deviations.
"""
ITERATIONS = """## Neighbours in the preconditioner

Two variables, C2, 100 points within the radius. CPU seconds of the factor, of the
iterations, and how many there were until the residual was 1e-10 of the right side.
"""
DIRECTLY = """## Direct solution

The same equations by `scipy.sparse.linalg.splu` (symmetric mode, minimum degree on
A + A^T) beside the iteration with its preconditioner of 20 neighbours: CPU seconds of
each, numbers in the direct factor a row, and the largest difference of the weights,
relative to the largest weight.
"""


def franke(U: np.ndarray) -> np.ndarray:
    """Franke 1982, Math. Comp. 38, 181-200; times a wave in further variables."""
    x, y = 9.0 * U[:, 0], 9.0 * U[:, 1]
    hills = 0.75 * np.exp(-((x - 2) ** 2 + (y - 2) ** 2) / 4)
    hills += 0.75 * np.exp(-((x + 1) ** 2) / 49 - (y + 1) / 10)
    hills += 0.5 * np.exp(-((x - 7) ** 2 + (y - 3) ** 2) / 4)
    hills -= 0.2 * np.exp(-((x - 4) ** 2) - (y - 7) ** 2)
    return hills * np.prod(np.cos(U[:, 2:]), axis=1)


def cpu(call: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    out = call()
    return time.process_time() - start, out


def peak() -> float:
    """Return the largest memory this process ever held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIGABYTE


def measure(name: str, d: int, n: int, seed: int) -> dict[str, float]:
    """Fit and judge one model on one data set."""
    rng = np.random.default_rng(seed)
    X, new = rng.random((n, d)), rng.random((NEW, d))
    y, before = franke(X), peak()
    model = MODELS[name](np.column_stack([np.zeros(d), np.ones(d)]))
    fit, _ = cpu(lambda: model.fit(X, y))
    mean_only, _ = cpu(lambda: model.predict(new))
    after = peak()
    both, (mean, std) = cpu(lambda: model.predict(new, return_std=True))
    error = np.abs(mean - franke(new))
    finest = getattr(model.model_, "levels", [model.model_])[-1]
    return {
        "fit": fit,
        "predict": mean_only,
        "with std": both,
        "peak": after,
        "before": before,
        "iterations": finest.work.iterations,
        "row": finest.work.nnz / n,
        "max": float(error.max()),
        "rms": float(np.sqrt(np.mean(error**2))),
        "inside": float(np.mean(error <= 2.0 * std)),
    }


def in_a_process(case: tuple[str, int, int], seed: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--case", *map(str, (*case, seed))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.median([run[key] for run in runs])) for key in runs[0]}


def equations(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scaled points (n, 2) and right sides (n, 2) of a default fit."""
    Z = np.random.default_rng(0).random((n, 2))
    return Z / radius_for(Z, 100), np.column_stack([franke(Z), np.ones(n)])


def iterated(n: int, m: int) -> list[object]:
    """Return a row on the preconditioner with m neighbours, n points."""
    Z, B = equations(n)
    A = sparse.gram(Wendland(2), Z)
    factor, P = cpu(lambda: sparse.inverse_factor(Wendland(2), Z, m))
    solve, x = cpu(lambda: sparse.conjugate_gradients(A, P, B, 1e-10, 2000))
    return [n, m, f"{factor:.1f}", f"{solve:.1f}", x.iterations, f"{x.residual:.0e}"]


def solved(A: sparse.csr_array, Z: np.ndarray, B: np.ndarray) -> np.ndarray:
    P = sparse.inverse_factor(Wendland(2), Z, 20)
    return sparse.conjugate_gradients(A, P, B, 1e-10, 2000).X


def direct(n: int) -> list[object]:
    """Return a row on the direct solution for n points."""
    Z, B = equations(n)
    A = sparse.gram(Wendland(2), Z)
    options = {"SymmetricMode": True}
    order = "MMD_AT_PLUS_A"
    seconds, lu = cpu(
        lambda: splu(A.tocsc(), order, diag_pivot_thresh=0.0, options=options)
    )
    ours, x = cpu(lambda: solved(A, Z, B))
    exact = lu.solve(B)
    gap = np.max(np.abs(x - exact)) / np.max(np.abs(exact))
    fill = lu.L.nnz / n
    return [n, f"{seconds:.1f}", f"{ours:.1f}", f"{fill:.0f}", f"{gap:.0e}"]


def row(cells: list[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def table(head: list[str], rows: list[list[object]]) -> list[str]:
    return [row(head), "|" + "---|" * len(head), *map(row, rows), ""]


def result(case: tuple[str, int, int], of: dict[str, float]) -> list[object]:
    name, d, n = case
    seconds = [f"{of[key]:.1f}" for key in ("fit", "predict", "with std")]
    total = f"**{of['fit'] + of['predict']:.1f}**"
    memory = f"{of['peak']:.2f} ({of['before']:.2f})"
    work = f"{of['iterations']:.0f}", f"{of['row']:.0f}"
    errors = f"{of['max']:.1e}", f"{of['rms']:.1e}", f"{100 * of['inside']:.0f} %"
    return [f"`{name}`", d, n, *seconds, total, memory, *work, *errors]


def report(runs: int) -> str:
    results = [(c, medians([in_a_process(c, s) for s in range(runs)])) for c in CASES]
    versions = (
        f"surrogo {surrogo.__version__}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    )
    costs = ["fit", "predict", "with std", "fit + predict", "memory", "iterations"]
    trials = [(n, m) for n in (10_000, 40_000) for m in NEIGHBOURS]
    lines = [
        HEAD.format(date=time.strftime("%Y-%m-%d"), versions=versions, runs=runs),
        *table(
            ["model", "d", "n", *costs, "a row", "max", "rms", "inside"],
            [result(*r) for r in results],
        ),
        ITERATIONS,
        *table(
            ["n", "neighbours", "factor", "solve", "iterations", "residual"],
            [iterated(*trial) for trial in trials],
        ),
        DIRECTLY,
        *table(
            ["n", "direct", "iteration", "a row", "difference"],
            [direct(n) for n in DIRECT],
        ),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--case", nargs=4, metavar=("NAME", "D", "N", "SEED"))
    arguments = parser.parse_args()
    if arguments.case:
        name, *numbers = arguments.case
        print(json.dumps(measure(name, *map(int, numbers))))
        return
    text = report(arguments.runs)
    (HERE / "results" / "large_rbf.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
