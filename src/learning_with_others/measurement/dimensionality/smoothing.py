"""The nearest usable matrix where correlations do not form a positive definite one."""

import numpy as np

SMALLEST_EIGENVALUE = 1e-12  # as psych's cor.smooth
LIFTED_TO = 1e-10


def smooth_correlation(correlation: np.ndarray) -> tuple[np.ndarray, bool]:
    """Lift eigenvalues that are not positive, and scale back to correlations.

    Correlations estimated pair by pair need not be the correlations of anything: an eigenvalue
    may be negative. Those below 1e-12 become 1e-10, all are scaled to their number, and the
    rebuilt matrix to a diagonal of ones; a positive definite matrix comes back untouched.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)

    Returns
    -------
    ndarray, shape (k, k)
    bool
        Whether anything was changed.

    References
    ----------
    Wothke, W. (1993). Nonpositive definite matrices in structural modeling. In Bollen and Long
    (eds), Testing Structural Equation Models; method "cor.smooth" of the R package psych.
    """
    values, vectors = np.linalg.eigh(correlation)
    if values[0] >= SMALLEST_EIGENVALUE:
        return correlation, False
    values = np.where(values < SMALLEST_EIGENVALUE, LIFTED_TO, values)
    rebuilt = (vectors * values * (len(values) / values.sum())) @ vectors.T
    spread = np.sqrt(np.diag(rebuilt))
    smoothed = rebuilt / np.outer(spread, spread)
    np.fill_diagonal(smoothed, 1.0)
    return smoothed, True
