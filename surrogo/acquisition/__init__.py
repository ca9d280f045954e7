"""Criteria that say how promising a point is, and how to maximise them."""

from __future__ import annotations

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.batch import batch_improvement, greedy_batch
from surrogo.acquisition.confidence import LCB, growing_kappa
from surrogo.acquisition.entropy import LogMES
from surrogo.acquisition.improvement import EI, LogEI, NegativeMean
from surrogo.acquisition.joint import JointLogEI
from surrogo.acquisition.many_targets import many_targets
from surrogo.acquisition.maximise import Search, maximise
from surrogo.acquisition.minima import gumbel_minima, path_minima
from surrogo.acquisition.pathwise import Path, draw_path
from surrogo.acquisition.probability import LogPI
from surrogo.acquisition.thompson import minimise_path, thompson
from surrogo.acquisition.weighted import LogWeightedEI

__all__ = [
    "EI",
    "LCB",
    "Criterion",
    "JointLogEI",
    "LogEI",
    "LogMES",
    "LogPI",
    "LogWeightedEI",
    "NegativeMean",
    "Path",
    "Search",
    "batch_improvement",
    "draw_path",
    "greedy_batch",
    "growing_kappa",
    "gumbel_minima",
    "many_targets",
    "maximise",
    "minimise_path",
    "path_minima",
    "thompson",
]
