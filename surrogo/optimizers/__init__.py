"""The adaptive loop: strategies, ask and tell, and `optimize`."""

from __future__ import annotations

from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.optimizer import Optimizer, SpaceExhausted
from surrogo.optimizers.random_search import RandomSearch
from surrogo.optimizers.registry import STRATEGIES

__all__ = [
    "EGO",
    "STRATEGIES",
    "Memory",
    "Optimizer",
    "RandomSearch",
    "SpaceExhausted",
    "Strategy",
    "View",
]
