"""Normal log-likelihood of incomplete rows, its gradient and information, by missing pattern.

Complete data are the case of one pattern: there −2 (log L − log L saturated) / n is the
maximum likelihood discrepancy.
"""

from dataclasses import dataclass

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.factor_models.moments import GroupMoments


@dataclass(frozen=True)
class Likelihood:
    """Log-likelihood of a group at given moments.

    Attributes
    ----------
    value : float
    mean_gradient : ndarray, shape (k,)
    covariance_gradient : ndarray, shape (k, k)
        Symmetric G with d log L = tr(G dΣ).
    inverses : ndarray, shape (patterns, k, k)
        Σ⁻¹ of the observed items, zero elsewhere.
    pulls : ndarray, shape (patterns, k)
        Σ⁻¹ (pattern mean − μ).
    """

    value: float
    mean_gradient: np.ndarray
    covariance_gradient: np.ndarray
    inverses: np.ndarray
    pulls: np.ndarray


def likelihood(
    moments: GroupMoments, mean: np.ndarray, covariance: np.ndarray
) -> Likelihood | None:
    """Evaluate the log-likelihood; nothing where the covariance is not positive definite.

    Parameters
    ----------
    moments : GroupMoments
    mean : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)

    References
    ----------
    Arbuckle, J. L. (1996). Full information estimation in the presence of incomplete data.
    In Marcoulides and Schumacker (eds.), Advanced structural equation modeling, eq. 6.
    """
    observed, counts = moments.observed, moments.counts
    found = _invert(observed, covariance)
    if found is None:
        return None
    inverses, log_determinants = found
    deviations = np.where(observed, moments.means - mean, 0.0)
    pulls = (inverses @ deviations[:, :, None])[:, :, 0]
    standard_deviation = (inverses * moments.covariances).sum(axis=(1, 2))
    squares = (pulls * deviations).sum(axis=1)
    constants = observed.sum(axis=1) * np.log(2 * np.pi)
    value = -0.5 * counts @ (constants + log_determinants + standard_deviation + squares)
    weighted = pulls * counts[:, None]
    gradient = weighted.T @ pulls - np.tensordot(counts, inverses, axes=1)
    many = counts > 1  # a pattern of one row has no spread about its own mean
    if many.any():
        inside = inverses[many] @ moments.covariances[many] @ inverses[many]
        gradient += np.tensordot(counts[many], inside, axes=1)
    return Likelihood(float(value), weighted.sum(axis=0), gradient / 2, inverses, pulls)


def _invert(observed: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Inverses for every pattern, zero where nothing is observed, and log determinants.

    What a pattern lacks is replaced by an identity matrix, which changes neither.
    """
    both = observed[:, :, None] & observed[:, None, :]
    filled = np.where(both, covariance, np.eye(len(covariance)))
    try:
        roots = np.linalg.cholesky(filled)
    except np.linalg.LinAlgError:
        return None
    determinants = 2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    return np.where(both, np.linalg.inv(filled), 0.0), determinants


def moment_information(
    moments: GroupMoments, at: Likelihood, *, observed: bool = False
) -> np.ndarray:
    """Information on (μ, lower triangle of Σ by rows), summed over the rows of a group.

    Parameters
    ----------
    moments : GroupMoments
    at : Likelihood
        At the moments where the information is wanted.
    observed : bool
        The negative second derivatives, or their expectation given the missing patterns.

    Returns
    -------
    ndarray, shape (k + k(k + 1)/2, k + k(k + 1)/2)

    References
    ----------
    Savalei, V. (2010). Expected versus observed information in SEM with incomplete normal and
    nonnormal data. Psychological Methods 15, 352-367, eqs. 7-12.
    """
    k = at.pulls.shape[1]
    rows, columns = np.tril_indices(k)
    index = np.zeros((k, k), dtype=int)
    index[rows, columns] = index[columns, rows] = np.arange(len(rows))
    half = np.where(rows == columns, 0.5, 1.0)
    inverse = at.inverses[:, rows, columns]
    weighted = inverse * moments.counts[:, None]
    curved = inverse
    if observed:
        inside = at.inverses @ moments.covariances @ at.inverses
        inside += at.pulls[:, :, None] * at.pulls[:, None, :]
        curved = 2 * inside[:, rows, columns] - inverse
    out = np.zeros((k + len(rows), k + len(rows)))
    out[k:, k:] = _covariance_block(weighted.T @ curved, index, rows, columns)
    out[:k, :k] = weighted.sum(axis=0)[index]
    if observed:
        cross = (weighted.T @ at.pulls)[index]  # [s, i, j]: sum of n W_si (W d)_j
        side = half * (cross[:, rows, columns] + cross[:, columns, rows])
        out[:k, k:], out[k:, :k] = side, side.T
    return out


@compiled
def _covariance_block(
    products: np.ndarray, index: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """½ Σ n tr(Σ⁻¹ D_a C D_b) for all pairs a, b of entries of the lower triangle.

    D_a is the direction of entry a; `products` holds Σ n Σ⁻¹_x C_y for entries x and y.
    """
    count = len(rows)
    out = np.empty((count, count))
    for a in range(count):
        i, j = rows[a], columns[a]
        for b in range(a + 1):
            m, n = rows[b], columns[b]
            value = products[index[m, i], index[j, n]] + products[index[n, i], index[j, m]]
            value += products[index[m, j], index[i, n]] + products[index[n, j], index[i, m]]
            value *= 0.5 * (0.5 if i == j else 1.0) * (0.5 if m == n else 1.0)
            out[a, b] = value
            out[b, a] = value
    return out


def moment_scores(moments: GroupMoments, mean: np.ndarray, at: Likelihood) -> np.ndarray:
    """Gradient of each row's log-likelihood by (μ, lower triangle of Σ by rows).

    Returns
    -------
    ndarray, shape (n, k + k(k + 1)/2)
    """
    rows, columns = np.tril_indices(len(mean))
    twice = np.where(rows == columns, 1.0, 2.0)
    deviations = np.where(np.isnan(moments.values), 0.0, moments.values - mean)
    pulls = np.empty_like(deviations)
    for place in range(len(moments.counts)):
        mine = moments.pattern == place
        pulls[mine] = deviations[mine] @ at.inverses[place]
    inverse = at.inverses[:, rows, columns]
    by_covariance = 0.5 * twice * (pulls[:, rows] * pulls[:, columns] - inverse[moments.pattern])
    return np.hstack([pulls, by_covariance])
