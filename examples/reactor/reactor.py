"""A batch reactor: A becomes B, and B becomes waste, the faster the hotter it is.

The temperature goes in a straight line from `start` to `end`. What is left of B after
some hours, and what the batch earns, is written as JSON.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from scipy.integrate import solve_ivp

GAS = 8.314  # J/(mol K)
RATES = ((4.0e4, 4.0e4), (2.5e7, 6.0e4))  # 1/h and J/mol: of A to B, of B to waste
SETUP = 0.5  # hours between two batches


def rates(temperature: float) -> list[float]:
    """Return the rates of the two reactions, in 1/h."""
    return [
        factor * np.exp(-barrier / (GAS * temperature)) for factor, barrier in RATES
    ]


def simulate(start: float, end: float, hours: float) -> np.ndarray:
    """Return the shares of A and B at the end."""

    def slope(t: float, y: np.ndarray) -> list[float]:
        first, second = rates(start + (end - start) * t / hours)
        return [-first * y[0], first * y[0] - second * y[1]]

    solution = solve_ivp(slope, (0, hours), [1.0, 0.0], method="LSODA", rtol=1e-8)
    if not solution.success:
        raise SystemExit(f"the integrator gave up: {solution.message}")
    return solution.y[:, -1]


def main() -> None:
    """Read the arguments, simulate, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("start", "end", "hours"):
        parser.add_argument(f"--{name}", type=float, required=True)
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    a, b = simulate(given.start, given.end, given.hours)
    rate = b / (given.hours + SETUP)
    result = {"shares": {"a": a, "b": b, "waste": 1 - a - b}, "b_per_hour": rate}
    with open(given.out, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
