"""The surrogates by name."""

from __future__ import annotations

from surrogo.surrogates.gp import GaussianProcess

# Adding a surrogate here adds it to the contract suite in tests/contracts.
SURROGATES: dict[str, type[GaussianProcess]] = {"gp": GaussianProcess}
