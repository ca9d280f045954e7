"""What was eliminated, in the user's terms, and observables with scale and offset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surrogo.calibration.noise import Noise
from surrogo.calibration.parts import natural
from surrogo.checks import FloatArray


def in_units(noise: Noise, found: Mapping[str, float]) -> dict[str, float]:
    """Return what a term found on the scale of its noise: an offset there is a factor.

    Examples
    --------
    >>> from surrogo.calibration.noise import LogNormal
    >>> in_units(LogNormal(scale="eliminate"), {"offset": 0.0, "sigma": 0.2})
    {'scale': 1.0, 'sigma': 0.2}
    """
    log = noise.transform != "linear"
    out = {key: natural(value, key, noise) for key, value in found.items()}
    return {"scale" if log and k == "offset" else k: v for k, v in out.items()}


def shifted(
    noise: Noise, found: Mapping[str, float], p: Mapping[str, Any], values: FloatArray
) -> FloatArray:
    """Return values of the model with scale and offset: eliminated, given or in `p`.

    `found` has those that were eliminated, in the user's terms.
    """

    def number(key: str) -> float:
        what: Any = found.get(key, getattr(noise, key))
        return float(p[what] if isinstance(what, str) else what)

    return values * number("scale") + number("offset")
