"""Whether correlations are worth a factor analysis: sampling adequacy and sphericity."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from learning_with_others.errors import CompendiumError

LARGEST_CONDITION = 1e12  # of a correlation matrix; beyond, it counts as singular


@dataclass(frozen=True)
class Adequacy:
    """Kaiser, Meyer and Olkin's measure and Bartlett's test.

    Attributes
    ----------
    sampling_adequacy : float
        Overall; from 0 to 1.
    item_adequacy : ndarray, shape (k,)
    chisq : float
        Bartlett's statistic of the hypothesis that all correlations are zero.
    degrees_of_freedom : int
    p : float
    """

    sampling_adequacy: float
    item_adequacy: np.ndarray
    chisq: float
    degrees_of_freedom: int
    p: float


def factor_adequacy(correlation: np.ndarray, rows: int) -> Adequacy:
    """Measure how far correlations exceed partial ones, and test them against zero.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
        Product-moment correlations, positive definite.
    rows : int
        Number of people; with correlations by pairs, all rows (psych's convention).

    Raises
    ------
    CompendiumError
        If the matrix is singular.

    References
    ----------
    Kaiser, H. F. and Rice, J. (1974). Little Jiffy, Mark IV. Educational and Psychological
    Measurement 34, 111-117. Bartlett, M. S. (1951). The effect of standardization on a χ²
    approximation in factor analysis. Biometrika 38, 337-344.
    """
    eigenvalues = np.linalg.eigvalsh(correlation)
    if eigenvalues[0] <= eigenvalues[-1] / LARGEST_CONDITION:
        raise CompendiumError(
            "the correlation matrix is not positive definite: some item follows from the others",
            remedy="take that item out, or use complete rows",
        )
    inverse = np.linalg.inv(correlation)
    standard_deviation = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(standard_deviation, standard_deviation)
    squares, partials = correlation**2, partial**2
    np.fill_diagonal(squares, 0)
    np.fill_diagonal(partials, 0)
    k = len(correlation)
    chisq = -(rows - 1 - (2 * k + 5) / 6) * float(np.log(eigenvalues).sum())
    degrees = k * (k - 1) // 2
    total = squares.sum() + partials.sum()
    return Adequacy(
        sampling_adequacy=float(squares.sum() / total),
        item_adequacy=squares.sum(axis=0) / (squares + partials).sum(axis=0),
        chisq=chisq,
        degrees_of_freedom=degrees,
        p=float(chi2.sf(chisq, degrees)),
    )
