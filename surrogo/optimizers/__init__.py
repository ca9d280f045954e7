"""The adaptive loop: strategies, ask and tell, and `optimize`."""

from __future__ import annotations

from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.dycors import DYCORS
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.gauss_newton import GaussNewton
from surrogo.optimizers.least_squares import composite, least_squares
from surrogo.optimizers.optimizer import Optimizer
from surrogo.optimizers.outer import AnyOuter, Outer, SumOfSquares
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
    "AnyOuter",
    "GaussNewton",
    "Memory",
    "Optimizer",
    "Outer",
    "RandomSearch",
    "SpaceExhausted",
    "Strategy",
    "SumOfSquares",
    "ThreeArms",
    "TuRBO",
    "View",
    "composite",
    "least_squares",
]
