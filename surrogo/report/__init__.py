"""Plots and reports of runs."""

from __future__ import annotations

from surrogo.report.convergence import plot_convergence
from surrogo.report.diagnostics import plot_diagnostics
from surrogo.report.fit import plot_fit
from surrogo.report.page import write_report
from surrogo.report.pairs import plot_pairs

__all__ = [
    "plot_convergence",
    "plot_diagnostics",
    "plot_fit",
    "plot_pairs",
    "write_report",
]
