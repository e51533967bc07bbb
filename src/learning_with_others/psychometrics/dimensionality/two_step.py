"""The correlation that makes one cross-table of two graded items most likely."""

import math

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.dimensionality.bivariate_normal import (
    bivariate_density,
    cdf_grid,
    normal_cdf,
)

BOUND = 0.9999  # a perfect association has no likelihood: cells off the diagonal would be zero
SMALLEST_PROBABILITY = 1e-15  # below it, differences of distribution functions hold no digit
MOST_STEPS = 100
TOLERANCE = 1e-9  # in the correlation
STEEP = 0.9  # beyond it the likelihood may be flat to its bound
FLAT = 1e-4  # in the log-likelihood: a bound no worse than that is as likely as the estimate
HALF = 0.5  # of a person, in the empty cell of two yes/no items


@compiled
def _cells(low: np.ndarray, high: np.ndarray, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Cell probabilities and their derivatives by the correlation.

    `low` and `high` hold the inner thresholds of the row and the column item.
    """
    rows, columns = len(low), len(high)
    corner = np.zeros((rows + 2, columns + 2))
    slope = np.zeros((rows + 2, columns + 2))
    inner = cdf_grid(low, high, correlation)
    corner[rows + 1, columns + 1] = 1.0
    for j in range(columns):
        corner[rows + 1, j + 1] = normal_cdf(high[j])
    for i in range(rows):
        corner[i + 1, columns + 1] = normal_cdf(low[i])
        for j in range(columns):
            corner[i + 1, j + 1] = inner[i, j]
            slope[i + 1, j + 1] = bivariate_density(low[i], high[j], correlation)
    probability = np.empty((rows + 1, columns + 1))
    derivative = np.empty((rows + 1, columns + 1))
    for i in range(rows + 1):
        for j in range(columns + 1):
            cell = corner[i + 1, j + 1] - corner[i, j + 1] - corner[i + 1, j] + corner[i, j]
            probability[i, j] = max(cell, SMALLEST_PROBABILITY)
            derivative[i, j] = slope[i + 1, j + 1] - slope[i, j + 1] - slope[i + 1, j] + slope[i, j]
    return probability, derivative


@compiled
def _product_moment(table: np.ndarray) -> float:
    """Pearson correlation of the category numbers: where the search starts."""
    n = table.sum()
    first = second = squares = others = products = 0.0
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            first += i * table[i, j]
            second += j * table[i, j]
            squares += i * i * table[i, j]
            others += j * j * table[i, j]
            products += i * j * table[i, j]
    standard_deviation = (squares - first * first / n) * (others - second * second / n)
    return (
        0.0
        if standard_deviation <= 0.0
        else (products - first * second / n) / math.sqrt(standard_deviation)
    )


@compiled
def filled_table(table: np.ndarray) -> np.ndarray:
    """Put half a person into the one empty cell of a 2 × 2 table, its margins kept.

    With an empty cell the likelihood of two yes/no items rises to its bound whatever the other
    cells hold. Larger tables, and a perfect association (two empty cells), stay as they are.

    References
    ----------
    Brown, M. B. and Benedetti, J. K. (1977). On the mean and variance of the tetrachoric
    correlation coefficient. Psychometrika 42, 347-355; lavaan's default (`zero.add` .5,
    `zero.keep.margins`).
    """
    out = table.copy()
    if table.shape == (2, 2) and (table == 0).sum() == 1:
        sign = 1.0 if table[0, 0] == 0 or table[1, 1] == 0 else -1.0
        for i in range(2):
            for j in range(2):
                out[i, j] += sign * HALF if i == j else -sign * HALF
    return out


@compiled
def _log_likelihood(
    table: np.ndarray, low: np.ndarray, high: np.ndarray, correlation: float
) -> float:
    probability, _ = _cells(low, high, correlation)
    total = 0.0
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            if table[i, j] > 0:
                total += table[i, j] * math.log(probability[i, j])
    return total


@compiled
def most_likely_correlation(table: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Maximize the likelihood of a cross-table over the correlation, thresholds given.

    Fisher scoring kept inside a bracket by bisection on the sign of the score. An empty cell
    adds nothing to the likelihood. Where the bound is as likely as what the search found (the
    likelihood is flat long before it), the estimate is the bound.

    Parameters
    ----------
    table : ndarray of float, shape (r, c)
        Counts.
    low, high : ndarray of float, shapes (r − 1,) and (c − 1,)
        Thresholds of the row and the column item.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika 44, 443-460 (the two-step estimator).
    """
    left, right = -BOUND, BOUND
    correlation = min(max(_product_moment(table), -0.9), 0.9)
    n = table.sum()
    for _ in range(MOST_STEPS):
        probability, derivative = _cells(low, high, correlation)
        score = information = 0.0
        for i in range(table.shape[0]):
            for j in range(table.shape[1]):
                relative = derivative[i, j] / probability[i, j]
                score += table[i, j] * relative
                information += n * derivative[i, j] * relative
        if score > 0:
            left = correlation
        else:
            right = correlation
        proposed = correlation + score / max(information, 1e-12)
        if proposed <= left or proposed >= right:
            proposed = 0.5 * (left + right)
        step = abs(proposed - correlation)
        correlation = proposed
        if step < TOLERANCE:
            break
    if abs(correlation) > STEEP:
        bound = math.copysign(BOUND, correlation)
        loss = _log_likelihood(table, low, high, correlation)
        loss -= _log_likelihood(table, low, high, bound)
        if loss < FLAT:
            return bound
    return correlation


@compiled
def _threshold_pull(
    low: np.ndarray, high: np.ndarray, correlation: float, relative: np.ndarray
) -> np.ndarray:
    """How each answer to the row item moves the score through that item's thresholds.

    The threshold τ_c moves by (1{x ≤ c} − Φ(τ_c)) / φ(τ_c) per person; the density cancels
    against the one in ∂p/∂τ_c.
    """
    standard_deviation = math.sqrt(1.0 - correlation * correlation)
    pull = np.zeros(len(low) + 1)
    for c in range(len(low)):
        if math.isinf(low[c]):
            continue
        weight, before = 0.0, 0.0
        for j in range(len(high) + 1):
            upto = 1.0
            if j < len(high):
                upto = normal_cdf((high[j] - correlation * low[c]) / standard_deviation)
            weight += (upto - before) * (relative[c, j] - relative[c + 1, j])
            before = upto
        share = normal_cdf(low[c])
        for x in range(len(pull)):
            pull[x] += weight * ((1.0 if x <= c else 0.0) - share)
    return pull


@compiled
def standard_error(
    table: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    correlation: float,
    row_counts: np.ndarray,
    column_counts: np.ndarray,
) -> float:
    """Two-step standard error: the thresholds' own sampling error is in it.

    The variance of the estimate's influence over people; those who answered only one of the
    items count where they helped to place its thresholds.

    Parameters
    ----------
    table, low, high
        As in `most_likely_correlation`.
    correlation : float
        The estimate.
    row_counts, column_counts : ndarray of float, shapes (r,) and (c,)
        Answers that the thresholds of the row and the column item rest on.

    References
    ----------
    Muthén, B. (1984). A general structural equation model with dichotomous, ordered
    categorical, and continuous latent variable indicators. Psychometrika 49, 115-132.
    """
    probability, derivative = _cells(low, high, correlation)
    relative, information, n = np.empty(table.shape), 0.0, 0.0
    rows_left, columns_left = row_counts.copy(), column_counts.copy()  # the other item unanswered
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            relative[i, j] = derivative[i, j] / probability[i, j]
            information += derivative[i, j] * relative[i, j]
            n += table[i, j]
            rows_left[i] -= table[i, j]
            columns_left[j] -= table[i, j]
    of_row = _threshold_pull(low, high, correlation, relative) / row_counts.sum()
    of_column = _threshold_pull(high, low, correlation, relative.T.copy()) / column_counts.sum()
    total = 0.0
    for i in range(table.shape[0]):
        total += rows_left[i] * of_row[i] ** 2
        for j in range(table.shape[1]):
            total += table[i, j] * (relative[i, j] / n - of_row[i] - of_column[j]) ** 2
    for j in range(table.shape[1]):
        total += columns_left[j] * of_column[j] ** 2
    return math.sqrt(total) / information
