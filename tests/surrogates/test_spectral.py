import numpy as np
import pytest

from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.kernel_registry import ALL_KERNELS
from surrogo.surrogates.kernels import Matern32, Matern52, SquaredExponential
from surrogo.surrogates.spectral import frequencies

D, DRAWS = 3, 40_000
# Not stationary in z itself, so that there is no spectral distribution.
UNKNOWN = {"periodic"}
KNOWN: dict[str, Kernel] = {
    **{name: ALL_KERNELS[name] for name in sorted(set(ALL_KERNELS) - UNKNOWN)},
    "sum": Matern32() + SquaredExponential(),
    "product": Matern52() * SquaredExponential(),
    "nested": (Matern32() + SquaredExponential()) * Matern52(),
}


def some_theta(kernel, seed):
    """Hyper-parameters around their prior means, different in each variable."""
    rng = np.random.default_rng(seed)
    drawn = [
        np.clip(rng.normal(p.mean, 0.5), p.low, p.high) for p in kernel.parameters(D)
    ]
    return np.array(drawn)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_mean_cosine_is_the_correlation(name, rng):
    """Bochner's theorem, to five standard errors."""
    kernel = KNOWN[name]
    theta = some_theta(kernel, seed=1)
    Z = np.vstack([np.zeros(D), rng.uniform(-1.0, 1.0, (20, D)), 0.3 * np.eye(D)])
    cosines = np.cos(frequencies(kernel, theta, (DRAWS, D), rng) @ Z.T)
    expected = kernel.correlations(Z, Z[:1], theta)[:, 0]
    error = cosines.std(axis=0) / np.sqrt(DRAWS) + 1e-12
    assert np.max(np.abs(cosines.mean(axis=0) - expected) / error) < 5.0


def test_it_tells_kernels_apart(rng):
    """The test above would see a wrong smoothness, or a wrong length scale."""
    Z, theta = np.linspace(0.0, 1.0, 20)[:, None], np.log([0.4])
    cosines = np.cos(frequencies(Matern52(), theta, (DRAWS, 1), rng) @ Z.T)
    error = cosines.std(axis=0) / np.sqrt(DRAWS) + 1e-12
    for kernel, log_l in ((Matern32(), 0.0), (Matern52(), 0.05)):
        wrong = kernel.correlations(Z, Z[:1], theta + log_l)[:, 0]
        assert np.max(np.abs(cosines.mean(axis=0) - wrong) / error) > 5.0


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_kernels_without_a_known_distribution_say_so(name, rng):
    kernel = ALL_KERNELS[name]
    with pytest.raises(NotImplementedError, match="is not known; draw values at given"):
        frequencies(kernel, some_theta(kernel, 0), (10, D), rng)
