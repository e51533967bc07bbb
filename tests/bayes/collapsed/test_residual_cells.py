"""Residual standard deviations by cell: against dense matrices, and planted ones found again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from dense import log_density, marginal
from scipy import stats
from simulated_benefit import simulated_design, simulated_frame

from learning_with_others.bayes.collapsed.cell_fit import (
    BY_CELL,
    _draw_coefficients,
    fit_cells,
)
from learning_with_others.bayes.collapsed.frame import design_of
from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.collapsed.residual_cells import log_prior_density, pose_cells
from learning_with_others.bayes.specification import Sampler

CELLS = 3


@pytest.fixture(scope="module")
def frame():
    return simulated_frame(simulated_design())


@pytest.fixture(scope="module")
def cells(frame):
    return np.random.default_rng(4).permutation(np.arange(len(frame.outcome)) % CELLS)


@pytest.fixture(scope="module")
def posed(frame, cells):
    return pose_cells(frame, cells)


def points_of(posed, count):
    random = np.random.default_rng(5)
    sds = random.uniform(0.3, 1.2, size=(count, posed.dimensions))
    return posed.unconstrained(sds)


def dense_parts(frame, cells, posed, point):
    """Arguments of the dense model at a point."""
    log_sds = posed.log_residuals(point[None])[0]
    sds = np.exp(posed.unfolded(point[None])[0])
    lower = np.diag(sds[1:3] ** 2)
    variance = np.square(frame.priors.coefficient_sd)
    return np.exp(-2 * log_sds[cells]), 1.0, [lower, np.array([[sds[3] ** 2]])], variance


def test_the_log_likelihood_is_that_of_dense_matrices(frame, cells, posed):
    points = points_of(posed, 5)
    found, _ = posed.log_densities(points)
    expected = [
        log_density(design_of(frame), frame.outcome, *dense_parts(frame, cells, posed, point))
        for point in points
    ]
    # Rounding of a few hundred terms; the trial of this density agreed as closely.
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_precision_weights_stay(frame, cells):
    weights = np.random.default_rng(6).uniform(0.4, 2, size=len(cells))
    weighted = replace(frame, weights=weights)
    posed = pose_cells(weighted, cells)
    point = points_of(posed, 1)[0]
    by_cell, sigma, *rest = dense_parts(frame, cells, posed, point)
    expected = log_density(design_of(frame), frame.outcome, by_cell * weights, sigma, *rest)
    assert posed.log_densities(point[None])[0][0] == pytest.approx(expected, rel=1e-9)


def test_every_cell_has_the_prior_of_the_one_that_it_replaces(posed):
    one, other = points_of(posed, 2)
    other[CELLS:] = one[CELLS:]

    def prior_of_one(x):
        shared = np.concatenate([[x], one[CELLS:]])[None]
        return posed.problem.log_densities(shared)[1][0]

    found = np.diff(posed.log_densities(np.stack([other, one]))[1])[0]
    expected = sum(prior_of_one(one[c]) - prior_of_one(other[c]) for c in range(CELLS))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("prior", "scipy_has"),
    [
        (StandardDeviationPrior("half_normal", 0.7), stats.halfnorm(scale=0.7)),
        (StandardDeviationPrior("exponential", 1.3), stats.expon(scale=1.3)),
    ],
)
def test_densities_of_priors_are_those_of_scipy(prior, scipy_has):
    sizes = np.array([0.01, 0.5, 3.0])
    np.testing.assert_allclose(log_prior_density(prior, sizes), scipy_has.logpdf(sizes), rtol=1e-12)


def test_the_half_t_prior_is_that_of_scipy():
    sizes = np.array([0.01, 0.5, 3.0])
    found = log_prior_density(StandardDeviationPrior("half_student_t", 0.5, 4.0), sizes)
    expected = np.log(2) + stats.t(4, scale=0.5).logpdf(sizes)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_gradient_is_that_of_central_differences(posed):
    point, step = points_of(posed, 1)[0], 1e-5
    _, gradient = posed.log_density(point)
    around = point + step * np.concatenate([np.eye(len(point)), -np.eye(len(point))])
    values = np.sum(posed.log_densities(around), axis=0)
    expected = (values[: len(point)] - values[len(point) :]) / (2 * step)
    # Both sides are differences of numbers near a thousand: seven digits remain.
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-4)


def test_coefficients_are_drawn_from_their_posterior(frame, cells, posed):
    point = points_of(posed, 1)[0]
    drawn = _draw_coefficients(posed, np.tile(point, (4000, 1)), seed=7)
    weights, sigma, covariances, variance = dense_parts(frame, cells, posed, point)
    none = np.zeros(len(variance))
    given = np.linalg.inv(marginal(design_of(frame), weights, sigma, covariances, none))
    precision = frame.columns.T @ given @ frame.columns + np.diag(1 / variance)
    expected = np.linalg.solve(precision, frame.columns.T @ given @ frame.outcome)
    sds = np.sqrt(np.diag(np.linalg.inv(precision)))
    errors = sds / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - expected) < 4 * errors).all()
    # The sd of 4,000 draws varies by 1.1%; five of these hold for all terms.
    np.testing.assert_allclose(drawn.std(axis=0), sds, rtol=0.056)


def test_planted_standard_deviations_are_found_and_weights_are_good(frame, cells):
    planted = np.array([0.4, 0.7, 1.2])
    noise = planted[cells] * np.random.default_rng(8).normal(size=len(cells))
    mean = frame.columns @ np.linspace(-0.5, 0.5, len(frame.terms))
    fit = fit_cells(
        replace(frame, outcome=mean + noise),
        pd.Categorical.from_codes(cells, ["low", "middle", "high"]),
        Sampler(9, draws=500),
    )
    draws = fit["weighted"].to_dataset()
    weights = draws["weight"].to_numpy().ravel()
    values = draws[BY_CELL].to_numpy().reshape(len(weights), -1)
    mean = weights @ values
    sd = np.sqrt(weights @ np.square(values - mean))
    assert (np.abs(mean - planted) < 3 * sd).all()
    assert fit.attrs["pareto_k"] < 0.7
    assert list(draws["cell"].to_numpy()) == ["low", "middle", "high"]
