"""Criteria that say how promising a point is, and how to maximise them."""

from __future__ import annotations

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import LogEI, NegativeMean
from surrogo.acquisition.maximise import Search, maximise

__all__ = ["Criterion", "LogEI", "NegativeMean", "Search", "maximise"]
