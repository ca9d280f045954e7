"""The negative log posterior as a cheap function of the outputs of a simulation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from surrogo.calibration.terms import Counts, Expansion, Residuals, Term
from surrogo.checks import FloatArray
from surrogo.optimizers.outer import Outer
from surrogo.plain import plain


@dataclass(frozen=True)
class NegativeLogPosterior(Outer):
    """A sum of terms: data of each observable, and priors.

    Parameters
    ----------
    terms : tuple of Residuals, Counts and Belief

    Examples
    --------
    >>> two = Residuals("u", "normal", y=(1.0, 2.0), at=(0, 1), sigma=(1.0, 0.5))
    >>> value, gradient, weights = NegativeLogPosterior((two,)).expand(np.zeros(2))
    >>> gradient, weights
    (array([-1., -8.]), array([1., 4.]))
    """

    name: ClassVar[str] = "negative_log_posterior"

    terms: tuple[Term, ...]

    def values(self, R: FloatArray) -> FloatArray:
        """Return the value for each row of outputs (n, r); shape (n,)."""
        with np.errstate(all="ignore"):  # what overflows is inf or NaN, and says so
            return np.asarray(sum(term.values(R) for term in self.terms))

    def expand(self, r: FloatArray) -> Expansion:
        """Return value, gradient (r,) and the nonnegative weights (r,) at outputs r."""
        with np.errstate(all="ignore"):
            parts = [term.expand(r) for term in self.terms]
        values, gradients, weights = zip(*parts, strict=True)
        return sum(values), np.sum(gradients, axis=0), np.sum(weights, axis=0)

    def misfit(self, r: FloatArray) -> float:
        """Return how far the terms are above those of residuals that are 0."""
        with np.errstate(all="ignore"):
            return float(sum(term.misfit(r) for term in self.terms))

    def to_dict(self) -> dict[str, Any]:
        """Return name and terms as plain data."""
        return {"name": self.name, "terms": [plain(asdict(t)) for t in self.terms]}

    def likelihood(self, r: FloatArray) -> float:
        """Return the negative log likelihood alone, without the priors."""
        data = [t for t in self.terms if isinstance(t, Residuals | Counts)]
        return float(NegativeLogPosterior(tuple(data)).values(r[None, :])[0])

    def likeliest(self, r: FloatArray) -> dict[str, dict[str, float]]:
        """Return what was eliminated, for each observable, on its transformed scale."""
        groups = [t for t in self.terms if isinstance(t, Residuals | Counts)]
        found = {group.observable: group.likeliest(r) for group in groups}
        return {name: values for name, values in found.items() if values}
