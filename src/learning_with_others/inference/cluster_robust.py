"""Least squares with standard errors for children who share classes or schools."""

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
