"""The distribution of summed scores at each trait value (Lord and Wingersky's recursion)."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def summed_score_probabilities(
    probability: np.ndarray, categories: np.ndarray, left_out: int = -1
) -> np.ndarray:
    """Probability of each summed score at each trait value, items taken in one by one.

    Parameters
    ----------
    probability : ndarray, shape (k, C, Q)
        Of each answer; 0 beyond an item's categories.
    categories : ndarray of int, shape (k,)
    left_out : int
        Position of an item that is not summed; −1 for none.

    Returns
    -------
    ndarray, shape (S + 1, Q)
        S is the highest sum over all k items, so that rows are the same with an item left out.

    References
    ----------
    Lord, F. M. and Wingersky, M. S. (1984). Comparison of IRT true-score and equipercentile
    observed-score "equatings". Applied Psychological Measurement 8, 453-461.
    Thissen, D., Pommerich, M., Billeaud, K. and Williams, V. (1995). Item response theory for
    scores on tests including polytomous items. Applied Psychological Measurement 19, 39-49.
    """
    items, _, size = probability.shape
    highest = 0
    for item in range(items):
        highest += categories[item] - 1
    sums = np.zeros((highest + 1, size))
    sums[0] = 1.0
    reached = 0
    for item in range(items):
        if item == left_out:
            continue
        reached += categories[item] - 1
        # From the top down, each sum is replaced once those that need it have been.
        for score in range(reached, -1, -1):
            for q in range(size):
                total = 0.0
                for answer in range(min(score, categories[item] - 1) + 1):
                    total += sums[score - answer, q] * probability[item, answer, q]
                sums[score, q] = total
    return sums
