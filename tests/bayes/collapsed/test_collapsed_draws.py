"""Exact draws against the closed-form posterior, written with dense matrices."""

import numpy as np
import pytest
from dense import covariance, indicator, random_design
from scipy import stats
from scipy.linalg import block_diag

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.exact_draws import draw_effects
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    StandardDeviationPrior,
    parameter_names,
)
from learning_with_others.bayes.collapsed.random_structure import pose

DRAWS = 40_000


def problem_of(classrooms, schools, upper_slopes, correlations):
    design = random_design(1, 200, classrooms, schools, ("x1",), upper_slopes)
    rng = np.random.default_rng(1)
    outcome, weights = 2 + rng.normal(size=200), rng.uniform(0.5, 2, size=200)
    statistics = collapse(design, outcome, weights)
    standard_deviations = dict.fromkeys(
        parameter_names(statistics), StandardDeviationPrior("half_normal", 1.0)
    )
    return (
        design,
        outcome,
        weights,
        pose(statistics, CollapsedPriors(1.5, standard_deviations, correlations)),
    )


CASES = {
    "one level": (9, 0, (), {}),
    "correlated at both levels": (9, 3, ("x2",), {"classroom": 2.0, "school": 2.0}),
    "more classrooms than lanes": (70, 20, (), {"classroom": 2.0}),
}


def worst_of(count):
    """Largest of so many standard normal numbers, exceeded once in a thousand times at most."""
    return stats.norm.isf(0.0005 / count)


def error_of_mean_square(covariance_matrix):
    """Standard error of the mean square of a sample covariance's standardized entries.

    The sample covariance S of normal draws has cov(S_ij, S_kl) ∝ ρ_ik ρ_jl + ρ_il ρ_jk, so the
    entries' standardized errors z have correlations C_(ij)(kl), that over √(1 + ρ_ij²)
    √(1 + ρ_kl²); and Σ z² of normal numbers has variance 2 Σ C², here summed without forming C.
    """
    sds = np.sqrt(np.diag(covariance_matrix))
    correlation = covariance_matrix / np.outer(sds, sds)
    inverse, squares = 1 / (1 + correlation**2), correlation**2
    apart = 2 * (inverse * (squares @ inverse @ squares)).sum()
    pairs = correlation[:, None] * correlation
    crossed = 2 * (inverse * np.einsum("ijk,ijk->ij", pairs @ inverse, pairs)).sum()
    return np.sqrt(2 * (apart + crossed)) / correlation.size


def test_the_error_of_a_mean_square_is_that_of_simulated_covariances():
    """A small case that is quick to simulate, or the formula above would only be believed."""
    rng = np.random.default_rng(6)
    factor = rng.normal(size=(4, 4))
    matrix, rows, studies = factor @ factor.T, 2000, 2000
    drawn = rng.standard_normal((studies, rows, 4)) @ factor.T
    drawn -= drawn.mean(axis=1, keepdims=True)
    found = drawn.transpose(0, 2, 1) @ drawn / (rows - 1)
    variances = np.diag(matrix)
    z = (found - matrix) / np.sqrt((matrix**2 + np.outer(variances, variances)) / rows)
    # A standard deviation of 2,000 values with a tail like a χ² of few degrees: to 10%.
    standard_deviation = (z**2).mean(axis=(1, 2)).std()
    assert standard_deviation == pytest.approx(error_of_mean_square(matrix), rel=0.1)


@pytest.mark.parametrize("name", CASES)
def test_with_fixed_variances_draws_follow_the_closed_form_posterior(name):
    design, outcome, weights, problem = problem_of(*CASES[name])
    point = np.random.default_rng(4).normal(-0.5, 0.4, size=problem.dimensions)
    found = draw_effects(problem, np.tile(point, (4, DRAWS // 4, 1)), seed=3)

    sds, at, blocks = np.exp(point), 1, [1.5**2 * np.eye(4)]
    partial = iter(np.tanh(point[1 + sum(1 + len(g.slopes) for g in design.groupings) :]))
    parts = [design.columns]
    for level, grouping in enumerate(design.groupings):
        count = 1 + len(grouping.slopes)
        correlation = np.eye(count)
        if grouping.name in problem.priors.correlations:
            correlation[0, 1] = correlation[1, 0] = next(partial)
        matrix = covariance(sds[at : at + count], correlation)
        blocks.append(np.kron(np.eye(len(grouping.labels)), matrix))
        parts.append(indicator(design, level))
        at += count
    everything = np.hstack(parts)
    precision = np.diag(weights) / sds[0] ** 2
    expected_covariance = np.linalg.inv(
        everything.T @ precision @ everything + np.linalg.inv(block_diag(*blocks))
    )
    expected_mean = expected_covariance @ everything.T @ precision @ outcome

    drawn = [found.coefficients.reshape(DRAWS, -1)]
    for effects in (found.lower, found.upper)[: len(design.groupings)]:
        by_group = effects.reshape(len(effects), DRAWS, -1).transpose(1, 2, 0)
        drawn.append(by_group.reshape(DRAWS, -1))
    drawn = np.hstack(drawn)
    variances = np.diag(expected_covariance)
    z = (drawn.mean(axis=0) - expected_mean) / np.sqrt(variances / DRAWS)
    assert np.abs(z).max() < worst_of(z.size)
    errors = np.sqrt((expected_covariance**2 + np.outer(variances, variances)) / DRAWS)
    z = (np.cov(drawn.T) - expected_covariance) / errors
    assert np.abs(z).max() < worst_of(z.size)
    # Each z² has mean 1, so their mean has; four of its standard errors.
    assert np.mean(z**2) == pytest.approx(1, abs=4 * error_of_mean_square(expected_covariance))


def test_draws_depend_on_the_seed_and_not_on_the_threads(monkeypatch):
    *_, problem = problem_of(*CASES["correlated at both levels"])
    points = np.random.default_rng(4).normal(-0.5, 0.4, size=(3, 50, problem.dimensions))
    first, other = draw_effects(problem, points, seed=1), draw_effects(problem, points, seed=2)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    again = draw_effects(problem, points, seed=1)
    for name in ("coefficients", "lower", "upper"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    assert not np.array_equal(first.coefficients[0], first.coefficients[1])
