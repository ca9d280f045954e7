"""How well surrogates predict: ``python benchmarks/surrogate_accuracy.py``.

Ten functions, three sizes, five random Latin hypercubes each; every model gets the same
data. Writes ``results/surrogate_accuracy.md`` and prints it. The peers come with
``pip install smt``. What is finished is kept in a file outside the repository
(``--cache``), so that ``--redo surrogo`` computes only our cells anew.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
import warnings
from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads, here and in the workers
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import numpy as np
import surrogate_peers as peers
from surrogate_functions import FUNCTIONS, data

from surrogo import surrogates

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache" / "surrogo-benchmarks" / "accuracy.jsonl"
SIZES = (5, 10, 30)  # points per variable
SEEDS = 5
MANY, FEW = 50, 3  # in so many variables there are fewer designs
HEAVY = 1000  # from so many points on there is one
QUANTILE = 1.6448536269514722  # 90 % of a normal distribution lie within so many std
LEVEL = 0.9

OURS = "surrogo"
MODELS: dict[str, peers.Fit] = {
    OURS: peers.surrogo_gp(),
    "surrogo linear": peers.surrogo_gp(trend="linear"),
    "SMT KRG": peers.smt_krg(),
    "SMT KRG matern52": peers.smt_krg(corr="matern52"),
    "SMT KPLS 4": peers.smt_kpls,
    "scikit-learn": peers.sklearn_gp,
    "SMT RBF": peers.smt_rbf,
    "SciPy RBF": peers.scipy_rbf,
}
if hasattr(surrogates, "RBF"):
    MODELS["surrogo RBF"] = peers.surrogo_rbf


@dataclass(frozen=True)
class Cell:
    """One model on one data set."""

    model: str
    function: str
    n: int
    seed: int


@dataclass(frozen=True)
class Score:
    """Error and interval score relative to the spread of the function; NaN: none.

    `seconds` are those of the CPU for fit and prediction; a model that took more than
    its limit has scores of NaN and the limit as seconds, one that failed only NaN.
    """

    error: float
    coverage: float
    interval: float
    seconds: float


def interval_score(miss: np.ndarray, half: np.ndarray) -> float:
    """Return the mean score of 90 % intervals (Gneiting & Raftery 2007, eq. 43)."""
    outside = np.maximum(np.abs(miss) - half, 0.0)
    return float(np.mean(2.0 * half + 2.0 / (1.0 - LEVEL) * outside))


def compute(cell: Cell) -> Score:
    """Fit, predict and score."""
    function = FUNCTIONS[cell.function]
    known = data(function, cell.n, cell.seed)
    begin = time.process_time()
    predict = MODELS[cell.model](known.U, known.y, function.noise > 0)
    mean, std = predict(known.V)
    seconds = time.process_time() - begin
    spread, miss = float(np.std(known.f)), mean - known.f
    error = float(np.sqrt(np.mean(miss**2))) / spread
    if std is None:
        return Score(error, np.nan, np.nan, seconds)
    half = QUANTILE * std
    coverage = float(np.mean(np.abs(miss) <= half))
    return Score(error, coverage, interval_score(miss, half) / spread, seconds)


class TooLong(Exception):
    """A cell took more CPU time than it may."""


def _stop(*_: object) -> None:
    raise TooLong


def limited(cell: Cell, limit: float) -> tuple[Cell, Score]:
    """Compute a cell within a limit of CPU seconds."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        return cell, compute(cell)
    except TooLong:
        return cell, Score(np.nan, np.nan, np.nan, limit)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        print(f"{cell} failed: {error}", flush=True)
        return cell, Score(np.nan, np.nan, np.nan, np.nan)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def seeds(function: str, n: int, count: int) -> range:
    """Return the designs of a size: fewer where fits take minutes."""
    few = FEW if FUNCTIONS[function].d >= MANY else count
    return range(1 if n >= HEAVY else min(few, count))


def cells(names: Iterable[str], sizes: Iterable[int], count: int) -> list[Cell]:
    """Return all cells of the models, small ones first."""
    every = [
        Cell(model, name, size * function.d, seed)
        for name, function in FUNCTIONS.items()
        for size in sizes
        for seed in seeds(name, size * function.d, count)
        for model in names
    ]
    return sorted(every, key=lambda c: (FUNCTIONS[c.function].d >= MANY, c.n))


def load(path: Path, redo: str | None) -> dict[Cell, Score]:
    """Return what is finished, without the models whose names begin with `redo`."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    done = {Cell(**row["cell"]): Score(**row["score"]) for row in rows}
    if redo is None:
        return done
    return {cell: done[cell] for cell in done if not cell.model.startswith(redo)}


def save(path: Path, done: dict[Cell, Score]) -> None:
    """Write what is finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"cell": asdict(c), "score": asdict(s)} for c, s in done.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def append(path: Path, cell: Cell, score: Score) -> None:
    """Add a line to what is finished."""
    with path.open("a", encoding="utf-8") as file:
        row = {"cell": asdict(cell), "score": asdict(score)}
        file.write(json.dumps(row) + "\n")


def run(todo: list[Cell], done: dict[Cell, Score], options: argparse.Namespace) -> None:
    """Compute what is missing, adding to `done` and to its file."""
    save(options.cache, done)
    waiting, running = deque(cell for cell in todo if cell not in done), set()
    with ProcessPoolExecutor(options.jobs, get_context("fork")) as pool:
        while waiting or running:
            while waiting and len(running) < options.jobs:
                cell = waiting.popleft()
                if not hopeless(cell, done):
                    running.add(pool.submit(limited, cell, options.limit))
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for cell, score in (future.result() for future in ended):
                done[cell] = score
                append(options.cache, cell, score)
                print(f"{cell} {score}", flush=True)


def hopeless(cell: Cell, done: dict[Cell, Score]) -> bool:
    """Return whether the model took too long on no more points of this function."""
    return any(
        (other.model, other.function) == (cell.model, cell.function)
        and other.n <= cell.n
        and np.isnan(score.error)
        and np.isfinite(score.seconds)
        for other, score in done.items()
    )


def main() -> None:
    """Compute what is missing and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="n = 5d, not written")
    parser.add_argument("--only", help="models whose names begin so, not written")
    parser.add_argument("--redo", help="models whose names begin so, computed anew")
    parser.add_argument("--table", action="store_true", help="only what is finished")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--limit", type=float, default=900, help="CPU seconds a cell")
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    names = [name for name in MODELS if name.startswith(options.only or "")]
    sizes, count = (SIZES[:1], 2) if options.quick else (SIZES, SEEDS)
    done, todo = load(options.cache, options.redo), cells(names, sizes, count)
    if not options.table:
        run(todo, done, options)
    from surrogate_accuracy_tables import report

    text = report({cell: done[cell] for cell in todo if cell in done})
    print(text)
    if not options.quick and options.only is None:
        path = HERE / "results" / "surrogate_accuracy.md"
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
