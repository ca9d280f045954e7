"""The first points of a descent: a centre and a point along each axis."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray

_SHORTEST = 0.8  # of the radius
RAYS = 4  # other ends that are tried where one fails
_SHORTER = 0.4


def star(centre: FloatArray, radius: float, rng: np.random.Generator) -> FloatArray:
    """Return the centre and the ends of d rays along the axes, shape (d + 1, d).

    Each ray goes to a random side, or to the other where the cube ends. All slopes, and
    whether the function is a sum, can be told from so few points; on BBOB a star does
    better than d + 4 points of a Sobol sequence (evidence file, section 6.6). Lengths
    are random, too: where all are the same, terms that couple coordinates may cancel.

    Parameters
    ----------
    centre : array (d,)
        A point of the unit cube.
    radius : float
        Length of the longest ray, at most 1/2.
    rng : numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.optimizers.star import star
    >>> star(np.array([0.5, 1.0]), 0.25, np.random.default_rng(0)).round(3)
    array([[0.5  , 1.   ],
           [0.268, 1.   ],
           [0.5  , 0.787]])
    """
    rays = radius * rng.uniform(_SHORTEST, 1.0, len(centre))
    rays *= rng.choice([-1.0, 1.0], len(centre))
    moved = centre + rays
    outside = (moved < 0.0) | (moved > 1.0)
    moved = np.where(outside, centre - rays, moved)
    points = np.tile(centre, (len(centre) + 1, 1))
    np.fill_diagonal(points[1:], moved)
    return points


def opposite(centre: FloatArray, end: FloatArray) -> FloatArray:
    """Return the point (d,) opposite to the end of a ray, or twice as far as the end.

    The latter where the former is outside the cube.
    """
    ray = end - centre
    u = centre - ray
    inside = np.all((u >= 0.0) & (u <= 1.0))
    return np.asarray(u if inside else np.clip(centre + 2.0 * ray, 0.0, 1.0))


def other_end(centre: FloatArray, end: FloatArray, tried: int) -> FloatArray:
    """Return the end (d,) of another ray where one has failed.

    To the other side if the cube has room, every second time (tried = 1, 3..) shorter.
    """
    ray = (_SHORTER if tried % 2 else 1.0) * (end - centre)
    u = centre - ray
    inside = np.all((u >= 0.0) & (u <= 1.0))
    return np.asarray(u if inside else centre + _SHORTER * ray)
