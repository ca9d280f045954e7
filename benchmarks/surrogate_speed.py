"""How fast surrogates are beside others: ``python benchmarks/surrogate_speed.py``.

Needs the peers: ``pip install smt gpytorch torch``. Everything runs in one process on
one thread, what is compared in turn, in CPU time; a fit that takes more than
``--limit`` CPU seconds is given up. What is finished is kept in a file outside the
repository (``--cache``), so that ``--redo surrogo`` measures only ours anew. Writes
``results/surrogate_speed.md`` and prints it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import numpy as np
import surrogate_speed_peers as peers
from surrogate_speed_text import HEAD, WORDS
from surrogates import ridge

from surrogo import surrogates

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache" / "surrogo-benchmarks" / "speed.json"
ENOUGH = 2.0  # CPU seconds after which a call is not repeated
MOST = 20  # repeats
TICKS = 0.1  # CPU seconds of quick calls timed together, because clocks tick
TESTS = 1000  # points that are predicted

ALIKE = {
    "surrogo": peers.surrogo_gp(),
    "GPyTorch": peers.gpytorch_gp,
    "scikit-learn": peers.sklearn_gp(),
    "SMT, product kernel": peers.smt_krg("matern52"),
}
SQUARED = {
    "surrogo": peers.surrogo_gp("squared_exponential"),
    "SMT": peers.smt_krg(),
}
DEFAULT = {
    "surrogo": peers.surrogo_gp(default=True),
    "GPyTorch": peers.gpytorch_adam,
    "scikit-learn": peers.sklearn_gp(default=True),
    "SMT": peers.smt_krg(default=True),
}
RADIAL = {"SciPy": peers.scipy_rbf, "SMT": peers.smt_rbf}
if hasattr(surrogates, "RBF"):
    RADIAL = {"surrogo": peers.surrogo_rbf, **RADIAL}
TABLES = {"alike": ALIKE, "squared": SQUARED, "default": DEFAULT, "radial": RADIAL}


@dataclass(frozen=True)
class Data:
    """Standardised values y (n,) at U (n, d), true values f (m,) at V (m, d)."""

    U: np.ndarray
    y: np.ndarray
    V: np.ndarray
    f: np.ndarray


@dataclass
class Measured:
    """CPU seconds of every fit and prediction, and how good the model is."""

    fits: list[float]
    predictions: list[float]
    error: float = np.nan
    log_l: float = np.nan
    evaluations: int | None = None
    given_up: bool = False

    @property
    def fit(self) -> float:
        """Mean CPU seconds of a fit."""
        return float(np.mean(self.fits)) if self.fits else np.nan

    @property
    def predict(self) -> float:
        """Mean CPU seconds of a prediction."""
        return float(np.mean(self.predictions)) if self.predictions else np.nan


def data(n: int, d: int) -> Data:
    """Return the data of one size."""
    rng = np.random.default_rng(n + d)
    U, V = rng.random((n, d)), rng.random((TESTS, d))
    y = ridge(U)
    return Data(U, (y - y.mean()) / y.std(), V, (ridge(V) - y.mean()) / y.std())


class TooLong(Exception):
    """A fit took more CPU time than it may."""


def _stop(*_: object) -> None:
    raise TooLong


def cpu(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call: the mean of several if it is quick."""
    begin, count, spent = time.process_time(), 0, 0.0
    while spent < TICKS:
        call()
        count += 1
        spent = time.process_time() - begin
    return spent / count


def once(fit: peers.Fit, known: Data, limit: float, out: Measured) -> None:
    """Fit once and predict; the first time also see how good it is."""
    models: list[peers.Fitted] = []
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        out.fits.append(cpu(lambda: models.append(fit(known.U, known.y))))
    except TooLong:
        out.given_up = True
        return
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    model = models[-1]
    mean, _ = model.predict(known.V)  # some keep for later what the first call needs
    out.predictions.append(cpu(lambda: model.predict(known.V)))
    if len(out.fits) > 1:
        return
    out.error = float(np.sqrt(np.mean((mean - known.f) ** 2)) / np.std(known.f))
    out.evaluations = model.evaluations
    if model.R is not None:
        out.log_l = peers.log_likelihood(model.R(), model.nugget, known.y)


def measure(
    fits: dict[str, peers.Fit], size: tuple[int, int], limit: float, slow: set[str]
) -> dict[str, Measured]:
    """Call all fits in turn until each took long enough, but none that is too slow."""
    known, out = data(*size), {name: Measured([], []) for name in fits}
    for _ in range(MOST):
        for name, fit in fits.items():
            one = out[name]
            if name not in slow and not one.given_up and sum(one.fits) <= ENOUGH:
                once(fit, known, limit, one)
    print(size, {name: f"{one.fit:.4f} s" for name, one in out.items()}, flush=True)
    return out


def cells(name: str, one: Measured, ours: Measured | None, limit: float) -> list[str]:
    """Return the cells of one model at one size; ratios are theirs over ours."""
    if not one.fits:
        return [name, f"> {limit:.0f}" if one.given_up else "not tried", *[""] * 6]
    count = f" ({one.evaluations})" if one.evaluations else ""
    log_l = "" if np.isnan(one.log_l) else f"{one.log_l:.2f}"
    row = [name, f"{one.fit:.3g}{count}", "", f"{1e3 * one.predict:.3g}", "", log_l]
    if ours is not None and ours is not one:
        row[2] = f"**{one.fit / ours.fit:.1f}**"
        row[4] = f"**{one.predict / ours.predict:.1f}**"
    return [*row, f"{one.error:.3g}"]


COLUMNS = (
    "n",
    "d",
    "model",
    "fit, s",
    "ratio",
    "predict, ms",
    "ratio",
    "log L",
    "test error",
)


def table(title: str, sizes: list[tuple[int, int]], options: Options) -> str:
    """Measure what is not in the cache, and return one table."""
    text = "| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|\n"
    slow: dict[int, set[str]] = {}
    fits, done = TABLES[title], load(options, title)
    for fit in fits.values():  # what is imported and compiled at the first call
        small = data(20, 5)
        fit(small.U, small.y).predict(small.V)
    for n, d in sizes:
        keys = {name: f"{title}|{name}|{n}|{d}" for name in fits}
        missing = {name: fit for name, fit in fits.items() if keys[name] not in done}
        new = measure(missing, (n, d), options.limit, slow.setdefault(d, set()))
        done |= {keys[name]: one for name, one in new.items()}
        save(options, done)
        measured = {name: done[key] for name, key in keys.items()}
        slow[d] |= {name for name, one in measured.items() if one.given_up}
        for name, one in measured.items():
            row = cells(name, one, measured.get("surrogo"), options.limit)
            text += "| " + " | ".join([str(n), str(d), *row]) + " |\n"
    return text


def load(options: Options, title: str) -> dict[str, Measured]:
    """Return what is in the cache, without what is to be done again in this table."""
    if not options.cache.exists():
        return {}
    rows = json.loads(options.cache.read_text(encoding="utf-8"))
    return {
        key: Measured(**row)
        for key, row in rows.items()
        if options.redo is None or not key.startswith(f"{title}|{options.redo}")
    }


def save(options: Options, done: dict[str, Measured]) -> None:
    """Write the cache."""
    options.cache.parent.mkdir(parents=True, exist_ok=True)
    rows = {key: asdict(one) for key, one in done.items()}
    options.cache.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def versions() -> str:
    """Return the versions of what is compared."""
    texts = [f"Python {platform.python_version()}"]
    for name in (
        "surrogo",
        "numpy",
        "scipy",
        "scikit-learn",
        "smt",
        "gpytorch",
        "torch",
    ):
        try:
            texts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(texts)


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    quick: bool
    only: str | None
    redo: str | None
    limit: float
    cache: Path


def parsed() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="n = 100, not written")
    parser.add_argument("--only", choices=TABLES, help="one table, not written")
    parser.add_argument("--redo", help="models whose names begin so, measured anew")
    parser.add_argument("--limit", type=float, default=300, help="CPU seconds of a fit")
    parser.add_argument("--cache", type=Path, default=CACHE)
    return Options(**vars(parser.parse_args()))


def main() -> None:
    """Run all tables."""
    options = parsed()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _stop)
    sizes = [(n, d) for n in (100, 500, 2000) for d in (5, 20)]
    text = HEAD.format(
        date=time.strftime("%Y-%m-%d"),
        versions=versions(),
        most=MOST,
        enough=ENOUGH,
        limit=options.limit,
        tests=TESTS,
    )
    for name in TABLES:
        if options.only in (None, name):
            text += WORDS[name] + table(
                name, sizes[:2] if options.quick else sizes, options
            )
    print(text)
    if not options.quick and options.only is None:
        (HERE / "results" / "surrogate_speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
