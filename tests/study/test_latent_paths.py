"""Moments of latents that follow from one another, and what cannot be declared."""

import re

import numpy as np
import pytest
from many_studies import declared
from pydantic import ValidationError

from learning_with_others.study.latent_paths import Varying, solve_moments
from learning_with_others.study.simulation import Simulation

SLOPES = np.array([[0, 0, 0, 0], [0.6, 0, 0, 0], [0.4, 0, 0, 0], [0.2, 0.3, 0.1, 0]])
VARIANCES = np.array([0.8, 0.9, 0.85, 0.95])
CORRELATION = np.eye(4)
CORRELATION[1, 2] = CORRELATION[2, 1] = 0.3
LINKS = [(0, 1), (1, 3)]


def test_without_slopes_that_vary_covariances_are_those_of_a_recursive_path_model():
    residuals, covariance = solve_moments(SLOPES, VARIANCES, CORRELATION, [], np.zeros((0, 0)))
    totals = np.linalg.inv(np.eye(4) - SLOPES)
    np.testing.assert_allclose(covariance, totals @ residuals @ totals.T, atol=1e-15)
    np.testing.assert_allclose(np.diag(covariance), VARIANCES, rtol=1e-14)
    assert residuals[1, 2] == pytest.approx(0.3 * np.sqrt(residuals[1, 1] * residuals[2, 2]))
    assert residuals[1, 3] == residuals[0, 1] == 0


def test_slopes_that_vary_add_their_moments():
    """Closed forms of the moments of two products of normal variables."""
    root = Varying(path=["x", "m", "y"], sd=[0.15, 0.2], correlation=0.6).root
    covariance = root @ root.T
    residuals, found = solve_moments(SLOPES, VARIANCES, CORRELATION, LINKS, root)
    np.testing.assert_allclose(np.diag(found), VARIANCES, rtol=1e-14)
    # E[ab] = ab + cov(a, b) along the path; the other two paths from the first to the last are
    # fixed.
    along = 0.6 * 0.3 + 0.6 * 0.15 * 0.2
    assert found[3, 0] == pytest.approx((along + 0.2 + 0.4 * 0.1) * VARIANCES[0])
    explained = (0.6**2 + 0.15**2) * VARIANCES[0]
    assert residuals[1, 1] == pytest.approx(VARIANCES[1] - explained)

    # Averaged over classrooms at random: 4 Monte Carlo standard errors.
    deviations = np.random.default_rng(1).multivariate_normal([0, 0], covariance, 20_000)
    varied = np.repeat(SLOPES[None], len(deviations), axis=0)
    varied[:, 1, 0] += deviations[:, 0]
    varied[:, 3, 1] += deviations[:, 1]
    totals = np.linalg.inv(np.eye(4) - varied)
    drawn = totals @ residuals @ totals.transpose(0, 2, 1)
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - found) <= 4 * error + 1e-12).all()


def test_what_varies_has_the_declared_covariances():
    varying = Varying(path=["x", "m", "y", "z"], sd=[0.1, 0.2, 0.3], correlation=0.5)
    assert varying.links == [("x", "m"), ("m", "y"), ("y", "z")]
    expected = [[0.01, 0.01, 0.015], [0.01, 0.04, 0.03], [0.015, 0.03, 0.09]]
    np.testing.assert_allclose(varying.covariance, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"paths": {"belonging": {"gpa": 0.1}}}, "'gpa' does not come before it"),
        ({"paths": {"grit": {"gpa": 0.1}}}, "paths: 'grit' is unknown"),
        ({"paths": {"gpa": {"belonging": {"Black": 0.1}}}}, "'default' is missing"),
        (
            {"paths": {"gpa": {"belonging": {"default": 0, "Blakc": 0.1}}}},
            "paths.gpa.belonging: 'Blakc' is unknown; did you mean 'Black'?",
        ),
        ({"paths": {"gpa": {"prior_gpa": 1.2}}}, "paths.gpa: they explain more"),
        (
            {"residual_correlations": {"gpa": {"engagement": 0.1}}},
            "residual_correlations.gpa.engagement: paths lead from the one",
        ),
        (
            {"residual_correlations": {"engagement": {"belonging": -0.9},
                                       "self_efficacy": {"belonging": 0.9, "engagement": 0.9}}},
            "no latents can be correlated so",
        ),
        (
            {"varying": {"path": ["engagement", "belonging"], "sd": [0.1]}},
            "varying.path: paths.belonging.engagement is missing",
        ),
        (
            {"varying": {"path": ["engagement", "gpa"], "sd": [0.1, 0.1]}},
            "sd: 2 of them for 1 links",
        ),
        (
            {"varying": {"path": ["collaboration", "personalization", "engagement", "gpa"],
                         "sd": [0.1, 0.1, 0.1], "correlation": -0.5}},
            "3 links cannot all correlate so",
        ),
    ],
)  # fmt: skip
def test_paths_that_cannot_be(change, message):
    changed = {**declared()["simulation"]}
    for key, value in change.items():
        changed[key] = value if key == "varying" else {**changed[key], **value}
    with pytest.raises(ValidationError, match=re.escape(message)):
        Simulation(**changed)
