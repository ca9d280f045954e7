"""Climb from several starts at once inside the unit cube.

A projected quasi-Newton method (Bertsekas 1982, SIAM J. Control Optim. 20, 221-246)
in which every start keeps its own curvature, but all starts are scored in one batch
per round: a batch costs little more than a point. (Summing the starts into one
problem instead couples their curvatures and slows them: Irie, Watanabe & Onishi 2025.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np

from surrogo.checks import BoolArray, FloatArray

ScoreAndGradient: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

_ROUNDS = 60
_ARMIJO = 1e-4  # share of the promised rise that must come true (N&W 2006, eq. 3.4)
_DAMPING = 0.2  # least curvature, relative to the old one (N&W 2006, procedure 18.2)
_FIRST_STEP = 0.1  # length of the first step, in edges of the cube
_LEAST_STEP = 1e-7  # share of a full step below which a climber gives up
_LEAST_GAIN = 1e-9  # promised rise, relative to 1 + |score|, that ends a climb
_LEAST_SIZE = 0.1  # most that B shrinks at once
_LIFT = 1e-14  # least curvature relative to the largest: the rounding error of B
_STEEPEST = 1e60  # larger slopes are taken for infinite: products of them would be


@dataclass(frozen=True, eq=False)
class _Climbers:
    """Places U (m, d), scores f (m,), gradients g (m, d), and what steps need.

    B (m, d, d) approximates the Hessian of the negative score, step (m,) is the share
    of the full step to try next; fresh (m,): B is still the first guess. Where movable
    (m, d) is False a coordinate stays.
    """

    U: FloatArray
    f: FloatArray
    g: FloatArray
    B: FloatArray
    step: FloatArray
    fresh: BoolArray
    movable: BoolArray

    def take(self, chosen: BoolArray) -> _Climbers:
        """Return some of them."""
        return _Climbers(*(getattr(self, field.name)[chosen] for field in fields(self)))


def climb(
    score: ScoreAndGradient,
    starts: FloatArray,
    movable: BoolArray,
    rounds: int = _ROUNDS,
) -> tuple[FloatArray, FloatArray]:
    """Return the ends (m, d) of the climbs and their scores (m,).

    No end scores less than its start. A start without a finite score and gradient
    stays where it is.

    Parameters
    ----------
    score : callable
        Maps points (k, d), any k up to m, to scores (k,) and gradients (k, d).
    starts : array (m, d)
        Points of the unit cube.
    movable : bool array (d,) or (m, d)
        Coordinates that may move.
    rounds : int
        Most calls of `score` after the first.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.acquisition.climb import climb
    >>> def hill(U):
    ...     return -((U[:, 0] - 0.3) ** 2), -2.0 * (U - 0.3)
    >>> climb(hill, np.array([[0.9]]), np.array([True]))[0].round(6)
    array([[0.3]])
    """
    c = _begin(score, starts, movable)
    U, f = c.U.copy(), c.f.copy()
    live = np.arange(len(U))
    usable = _usable(c.f, c.g)
    c, live = c.take(usable), live[usable]
    for _ in range(rounds):
        p, promise = _full_step(c)
        going = promise > _LEAST_GAIN * (1.0 + np.abs(c.f))
        going &= c.step > _LEAST_STEP
        c, p, live = c.take(going), p[going], live[going]
        if not len(live):
            break
        c = _advance(score, c, p)
        U[live], f[live] = c.U, c.f
    return U, f


def _begin(
    score: ScoreAndGradient, starts: FloatArray, movable: BoolArray
) -> _Climbers:
    m, d = starts.shape
    movable = np.broadcast_to(movable, (m, d))
    f, g = score(starts)
    g = np.where(movable, g, 0.0)
    steepest = np.max(np.abs(g), axis=1, initial=0.0)
    scale = np.where((steepest > 0.0) & _usable(f, g), steepest, 1.0) / _FIRST_STEP
    B = scale[:, None, None] * np.eye(d)
    return _Climbers(starts, f, g, B, np.ones(m), np.ones(m, bool), movable)


def _usable(f: FloatArray, g: FloatArray) -> BoolArray:
    out: BoolArray = np.isfinite(f) & np.all(np.abs(g) < _STEEPEST, axis=1)
    return out


def _full_step(c: _Climbers) -> tuple[FloatArray, FloatArray]:
    """Return ascent steps p (m, d) and the rise (m,) that they promise inside the cube.

    The Newton step of the coordinates that are free to move. Where the walls spoil
    it, the step to the highest point of the quadratic model along the gradient: cut
    off at the walls this always leads upwards.
    """
    held = ~c.movable | ((c.U <= 0.0) & (c.g < 0.0)) | ((c.U >= 1.0) & (c.g > 0.0))
    g = np.where(held, 0.0, c.g)
    apart = held[:, :, None] | held[:, None, :]
    A = np.where(apart, np.eye(g.shape[1]), c.B)
    p = _solve(A, g)
    promise = _promise(c.U, g, p)
    spoilt = promise < _DAMPING * np.sum(p * g, axis=1)
    gg, gBg = np.sum(g * g, axis=1), np.einsum("mi,mij,mj->m", g, c.B, g)
    uphill = g * (gg / np.where(gBg > 0.0, gBg, 1.0))[:, None]
    p = np.where(spoilt[:, None], uphill, p)
    return p, np.where(spoilt, _promise(c.U, g, uphill), promise)


def _promise(U: FloatArray, g: FloatArray, p: FloatArray) -> FloatArray:
    """Return the rise (m,) to first order of steps p cut off at the walls."""
    out: FloatArray = np.sum((np.clip(U + p, 0.0, 1.0) - U) * g, axis=1)
    return out


def _advance(score: ScoreAndGradient, c: _Climbers, p: FloatArray) -> _Climbers:
    """Try the steps; take those that rise enough, halve the others."""
    U = np.clip(c.U + c.step[:, None] * p, 0.0, 1.0)
    f, g = score(U)
    g = np.where(c.movable, g, 0.0)
    usable = _usable(f, g)
    f, g = np.where(usable, f, -np.inf), np.where(usable[:, None], g, 0.0)
    s = U - c.U
    rise = np.sum(c.g * s, axis=1)
    taken = (rise > 0.0) & (f >= c.f + _ARMIJO * rise)
    B = c.B.copy()
    s, y = s[taken], (c.g - g)[taken]
    B[taken] = _damped_bfgs(_rescaled(B[taken], s, y, c.fresh[taken]), s, y)
    along = taken[:, None]
    return _Climbers(
        U=np.where(along, U, c.U),
        f=np.where(taken, f, c.f),
        g=np.where(along, g, c.g),
        B=B,
        step=np.where(taken, 1.0, 0.5 * c.step),  # interpolating saved nothing
        fresh=c.fresh & ~taken,
        movable=c.movable,
    )


def _rescaled(
    B: FloatArray, s: FloatArray, y: FloatArray, fresh: BoolArray
) -> FloatArray:
    """Return B (m, d, d) with its size corrected, before the update for s and y.

    A first guess becomes a multiple of I (N&W 2006, eq. 6.20). Later B shrinks where
    it overestimates even the highest curvatures, which dominate y: by y.B^-1 y / s.y
    (Oren & Luenberger 1974). The logarithm of EI flattens on the way up, and without
    this the climbs take twice as many rounds.
    """
    sy, yy = np.sum(s * y, axis=1), np.sum(y * y, axis=1)
    upwards = sy > 0.0
    over = np.where(upwards, sy, 1.0)
    guess = (yy / over)[:, None, None] * np.eye(s.shape[1])
    excess = np.sum(y * _solve(B, y), axis=1) / over
    size = np.where(upwards, np.clip(excess, _LEAST_SIZE, 1.0), 1.0)
    return np.where((fresh & upwards)[:, None, None], guess, size[:, None, None] * B)


def _damped_bfgs(B: FloatArray, s: FloatArray, y: FloatArray) -> FloatArray:
    """Update B (m, d, d) for steps s (m, d) and falls y (m, d) of the gradient.

    Nocedal & Wright 2006, procedure 18.2: a curvature s.y that is too small, or
    negative, is raised to a fifth of the old one; so B stays positive definite, and
    steps grow on slopes that bend upwards.
    """
    Bs = np.einsum("mij,mj->mi", B, s)
    sy, sBs = np.sum(s * y, axis=1), np.sum(s * Bs, axis=1)
    low = sy < _DAMPING * sBs
    share = (1.0 - _DAMPING) * sBs / np.where(low, sBs - sy, 1.0)
    share = np.where(low, share, 1.0)[:, None]
    r = share * y + (1.0 - share) * Bs
    return B + _outer(r, np.sum(s * r, axis=1)) - _outer(Bs, sBs)


def _solve(A: FloatArray, b: FloatArray) -> FloatArray:
    """Return A^-1 b for each matrix of A (m, d, d) and row of b (m, d).

    At the foot of a barrier, of LogEI next to a data point, a curvature can run out of
    digits; the lift keeps A positive definite all the same.
    """
    size = np.max(np.abs(A), axis=(1, 2), initial=0.0)
    A = A + (_LIFT * size)[:, None, None] * np.eye(A.shape[1])
    return np.asarray(np.linalg.solve(A, b[:, :, None])[:, :, 0], np.float64)


def _outer(v: FloatArray, scale: FloatArray) -> FloatArray:
    """Return v v^T / scale for each row of v (m, d); shape (m, d, d)."""
    squares: FloatArray = v[:, :, None] * v[:, None, :]
    squares /= scale[:, None, None]
    return squares
