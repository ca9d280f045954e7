"""How evenly the samplers fill the space: ``python benchmarks/designs.py``.

Centred discrepancy (less is better), least distance (more is better) and time of every
sampler, next to the class of `scipy.stats.qmc` that does the same, if there is one.
Medians over the same seeds. Writes ``results/designs.md`` and prints it.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import numpy as np
import scipy
from scipy.stats import qmc

import surrogo
from surrogo.samplers import (
    SAMPLERS,
    Constrained,
    LatinHypercube,
    Sampler,
    discrepancy,
    extend,
    min_distance,
)

RESULTS = Path(__file__).parent / "results" / "designs.md"
SIZES = ((32, 2), (128, 2), (64, 5), (256, 5), (128, 10))
Draw = Callable[[int, int, int], np.ndarray]

OURS: dict[str, Sampler] = {name: make() for name, make in SAMPLERS.items()} | {
    "latin_hypercube, discrepancy": LatinHypercube(optimise="discrepancy"),
    "latin_hypercube, maximin": LatinHypercube(optimise="maximin"),
}


def scipys(make: type[qmc.QMCEngine], **options: object) -> Draw:
    def draw(n: int, d: int, seed: int) -> np.ndarray:
        with warnings.catch_warnings():  # Sobol: n is no power of two
            warnings.simplefilter("ignore", UserWarning)
            return make(d, rng=seed, **options).random(n)

    return draw


def extended(n: int, d: int, seed: int) -> np.ndarray:
    """Half by Latin hypercube sampling, the other half by `extend`."""
    box = [(0, 1)] * d
    X = LatinHypercube().sample(n // 2, box, seed)
    return np.vstack([X, extend(X, n - n // 2, box, seed)])


def nested(n: int, d: int, seed: int) -> np.ndarray:
    """Half by Latin hypercube sampling, and a nested one around it."""
    U = LatinHypercube().sample_unit(n // 2, d, seed)
    return np.vstack([U, LatinHypercube().extend_unit(U, n - n // 2, seed)])


def draws() -> dict[str, Draw]:
    """Return all designs, each of ours before that of SciPy."""
    out: dict[str, Draw] = {}
    theirs = {
        "halton": scipys(qmc.Halton),
        "latin_hypercube": scipys(qmc.LatinHypercube),
        "latin_hypercube, discrepancy": scipys(
            qmc.LatinHypercube, optimization="random-cd"
        ),
        "sobol": scipys(qmc.Sobol),
    }
    for name, sampler in OURS.items():
        out[name] = sampler.sample_unit
        if name in theirs:
            out[f"SciPy: {name}"] = theirs[name]
    return out | {
        "nested Latin hypercubes": nested,
        "Latin hypercube, extended": extended,
    }


def measured(draw: Draw, n: int, d: int, seeds: int) -> tuple[str, str, str]:
    """Return medians of discrepancy, least distance and milliseconds."""
    rows = []
    for seed in range(seeds):
        begin = time.process_time()
        U = draw(n, d, seed)
        seconds = time.process_time() - begin
        rows.append((discrepancy(U), min_distance(U), 1e3 * seconds))
    spread, distance, milliseconds = np.median(rows, axis=0)
    return f"{spread:.2e}", f"{distance:.3f}", f"{milliseconds:.1f}"


def table(n: int, d: int, seeds: int) -> list[str]:
    lines = [
        "",
        f"## {n} points in {d} variables",
        "",
        "| design | discrepancy | least distance | ms |",
        "|---|---|---|---|",
    ]
    for name, draw in draws().items():
        if name == "poisson_disk" and d > 4:
            continue
        lines.append(f"| {name} | {' | '.join(measured(draw, n, d, seeds))} |")
    return lines


def constrained_table(seeds: int) -> list[str]:
    """Return what it costs to find points in sets that become ever smaller."""
    lines = [
        "",
        "## 100 points in the corner sum(x) <= 1 of d variables",
        "",
        "Its volume is 1 / d!: points of the cube are left out while there are enough "
        "inside, then random walks take over.",
        "",
        "| d | volume | ms |",
        "|---|---|---|",
    ]
    for d in (2, 4, 6, 10, 20):
        corner = scipy.optimize.LinearConstraint(np.ones((1, d)), ub=1)
        sampler = Constrained(OURS["sobol"], corner)
        times = []
        for seed in range(seeds):
            begin = time.process_time()
            sampler.sample(100, [(0, 1)] * d, seed)
            times.append(1e3 * (time.process_time() - begin))
        volume = 1 / scipy.special.factorial(d)
        lines.append(f"| {d} | {volume:.1e} | {np.median(times):.0f} |")
    return lines


def header(seeds: int) -> list[str]:
    versions = (
        f"surrogo {surrogo.__version__}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    )
    return [
        "# How evenly the samplers fill the space",
        "",
        f"`python benchmarks/designs.py --seeds {seeds}`, {datetime.date.today()}; "
        f"{versions}; one BLAS thread, CPU time. Centred discrepancy (less is better), "
        "distance of the closest two points in the unit cube (more is better): medians "
        f"over {seeds} seeds.",
        "",
        "Every sampler is made without arguments unless a comma says otherwise.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=11, help="designs of each kind")
    seeds = parser.parse_args().seeds
    lines = header(seeds)
    for n, d in SIZES:
        lines += table(n, d, seeds)
    lines += constrained_table(min(seeds, 5))
    text = "\n".join(lines) + "\n"
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
