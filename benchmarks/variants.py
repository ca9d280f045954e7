"""What ablations compare: named settings of a strategy.

``python -m benchmarks.ablation NAME`` runs one of them. The first variant is the one
that the others are compared with. Settings are what ``Optimizer(strategy=...)`` takes
as plain data; surrogo is not imported here, because the harness reads this too.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Settings = dict[str, Any]

ABLATIONS: dict[str, list[tuple[str, Settings]]] = {
    "arms": [  # A2 and A14 of the evidence file
        ("as it is", {"name": "three_arms"}),
        ("no exploring", {"name": "three_arms", "explore_every": 0, "looks": 0}),
        ("never finish", {"name": "three_arms", "trust": 0.0, "finish_by": 1000}),
        ("finish at once", {"name": "three_arms", "finish_from": 1, "finish_by": 1}),
        ("sums not looked for", {"name": "three_arms", "separable": False}),
        ("global only", {"name": "ego"}),
    ],
    "when": [  # when to finish, and how much to explore
        ("as it is", {"name": "three_arms"}),
        ("after 12 d", {"name": "three_arms", "trust": 0.0, "finish_by": 12}),
        ("trust below .3", {"name": "three_arms", "trust": 0.3}),
        ("explore every 3rd", {"name": "three_arms", "explore_every": 3}),
        ("explore every 8th", {"name": "three_arms", "explore_every": 8}),
        ("no looking around", {"name": "three_arms", "looks": 0}),
    ],
    "ego": [
        ("as it is", {"name": "ego"}),
        ("never leave a basin", {"name": "ego", "leave_basins": False}),
        ("values only, never their logarithm", {"name": "ego", "log_targets": False}),
        ("improvement only", {"name": "ego", "exploit_every": 0}),
        ("design d + 14", {"name": "ego", "design_extra": 14}),
        ("squared exponential", {"name": "ego", "kernel": "squared_exponential"}),
        ("Matern 3/2", {"name": "ego", "kernel": "matern32"}),
    ],
}


@dataclass(frozen=True, eq=False)
class Variant:
    """Settings under a label."""

    ablation: str
    label: str
    settings: Settings

    @property
    def solver(self) -> str:
        """The name of the solver that runs it: another one after other settings."""
        words = re.sub(r"[^a-z0-9]+", "-", f"{self.ablation} {self.label}".lower())
        text = json.dumps(self.settings, sort_keys=True)
        return f"{words.strip('-')}-{zlib.crc32(text.encode()):08x}"


def variants(ablation: str) -> list[Variant]:
    """Return the variants of an ablation."""
    return [Variant(ablation, *each) for each in ABLATIONS[ablation]]


def every_variant() -> Iterator[Variant]:
    """Yield those of all ablations."""
    for ablation in ABLATIONS:
        yield from variants(ablation)
