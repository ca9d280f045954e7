"""Surrogates: models that stand in for an expensive function."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from surrogo.surrogates.base import Predictive as Predictive

if TYPE_CHECKING:
    from surrogo.surrogates.choice import choose as choose
    from surrogo.surrogates.compact_rbf import CompactRBF as CompactRBF
    from surrogo.surrogates.diagnostics import diagnose as diagnose
    from surrogo.surrogates.gp import GaussianProcess as GaussianProcess
    from surrogo.surrogates.greedy_rbf import GreedyRBF as GreedyRBF
    from surrogo.surrogates.hermite import HermiteRBF as HermiteRBF
    from surrogo.surrogates.local_gp import LocalGP as LocalGP
    from surrogo.surrogates.moving_least_squares import (
        MovingLeastSquares as MovingLeastSquares,
    )
    from surrogo.surrogates.multilevel import MultilevelRBF as MultilevelRBF
    from surrogo.surrogates.partition import PartitionOfUnityRBF as PartitionOfUnityRBF
    from surrogo.surrogates.rbf import RBF as RBF
    from surrogo.surrogates.registry import SURROGATES as SURROGATES
    from surrogo.surrogates.vecchia import VecchiaGP as VecchiaGP

# Where each name lives; loaded when first used: the estimators need scikit-learn, which
# takes most of a second to import, and the loop itself works without it.
_HOME = {
    "CompactRBF": "compact_rbf",
    "GaussianProcess": "gp",
    "GreedyRBF": "greedy_rbf",
    "HermiteRBF": "hermite",
    "LocalGP": "local_gp",
    "MovingLeastSquares": "moving_least_squares",
    "MultilevelRBF": "multilevel",
    "PartitionOfUnityRBF": "partition",
    "RBF": "rbf",
    "SURROGATES": "registry",
    "VecchiaGP": "vecchia",
    "choose": "choice",
    "diagnose": "diagnostics",
}

__all__ = sorted([*_HOME, "Predictive"])


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
