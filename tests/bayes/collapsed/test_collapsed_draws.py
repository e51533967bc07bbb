"""Exact draws against the closed-form posterior, written with dense matrices."""

import numpy as np
import pytest
from dense import covariance, indicator, random_design
from scipy.linalg import block_diag

from learning_with_others.bayes.collapsed import draws as module
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.draws import draw_effects
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    SpreadPrior,
    parameter_names,
)
from learning_with_others.bayes.collapsed.problem import pose

DRAWS = 40_000


def problem_of(classrooms, schools, upper_slopes, correlations):
    design = random_design(1, 200, classrooms, schools, ("x1",), upper_slopes)
    rng = np.random.default_rng(1)
    outcome, weights = 2 + rng.normal(size=200), rng.uniform(0.5, 2, size=200)
    statistics = collapse(design, outcome, weights)
    spreads = dict.fromkeys(parameter_names(statistics), SpreadPrior("half_normal", 1.0))
    return design, outcome, weights, pose(statistics, CollapsedPriors(1.5, spreads, correlations))


CASES = {
    "one level": (9, 0, (), {}),
    "correlated at both levels": (9, 3, ("x2",), {"classroom": 2.0, "school": 2.0}),
    "more classrooms than lanes": (70, 20, (), {"classroom": 2.0}),
}


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
    # Standard errors of a mean and of a covariance of normal draws: about 5 for the worst of up
    # to 13,000 comparisons; 1 in the root mean square, loosely, for they are correlated.
    variances = np.diag(expected_covariance)
    z = (drawn.mean(axis=0) - expected_mean) / np.sqrt(variances / DRAWS)
    assert np.abs(z).max() < 4.5
    errors = np.sqrt((expected_covariance**2 + np.outer(variances, variances)) / DRAWS)
    z = (np.cov(drawn.T) - expected_covariance) / errors
    assert np.abs(z).max() < 5.5
    assert 0.5 < np.sqrt(np.mean(z**2)) < 1.5


def test_draws_depend_on_the_seed_and_not_on_the_threads(monkeypatch):
    *_, problem = problem_of(*CASES["correlated at both levels"])
    points = np.random.default_rng(4).normal(-0.5, 0.4, size=(3, 50, problem.dimensions))
    first, other = draw_effects(problem, points, seed=1), draw_effects(problem, points, seed=2)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 1)
    again = draw_effects(problem, points, seed=1)
    for name in ("coefficients", "lower", "upper"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    assert not np.array_equal(first.coefficients[0], first.coefficients[1])
