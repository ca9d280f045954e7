"""Plots and reports of runs."""

from __future__ import annotations

from surrogo.report.convergence import plot_convergence

__all__ = ["plot_convergence"]
