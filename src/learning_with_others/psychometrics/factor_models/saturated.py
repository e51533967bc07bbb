"""Means and covariances without a model: sample moments, or their likelihood estimate."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.likelihood import (
    Likelihood,
    likelihood,
    moment_information,
)
from learning_with_others.psychometrics.factor_models.moments import GroupMoments, refuse_collinear

FIRST_STEPS = 10
MOST_STEPS = 500
CONVERGED = 1e-12  # gain in log-likelihood that a further step could bring


@dataclass(frozen=True)
class Saturated:
    """Unrestricted moments of one group.

    Attributes
    ----------
    mean : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Divisor n.
    at : Likelihood
        The log-likelihood there.
    """

    mean: np.ndarray
    covariance: np.ndarray
    at: Likelihood


def saturated(moments: GroupMoments, items: tuple[str, ...]) -> Saturated:
    """Estimate mean and covariance: closed form when complete, else by EM and scoring.

    EM approaches the maximum slowly, so after a few of its steps Fisher scoring takes over; a
    scoring step that would lower the likelihood gives way to one of EM.

    Raises
    ------
    CompendiumError
        If the covariance matrix is singular or the estimate does not settle.

    References
    ----------
    Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete
    data via the EM algorithm. JRSS B 39, 1-38, sec. 4.1.
    """
    where = f"factor model, group {moments.label!r}"
    if moments.complete:
        mean, covariance = moments.means[0], moments.covariances[0]
        refuse_collinear(covariance, list(items), where)
        return Saturated(mean, covariance, _at(moments, mean, covariance, items))
    mean = np.nanmean(moments.values, axis=0)
    covariance = np.diag(np.nanvar(moments.values, axis=0))
    at = _at(moments, mean, covariance, items)
    for step in range(MOST_STEPS):
        if step >= FIRST_STEPS:
            moved, gain = _scoring_step(moments, mean, covariance, at)
            if gain < CONVERGED:
                refuse_collinear(covariance, list(items), where)
                return Saturated(mean, covariance, at)
            tried = likelihood(moments, *moved)
            if tried is not None and tried.value >= at.value:
                (mean, covariance), at = moved, tried
                continue
        mean, covariance = _em_step(moments, mean, covariance, at)
        at = _at(moments, mean, covariance, items)
    raise CompendiumError(
        f"the covariances of {len(items)} items with missing answers did not settle in "
        f"{MOST_STEPS} steps",
        where=where,
        remedy="use fewer items, or missing='complete'",
    )


def _at(
    moments: GroupMoments, mean: np.ndarray, covariance: np.ndarray, items: tuple[str, ...]
) -> Likelihood:
    found = likelihood(moments, mean, covariance)
    if found is None:
        raise CompendiumError(
            f"the covariance matrix of {', '.join(items)} is singular",
            where=f"factor model, group {moments.label!r}",
            remedy="drop items that others determine, or use a larger group",
        )
    return found


def _em_step(
    moments: GroupMoments, mean: np.ndarray, covariance: np.ndarray, at: Likelihood
) -> tuple[np.ndarray, np.ndarray]:
    """Expected sums given the observed answers, written through the gradient."""
    move = covariance @ at.mean_gradient / moments.total
    change = 2 * covariance @ at.covariance_gradient @ covariance / moments.total
    return mean + move, covariance + change - np.outer(move, move)


def _scoring_step(
    moments: GroupMoments, mean: np.ndarray, covariance: np.ndarray, at: Likelihood
) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    k = len(mean)
    rows, columns = np.tril_indices(k)
    twice = np.where(rows == columns, 1.0, 2.0)
    gradient = np.concatenate([at.mean_gradient, twice * at.covariance_gradient[rows, columns]])
    step = np.linalg.solve(moment_information(moments, at), gradient)
    change = np.zeros((k, k))
    change[rows, columns] = change[columns, rows] = step[k:]
    return (mean + step[:k], covariance + change), float(gradient @ step)
