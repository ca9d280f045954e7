"""What the rest of the library may expect of a surrogate."""

from __future__ import annotations

from typing import Protocol

from surrogo.checks import FloatArray


class Predictive(Protocol):
    """A model at work inside the loop: plain arrays of the unit cube, no checks."""

    def mean_std(self, Z: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d)."""
        ...

    def mean_std_gradients(
        self, Z: FloatArray, /
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d)."""
        ...
