"""The same model written with dense matrices, and designs to try it on."""

import numpy as np
from scipy import stats

from learning_with_others.bayes.design import Design, Grouping


def random_design(seed, rows, classrooms, schools, slopes, upper_slopes=(), terms=4):
    """Random columns; every classroom has a row; `schools` = 0 leaves the upper level out."""
    rng = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(rows), rng.normal(size=(rows, terms - 1))])
    classroom = rng.permutation(
        np.r_[np.arange(classrooms), rng.integers(0, classrooms, rows - classrooms)]
    )
    names = ("intercept", *(f"x{k}" for k in range(1, terms)))
    labels = tuple(f"c{j}" for j in range(classrooms))
    groupings = [Grouping("classroom", labels, classroom, tuple(slopes))]
    if schools:
        parent = rng.permutation(np.arange(classrooms) % schools)
        labels = tuple(f"s{j}" for j in range(schools))
        groupings.append(Grouping("school", labels, parent[classroom], tuple(upper_slopes)))
    return Design(names, columns, tuple(groupings))


def random_terms(design, level):
    grouping = design.groupings[level]
    chosen = [design.terms.index(term) for term in grouping.slopes]
    return np.column_stack([np.ones(len(design.columns)), design.columns[:, chosen]])


def indicator(design, level):
    """All random effects' columns of a level: group by group, its terms side by side."""
    grouping = design.groupings[level]
    terms = random_terms(design, level)
    matrix = np.zeros((len(terms), len(grouping.labels), terms.shape[1]))
    matrix[np.arange(len(terms)), grouping.index] = terms
    return matrix.reshape(len(terms), -1)


def covariance(sds, correlation):
    return np.outer(sds, sds) * correlation


def marginal(design, weights, sigma, covariances, coefficient_variance):
    """Covariance matrix of the outcome."""
    total = np.diag(sigma**2 / weights)
    total += design.columns @ np.diag(coefficient_variance) @ design.columns.T
    for level, matrix in enumerate(covariances):
        z = indicator(design, level)
        total += z @ np.kron(np.eye(len(design.groupings[level].labels)), matrix) @ z.T
    return total


def log_density(design, outcome, *arguments):
    return stats.multivariate_normal(np.zeros(len(outcome)), marginal(design, *arguments)).logpdf(
        outcome
    )
