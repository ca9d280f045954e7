"""A box around a point that bounds a local search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.space import Space


@dataclass(frozen=True, eq=False)
class Region:
    """A box inside the unit cube: from low (d,) on, of this width (d,).

    It bounds the continuous variables that always exist. Discrete ones, of which a
    small box would leave one value, and conditional ones keep their whole range.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import Integer, Space
    >>> from surrogo.optimizers.region import Region
    >>> space = Space.of([(0, 1), Integer(1, 9)])
    >>> region = Region.around(space, np.array([0.9, 0.5]), np.full(2, 0.2))
    >>> region.low, region.high
    (array([0.7, 0. ]), array([1., 1.]))
    """

    low: FloatArray
    width: FloatArray

    @classmethod
    def around(cls, space: Space, centre: FloatArray, half: FloatArray) -> Region:
        """Return the box of half width (d,) around a point (d,), cut at the cube."""
        bounded = bounds_variables(space)
        low = np.where(bounded, np.maximum(centre - half, 0.0), 0.0)
        high = np.where(bounded, np.minimum(centre + half, 1.0), 1.0)
        return cls(low, high - low)

    @property
    def high(self) -> FloatArray:
        """The upper corner (d,)."""
        return self.low + self.width

    def inside(self, V: FloatArray) -> FloatArray:
        """Map points (m, d) of the unit cube into the box."""
        return np.clip(self.low + self.width * V, 0.0, 1.0)

    def outside(self, U: FloatArray) -> FloatArray:
        """Map points (m, d) to the cube that `inside` maps from, or to its faces."""
        return np.clip((U - self.low) / self.width, 0.0, 1.0)


def bounds_variables(space: Space) -> BoolArray:
    """Say which variables (d,) a region bounds."""
    always = np.array([not variable.active_if for variable in space.variables])
    bounded: BoolArray = np.isinf(space.levels) & always
    return bounded
