"""The stop rules of `optimize`: those given now, and those on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from surrogo.optimizers.limits import Limits
from surrogo.optimizers.watch import Watch
from surrogo.trials import Trials


@dataclass(frozen=True)
class Rules:
    """Stop rules as a user gave them; None: not given."""

    max_evals: int | None = None
    max_time: float | None = None
    target: float | None = None
    tol: float | None = None
    confidence: float | None = None
    patience: int | None = None

    def beside(self, trials: Trials) -> Rules:
        """Return these, and those on record where one is not given."""
        given = {key: rule for key, rule in asdict(self).items() if rule is not None}
        return Rules(**{"max_evals": trials.max_evals, **trials.rules, **given})

    def watch(self, d_free: int) -> Watch:
        """Check them, and start the clock.

        Raises
        ------
        ValueError
            If one makes no sense.
        """
        limits = Limits.of(
            d_free, self.max_evals, self.max_time, self.target, self.patience
        )
        return Watch.of(limits, self.tol, self.confidence)

    def on_record(self, trials: Trials) -> Watch:
        """Put them on record beside those that are there, and start the clock."""
        both = self.beside(trials)
        watch = both.watch(trials.space.d_free)
        trials.budget(watch.limits.max_evals)
        others: dict[str, Any] = asdict(both)
        del others["max_evals"]
        trials.follow({key: v for key, v in others.items() if v is not None})
        return watch
