"""What goes wrong in one simulation; the search records it and goes on."""

from __future__ import annotations


class SimulationError(RuntimeError):
    """A simulation that gave nothing to compare with the data; the text says why."""
