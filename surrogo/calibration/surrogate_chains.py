"""Draws from a posterior that is cheap to evaluate, by an ensemble of walkers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from surrogo.checks import BoolArray, FloatArray

# A proposal is the difference of two walkers, of the size that is best for normals; one
# in ten is the whole difference (ter Braak & Vrugt 2008, Statistics and Computing 18,
# 435-446: equation 2 and the text below it).
_SIZE, _WHOLE, _BLUR = 2.38, 0.1, 1e-5
_BURN_IN = 100


def ensemble(
    log_density: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    n_steps: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return positions (n_steps, w, p) of w walkers, after a burn-in of 100 steps.

    Each half of the walkers moves by differences of the other half, so that moves are
    reversible (differential evolution: ter Braak 2006).

    Parameters
    ----------
    log_density : callable
        Of points (m, p), up to a constant; -inf where there is nothing.
    start : array (w, p)
        An even number of walkers, more than 2 p.
    n_steps : int
    rng : Generator

    References
    ----------
    ter Braak 2006, Statistics and Computing 16, 239-249.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> start = rng.normal(size=(20, 1))
    >>> chains = ensemble(lambda u: -0.5 * u[:, 0] ** 2, start, 400, rng)
    >>> chains.shape, bool(abs(chains.std() - 1.0) < 0.1)
    ((400, 20, 1), True)
    """
    at, logs = start.copy(), log_density(start)
    out = np.empty((n_steps, *start.shape))
    halves = np.split(np.arange(len(start)), 2)
    for step in range(-_BURN_IN, n_steps):
        for moving, others in (halves, halves[::-1]):
            new = _proposals(at[moving], at[others], rng)
            found = log_density(new)
            taken = _taken(found - logs[moving], rng)
            at[moving[taken]], logs[moving[taken]] = new[taken], found[taken]
        if step >= 0:
            out[step] = at
    return out


def _proposals(
    at: FloatArray, others: FloatArray, rng: np.random.Generator
) -> FloatArray:
    w, p = at.shape
    first = rng.integers(len(others), size=w)
    second = (first + rng.integers(1, len(others), size=w)) % len(others)
    size = np.where(rng.random(w) < _WHOLE, 1.0, _SIZE / np.sqrt(2.0 * p))
    blur = _BLUR * rng.normal(size=(w, p))
    return np.asarray(at + size[:, None] * (others[first] - others[second]) + blur)


def _taken(rise: FloatArray, rng: np.random.Generator) -> BoolArray:
    return np.asarray(np.log(rng.random(len(rise))) < rise)
