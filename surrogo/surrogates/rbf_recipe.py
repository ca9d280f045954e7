"""What is fixed of a radial basis function before its data are seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from surrogo.checks import FloatArray
from surrogo.surrogates import radial, tails
from surrogo.surrogates.profiles import Profile


@dataclass(frozen=True)
class Recipe:
    """What is fixed before the data are seen; `degree` None is the usual one.

    Examples
    --------
    >>> import numpy as np
    >>> recipe = Recipe(radial.get("cubic"))
    >>> recipe.on(np.eye(3)).degree, recipe.on(np.eye(4)[:, :3]).degree
    (0, 1)
    """

    profile: Profile
    degree: int | None = None
    shape: float = 1.0
    smoothing: float = 0.0

    @property
    def usual_degree(self) -> int:
        """The least degree the profile allows, and at least a constant."""
        return max(radial.order(self.profile) - 1, 0)

    @property
    def centred(self) -> bool:
        """Whether the tail holds the constants."""
        return self.degree is None or self.degree >= 0

    def on(self, Z: FloatArray) -> Recipe:
        """Return the recipe with a degree that the points Z (n, d) determine.

        Where the usual degree is too much for them, it is the highest that is not,
        and a profile that needs more gives way to the odd power r^(2 degree + 1).

        Raises
        ------
        ValueError
            If `degree` was given, and is too low for the profile or too high for Z.
        """
        if self.degree is not None:
            self.check_degree()
            self._check_points(Z, self.degree)
            return self
        degree = tails.highest_determined(Z, self.usual_degree)
        enough = radial.order(self.profile) <= degree + 1
        profile = self.profile if enough else radial.spline_of_order(degree + 1)
        return replace(self, profile=profile, degree=degree)

    def check_degree(self) -> None:
        """Raise ValueError if the degree is too low for the profile."""
        least = radial.order(self.profile) - 1
        if self.degree is not None and self.degree < least:
            raise ValueError(
                f"degree must be at least {least} for {self.profile}, which is only "
                f"conditionally positive definite, got {self.degree}; leave it out"
            )

    def _check_points(self, Z: FloatArray, degree: int) -> None:
        if degree < 0 or tails.determined(Z, degree):
            return
        best = tails.highest_determined(Z, degree)
        raise ValueError(
            f"a tail of degree {degree} in {Z.shape[1]} variables needs at least "
            f"{tails.size(degree, Z.shape[1])} distinct points that determine its "
            f"coefficients, got n_samples={len(Z)}, which determine degree {best}; "
            "take a lower degree or more points"
        )
