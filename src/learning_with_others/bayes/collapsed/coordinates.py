"""Maps and priors of the sampler's coordinates, for callers in Python."""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201

import numpy as np

from learning_with_others.bayes.collapsed.density import chain_gradient, covariance_factor
from learning_with_others.bayes.collapsed.machine_code import entry
from learning_with_others.bayes.collapsed.transforms import (
    correlation_prior,
    log_standard_deviation,
    standard_deviation_prior,
)


@entry
def unfold_sds(x, families, settings, log_sds, slopes, added):
    """Fill log sds, their derivatives by x, and the prior's gradient by x; return the log prior.

    `settings` holds scale, degrees and curve of each; families below zero have no prior.
    """
    value = 0.0
    for i in range(len(x)):
        log_sds[i], slopes[i], log_jacobian, by_x = log_standard_deviation(x[i], settings[i, 2])
        added[i] = 0.0
        if families[i] >= 0:
            prior, by_log = standard_deviation_prior(
                families[i], settings[i, 0], settings[i, 1], np.exp(log_sds[i])
            )
            value += prior + log_jacobian
            added[i] = by_log * slopes[i] + by_x
    return value


@entry
def fill_factor(log_sds, partial, omega, factor):
    """Fill the Cholesky factors of a correlation matrix and of the covariance matrix."""
    covariance_factor(log_sds, partial, len(log_sds), omega, factor)


@entry
def add_correlation_prior(partial, terms, shape, gradient):
    """Return the log LKJ density, Jacobian included, and add its gradient."""
    return correlation_prior(partial, terms, shape, gradient)


@entry
def add_chain(log_sds, partial, omega, factor, slopes, by_sds, by_partial):
    """Add the gradient by log sds and partial correlations, from twice that by the covariance."""
    chain_gradient(log_sds, partial, omega, factor, slopes, by_sds, by_partial)
