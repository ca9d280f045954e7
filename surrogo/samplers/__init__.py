"""Designs: where to evaluate before there is a model."""

from __future__ import annotations

from surrogo.samplers.base import Sampler
from surrogo.samplers.constrained import Constrained
from surrogo.samplers.distinct import Distinct
from surrogo.samplers.extension import extend
from surrogo.samplers.grid import Grid
from surrogo.samplers.halton import Halton
from surrogo.samplers.hammersley import Hammersley
from surrogo.samplers.kronecker import Kronecker
from surrogo.samplers.latin_hypercube import LatinHypercube
from surrogo.samplers.lattice import Lattice
from surrogo.samplers.measures import discrepancy, min_distance
from surrogo.samplers.poisson_disk import PoissonDisk
from surrogo.samplers.section import Section
from surrogo.samplers.sobol import Sobol
from surrogo.samplers.uniform import Uniform

__all__ = [
    "SAMPLERS",
    "Constrained",
    "Distinct",
    "Grid",
    "Halton",
    "Hammersley",
    "Kronecker",
    "LatinHypercube",
    "Lattice",
    "PoissonDisk",
    "Sampler",
    "Section",
    "Sobol",
    "Uniform",
    "discrepancy",
    "extend",
    "min_distance",
]

# Adding a sampler here adds it to the contract suite in tests/contracts. Section,
# Distinct and Constrained are made of others and have tests of their own.
SAMPLERS: dict[str, type[Sampler]] = {
    "uniform": Uniform,
    "grid": Grid,
    "latin_hypercube": LatinHypercube,
    "sobol": Sobol,
    "halton": Halton,
    "hammersley": Hammersley,
    "kronecker": Kronecker,
    "lattice": Lattice,
    "poisson_disk": PoissonDisk,
}
