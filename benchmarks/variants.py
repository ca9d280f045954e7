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
