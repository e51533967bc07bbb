"""Groups that can carry slopes and covariances of their own."""

from collections import Counter

import numpy as np

NOT_RECORDED = "not recorded"
POOLED = "other groups"


def pool_small_groups(
    labels: np.ndarray, fewest: int, contrasted: tuple[str, str]
) -> tuple[np.ndarray, list[str]]:
    """Pool groups of fewer than `fewest` students, the two contrasted ones last of all.

    Groups outside the contrast are pooled with one another. If they are still too few together,
    they join the smallest other group outside the contrast, or, without one, the reference
    group. A contrasted group that is too small itself stays apart: the contrast needs it.

    Parameters
    ----------
    labels : ndarray of str, shape (n,)
    fewest : int
    contrasted : (str, str)
        Focal and reference group.

    Returns
    -------
    pooled : ndarray of str, shape (n,)
    names : list of str
        Focal group, reference group, then the others by size.
    """
    pooled = np.asarray(labels, dtype=object).copy()
    sizes = Counter(pooled.tolist())
    small = [name for name, size in sizes.items() if size < fewest and name not in contrasted]
    if small:
        inside = np.isin(pooled, small)
        others = [name for name in sizes if name not in small and name not in contrasted]
        target = POOLED
        if inside.sum() < fewest:
            target = min(others, key=lambda name: sizes[name]) if others else contrasted[1]
        pooled[inside] = target
        if target in others:
            pooled[pooled == target] = POOLED
    sizes = Counter(pooled.tolist())
    first = [name for name in contrasted if name in sizes]
    return pooled, first + [name for name, _ in sizes.most_common() if name not in contrasted]
