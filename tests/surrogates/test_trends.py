import numpy as np
import pytest

from surrogo.surrogates.trends import Trend
from tests.reference import naive_gp
from tests.reference.differences import gradient
from tests.surrogates.cases import every_trend


@every_trend
@pytest.mark.parametrize("d", [1, 2, 5])
def test_basis_spans_all_monomials(trend, d, rng):
    Z = rng.random((40, d))
    F = Trend.of(trend, d).basis(Z)
    monomials = np.array([naive_gp.basis(trend, z) for z in Z]).reshape(40, -1)
    assert F.shape == (40, Trend.of(trend, d).p) == monomials.shape
    if F.shape[1]:
        onto = np.linalg.lstsq(F, monomials, rcond=None)[0]
        np.testing.assert_allclose(F @ onto, monomials, atol=1e-12)
        assert np.linalg.matrix_rank(F) == F.shape[1]


@every_trend
def test_slope_equals_differences(trend, rng):
    Z, made = rng.random((4, 3)), Trend.of(trend, 3)
    for c in (rng.normal(size=made.p), rng.normal(size=(4, made.p))):
        rows = np.broadcast_to(c, (4, made.p))
        expected = [
            gradient(lambda z, row=row: made.basis(z[None])[0] @ row, point)
            for point, row in zip(Z, rows, strict=True)
        ]
        np.testing.assert_allclose(made.slope(Z, c), expected, atol=1e-11)


@every_trend
def test_log_gram_is_the_log_determinant(trend, rng):
    Z, made = rng.random((30, 3)), Trend.of(trend, 3)
    F = made.basis(Z)
    assert made.log_gram(Z) == pytest.approx(np.linalg.slogdet(F.T @ F)[1], abs=1e-11)


@pytest.mark.parametrize(
    ("trend", "Z"),
    [
        ("linear", [[0.1, 0.5], [0.4, 0.5], [0.9, 0.5], [0.7, 0.5]]),  # constant
        ("linear", [[0.1, 0.1], [0.4, 0.4], [0.9, 0.9], [0.7, 0.7]]),  # on a line
        ("quadratic", [[0.1], [0.1], [0.9], [0.9]]),  # two places, three coefficients
    ],
)
def test_points_that_do_not_determine_the_trend_are_refused(trend, Z):
    Z = np.array(Z)
    with pytest.raises(ValueError, match=r"the 4 points do not determine the 3 coeff"):
        Trend.of(trend, Z.shape[1]).log_gram(Z)


def test_a_cluster_far_smaller_than_the_box_still_determines_a_trend(rng):
    Z = 0.3 + 1e-5 * rng.random((10, 2))
    assert np.isfinite(Trend.of("quadratic", 2).log_gram(Z))


def test_unknown_trend_is_refused():
    with pytest.raises(ValueError, match=r"trend must be one of .* got 'cubic'"):
        Trend.of("cubic", 2)
