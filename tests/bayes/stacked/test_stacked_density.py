"""Value, gradient and coefficients against dense matrices, SciPy's priors and differences."""

from dataclasses import replace

import numpy as np
import pytest
from dense_system import (
    coefficient_scales,
    covariance_matrices,
    marginal_covariance,
    random_system,
    stack,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import log_ndtr

from learning_with_others.bayes.collapsed.transforms import correlation_matrices
from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.statistics import collapse_system

SYSTEMS = {
    "one equation": {"seed": 0, "blocks": (1,), "missing": 0.0},
    "a chain, complete": {"seed": 1, "blocks": (1, 1), "missing": 0.0},
    "a block of two, values missing": {"seed": 2, "blocks": (2, 1)},
    "a block of three": {"seed": 3, "blocks": (1, 3, 1), "rows": 60},
    "three blocks of two": {"seed": 4, "blocks": (2, 2, 2), "rows": 60},
}


def log_sd_point(problem, seed):
    return np.random.default_rng(seed).normal(scale=0.5, size=problem.dimensions)


def natural(system, point):
    """Standard deviations and correlations of a point of log standard deviations."""
    count = len(system.standard_deviations)
    sds, at, correlations = np.exp(point[:count]), count, []
    for group in (*system.blocks, *system.covarying):
        size = len(group)
        pairs = size * (size - 1) // 2
        if pairs:
            factor = correlation_matrices(point[None, at : at + pairs], size)[0]
            correlations += (factor @ factor.T)[np.tril_indices(size, -1)].tolist()
        at += pairs
    assert at == len(point)
    return sds, np.array(correlations)


def dense_log_density(system, priors, data, cluster, point):
    sds, correlations = natural(system, point)
    stacked = stack(system, data, cluster)
    y, x, *_ = stacked
    scales = coefficient_scales(system, priors, sds)
    covariance = marginal_covariance(stacked, *covariance_matrices(system, sds, correlations))
    covariance += x @ np.diag(scales**2) @ x.T
    return stats.multivariate_normal(np.zeros(len(y)), covariance).logpdf(y)


def differences(problem, point, step=1e-3):
    """Sixth order: the error of the differences stays under that of rounding."""

    def value(k, steps):
        return problem.log_density(point + steps * step * np.eye(len(point))[k])[0]

    return [
        (45 * (value(k, 1) - value(k, -1)) - 9 * (value(k, 2) - value(k, -2)) + value(k, 3)
         - value(k, -3)) / (60 * step)
        for k in range(len(point))
    ]  # fmt: skip


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_likelihood_is_the_dense_normal_density(name):
    system, priors, data, cluster = random_system(**SYSTEMS[name])
    problem = StackedPosterior(collapse_system(system, data, cluster), priors, False)
    point = log_sd_point(problem, 1)
    expected = dense_log_density(system, priors, data, cluster, point)
    assert problem.log_density(point)[0] == pytest.approx(expected, rel=1e-10, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    blocks=st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
    missing=st.sampled_from([0.0, 0.05, 0.1]),  # more would leave an equation without rows
)
def test_of_any_system_value_and_gradient_are_those_of_dense_matrices(seed, blocks, missing):
    system, priors, data, cluster = random_system(seed, blocks, missing=missing)
    problem = StackedPosterior(collapse_system(system, data, cluster), priors, False)
    point = log_sd_point(problem, seed)
    expected = dense_log_density(system, priors, data, cluster, point)
    value, gradient = problem.log_density(point)
    # Ten digits of a value, seven of a difference.
    assert value == pytest.approx(expected, rel=1e-10, abs=1e-8)
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(gradient, differences(problem, point), rtol=1e-6, atol=1e-7 * scale)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("standard_deviation_priors", [False, True])
def test_the_gradient_is_that_of_differences(name, flat, standard_deviation_priors):
    system, priors, data, cluster = random_system(**SYSTEMS[name], flat=flat)
    statistics = collapse_system(system, data, cluster)
    problem = StackedPosterior(statistics, priors, standard_deviation_priors)
    point = log_sd_point(problem, 2)
    _, gradient = problem.log_density(point)
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(gradient, differences(problem, point), rtol=1e-6, atol=1e-7 * scale)


@pytest.mark.parametrize("name", SYSTEMS)
def test_priors_are_those_of_scipy(name):
    system, priors, data, cluster = random_system(**SYSTEMS[name])
    statistics = collapse_system(system, data, cluster)
    problem = StackedPosterior(statistics, priors)
    point = log_sd_point(problem, 3)
    count = len(system.standard_deviations)
    x = point[:count]
    sds = -problem.curves * log_ndtr(-x)
    mills = np.exp(stats.norm.logpdf(x) - log_ndtr(-x))
    expected = np.log(problem.curves * mills).sum()
    for size, label in zip(sds, system.standard_deviations, strict=True):
        prior = priors.standard_deviations[label]
        expected += {
            "half_normal": stats.halfnorm(scale=prior.scale),
            "half_student_t": stats.t(prior.degrees, scale=prior.scale),
            "exponential": stats.expon(scale=prior.scale),
        }[prior.family].logpdf(size)
        expected += np.log(2) if prior.family == "half_student_t" else 0
    at = count
    for group in (*system.blocks, *system.covarying):
        # LKJ as a density of partial correlations z = tanh(x): Beta(b, b) on (-1, 1).
        for row in range(len(group)):
            for column in range(row):
                z = np.tanh(point[at])
                b = priors.correlation + (len(group) - 2 - column) / 2
                expected += stats.beta(b, b, loc=-1, scale=2).logpdf(z) + np.log1p(-z * z)
                at += 1
    likelihood, prior = problem.log_densities(point[None])
    assert prior.item() == pytest.approx(expected, rel=1e-9)
    logs = np.append(np.log(sds), point[count:])
    without = StackedPosterior(statistics, priors, False).log_density(logs)[0]
    assert likelihood.item() == pytest.approx(without, rel=1e-9)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("flat", [False, True])
def test_coefficients_are_those_of_generalized_least_squares(name, flat):
    system, priors, data, cluster = random_system(**SYSTEMS[name], flat=flat)
    problem = StackedPosterior(collapse_system(system, data, cluster), priors, False)
    point = log_sd_point(problem, 4)
    sds, correlations = natural(system, point)
    stacked = stack(system, data, cluster)
    y, x, *_ = stacked
    inverse = np.linalg.inv(
        marginal_covariance(stacked, *covariance_matrices(system, sds, correlations))
    )
    scales = coefficient_scales(system, priors, sds)
    covariance = np.linalg.inv(x.T @ inverse @ x + np.diag(scales**-2.0))
    mean = covariance @ x.T @ inverse @ y
    solved = problem.solve(point)
    np.testing.assert_allclose(solved.mean, mean, rtol=1e-8, atol=1e-10)
    root = np.tril(solved.root)
    np.testing.assert_allclose(np.linalg.inv(root @ root.T), covariance, rtol=1e-7, atol=1e-10)

    draws = 4_000
    _, _, drawn = problem.evaluate(np.tile(point, (draws, 1)), np.random.default_rng(5))
    standard = (drawn - mean) / np.sqrt(np.diag(covariance))
    # Five standard errors, of some hundred moments.
    near = 5 / np.sqrt(draws)
    assert np.abs(standard.mean(axis=0)).max() < near
    moments = standard.T @ standard / draws
    spread = np.sqrt(np.diag(covariance))
    assert np.abs(moments - covariance / np.outer(spread, spread)).max() < np.sqrt(2) * near


def test_a_system_without_effects_is_that_of_its_rows():
    system, priors, data, cluster = random_system(5, (2, 1), rows=60)
    plain = replace(
        system, equations=tuple(replace(e, varying=()) for e in system.equations), covarying=()
    )
    sds = {name: priors.standard_deviations[name] for name in plain.standard_deviations}
    priors = replace(priors, standard_deviations=sds)
    statistics = collapse_system(plain, data, cluster)
    for with_priors in (False, True):
        problem = StackedPosterior(statistics, priors, with_priors)
        point = log_sd_point(problem, 6)
        value, gradient = problem.log_density(point)
        scale = np.abs(gradient).max()
        numeric = differences(problem, point)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-7 * scale)
        if not with_priors:
            expected = dense_log_density(plain, priors, data, cluster, point)
            assert value == pytest.approx(expected, rel=1e-10)


def test_flat_coefficients_are_the_limit_of_wide_ones():
    """Flat: the integral over b without its normal prior, whose density at 0 is taken out."""
    system, priors, data, cluster = random_system(7, (1, 1))
    statistics = collapse_system(system, data, cluster)
    found = []
    for scale in (np.inf, 1e4):
        wide = replace(priors, coefficients=dict.fromkeys(system.coefficients, scale))
        problem = StackedPosterior(statistics, wide, False)
        found.append(problem.log_density(log_sd_point(problem, 1))[0])
    free = len(system.coefficients) - sum(len(group) for group in system.scaled.values())
    limit = found[1] + free * np.log(1e4 * np.sqrt(2 * np.pi))
    assert found[0] == pytest.approx(limit, abs=1e-4)  # the next term is of order 1/wide²


def test_points_of_the_prior_have_its_density():
    """Of each coordinate, the others held: drawn points against the log density."""
    system, priors, data, cluster = random_system(3, (1, 3))
    problem = StackedPosterior(collapse_system(system, data, cluster), priors)
    points = problem.prior_points(4000, np.random.default_rng(1))
    for k in range(problem.dimensions):
        grid = np.linspace(points[:, k].min() - 1, points[:, k].max() + 1, 2001)
        along = np.tile(points[0], (len(grid), 1))
        along[:, k] = grid
        log_prior = np.array([problem.covariances.at(each).log_prior for each in along])
        mass = np.exp(log_prior - log_prior.max()).cumsum()
        place = np.interp(points[:, k], grid, mass / mass[-1])
        # Some twenty coordinates, 4,000 points each: p of one in ten thousand.
        assert stats.kstest(place, "uniform").pvalue > 1e-4


def test_an_impossible_point_is_not_a_number_and_stops_nothing():
    system, priors, data, cluster = random_system(2, (2, 1))
    problem = StackedPosterior(collapse_system(system, data, cluster), priors)
    point = log_sd_point(problem, 1)
    for k in range(len(point)):
        for extreme in (-400.0, 400.0, 800.0, np.nan):
            value, _ = problem.log_density(np.where(np.arange(len(point)) == k, extreme, point))
            assert not value > 1e6
