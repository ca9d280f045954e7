"""What all tests share: Hypothesis profiles, a generator, the order of the tests."""

from __future__ import annotations

import os

import hypothesis
import numpy as np
import pytest

# Deadlines and health checks measure the machine, not the library. The short profile
# draws the same examples every time, so that CI repeats; the thorough one is random.
hypothesis.settings.register_profile(
    "short",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "thorough",
    max_examples=1000,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a fresh generator, the same for every test."""
    return np.random.default_rng(20260101)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the wheel: one worker installs it while the other does the rest."""
    items.sort(key=lambda item: item.path.name != "test_wheel.py")
