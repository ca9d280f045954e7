"""Plots and reports of runs."""

from __future__ import annotations

from surrogo.report.bands import plot_bands
from surrogo.report.convergence import plot_convergence
from surrogo.report.correlation import plot_correlation
from surrogo.report.diagnostics import plot_diagnostics
from surrogo.report.fit import plot_fit
from surrogo.report.page import write_report
from surrogo.report.pairs import plot_pairs
from surrogo.report.posterior import plot_posterior
from surrogo.report.profiles import plot_profiles

__all__ = [
    "plot_bands",
    "plot_convergence",
    "plot_correlation",
    "plot_diagnostics",
    "plot_fit",
    "plot_pairs",
    "plot_posterior",
    "plot_profiles",
    "write_report",
]
