"""Designs: where to evaluate before there is a model."""

from __future__ import annotations

from surrogo.samplers.base import Sampler
from surrogo.samplers.halton import Halton
from surrogo.samplers.latin_hypercube import LatinHypercube
from surrogo.samplers.sobol import Sobol
from surrogo.samplers.uniform import Uniform

__all__ = ["SAMPLERS", "Halton", "LatinHypercube", "Sampler", "Sobol", "Uniform"]

# Adding a sampler here adds it to the contract suite in tests/contracts.
SAMPLERS: dict[str, type[Sampler]] = {
    "uniform": Uniform,
    "latin_hypercube": LatinHypercube,
    "sobol": Sobol,
    "halton": Halton,
}
