"""Importing the library is quick: heavy libraries are loaded where they are used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("matplotlib", "pandas", "pymoo", "scipy.stats", "sklearn")

# At most this many times as long as `import numpy`, which every user pays anyway.
# It is a ratio, and both are measured in turn, so that a busy machine slows both.
RATIO = 3.0
REPEATS = 5


def run(code: str) -> str:
    """Run code in a fresh process that finds this source tree; return its output."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def seconds(statement: str) -> float:
    """Return how long a statement takes as the first one of a process."""
    clock = "from time import perf_counter as now\n"
    return float(run(f"{clock}start = now()\n{statement}\nprint(now() - start)"))


@pytest.mark.parametrize(
    "statement",
    ["import surrogo", "from surrogo import Optimizer, Real, Space, optimize"],
)
def test_import_loads_nothing_heavy(statement: str) -> None:
    shown = f"import sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    assert run(f"{statement}\n{shown}").split() == []


def test_import_takes_at_most_three_times_numpy() -> None:
    pairs = [
        (seconds("import surrogo"), seconds("import numpy")) for _ in range(REPEATS)
    ]
    ours, numpys = map(min, zip(*pairs, strict=True))
    assert ours <= RATIO * numpys, f"{ours:.3f} s against {numpys:.3f} s"
