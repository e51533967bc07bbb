"""Draws from the priors of standard deviations and correlations, on the sampler's scale."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior


def draw_prior_points(
    priors: Sequence[StandardDeviationPrior],
    unconstrained: Callable[[np.ndarray], np.ndarray],
    correlated: Iterable[tuple[int, float]],
    count: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Draw points from the prior of what is not integrated out.

    Parameters
    ----------
    priors : sequence of StandardDeviationPrior
    unconstrained : callable
        From standard deviations to the sampler's scale.
    correlated : iterable of (int, float)
        Rows of each correlation matrix, and the shape of its LKJ prior.
    count : int
    random : numpy.random.Generator

    Returns
    -------
    ndarray, shape (count, dimensions)
    """
    sizes = np.column_stack([_sizes(prior, count, random) for prior in priors])
    columns = list(unconstrained(sizes).T)
    for terms, shape in correlated:
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
