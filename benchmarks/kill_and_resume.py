"""Kill runs at random instants: ``python -m benchmarks.kill_and_resume``.

`optimize` with a store runs in a process that gets SIGKILL at random instants, among
them many in which it starts up, asks, commits and evaluates, and is begun again until
its budget is used up. The function notes every evaluation itself, in another file.
What must hold is in ``killing/proof.py``. Writes ``results/kill_and_resume.md``; takes
about half an hour for 1,000 kills. Linux only.
"""

from __future__ import annotations

import argparse
import datetime
import logging
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from benchmarks import command
from benchmarks.killing.life import PHASES, Mode, Plan, live
from benchmarks.killing.proof import Proof
from benchmarks.reporting import markdown
from surrogo.result import versions

MODES = (
    Mode("sequential"),
    Mode("batches of 4", batch=4),
    Mode("batches of 4, 2 workers", workers=2, batch=4),
    Mode("asynchronous, 2 workers", workers=2),
    Mode("asynchronous, 3 workers", workers=3),
)
STRATEGIES = ("auto", "srbf")  # in turn
_KILLS_EACH = 15  # after so many a run may go to its end
_ORPHAN = 3.0  # seconds that a worker may outlive its parent


@dataclass
class Tally:
    """What became of all runs of a mode."""

    runs: int = 0
    compared: int = 0
    wasted: int = 0
    orphaned: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)  # by phase
    violations: list[str] = field(default_factory=list)


def kill_and_resume(mode: Mode, kills: int, seed: int, keep: Path | None) -> Tally:
    """Kill runs of a mode so often altogether, each being resumed to its end."""
    tally, chance = Tally(), random.Random(seed)
    while tally.kills.total() < kills:
        with tempfile.TemporaryDirectory() as folder:
            strategy = STRATEGIES[tally.runs % len(STRATEGIES)]
            plan = Plan(mode, strategy, chance.randrange(10**6), Path(folder))
            found = one_run(plan, min(_KILLS_EACH, kills - tally.kills.total()), chance)
            if found.violations and keep is not None:
                shutil.copytree(folder, keep / str(plan.seed), dirs_exist_ok=True)
        tally.runs += 1
        tally.compared += found.compared
        tally.wasted += found.wasted
        tally.orphaned = max(tally.orphaned, found.orphaned)
        tally.kills += found.kills
        tally.violations += found.violations
    return tally


def one_run(plan: Plan, kills: int, chance: random.Random) -> Tally:
    """Kill a run so often, or until it ends, and then let it end."""
    proof, tally = Proof(plan), Tally(runs=1)
    goes_on = True
    while goes_on:
        death = live(plan, chance if tally.kills.total() < kills else None)
        if death.killed:
            tally.kills[death.phase] += 1
        tally.orphaned = max(tally.orphaned, death.orphaned)
        if death.orphaned > _ORPHAN:
            proof.violations.append(f"{plan}: a worker outlived its parent")
        if death.error:
            proof.violations.append(f"{plan}: {death.error}")
        proof.after_a_kill()
        goes_on = death.killed and not death.error
    proof.in_the_end()
    tally.wasted, tally.violations = proof.wasted, proof.violations
    tally.compared = int(proof.compared)
    return tally


def table(tallies: dict[str, Tally]) -> str:
    """Return a row for each mode."""
    shown = {
        name: {
            "runs": str(tally.runs),
            "compared": str(tally.compared),
            "kills": str(tally.kills.total()),
            **{f"in {phase}": str(tally.kills[phase]) for phase in PHASES},
            "evaluated again": str(tally.wasted),
            "longest orphan, s": f"{tally.orphaned:.2f}",
            "violations": str(len(tally.violations)),
        }
        for name, tally in tallies.items()
    }
    return markdown.lines(pd.DataFrame.from_dict(shown, orient="index"), "mode")


def text(tallies: dict[str, Tally], seconds: float) -> str:
    """Return the report."""
    total = sum(tally.kills.total() for tally in tallies.values())
    found = [line for tally in tallies.values() for line in tally.violations]
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    return (
        f"# Kill and resume\n\n`python -m benchmarks.kill_and_resume --kills {total}`, "
        f"{datetime.date.today().isoformat()}, {used}; {seconds / 60:.0f} minutes.\n\n"
        f"{ABOUT}\n\n{table(tallies)}\n\nViolations: {len(found) or 'none'}.\n"
        + "".join(f"* {line}\n" for line in found)
    )


ABOUT = """\
SIGKILL at random instants, each run resumed until its 40 trials have ended. "Evaluated
again" are evaluations that had ended and whose result was not committed yet. Checked
after every kill: all events of the look before are still there; no point twice; nothing
was evaluated before its ask or after its result was committed; values are those that
the function noted; no more results are missing than there are workers; SQLite's
`integrity_check`. In the end: every ask comes out the same, bit for bit, from the
events before it; sequential runs and batches are compared with the uninterrupted run.
"start-up" is before the first ask or evaluation of a life, "between" the rest."""


def main(arguments: list[str] | None = None) -> None:
    """Kill, and write the table."""
    options = _parser().parse_args(arguments)
    logging.getLogger("surrogo").setLevel(logging.ERROR)  # failures are meant
    begun, tallies = time.monotonic(), {}
    for number, mode in enumerate(MODES):
        if not options.modes or mode.name in options.modes:
            n = options.kills // len(options.modes or MODES)
            seed = options.seed + number
            tallies[mode.name] = kill_and_resume(mode, n, seed, options.keep)
            print(table({mode.name: tallies[mode.name]}), flush=True)
    report = text(tallies, time.monotonic() - begun)
    print(report)
    if options.written and not options.modes:
        options.written.write_text(report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.kill_and_resume", description=__doc__)
    parser.add_argument("--kills", type=command.count, default=1000)
    parser.add_argument("--modes", nargs="*", default=[], help="names; default: all")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6)
    )
    parser.add_argument("--keep", type=Path, help="folder for files of violations")
    parser.add_argument(
        "--written", type=Path, default=command.RESULTS / "kill_and_resume.md"
    )
    return parser


if __name__ == "__main__":
    sys.exit(command.guarded(main))
