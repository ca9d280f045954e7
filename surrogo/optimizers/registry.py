"""The strategies by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surrogo import checks
from surrogo.optimizers.base import Strategy
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.random_search import RandomSearch

# Adding a strategy here adds it to the contract suite in tests/contracts.
STRATEGIES: dict[str, type[Strategy]] = {cls.name: cls for cls in (EGO, RandomSearch)}

_AUTO = "ego"  # what strategy="auto" means


def make(strategy: Any) -> Strategy:
    """Return the strategy of this name, of this plain data, or as it is.

    Raises
    ------
    ValueError
        If no strategy has this name.
    """
    if isinstance(strategy, Strategy):
        return strategy
    settings = dict(strategy) if isinstance(strategy, Mapping) else {"name": strategy}
    name = checks.one_of(settings.pop("name"), {"auto", *STRATEGIES}, "strategy")
    return STRATEGIES[_AUTO if name == "auto" else name](**settings)
