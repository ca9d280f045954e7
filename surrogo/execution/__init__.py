"""Evaluating the user's function: what it gave, and how it failed."""

from __future__ import annotations

from surrogo.execution.evaluate import Failure, Misuse, as_evaluation, evaluate

__all__ = ["Failure", "Misuse", "as_evaluation", "evaluate"]
