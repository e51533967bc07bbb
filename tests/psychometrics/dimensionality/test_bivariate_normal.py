import numpy as np
import pytest
from scipy.special import ndtr, owens_t
from scipy.stats import multivariate_normal

from learning_with_others.psychometrics.dimensionality.bivariate_normal import (
    bivariate_density,
    cdf_grid,
)

CLOSE = 1e-13  # both sides carry rounding of a few units in the sixteenth decimal
AT_THE_BOUND = 1e-10  # what 64 nodes leave at .9999, where polychoric correlations stop
ANY_CORRELATION = [0, 0.1, -0.299, 0.301, -0.7, 0.76, 0.92, 0.926, -0.95, 0.999, -0.9999]


def owen(h, k, r):
    """Owen (1956): the bivariate normal through his T, another way to the same number."""
    standard_deviation = np.sqrt((1 - r) * (1 + r))
    across = np.where((h * k < 0) | ((h * k == 0) & (h + k < 0)), 0.5, 0)
    tails = owens_t(h, (k - r * h) / (h * standard_deviation)) + owens_t(
        k, (h - r * k) / (k * standard_deviation)
    )
    return 0.5 * (ndtr(h) + ndtr(k)) - tails - across


@pytest.mark.parametrize("r", ANY_CORRELATION)
def test_probabilities_agree_with_owens_t(r):
    h = np.linspace(-4.013, 4.1, 23)
    k = np.concatenate([h + 0.0003, h[::3]])  # thresholds that nearly coincide are the hard case
    found, tolerance = cdf_grid(h, k, r), AT_THE_BOUND if abs(r) > 0.999 else CLOSE
    np.testing.assert_allclose(found, owen(h[:, None], k[None, :], r), atol=tolerance)


@pytest.mark.parametrize("r", [0.3, 0.95, -0.99])
def test_probabilities_agree_with_scipy(r):
    h, k = np.array([-1.2, 0.3]), np.array([-0.5, 0.31, 2])
    joint = multivariate_normal(cov=[[1, r], [r, 1]])
    expected = [[joint.cdf([x, y]) for y in k] for x in h]
    np.testing.assert_allclose(cdf_grid(h, k, r), expected, atol=1e-9)  # scipy's own tolerance


def test_perfect_correlations_and_infinite_limits_have_their_known_values():
    h = np.array([-np.inf, -0.4, 1.1, np.inf])
    upper, lower = np.minimum.outer(ndtr(h), ndtr(h)), np.add.outer(ndtr(h), ndtr(h)) - 1
    np.testing.assert_allclose(cdf_grid(h, h, 1.0), upper, atol=CLOSE)
    np.testing.assert_allclose(cdf_grid(h, h, -1.0), np.clip(lower, 0, None), atol=CLOSE)
    np.testing.assert_allclose(cdf_grid(h, h, 0.4)[-1], ndtr(h), atol=CLOSE)


def test_the_density_is_the_slope_of_the_probability_in_the_correlation():
    h, k, step = np.array([0.3]), np.array([-0.8]), 1e-5
    rise = cdf_grid(h, k, 0.5 + step) - cdf_grid(h, k, 0.5 - step)
    # A central difference errs by the square of its step.
    assert bivariate_density(0.3, -0.8, 0.5) == pytest.approx(rise[0, 0] / (2 * step), rel=1e-8)
    assert bivariate_density(np.inf, -0.8, 0.5) == 0
