"""The surrogates by name."""

from __future__ import annotations

from typing import Any

from surrogo.surrogates.compact_rbf import CompactRBF
from surrogo.surrogates.gp import GaussianProcess
from surrogo.surrogates.greedy_rbf import GreedyRBF
from surrogo.surrogates.hermite import HermiteRBF
from surrogo.surrogates.local_gp import LocalGP
from surrogo.surrogates.moving_least_squares import MovingLeastSquares
from surrogo.surrogates.multilevel import MultilevelRBF
from surrogo.surrogates.partition import PartitionOfUnityRBF
from surrogo.surrogates.rbf import RBF
from surrogo.surrogates.vecchia import VecchiaGP

# Adding a surrogate here adds it to the contract suite in tests/contracts. Every one
# takes `bounds` and `random_state`.
SURROGATES: dict[str, type[Any]] = {
    "compact_rbf": CompactRBF,
    "gp": GaussianProcess,
    "greedy_rbf": GreedyRBF,
    "hermite_rbf": HermiteRBF,
    "local_gp": LocalGP,
    "moving_least_squares": MovingLeastSquares,
    "multilevel_rbf": MultilevelRBF,
    "partition_of_unity_rbf": PartitionOfUnityRBF,
    "rbf": RBF,
    "vecchia": VecchiaGP,
}
