"""Least squares, means and differences with standard errors that know of clusters."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

SINGULAR = 1e-10  # an eigenvalue of I − H below this is a direction the cluster alone fits


@dataclass(frozen=True)
class ClusterRobustFit:
    """Coefficients with CR2 standard errors and Bell-McCaffrey degrees of freedom.

    Attributes
    ----------
    estimate, standard_error, degrees_of_freedom : ndarray, shape (p,)
    """

    estimate: np.ndarray
    standard_error: np.ndarray
    degrees_of_freedom: np.ndarray

    def interval(self, probability: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits of the t interval, each of shape (p,)."""
        half = stats.t.ppf((1 + probability) / 2, self.degrees_of_freedom) * self.standard_error
        return self.estimate - half, self.estimate + half


def least_squares_cr2(
    outcome: np.ndarray, columns: np.ndarray, cluster: np.ndarray
) -> ClusterRobustFit:
    """Ordinary least squares with bias-reduced cluster-robust (CR2) inference.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
    columns : ndarray, shape (n, p)
        Of full column rank.
    cluster : ndarray, shape (n,)

    Returns
    -------
    ClusterRobustFit

    Raises
    ------
    numpy.linalg.LinAlgError
        If the columns are collinear.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear
    regression with multi-stage samples. Survey Methodology 28, 169-181 (CR2 and degrees of
    freedom under an identity working model).
    Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for cluster-robust variance
    estimation. JBES 36, 672-683, eq. 5 (generalized inverse for cluster-constant columns).
    """
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise np.linalg.LinAlgError("the columns are collinear")
    bread = np.linalg.inv(columns.T @ columns)
    estimate = bread @ (columns.T @ outcome)
    residual = outcome - columns @ estimate
    _, codes = np.unique(cluster, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    blocks = np.split(order, np.cumsum(np.bincount(codes))[:-1])

    # For cluster g, A_g = (I - H_gg)^(-1/2) on the range of X_g. With thin factors X_g = Q R
    # it differs from I only within span(Q), so nothing of size n_g × n_g is formed.
    scores, weighted, cross = [], [], []
    for block in blocks:
        part = columns[block]
        basis, upper = np.linalg.qr(part)
        middle = upper @ bread @ upper.T
        values, vectors = np.linalg.eigh(np.eye(len(upper)) - middle)
        inverse_root = np.where(values > SINGULAR, 1 / np.sqrt(np.clip(values, SINGULAR, None)), 0)
        adjust = (vectors * inverse_root) @ vectors.T  # A_g within span(Q)
        adjusted = upper.T @ adjust @ basis.T  # X_g' A_g, as the rows of X_g lie in span(Q)
        scores.append(bread @ (adjusted @ residual[block]))
        weighted.append(bread @ adjusted @ basis)  # p × r, coordinates in span(Q)
        cross.append((adjusted @ part, upper))
    variance = np.sum(np.square(scores), axis=0)
    freedom = np.array(
        [_degrees_of_freedom(k, weighted, cross, bread) for k in range(len(estimate))]
    )
    return ClusterRobustFit(estimate, np.sqrt(variance), freedom)


def _degrees_of_freedom(
    k: int,
    weighted: list[np.ndarray],
    cross: list[tuple[np.ndarray, np.ndarray]],
    bread: np.ndarray,
) -> float:
    """(Σλ)² / Σλ² of the Gram matrix of the vectors (I − H)_g' A_g X_g (X'X)⁻¹ e_k."""
    norms = np.array([row[k] @ row[k] for row in weighted])
    projections = np.array([bread[k] @ scores for scores, _ in cross])  # e_k'(X'X)⁻¹X_g'A_g X_g
    gram = np.diag(norms) - projections @ bread @ projections.T
    squares = np.sum(gram**2)
    return float(np.trace(gram) ** 2 / squares) if squares > 0 else float("nan")


@dataclass(frozen=True)
class Estimate:
    """An estimate, its cluster-robust standard error and degrees of freedom (clusters − 1).

    NaN where it cannot be estimated: a group without rows, or a single cluster.
    """

    value: float
    error: float
    degrees: float

    def interval(self, probability: float) -> tuple[float, float]:
        """Equal-tailed t interval."""
        if not self.degrees > 0:
            return float("nan"), float("nan")
        half = stats.t.ppf((1 + probability) / 2, self.degrees) * self.error
        return self.value - half, self.value + half


def mean_of(values: np.ndarray, cluster: np.ndarray) -> Estimate:
    """Mean of the recorded values.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.
    cluster : ndarray, shape (n,)

    References
    ----------
    Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized linear
    models. Biometrika 73, 13-22, with the factor clusters / (clusters − 1).
    """
    return difference_of(values, np.ones(len(values), dtype=bool), None, cluster)


def difference_of(
    values: np.ndarray, first: np.ndarray, second: np.ndarray | None, cluster: np.ndarray
) -> Estimate:
    """Mean of the rows in `first`, less that of the rows in `second` if given.

    Students of both groups who share a cluster are taken as dependent.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.
    first, second : ndarray of bool, shape (n,)
    cluster : ndarray, shape (n,)
    """
    estimate, influence = 0.0, np.zeros(len(values))
    used = np.zeros(len(values), dtype=bool)
    for sign, group in ((1.0, first), (-1.0, second)):
        if group is None:
            continue
        known = group & ~np.isnan(values)
        if not known.any():
            return Estimate(float("nan"), float("nan"), 0.0)
        mean = float(values[known].mean())
        estimate += sign * mean
        influence[known] += sign * (values[known] - mean) / known.sum()
        used |= known
    _, code = np.unique(cluster[used], return_inverse=True)
    sums = np.bincount(code, influence[used])
    clusters = len(sums)
    if clusters == 1:
        return Estimate(estimate, float("nan"), 0.0)
    error = float(np.sqrt((sums**2).sum() * clusters / (clusters - 1)))
    return Estimate(estimate, error, clusters - 1.0)
