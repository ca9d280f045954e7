"""Surrogates: models that stand in for an expensive function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from surrogo.surrogates.base import Predictive

if TYPE_CHECKING:
    from surrogo.surrogates.gp import GaussianProcess as GaussianProcess
    from surrogo.surrogates.greedy_rbf import GreedyRBF as GreedyRBF
    from surrogo.surrogates.hermite import HermiteRBF as HermiteRBF
    from surrogo.surrogates.local_gp import LocalGP as LocalGP
    from surrogo.surrogates.rbf import RBF as RBF
    from surrogo.surrogates.registry import SURROGATES as SURROGATES
    from surrogo.surrogates.vecchia import VecchiaGP as VecchiaGP

__all__ = [
    "RBF",
    "SURROGATES",
    "GaussianProcess",
    "GreedyRBF",
    "HermiteRBF",
    "LocalGP",
    "Predictive",
    "VecchiaGP",
]


def __getattr__(name: str) -> Any:
    # The estimators need scikit-learn, which takes most of a second to import; the
    # loop itself works with `Posterior` and does not.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from surrogo.surrogates import registry

    return getattr(registry, name)
