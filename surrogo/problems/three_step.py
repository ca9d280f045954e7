"""A pathway of three enzymes: 36 parameters from 16 experiments without noise.

Genes make messengers G1 to G3, these make the enzymes E1 to E3, and these turn a
substrate S by way of M1 and M2 into a product P. S and P are constant in an experiment:

* ``Gi' = Vi / (1 + (P / Ki)^ni + (Ai / Li)^ai) - ki Gi`` with L = (S, M1, M2);
* ``Ei' = Wi Gi / (Ci + Gi) - hi Ei``;
* ``M1' = v1 - v2`` and ``M2' = v2 - v3``, where with the concentrations
  c = (S, M1, M2, P) ``vi = fi Ei (c - c+) / Ri / (1 + c / Ri + c+ / Qi)``, c the i-th
  and c+ the next of them.

The parameters are V, K, n, A, a, k, W, C, h, f, R, Q, three of each. Published names:
W = V4..6, C = K4..6, h = k4..6, f = kcat1..3, R = Km1, Km3, Km5 and Q = Km2, Km4, Km6.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Real, Space

PARAMETERS = tuple(f"{letter}{i}" for letter in "VKnAakWChfRQ" for i in (1, 2, 3))

# Moles, Mendes & Banga (2003): the same four values of S with each of P.
_S = read_only(np.repeat([0.1, 0.46416, 2.1544, 10.0], 4))
_P = read_only(np.tile([0.05, 0.13572, 0.3684, 1.0], 4))
_TIMES = read_only(np.linspace(0, 120, 21))
_START = read_only([0.66667, 0.57254, 0.41758, 0.4, 0.36409, 0.29457, 1.419, 0.93464])
_TENTHS = {"W", "h"}
_HILL = {"n", "a"}
_TRUTH = tuple(
    0.1 if p[0] in _TENTHS else 2.0 if p[0] in _HILL else 1.0 for p in PARAMETERS
)

# The worst of 300 random points and the corners of the box needed 8,748 calls.
_LIMITS = Limits(max_steps=20_000, max_calls=50_000)


def three_step() -> Problem:
    """Return the three-step pathway: 36 parameters, 2560 residuals.

    The residuals of each state are divided by its largest value in that experiment.

    Notes
    -----
    Mendes (2001), in Foundations of Systems Biology, 163; Moles, Mendes & Banga (2003),
    Genome Research 13:2467, with their boxes, but no parameter below 1e-6.

    Examples
    --------
    >>> problem = three_step()
    >>> problem(problem.x_opt[0])
    0.0
    """
    boxes = [(0.1, 10) if p[0] in _HILL else (1e-6, 1e3) for p in PARAMETERS]
    return recovery(
        "three_step",
        Space.of([Real(low, high, scale="log") for low, high in boxes]),
        residuals,
        PARAMETERS,
        summary="a pathway of three enzymes, 36 parameters, 16 experiments",
        source="Moles, Mendes & Banga (2003), Genome Research 13:2467",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the states after the start, shape (20, 128): state by state, 16 of each.

    The experiments are integrated as one system, as each call of NumPy then serves
    all of them.
    """
    start = np.repeat(_START, len(_S))
    states = integrate(
        _rhs,
        _TIMES,
        start,
        args=(x.reshape(12, 3, 1),),
        rtol=1e-9,
        atol=1e-10,
        limits=_LIMITS,
        jac=_jacobian,
    )
    return states[1:]


residuals = Recovery(simulate, _TRUTH, scaled=True)


def _rhs(t: float, y: FloatArray, x: FloatArray) -> FloatArray:
    return _derivatives(y.reshape(8, -1), x, _S, _P).ravel()


def _derivatives(
    y: FloatArray, x: FloatArray, S: FloatArray, P: FloatArray
) -> FloatArray:
    """Return the derivatives (8, m) of m systems at the states y (8, m)."""
    V, K, n, A, a, k, W, C, h, f, R, Q = x
    G, E = y[:3], y[3:6]
    c = np.stack([S, y[6], y[7], P])
    # A rounding error below zero is no concentration.
    hill = (P / K) ** n + (A / np.maximum(c[:3], 1e-300)) ** a
    v = f * E * (c[:3] - c[1:]) / R / (1 + c[:3] / R + c[1:] / Q)
    return np.concatenate(
        [V / (1 + hill) - k * G, W * G / (C + G) - h * E, v[:2] - v[1:]]
    )


def _jacobian(t: float, y: FloatArray, x: FloatArray) -> FloatArray:
    """Return the Jacobian (8 m, 8 m) by differences, of eight changes at once.

    No experiment depends on another: eight changed copies of all of them tell all.
    """
    m = len(_S)
    states = y.reshape(8, m)
    h = 1e-7 * np.maximum(np.abs(states), 1e-3)
    changed = np.repeat(states[:, None], 9, axis=1)  # (state, which is changed, m)
    changed[np.arange(8), np.arange(8)] += h
    S, P = np.tile(_S, 9), np.tile(_P, 9)
    rates = _derivatives(changed.reshape(8, -1), x, S, P).reshape(8, 9, m)
    blocks = (rates[:, :8] - rates[:, 8:]) / h  # (of, by, m)
    out = np.zeros((8, m, 8, m))
    out[:, np.arange(m), :, np.arange(m)] = np.moveaxis(blocks, 2, 0)
    return out.reshape(8 * m, 8 * m)
