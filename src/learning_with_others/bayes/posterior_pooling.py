"""Fits to several plausible values or imputations, brought together."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.summary import Summary, summarize


@dataclass(frozen=True)
class PooledSummary:
    """Summary of a scalar over M fits, and what M values leave uncertain.

    Attributes
    ----------
    summary : Summary
        Of the equal-weight mixture of the fits; its `mcse` holds the part between values.
    missing_information : float
        Share of the variance that lies between values, 0 to 1; not a number for a single fit.
    """

    summary: Summary
    missing_information: float


def summarize_pooled(draws: np.ndarray, probability: float) -> PooledSummary:
    """Summarize a scalar's draws from M fits, mixed with equal weights.

    With B the variance between the fits' means and W the mean variance within them, the missing
    information is (1 + 1/M) B / (W + (1 + 1/M) B), and the Monte Carlo error √(B / M), where B
    holds the Monte Carlo error within fits as well; a single fit's is its own.

    Parameters
    ----------
    draws : ndarray, shape (M, chains, draws)
    probability : float
        Of the equal-tailed interval.

    References
    ----------
    Zhou, X. and Reiter, J. P. (2010). A note on Bayesian inference after multiple imputation. The
    American Statistician 64, 159-163.
    """
    values = len(draws)
    if values == 1:
        return PooledSummary(summarize(draws[0], probability), float("nan"))
    flat = draws.reshape(values, -1)
    between = float(flat.mean(axis=1).var(ddof=1))
    within = float(flat.var(axis=1, ddof=1).mean())
    inflated = (1 + 1 / values) * between
    found = summarize(flat, probability, mcse=float(np.sqrt(between / values)))
    total = within + inflated
    return PooledSummary(found, inflated / total if total > 0 else 0.0)
