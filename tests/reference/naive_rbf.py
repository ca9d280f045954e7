"""Radial basis functions the obvious way: the saddle-point system, solved as it is."""

from __future__ import annotations

from itertools import product

import numpy as np

FORMULAS = {
    "linear": lambda r: -r,
    "cubic": lambda r: r**3,
    "quintic": lambda r: -(r**5),
    "thin_plate": lambda r: r**2 * np.log(np.where(r > 0, r, 1.0)),
    "gaussian": lambda r: np.exp(-(r**2)),
    "multiquadric": lambda r: -np.sqrt(1 + r**2),
    "inverse_multiquadric": lambda r: 1 / np.sqrt(1 + r**2),
    "inverse_quadratic": lambda r: 1 / (1 + r**2),
    "matern12": lambda r: np.exp(-r),
    "matern32": lambda r: (1 + np.sqrt(3) * r) * np.exp(-np.sqrt(3) * r),
    "matern52": lambda r: (1 + np.sqrt(5) * r + 5 * r**2 / 3) * np.exp(-np.sqrt(5) * r),
}


def kernel(name, shape, A, B):
    r = np.sqrt(np.sum((A[:, None] - B[None]) ** 2, axis=2))
    return FORMULAS[name](shape * r)


def monomials(Z, degree):
    """All monomials up to `degree` at Z (m, d): columns of shape (m, p)."""
    powers = [
        e for e in product(range(degree + 1), repeat=Z.shape[1]) if sum(e) <= degree
    ]
    columns = [np.prod((2 * Z - 1) ** e, axis=1) for e in powers]
    return np.array(columns).T.reshape(len(Z), len(columns))


def saddle(name, shape, degree, smoothing, Z):
    P = monomials(Z, degree)
    A = kernel(name, shape, Z, Z) + smoothing * np.eye(len(Z))
    return np.block([[A, P], [P.T, np.zeros((P.shape[1], P.shape[1]))]])


def right_side(name, shape, degree, Z, X):
    return np.hstack([kernel(name, shape, X, Z), monomials(X, degree)])


def mean(name, shape, degree, smoothing, Z, y, X):
    M = saddle(name, shape, degree, smoothing, Z)
    padded = np.concatenate([y, np.zeros(len(M) - len(y))])
    return right_side(name, shape, degree, Z, X) @ np.linalg.solve(M, padded)


def power2(name, shape, degree, smoothing, Z, X):
    M = saddle(name, shape, degree, smoothing, Z)
    k = right_side(name, shape, degree, Z, X)
    return kernel(name, shape, X[:1], X[:1])[0, 0] - np.sum(
        k * np.linalg.solve(M, k.T).T, axis=1
    )
