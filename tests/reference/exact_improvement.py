"""log(phi(z) + z Phi(z)) to fifty digits and more, by Taylor and asymptotic series."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import MIN_EMIN, Decimal, localcontext
from functools import cache

_FAR = 40  # beyond, the asymptotic series is exact to exp(-z^2 / 2) = 1e-347
_DIGITS = 900  # at z = -40 the Taylor series cancels 350 digits, h / phi 3 more


@contextmanager
def _precise():
    with localcontext() as context:
        context.prec, context.Emin = _DIGITS, MIN_EMIN  # h(-1e6) = 10^-217147240967
        yield context


@cache
def _pi():
    """Machin's formula (1706): pi / 4 = 4 atan(1/5) - atan(1/239)."""

    def atan_of_inverse(m):
        total, power, n, square = Decimal(0), Decimal(1) / m, 1, m * m
        while abs(power) > Decimal(10) ** (-_DIGITS - 5):
            total += power / n if n % 4 == 1 else -power / n
            power, n = power / square, n + 2
        return total

    return 4 * (4 * atan_of_inverse(5) - atan_of_inverse(239))


def _phi(z):
    return (-z * z / 2).exp() / (2 * _pi()).sqrt()


def _Phi(z):
    """1/2 + phi(z) (z + z^3/3 + z^5/(3 5) + ...)."""
    term, total, n = z, z, 1
    while abs(term) > Decimal(10) ** (-_DIGITS):
        n += 2
        term *= z * z / n
        total += term
    return Decimal("0.5") + _phi(z) * total


def _log_h_far(z):
    """-z^2/2 - log sqrt(2 pi) - 2 log|z| + log(1 - 3/z^2 + 15/z^4 - ...)."""
    total, term, n = Decimal(1), Decimal(1), 1
    while True:
        following = -term * (n + 2) / (z * z)
        if abs(following) >= abs(term) or abs(following) < Decimal(10) ** -60:
            break
        term, n = following, n + 2
        total += term
    return -z * z / 2 - (2 * _pi()).ln() / 2 - 2 * abs(z).ln() + total.ln()


def log_h(z):
    """Return log h(z) as a Decimal, for a float z."""
    with _precise():
        z = Decimal(z)
        if z < -_FAR:
            return +_log_h_far(z)
        return (_phi(z) + z * _Phi(z)).ln()


def slopes(z):
    """Return Phi / h and phi / h as Decimals, for a float z."""
    with _precise():
        h, z = log_h(z).exp(), Decimal(z)
        # h = phi + z Phi, so that Phi follows where the Taylor series is too slow
        Phi = (h - _phi(z)) / z if z < -_FAR else _Phi(z)
        return Phi / h, _phi(z) / h


@cache
def log_alpha_and_slope(g):
    """Return log(g m / 2 - log Phi), m = phi / Phi, and its derivative, for a float g.

    What max-value entropy search takes the mean of (Wang & Jegelka 2017, eq. 6).
    """
    with _precise() as context:
        _pi()  # to all digits
        if g > -8.0:
            context.prec = 120  # nothing to speak of cancels
        (Phi_h, phi_h), log_Phi = slopes(g), log_h(g)
        g, log_Phi = Decimal(g), log_Phi + Phi_h.ln()
        m = phi_h / Phi_h
        alpha, slope = g * m / 2 - log_Phi, -m * (1 + g * (g + m)) / 2
        return alpha.ln(), slope / alpha
