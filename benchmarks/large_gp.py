"""Gaussian processes on many points: ``python benchmarks/large_gp.py``.

Each case runs in a process of its own, so that its peak memory is its own, on one BLAS
thread; times are CPU seconds. Errors are root mean squares over 3000 new points,
relative to the standard deviation of the function there. Beside the models stands an
exact Gaussian process on 2000 of the points. Writes ``results/large_gp.md`` and prints
it.
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
from surrogate_functions import friedman
from surrogates import rosenbrock, welch

import surrogo
from surrogo import GaussianProcess
from surrogo.surrogates import LocalGP, VecchiaGP
from surrogo.surrogates.ordering import maxmin_order, previous_neighbours

HERE = Path(__file__).parent
NEW = 3000
EXACT = 2000
RUNS = 2
DEFAULT_FROM = 100_000  # the default exact model takes long; it does not depend on n
GIGABYTE = 1e6 if sys.platform != "darwin" else 1e9  # of ru_maxrss
NORMAL_90 = 1.6448536269514722


def rough(U: np.ndarray) -> np.ndarray:
    """Waves of different lengths, a kink and a peak: hard to learn everywhere."""
    waves = np.sin(12 * U[:, 0]) * np.cos(7 * U[:, 1]) + np.abs(U[:, 2] - 0.4)
    return waves + np.exp(-20 * np.sum((U - 0.5) ** 2, axis=1))


FUNCTIONS = {f.__name__: f for f in (friedman, rosenbrock, rough, welch)}
CASES = [
    *(("friedman", 5, n) for n in (10_000, 30_000, 100_000)),
    *(("rosenbrock", 5, n) for n in (10_000, 30_000, 100_000)),
    *(("rough", 5, n) for n in (10_000, 100_000)),
    ("welch", 20, 10_000),
    ("rosenbrock", 20, 10_000),
]

HEAD = f"""# Gaussian processes on many points

`python benchmarks/large_gp.py`, {{date}}; {{versions}}; one BLAS thread. Medians of
{{runs}} runs with data of their own, uniform at random without noise. Default settings
(the likelier of radial and tensor product Matern 5/2, constant trend).

## What a `VecchiaGP` costs

CPU seconds. The fit holds the search of length scales (with orderings of its own), the
last ordering, the last search for neighbours and the sparse factor. {NEW} predictions
with standard deviations. Peak memory of the process in GB; in brackets what it was with
the data, before the fit.
"""
QUALITY = f"""## How good it is

Errors relative to the spread of the function; how many new values lie in the central
90 % interval. "Exact" is a `GaussianProcess` on {EXACT} of the points with the kernel
that `VecchiaGP` chose, and the ratio is the error of `VecchiaGP` to its; "default" is
one with default settings, whose ANOVA kernel `VecchiaGP` does not have. `LocalGP` has
kernel and length scales of `VecchiaGP`; its time is that of {NEW} predictions.
"""


def cpu(call: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    out = call()
    return time.process_time() - start, out


def peak() -> float:
    """Return the largest memory this process ever held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIGABYTE


def judged(model: object, new: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    seconds, (mean, std) = cpu(lambda: model.predict(new, return_std=True))
    error = np.sqrt(np.mean((mean - truth) ** 2)) / np.std(truth)
    inside = np.mean(np.abs(mean - truth) <= NORMAL_90 * std)
    return {"predict": seconds, "error": float(error), "inside": float(inside)}


def measure(name: str, d: int, n: int, seed: int) -> dict[str, dict[str, float]]:
    """Fit and judge all models on one data set."""
    f, rng = FUNCTIONS[name], np.random.default_rng(seed)
    X, new = rng.random((n, d)), rng.random((NEW, d))
    y, truth = f(X), f(new)
    box = np.column_stack([np.zeros(d), np.ones(d)])
    before = peak()

    vecchia = VecchiaGP(bounds=box, random_state=seed)
    total, _ = cpu(lambda: vecchia.fit(X, y))
    kernel = vecchia.model_.process.kernel
    found = {"kernel": kernel, "length_scale": vecchia.length_scale_, "n_starts": 0}
    again = VecchiaGP(bounds=box, random_state=seed, **found)
    conditioning, _ = cpu(lambda: again.fit(X, y))
    scaled = X / vecchia.length_scale_
    ordering, order = cpu(lambda: maxmin_order(scaled, rng))
    neighbours, _ = cpu(lambda: previous_neighbours(scaled[order], 30))
    out = {"vecchia": judged(vecchia, new, truth)}
    parts = {"ordering": ordering, "neighbours": neighbours, "fit": total}
    out["vecchia"] |= parts | {"search": total - conditioning}
    out["vecchia"] |= {"peak": peak(), "before": before}

    # the search of a LocalGP is that of the VecchiaGP
    local = LocalGP(bounds=box, **found)
    seconds, _ = cpu(lambda: local.fit(X, y))
    out["local"] = judged(local, new, truth) | {"fit": seconds}

    for name, exact in {
        "exact": GaussianProcess(kernel, n_starts=2, bounds=box, random_state=seed),
        "default": GaussianProcess(bounds=box, random_state=seed),
    }.items():
        if name == "default" and n < DEFAULT_FROM:
            continue
        seconds, _ = cpu(lambda exact=exact: exact.fit(X[:EXACT], y[:EXACT]))
        out[name] = judged(exact, new, truth) | {"fit": seconds}
    return out


def in_a_process(case: tuple[str, int, int], seed: int) -> dict[str, dict[str, float]]:
    command = [sys.executable, __file__, "--case", *map(str, (*case, seed))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def medians(runs: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    return {
        model: {key: float(np.median([run[model][key] for run in runs])) for key in of}
        for model, of in runs[0].items()
    }


def row(cells: list[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def table(head: list[str], rows: list[list[object]]) -> list[str]:
    return [row(head), "|" + "---|" * len(head), *map(row, rows), ""]


def cost(case: tuple[str, int, int], of: dict[str, dict[str, float]]) -> list[object]:
    v = of["vecchia"]
    seconds = [v[key] for key in ("fit", "search", "ordering", "neighbours", "predict")]
    total = v["fit"] + v["predict"]
    memory = f"{v['peak']:.2f} ({v['before']:.2f})"
    return [*case, *(f"{s:.1f}" for s in seconds), f"**{total:.1f}**", memory]


def quality(
    case: tuple[str, int, int], of: dict[str, dict[str, float]]
) -> list[object]:
    cells: list[object] = [*case]
    for model in ("vecchia", "local", "exact", "default"):
        if model not in of:
            cells += ["", ""]
            continue
        cells += [f"{of[model]['error']:.2e}", f"{100 * of[model]['inside']:.0f} %"]
    ratio = of["vecchia"]["error"] / of["exact"]["error"]
    others = [f"{of['exact']['fit']:.1f}", f"{of['local']['predict']:.1f}"]
    return [*cells, f"**{ratio:.2f}**", *others]


def report(runs: int) -> str:
    results = [(c, medians([in_a_process(c, s) for s in range(runs)])) for c in CASES]
    versions = (
        f"surrogo {surrogo.__version__}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    )
    costs = ["fit", "search", "ordering", "neighbours", f"{NEW} predictions"]
    models = ["Vecchia", "inside", "local", "inside", "exact", "inside"]
    models += ["default", "inside"]
    lines = [
        HEAD.format(date=time.strftime("%Y-%m-%d"), versions=versions, runs=runs),
        *table(
            ["function", "d", "n", *costs, "fit + predictions", "memory"],
            [cost(*result) for result in results],
        ),
        QUALITY,
        *table(
            ["function", "d", "n", *models, "ratio", "exact fit, s", "local, s"],
            [quality(*result) for result in results],
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
    (HERE / "results" / "large_gp.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
