"""The strategies by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from surrogo import checks
from surrogo.optimizers.base import Strategy
from surrogo.optimizers.dycors import DYCORS
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.gauss_newton import GaussNewton
from surrogo.optimizers.random_search import RandomSearch
from surrogo.optimizers.srbf import SRBF
from surrogo.optimizers.three_arms import ThreeArms
from surrogo.optimizers.trego import TREGO
from surrogo.optimizers.turbo import TuRBO

# Adding a strategy here adds it to the contract suite in tests/contracts.
STRATEGIES: dict[str, type[Strategy]] = {
    cls.name: cls
    for cls in (DYCORS, EGO, GaussNewton, RandomSearch, SRBF, ThreeArms, TREGO, TuRBO)
}

_AUTO = "three_arms"  # what strategy="auto" means


def make(strategy: Any) -> Strategy:
    """Return the strategy of this name, of this plain data, or as it is.

    Raises
    ------
    ValueError
        If no strategy has this name, or it does not have such a setting.
    """
    if isinstance(strategy, Strategy):
        return strategy
    settings = dict(strategy) if isinstance(strategy, Mapping) else {"name": strategy}
    name = settings.pop("name", None)
    name = checks.one_of(name, {"auto", *STRATEGIES}, "strategy")
    cls = STRATEGIES[_AUTO if name == "auto" else name]
    known = [field.name for field in fields(cls)]
    unknown = [checks.shown(key) for key in settings if key not in known]
    if unknown:
        raise ValueError(
            f"the strategy {name!r} has the settings {known}, got {', '.join(unknown)}"
        )
    return cls(**settings)
