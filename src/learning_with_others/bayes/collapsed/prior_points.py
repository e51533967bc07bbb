"""Draws from the priors of standard deviations and correlations, on the sampler's scale."""

import numpy as np

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior, parameter_names
from learning_with_others.bayes.collapsed.random_structure import Problem


def prior_points(problem: Problem, count: int, random: np.random.Generator) -> np.ndarray:
    """Draw points from the prior of what is not integrated out.

    Parameters
    ----------
    problem : Problem
        With priors of its standard deviations.
    count : int
    random : numpy.random.Generator

    Returns
    -------
    ndarray, shape (count, dimensions)
    """
    statistics, priors = problem.statistics, problem.priors
    sizes = [
        _sizes(priors.standard_deviations[name], count, random)
        for name in parameter_names(statistics)
    ]
    columns = list(problem.unconstrained(np.column_stack(sizes)).T)
    for level in statistics.levels:
        if level.name not in priors.correlations:
            continue
        shape, terms = priors.correlations[level.name], 1 + len(level.slopes)
        for row in range(terms):
            for given in range(row):
                # Lewandowski, Kurowicka and Joe (2009), sec. 3.2.
                beta = shape + 0.5 * (terms - 2 - given)
                columns.append(np.arctanh(2 * random.beta(beta, beta, count) - 1))
    return np.column_stack(columns)


def _sizes(prior: StandardDeviationPrior, count: int, random: np.random.Generator) -> np.ndarray:
    if prior.family == "exponential":
        return prior.scale * random.standard_exponential(count)
    if prior.family == "half_student_t":
        return prior.scale * np.abs(random.standard_t(prior.degrees, count))
    return prior.scale * np.abs(random.standard_normal(count))
