"""The progress bar of `optimize`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from surrogo.trials import Trials


@contextmanager
def progress_bar(shown: bool, trials: Trials) -> Iterator[Callable[[Trials], None]]:
    """Yield what to call after every evaluation."""
    if not shown:
        yield lambda trials: None
        return
    from tqdm.auto import tqdm

    total, before = trials.max_evals, _n_spent(trials)
    with tqdm(total=total, initial=before, unit="eval", dynamic_ncols=True) as bar:

        def show(trials: Trials) -> None:
            best = trials.best
            words = {"best": "none" if best is None else f"{best.value:.6g}"}
            if failed := len(trials.in_state("failed")):
                words["failed"] = str(failed)
            bar.set_postfix(words, refresh=False)
            bar.update()

        yield show


def _n_spent(trials: Trials) -> int:
    """Return how many evaluations of the run have ended."""
    return sum(not trial.added and trial.state != "running" for trial in trials)
