"""Scores (m,) with gradients (m, d) on the unit cube, to climb on."""

from __future__ import annotations

import numpy as np


def bowl(U):
    """Concave, with its peak inside and different curvatures."""
    d = U.shape[1]
    peak, weights = np.linspace(0.2, 0.8, d), 10.0 ** np.linspace(0, 3, d)
    away = U - peak
    return -np.sum(weights * away**2, axis=1), -2.0 * weights * away


def outside(U):
    """Concave, with its peak outside the cube: some coordinates end on the walls."""
    away = U - np.resize([-0.5, 0.3, 1.5], U.shape[1])
    coupled = away + 0.3 * np.roll(away, 1, axis=1)
    slope = -2.0 * (coupled + 0.3 * np.roll(coupled, -1, axis=1))
    return -np.sum(coupled**2, axis=1), slope


def corner(U):
    """Linear: its maximum is a corner."""
    slope = np.resize([1.0, -2.0, 0.1], U.shape[1])
    return U @ slope, np.broadcast_to(slope, U.shape)


def rosenbrock(U):
    """The curved valley of Rosenbrock 1960 on [-2, 2]^d."""
    X = 4.0 * U - 2.0
    a, b = X[:, :-1], X[:, 1:]
    g = np.zeros_like(X)
    g[:, :-1] += -400.0 * a * (b - a**2) - 2.0 * (1.0 - a)
    g[:, 1:] += 200.0 * (b - a**2)
    return -np.sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2, axis=1), -4.0 * g


def waves(U):
    """Many peaks."""
    k = 3.0 * np.pi
    slope = k * np.cos(k * U) - 0.6 * (U - 0.4)
    return np.sum(np.sin(k * U) - 0.3 * (U - 0.4) ** 2, axis=1), slope


def flat_top(U):
    """Quartic: the curvature vanishes at the peak."""
    away = U - 0.4
    return -np.sum(away**4, axis=1), -4.0 * away**3


def ellipsoid(d, seed):
    """A concave quadratic with skewed axes; its peak may lie outside the cube."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(d, d)))
    A, peak = (Q * np.logspace(0, 3, d)) @ Q.T, rng.uniform(-0.5, 1.5, d)

    def score(U):
        pull = (U - peak) @ A
        return -0.5 * np.sum((U - peak) * pull, axis=1), -pull

    return score
