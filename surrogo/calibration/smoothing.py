"""Two-stage smoothing: curves through the data first, then parameters from the curves.

Varah (1982), "A spline least squares method for numerical parameter estimation in
differential equations", SIAM J. Sci. Stat. Comput. 3, 28-46; in its integral form
Dattner and Klaassen (2015), "Optimal rate of direct estimators in systems of ordinary
differential equations linear in functions of the parameters", Electron. J. Stat. 9.
There is no simulation in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline, make_smoothing_spline

from surrogo.calibration.data import Series
from surrogo.calibration.noise import Noise
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.parts import transformed
from surrogo.calibration.problem import Calibration
from surrogo.checks import FloatArray, IntArray

# Multiples of the smoothing penalty that generalised cross-validation takes; 0 goes
# through all data. Too smooth a curve damps an oscillation, too rough a one invents it.
LEVELS = (1.0, 0.0, 0.1, 10.0)

_LEAST = 5  # times that `make_smoothing_spline` needs


@dataclass(frozen=True, eq=False)
class Curves:
    """Smooth curves of all states in one condition.

    Attributes
    ----------
    condition : str
    times : ndarray, shape (n,)
        Where the data are.
    splines : tuple of BSpline
        One for each state, on the scale of its noise.
    logs : tuple of float
        The natural logarithm of the base of each state's scale; 0 for a linear one.
    """

    condition: str
    times: FloatArray
    splines: tuple[BSpline, ...]
    logs: tuple[float, ...]

    def states(self, t: FloatArray) -> FloatArray:
        """Return the states at times (n,), shape (n, n_states)."""
        return self.from_scale(self.scaled(t))

    def scaled(self, t: FloatArray) -> FloatArray:
        """Return the curves themselves, shape (n, n_states)."""
        return np.column_stack([spline(t) for spline in self.splines])

    def from_scale(self, Z: FloatArray) -> FloatArray:
        """Return states of values (n, n_states) on the scale of the noise."""
        pairs = zip(Z.T, self.logs, strict=True)
        return np.column_stack([np.exp(z * log) if log else z for z, log in pairs])

    def to_scale(self, Y: FloatArray) -> FloatArray:
        """Return states (n, n_states) on the scale of the noise."""
        pairs = zip(Y.T, self.logs, strict=True)
        with np.errstate(all="ignore"):  # a state below 0 has none: NaN
            columns = [np.log(y) / log if log else y for y, log in pairs]
        return np.column_stack(columns)

    def stretch(self, Y: FloatArray) -> FloatArray:
        """Return dz/dy at states Y: what turns rates of states into those of curves."""
        columns = [
            1.0 / (y * log) if log else np.ones_like(y)
            for y, log in zip(Y.T, self.logs, strict=True)
        ]
        return np.column_stack(columns)


def observed_states(problem: Calibration) -> dict[str, str] | None:
    """Return which observable measures each state; None if one is not measured.

    Scales and offsets must be known to be 1 and 0, and there must be no jumps.
    """
    model = problem.model
    if not isinstance(model, OdeModel) or model.events:
        return None
    found = {
        state: name
        for name, state in model.observed.items()
        if isinstance(state, str) and _is_plain(problem.noise.get(name))
    }
    if set(found) != set(model.states):
        return None
    ordered = {state: found[state] for state in model.states}
    return ordered if _enough(problem, ordered) else None


def _is_plain(noise: Noise | None) -> bool:
    return noise is not None and noise.scale == 1.0 and noise.offset == 0.0


def _enough(problem: Calibration, observed: dict[str, str]) -> bool:
    """Say whether every state has data at enough times in every condition."""
    for condition in problem.data.times:
        for observable in observed.values():
            one = _series(problem, observable, condition)
            if one is None or len(np.unique(one.rows)) < _LEAST:
                return False
    return True


def _series(problem: Calibration, observable: str, condition: str) -> Series | None:
    series = problem.data.of(observable)
    return next((one for one in series if one.condition == condition), None)


def curves(
    problem: Calibration, observed: dict[str, str], level: float
) -> list[Curves]:
    """Smooth the data of every condition.

    Parameters
    ----------
    problem : Calibration
    observed : dict of str to str
        The observable of each state.
    level : float
        Multiple of the penalty of generalised cross-validation; 0 interpolates.
    """
    return [_curves(problem, observed, name, level) for name in problem.data.times]


def _curves(
    problem: Calibration, observed: dict[str, str], condition: str, level: float
) -> Curves:
    assert isinstance(problem.model, OdeModel)
    splines, logs = [], []
    times = problem.data.times[condition]
    for state in problem.model.states:
        name = observed[state]
        rows, z = scaled_data(problem, name, condition)
        splines.append(smooth(*_means(times, rows, z), level))
        logs.append(_log_base(problem.noise[name]))
    return Curves(condition, times, tuple(splines), tuple(logs))


def _log_base(noise: Noise) -> float:
    return {"linear": 0.0, "log": 1.0, "log10": float(np.log(10))}[noise.transform]


def scaled_data(
    problem: Calibration, observable: str, condition: str
) -> tuple[IntArray, FloatArray]:
    """Return the data of an observable on the scale of its noise, and their rows."""
    one, noise = _series(problem, observable, condition), problem.noise[observable]
    assert one is not None  # `observed_states` has looked
    # Counts are smoothed as they are: their logarithm may not exist.
    z = one.y if noise.transform == "linear" else transformed(one.y, noise)
    return one.rows, z


def _means(
    times: FloatArray, rows: IntArray, z: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the times with data, and the mean of the data at each."""
    own, place = np.unique(rows, return_inverse=True)
    return times[own], np.bincount(place, weights=z) / np.bincount(place)


def smooth(t: FloatArray, z: FloatArray, level: float) -> BSpline:
    """Return a cubic spline near z (n,) at increasing times t (n,).

    Examples
    --------
    >>> t = np.linspace(0, 3, 8)
    >>> abs(float(smooth(t, t**2, 0.0)(1.7)) - 1.7**2) < 1e-9
    True
    """
    if level == 0.0:
        return make_interp_spline(t, z, k=3)
    if np.ptp(z) == 0.0:
        return make_interp_spline(t, z, k=1)
    return make_smoothing_spline(t, z, lam=_penalty(t, z) * level)


def _penalty(t: FloatArray, z: FloatArray) -> float:
    """Return the penalty for which generalised cross-validation is least.

    The smoother is ``(I + lam K)^-1`` with K of Green and Silverman (1994), equations
    2.3 and 2.4; in its eigenvectors ``GCV = n |z - Hz|^2 / (n - trace H)^2`` is a sum.
    """
    n = len(t)
    eigenvalues, vectors = np.linalg.eigh(_roughness(t))
    eigenvalues = np.maximum(eigenvalues, 0.0)  # two are 0: straight lines
    c = vectors.T @ z
    # From curves that turn between any two data to almost straight ones.
    grid = np.logspace(-3, 3, 61) / float(np.median(eigenvalues))
    rest = 1.0 - 1.0 / (1.0 + grid[:, None] * eigenvalues)
    scores = n * np.sum((rest * c) ** 2, axis=1) / np.sum(rest, axis=1) ** 2
    return float(grid[int(np.argmin(scores))])


def _roughness(t: FloatArray) -> FloatArray:
    """Return K (n, n): ``f' K f`` is the integral of the squared second derivative."""
    h = np.diff(t)
    n = len(t)
    Q, R = np.zeros((n, n - 2)), np.zeros((n - 2, n - 2))
    for j in range(n - 2):
        Q[j : j + 3, j] = 1 / h[j], -1 / h[j] - 1 / h[j + 1], 1 / h[j + 1]
        R[j, j] = (h[j] + h[j + 1]) / 3
        if j + 1 < n - 2:
            R[j, j + 1] = R[j + 1, j] = h[j + 1] / 6
    return np.asarray(Q @ np.linalg.solve(R, Q.T))
