"""The adaptive loop: strategies, ask and tell, and `optimize`."""

from __future__ import annotations

from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.dycors import DYCORS
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.optimizer import Optimizer
from surrogo.optimizers.random_search import RandomSearch
from surrogo.optimizers.registry import STRATEGIES
from surrogo.optimizers.srbf import SRBF
from surrogo.optimizers.three_arms import ThreeArms
from surrogo.optimizers.trego import TREGO
from surrogo.optimizers.turbo import TuRBO
from surrogo.optimizers.unseen import SpaceExhausted

__all__ = [
    "DYCORS",
    "EGO",
    "SRBF",
    "STRATEGIES",
    "TREGO",
    "Memory",
    "Optimizer",
    "RandomSearch",
    "SpaceExhausted",
    "Strategy",
    "ThreeArms",
    "TuRBO",
    "View",
]
