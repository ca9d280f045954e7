"""A Gaussian process written as the books write it: loops, inverses, n x n x d arrays.

Slow and obvious; what the fast one is compared with. Everything is at given
hyper-parameters.
"""

from __future__ import annotations

import math

import numpy as np


def correlation(kernel, r):
    """Correlation at scaled distance r (Rasmussen & Williams 2006, section 4.2)."""
    if kernel == "matern12":
        return math.exp(-r)
    if kernel == "matern32":
        return (1 + math.sqrt(3) * r) * math.exp(-math.sqrt(3) * r)
    if kernel == "matern52":
        return (1 + math.sqrt(5) * r + 5 * r**2 / 3) * math.exp(-math.sqrt(5) * r)
    assert kernel == "squared_exponential"
    return math.exp(-(r**2) / 2)


def correlation_in_log_length(kernel, r, share):
    """d correlation / d log l_k, where share = ((x_k - x'_k) / l_k)^2."""
    if kernel == "matern12":
        return math.exp(-r) * share / r if r > 0 else 0.0
    if kernel == "matern32":
        return 3 * share * math.exp(-math.sqrt(3) * r)
    if kernel == "matern52":
        s = math.sqrt(5) * r
        return 5 / 3 * share * (1 + s) * math.exp(-s)
    return share * math.exp(-(r**2) / 2)


def basis(trend, x):
    """Monomials of one point, not centred, in any order."""
    if trend == "zero":
        return []
    out = [1.0]
    if trend in ("linear", "quadratic"):
        out += list(x)
    if trend == "quadratic":
        out += [x[i] * x[j] for i in range(len(x)) for j in range(i + 1)]
    return out


class NaiveGP:
    """Conditioned on X (n, d), y (n,), at the best process variance unless given."""

    def __init__(self, kernel, trend, length_scale, nugget, X, y, variance=None):
        self.kernel, self.trend = kernel, trend
        self.length_scale, self.nugget = np.array(length_scale, float), nugget
        self.X, self.y = np.array(X, float), np.array(y, float)
        n = len(y)
        self.R = np.array([[self.k(a, b) for b in self.X] for a in self.X])
        self.R += nugget * np.eye(n)
        self.F = np.array([basis(trend, x) for x in self.X]).reshape(n, -1)
        self.p = self.F.shape[1]
        self.R_inv = np.linalg.inv(self.R)
        G = self.F.T @ self.R_inv @ self.F
        self.G_inv = np.linalg.inv(G) if self.p else G
        self.beta = self.G_inv @ self.F.T @ self.R_inv @ self.y
        residual = self.y - self.F @ self.beta
        best = residual @ self.R_inv @ residual / (n - self.p)
        self.variance = best if variance is None else variance

    def k(self, a, b):
        r = math.sqrt(sum(((a - b) / self.length_scale) ** 2))
        return correlation(self.kernel, r)

    def predict(self, x):
        """Mean and variance at one point, by the system that is augmented by F."""
        k = np.array([self.k(x, a) for a in self.X])
        f = np.array(basis(self.trend, x))
        zero = np.zeros((self.p, self.p))
        augmented = np.block([[self.R, self.F], [self.F.T, zero]])
        weights = np.linalg.solve(augmented, np.concatenate([k, f]))
        mean = weights[: len(k)] @ self.y
        return mean, self.variance * (1 - weights @ np.concatenate([k, f]))

    def log_likelihood(self):
        """Log density of the n - p contrasts of y that no trend can explain."""
        n, nu = len(self.y), len(self.y) - self.p
        full, _ = np.linalg.qr(self.F, mode="complete") if self.p else (np.eye(n), 0)
        A = full[:, self.p :]  # orthonormal, A^T F = 0
        C = self.variance * A.T @ self.R @ A
        z = A.T @ self.y
        _, log_det = np.linalg.slogdet(C)
        return -0.5 * (z @ np.linalg.inv(C) @ z + log_det + nu * math.log(2 * math.pi))

    def gradient(self):
        """d log_likelihood / d (log l, log lambda) at the profiled variance."""
        n, d = self.X.shape
        dR = np.zeros((n, n, d + 1))
        for i in range(n):
            for j in range(n):
                shares = ((self.X[i] - self.X[j]) / self.length_scale) ** 2
                r = math.sqrt(sum(shares))
                for k in range(d):
                    dR[i, j, k] = correlation_in_log_length(self.kernel, r, shares[k])
        dR[:, :, d] = self.nugget * np.eye(n)
        P = self.R_inv - self.R_inv @ self.F @ self.G_inv @ self.F.T @ self.R_inv
        a = P @ self.y
        slices = [dR[:, :, k] for k in range(d + 1)]
        fits = np.array([a @ dR_k @ a / self.variance for dR_k in slices])
        return 0.5 * (fits - [np.trace(P @ dR_k) for dR_k in slices])

    def leave_one_out(self):
        """Mean and variance of each observation, from a fit to all the others."""
        out = []
        for i in range(len(self.y)):
            rest = np.arange(len(self.y)) != i
            gp = NaiveGP(
                self.kernel,
                self.trend,
                self.length_scale,
                self.nugget,
                self.X[rest],
                self.y[rest],
                self.variance,
            )
            mean, variance = gp.predict(self.X[i])
            out.append((mean, variance + self.variance * self.nugget))
        return np.array(out).T
