"""Means of products of jointly normal variables."""

from collections.abc import Mapping, Sequence

import numpy as np


def expected_product(
    means: Sequence[np.ndarray], covariances: Mapping[tuple[int, int], np.ndarray | float]
) -> np.ndarray | float:
    """Mean of a product of jointly normal slopes.

    Two: ab + cov(a, b); three: abc + a cov(b, c) + b cov(a, c) + c cov(a, b).

    Parameters
    ----------
    means : sequence of ndarray
    covariances : mapping of (int, int) to ndarray
        By positions, the smaller first; zero where there is none.

    References
    ----------
    Isserlis, L. (1918). On a formula for the product-moment coefficient of any order of a normal
    frequency distribution in any number of variables. Biometrika 12, 134-139.
    Bauer, D. J., Preacher, K. J. and Gil, K. M. (2006). Conceptualizing and testing random indirect
    effects and moderated mediation in multilevel models. Psychological Methods 11, 142-163, eq. 8.
    """

    def mean_of(places: tuple[int, ...]) -> np.ndarray | float:
        if not places:
            return 1.0
        first, rest = places[0], places[1:]
        total = means[first] * mean_of(rest)
        for other in rest:
            shared = covariances.get((first, other))
            if shared is not None:
                total = total + shared * mean_of(tuple(k for k in rest if k != other))
        return total

    return mean_of(tuple(range(len(means))))
