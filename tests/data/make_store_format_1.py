"""How the stores of format 1 here were made; never make them again.

    python -m tests.data.make_store_format_1 FOLDER

``store_format_1_auto.db`` by the default strategy, ``store_format_1_kept.db`` by one
that remembers infinities and whose points no later version can change. What was in
them is in ``store_format_1.json``.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from surrogo import Categorical, Evaluation, Integer, Optimizer, Ordinal, Real, optimize
from surrogo.optimizers import Memory, Strategy

BOUNDS = {
    "rate": Real(1e-6, 1e-2, scale="log"),
    "layers": Integer(1, 8),
    "mesh": Ordinal(["coarse", "medium", "fine"]),
    "solver": Categorical(["explicit", "implicit", "größer"]),
    "order": Integer(1, 5, active_if={"solver": "implicit"}),
    "share": Real(0.01, 0.99, scale="logit"),
    "gravity": (9.81, 9.81),
}
# Compiled under a name of its own, so that tracebacks hold no path of a machine.
_SIMULATION = """
import math

attempts = {}

def simulation(p):
    key = repr(p)
    attempts[key] = attempts.get(key, 0) + 1
    if len(attempts) % 7 == 3 and attempts[key] == 1:
        raise ConnectionError("the licence server is busy")
    if p["rate"] > 2e-3 and p["mesh"] == "fine":
        raise ArithmeticError("the step \\N{GREEK SMALL LETTER TAU} became negative")
    if p["layers"] == 8:
        return math.nan
    return (math.log10(p["rate"]) + 4) ** 2 + p["layers"] * p["share"] + p["gravity"]
"""


@dataclass(frozen=True)
class KeptMemory(Memory):
    """Numbers that JSON does not have, and text that looks like one of them."""

    lowest: float = math.inf
    highest: float = -math.inf
    unknown: float = math.nan
    asks: int = 0


@dataclass(frozen=True)
class Kept(Strategy):
    """Random points."""

    name: ClassVar[str] = "kept"
    Memory: ClassVar[type[Memory]] = KeptMemory
    setting: float = 0.5

    def propose(self, view: Any, memory: Any, n: int, rng: Any) -> Any:
        asks = KeptMemory(asks=memory.asks + 1)
        return rng.random((n, view.space.d)), asks


def simulation() -> Any:
    scope: dict[str, Any] = {}
    exec(compile(_SIMULATION, "simulation.py", "exec"), scope)
    return scope["simulation"]


def make(path: Path, strategy: Any) -> None:
    """Write a store: three sessions, batches, retries, rules, every end of a trial."""
    fun = simulation()
    known = {"rate": 1e-5, "layers": 3, "mesh": "fine", "solver": "größer"}
    known |= {"share": 0.5, "gravity": 9.81}
    same = {"strategy": strategy, "store": path, "retries": 1}
    same |= {"retry_on": (ConnectionError,)}
    optimize(fun, BOUNDS, max_evals=15, target=-1.0, x0=known, y0=12.0, rng=18, **same)
    optimize(fun, BOUNDS, max_evals=26, patience=60, batch_size=4, **same)
    with Optimizer(BOUNDS, strategy=strategy, store=path) as optimizer:
        _, second, third, *_ = optimizer.ask(5)
        rich = Evaluation(10.5, info={"cells": 1200, "note": "nan"}, noise_var=0.25)
        optimizer.tell(second, rich, seconds=3600.0)
        optimizer.tell_failure(third, "the cluster \N{EN DASH} it was down")
        optimizer.ask_at(known | {"rate": 2e-5})
        optimizer.budget(None)


def described(path: Path, strategy: Any) -> dict[str, Any]:
    """Return what is in a store, and the next points of a copy in memory.

    Other versions may find better points by the default strategy.
    """
    with Optimizer(BOUNDS, strategy=strategy, store=path) as optimizer:
        run = optimizer.to_dict()
    out = {key: run[key] for key in ("seed", "strategy", "space", "events")}
    if strategy != "auto":
        again = Optimizer.from_dict(run, strategy=strategy)
        out["next"] = [trial.row.tolist() for trial in again.ask(3)]
    return out


def main(folder: Path) -> None:
    out = {}
    for name, strategy in (("auto", "auto"), ("kept", Kept())):
        path = folder / f"store_format_1_{name}.db"
        make(path, strategy)
        out[name] = described(path, strategy)
    text = json.dumps(out, indent=1, allow_nan=False)
    (folder / "store_format_1.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
