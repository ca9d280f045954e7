"""What ablations compare: named settings of a strategy, and constants of its parts.

``python -m benchmarks.ablation NAME`` runs one of them. The first variant is the one
that the others are compared with. Settings are what ``Optimizer(strategy=...)`` takes
as plain data; surrogo is not imported here, because the harness reads this too. A
constant is named by its module below surrogo; a dict changes single elements of an
array.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Settings = dict[str, Any]
Constants = dict[str, Any]

OURS: Settings = {"name": "three_arms"}
# Sizes of the terms of the local model's kernel, largest log: -25 is as good as none.
SIZES = "surrogates.quadratic_kernel.UPPER"
NUGGET = "surrogates.quadratic_kernel._MEAN_NUGGET"


def ours(**settings: Any) -> Settings:
    """Return the default strategy with other settings."""
    return OURS | settings


ABLATIONS: dict[str, list[tuple[str, Settings] | tuple[str, Settings, Constants]]] = {
    "arms": [  # A2 of the evidence file
        ("as it is", OURS),
        ("no exploring", ours(explore_every=0, looks=0)),
        ("never finish", ours(trust=0.0, finish_by=1000)),
        ("finish at once", ours(finish_from=1, finish_by=1)),
        ("sums not looked for", ours(separable=False)),
        ("global only", {"name": "ego"}),
    ],
    "when": [  # when to finish, how much to explore; A1 (rays), A15 (restarts)
        ("as it is", OURS),
        ("after 12 d", ours(trust=0.0, finish_by=12)),
        ("trust below .1", ours(trust=0.1)),
        ("trust below .6", ours(trust=0.6)),
        ("explore every 3rd", ours(explore_every=3)),
        ("explore every 8th", ours(explore_every=8)),
        ("no looks", ours(looks=0)),
        ("10 d looks", ours(looks=10)),
        (
            "descents are never left",
            OURS,
            {
                "optimizers.descents._WALK_GAINS": 1e300,
                "optimizers.descents._STEP_GAINS": 1e300,
            },
        ),
        (
            "star and region .1",
            OURS,
            {
                "optimizers.descents.RADIUS": 0.1,
                "optimizers.promises.RADIUS": 0.1,
            },
        ),
    ],
    "local": [  # A3, A4, A5, A6
        ("as it is", OURS),
        ("no diagonal term", OURS, {SIZES: {3: -25.0}}),
        ("no mixed terms", OURS, {SIZES: {2: -25.0}}),
        ("linear and rest", OURS, {SIZES: {2: -25.0, 3: -25.0}}),
        ("quadratic, no rest", OURS, {SIZES: {4: -25.0}}),
        ("nugget 1e-13", OURS, {NUGGET: math.log(1e-13)}),
        ("nugget 1e-6", OURS, {NUGGET: math.log(1e-6)}),
    ],
    "walk": [  # A14
        ("as it is", OURS),
        ("quadratics alone", OURS, {"optimizers.curved._LARGEST": 0}),
        ("the process always leads", OURS, {"optimizers.curved._MOST": -1e-9}),
        (
            "BFGS alone",
            OURS,
            {
                "optimizers.curved._LARGEST": 0,
                "optimizers.secant._QUADRATIC": 0.0,
            },
        ),
        ("no values around the start", OURS, {"optimizers.walking._AROUND": 0}),
        ("on into the noise", OURS, {"optimizers.finish._IDLE": 10**9}),
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
    """Settings under a label, and constants that differ."""

    ablation: str
    label: str
    settings: Settings
    constants: Constants = field(default_factory=dict)

    @property
    def solver(self) -> str:
        """The name of the solver that runs it: another one after other settings."""
        words = re.sub(r"[^a-z0-9]+", "-", f"{self.ablation} {self.label}".lower())
        everything = (
            [self.settings, self.constants] if self.constants else self.settings
        )
        text = json.dumps(everything, sort_keys=True)
        return f"{words.strip('-')}-{zlib.crc32(text.encode()):08x}"


def variants(ablation: str) -> list[Variant]:
    """Return the variants of an ablation."""
    return [Variant(ablation, *each) for each in ABLATIONS[ablation]]


def every_variant() -> Iterator[Variant]:
    """Yield those of all ablations."""
    for ablation in ABLATIONS:
        yield from variants(ablation)
