"""Data sets that surrogates must survive, as Hypothesis strategies.

A data set is a seed and two lists of defects, so that what fails shrinks to few of them
and prints as one line. Defects are applied in turn, each to what the former left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from hypothesis import strategies as st

from tests.surrogates.cases import smooth

MOST_POINTS, MOST_VARIABLES = 14, 5
EXPONENT = 150  # of the largest scale, and of the inverse of the least
EXTRAPOLATED = 1e140  # what a power of the largest distance multiplies values by
OFFSETS = (1e2, 1e5, 1e8)  # relative to the range

# ---- what can be wrong with points (n, d) -----------------------------------------


def repeated(X, rng):
    """Rows that come twice."""
    return _copied(X, rng, 0.0)


def nearly_repeated(X, rng):
    """Rows that come twice up to rounding."""
    return _copied(X, rng, 1e-12)


def _copied(X, rng, distance):
    X, half = X.copy(), len(X) // 2
    X[:half] = X[len(X) - half :] + distance * np.ptp(X, axis=0) * rng.normal(
        size=(half, X.shape[1])
    )
    return X


def collinear(X, rng):
    """All on one line."""
    return X[:1] + np.outer(X[:, 0] - X[0, 0], rng.normal(size=X.shape[1]))


def constant_column(X, rng):
    X = X.copy()
    X[:, rng.integers(X.shape[1])] = 0.3
    return X


def all_equal(X, rng):
    return np.tile(X[0], (len(X), 1))


def whole(X, rng):
    """Integers from 0 to 3, with many ties."""
    return np.floor(4.0 * (X - X.min(axis=0)) / (np.ptp(X, axis=0) + 1e-9))


def clustered(X, rng):
    """All but the last row in a hundredth of a millionth of the box."""
    X = X.copy()
    X[:-1] = X[-1] + np.ptp(X, axis=0) * (0.5 + 1e-8 * X[:-1])
    return X


def any_units(X, rng):
    """Columns of units from 1e-150 to 1e150."""
    return X * 10.0 ** rng.uniform(-EXPONENT, EXPONENT, size=X.shape[1])


def far_from_zero(X, rng):
    return X + rng.choice(OFFSETS) * (np.ptp(X, axis=0) + np.abs(X[0]))


OF_POINTS = (
    repeated,
    nearly_repeated,
    collinear,
    constant_column,
    all_equal,
    whole,
    clustered,
    any_units,
    far_from_zero,
)

# ---- what can be wrong with values (n,) -------------------------------------------


def constant(y, rng):
    return np.full_like(y, y[0])


def nearly_constant(y, rng):
    return y[0] * (1.0 + 1e-15 * rng.normal(size=len(y)))


def zero(y, rng):
    return np.zeros_like(y)


def counted(y, rng):
    return np.round(3.0 * y)


def noise(y, rng):
    return rng.normal(size=len(y))


def one_outlier(y, rng):
    y = y.copy()
    y[rng.integers(len(y))] = 1e100 * rng.choice([-1.0, 1.0])
    return y


def heavy_tailed(y, rng):
    return np.sinh(20.0 * y) if np.max(np.abs(y)) < 30.0 else y


def mostly_the_lowest(y, rng):
    y = y.copy()
    y[: math.ceil(0.7 * len(y))] = y.min()
    return y


def huge(y, rng):
    return _times(y, EXPONENT)


def tiny(y, rng):
    return _times(y, -EXPONENT)


def any_size(y, rng):
    return _times(y, rng.uniform(-EXPONENT, EXPONENT))


def _times(y, exponent):
    """Multiply by a power of 10, unless that leaves the range of floats."""
    return (
        y
        if np.max(np.abs(y)) > 10.0 ** min(200.0 - exponent, 200.0)
        else y * 10.0**exponent
    )


def far_away(y, rng):
    return y + rng.choice(OFFSETS) * (np.ptp(y) + np.abs(y[0]))


OF_VALUES = (
    constant,
    nearly_constant,
    zero,
    counted,
    noise,
    one_outlier,
    heavy_tailed,
    mostly_the_lowest,
    huge,
    tiny,
    any_size,
    far_away,
)

# ---- a data set ------------------------------------------------------------------


@dataclass(frozen=True)
class Nasty:
    """Points and values: those of a smooth function, spoilt by the defects named."""

    n: int
    d: int
    seed: int
    of_points: tuple[str, ...] = ()
    of_values: tuple[str, ...] = ()

    @cached_property
    def X(self):
        """Points (n, d), C-ordered."""
        rng = np.random.default_rng(self.seed)
        return _spoilt(rng.random((self.n, self.d)), self.of_points, rng)

    @cached_property
    def y(self):
        """Values (n,). Points that are equal may have different ones."""
        rng = np.random.default_rng(self.seed + 1)
        return _spoilt(smooth(_unit(self.X)), self.of_values, rng)

    @property
    def new(self):
        """Points (m, d) between, beside, and far outside the data."""
        rng = np.random.default_rng(self.seed + 2)
        low, width = self.X.min(axis=0), np.ptp(self.X, axis=0)
        width = np.where(width > 0.0, width, 1.0)
        steps = rng.uniform(-0.2, 1.2, size=(3, self.d))
        far = 1e60 if self.size < 1e300 / EXTRAPOLATED else 1.0
        far = (
            np.minimum(far, 1e290 / np.maximum(width, 1.0)) * width * np.sign(steps[:1])
        )
        return np.vstack([low + width * steps, low + 20.0 * width * steps, low + far])

    @property
    def apart(self):
        """Least distance of two points, where the range of the data is 1."""
        Z = _unit(self.X)
        away = np.abs(Z[:, None] - Z).max(axis=2) + np.eye(self.n)
        return float(away.min())

    @property
    def slopes(self):
        """Size (d,) that derivatives may have: of y over that of each column."""
        with np.errstate(over="ignore"):
            width = np.ptp(self.X, axis=0)
            return self.size / np.where(width > 0.0, width, 1.0)

    @property
    def size(self):
        """The largest value."""
        return float(np.max(np.abs(self.y)))

    @property
    def has_slopes(self):
        """Whether derivatives stay within the range of floats, far out as well."""
        return bool(np.all(self.slopes < 1e300 / EXTRAPOLATED))

    @property
    def rounding(self):
        """What is lost of values in the units of y, if the last bits are."""
        return 1e3 * np.finfo(float).eps * self.size


def _unit(X):
    width = np.ptp(X, axis=0)
    return (X - X.min(axis=0)) / np.where(width > 0.0, width, 1.0)


def _spoilt(clean, names, rng):
    for name in names:
        clean = globals()[name](clean, rng)
    return np.ascontiguousarray(clean)


def _names(defects):
    return st.lists(
        st.sampled_from([f.__name__ for f in defects]), max_size=3, unique=True
    ).map(tuple)


datasets = st.builds(
    Nasty,
    n=st.integers(1, MOST_POINTS),
    d=st.integers(1, MOST_VARIABLES),
    seed=st.integers(0, 10**6),
    of_points=_names(OF_POINTS),
    of_values=_names(OF_VALUES),
)
