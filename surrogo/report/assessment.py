"""A model of the values of a run: how well it predicts, and what it says matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surrogo.checks import FloatArray, IntArray
from surrogo.optimizers.base import View
from surrogo.report.diagnostics import LIMIT
from surrogo.report.sensitivity import Sensitivity, sensitivity
from surrogo.space import Space
from surrogo.threads import one_blas_thread
from surrogo.trials import Trials

if TYPE_CHECKING:
    from surrogo.surrogates.diagnostics import Diagnostics

_FEWEST = 10  # values that say anything about predictions
# So that it takes seconds: values, spread evenly over the run, and numbers in them
_MOST, _NUMBERS = 500, 6000
_VARIABLES = 30  # of a model whose variance is divided up
_NAMED = 20  # outliers
_TRUSTED = 0.5  # q2 of a model whose variance is worth dividing up


@dataclass(frozen=True)
class Assessment:
    """What a Gaussian process makes of the values of a run.

    Attributes
    ----------
    n, of : int
        How many of the values it was given.
    diagnostics : Diagnostics
    outliers : dict of int
        The trials far from what was predicted, by their number among the values.
    shares : list of Sensitivity
        Empty where the model is too poor to say, or has 1 or too many variables.
    """

    n: int
    of: int
    diagnostics: Diagnostics
    outliers: dict[int, int]
    shares: list[Sensitivity]


def assess(trials: Trials) -> Assessment | str:
    """Fit a Gaussian process to the values and judge it; or say why there is none.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: x[0] + 9 * x[1], [(0, 1)] * 2, max_evals=12)
    >>> [share.name for share in assess(result.trials).shares]
    ['x1', 'x0']
    """
    view = View.of(trials, effort=0)
    known = np.flatnonzero(np.isfinite(view.y))
    free = np.flatnonzero(trials.space.levels > 1)
    needed = max(_FEWEST, len(free) + 2)
    if len(free) == 0:
        return "Every variable is fixed."
    if len(known) < needed:
        return f"A model needs {needed} values, the run has {len(known)}."
    most = max(needed, min(_MOST, _NUMBERS // len(free)))
    chosen = known[spread(len(known), most)]
    try:
        diagnostics, shares = _fitted(view.U[chosen], view.y[chosen], trials.space)
    except ValueError as error:  # such as of values beyond what floats can square
        return f"No model fits the values: {error}"
    outliers = {i: int(view.ids[chosen[i]]) for i in _far(diagnostics)}
    return Assessment(len(chosen), len(known), diagnostics, outliers, shares)


def _far(diagnostics: Diagnostics) -> list[int]:
    """Return the numbers of the values that `plot_diagnostics` marks."""
    z = diagnostics.standardised
    far = [] if z is None else np.flatnonzero(np.abs(z) > LIMIT).tolist()
    return far[:_NAMED]


def spread(n: int, most: int) -> IntArray:
    """Return the indices of at most so many of n, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))


def _fitted(
    U: FloatArray, y: FloatArray, space: Space
) -> tuple[Diagnostics, list[Sensitivity]]:
    from surrogo.surrogates.diagnostics import diagnose  # loads scikit-learn
    from surrogo.surrogates.gp import GaussianProcess

    free = np.flatnonzero(space.levels > 1)
    box = np.array([[0.0, 1.0]] * len(free))
    with one_blas_thread():
        model = GaussianProcess(bounds=box, random_state=0)
        diagnostics = diagnose(model, U[:, free], y)
        if not 2 <= len(free) <= _VARIABLES or not diagnostics.q2 > _TRUSTED:
            return diagnostics, []
        model.fit(U[:, free], y)
        return diagnostics, sensitivity(lambda V: model.predict(V[:, free]), space)
