"""A Gaussian process of transformed values, seen in the values themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from surrogo.checks import FloatArray
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.settings import comparable
from surrogo.surrogates.transforms import Transform


@dataclass(frozen=True, eq=False)
class Transformed:
    """A posterior of v = T(t), answering in t.

    The "mean" is the median, T^-1(mean of v), and the "standard deviation" half the
    width of the central 68.3 % interval. For a normal distribution they are just that;
    for a log-normal one the moments are ruled by a tail that no data confirm.
    """

    posterior: Posterior
    transform: Transform

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return median and half width (m,) at Z (m, d)."""
        return self._back(*self.posterior.mean_std(Z))

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return median, half width (m,) and their gradients (m, d) at Z (m, d)."""
        m, s, dm, ds = self.posterior.mean_std_gradients(Z)
        slope = self.transform.inverse_slope
        at, up, down = (slope(v)[:, None] for v in (m, m + s, m - s))
        half = 0.5 * (up * (dm + ds) - down * (dm - ds))
        return *self._back(m, s), at * dm, half

    def interval(self, Z: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Return the central interval of this probability at Z (m, d): two (m,)."""
        m, s = self.posterior.mean_std(Z)
        half = float(ndtri(0.5 + 0.5 * level)) * s
        return self.transform.inverse(m - half), self.transform.inverse(m + half)

    def draws(self, Z: FloatArray, normals: FloatArray) -> FloatArray:
        """Return functions drawn at Z (m, d) for standard normals (m, s)."""
        return self.transform.inverse(self.posterior.draws(Z, normals))

    def append(
        self, Z: FloatArray, y: FloatArray, variances: FloatArray | None = None
    ) -> Transformed:
        """Condition on further points at the same hyper-parameters.

        The transform stays as it is, but for the shift of a logarithm: that follows the
        lowest value, which costs O(n^3).
        """
        T, old = self.transform.including(y), self.posterior
        if T is not self.transform:
            v = T.forward(self.transform.inverse(old.y))
            old = Posterior.of(
                old.kernel, old.trend, old.theta, old.nugget, old.Z, v, old.noise
            )
        return Transformed(old.append(Z, comparable(T.forward(y)), variances), T)

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each point: median and half width (n,)."""
        return self._back(*self.posterior.leave_one_out())

    def log_likelihood(self) -> float:
        """Return the restricted log likelihood of t: of v, with the Jacobian."""
        t = self.transform.inverse(self.posterior.y)
        jacobian = float(np.sum(self.transform.log_slope(t)))
        return self.posterior.log_likelihood() + jacobian

    def _back(self, m: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
        T = self.transform.inverse
        return T(m), 0.5 * (T(m + s) - T(m - s))
