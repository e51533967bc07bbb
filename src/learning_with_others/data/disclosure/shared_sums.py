"""Which units to leave out of a table of "with" and "without", so that no small count follows."""

import numpy as np


def hidden_units(with_it: np.ndarray, without: np.ndarray, minimum: int) -> np.ndarray:
    """Choose the units (schools) to hide, for groups whose sums over all units are known.

    Parameters
    ----------
    with_it, without : ndarray of int, shape (units, groups)
        Students of each group with and without a thing.
    minimum : int
        Smallest count that may be shown.

    Returns
    -------
    ndarray of bool, shape (units,)
        Hidden are units with a cell under the minimum (empty ones too, since a share of none or
        of all tells of everybody), and as many of the smallest others as it takes: to a reader
        who knows each unit's students and all sums, every hidden cell could hold any of at least
        `minimum` values; to one who also knows which hidden cells are small, more than one.

    Notes
    -----
    With two cells a unit, one number a unit and group is unknown, and their sum is known. So the
    ranges that an attacker is left with have a closed form, where tables of more columns need
    the linear programs of `suppress_crosstab`.
    """
    sizes = with_it + without
    hidden = ((with_it < minimum) | (without < minimum)).any(axis=1)
    order = np.argsort(sizes.sum(axis=1), kind="stable")
    while hidden.any() and not hidden.all():
        if all(
            _protected(with_it[hidden, k], without[hidden, k], minimum)
            for k in range(sizes.shape[1])
        ):
            break
        hidden[next(unit for unit in order if not hidden[unit])] = True
    return hidden


def _protected(with_it: np.ndarray, without: np.ndarray, minimum: int) -> bool:
    """Whether both attackers are left with enough values for each hidden unit of one group."""
    size = with_it + without
    # A group of few students in a unit is itself withheld: of it nothing is known to start from.
    known = size >= minimum
    few_with = known & (with_it > 0) & (with_it < minimum)
    few_without = known & (without > 0) & (without < minimum)
    total, nobody = with_it.sum(), np.zeros_like(size)
    wide = _values_left(nobody, size, total)
    lowest = np.select([few_with, few_without], [1, size - (minimum - 1)], nobody)
    highest = np.select([few_with, few_without], [minimum - 1, size - 1], size)
    narrow = _values_left(lowest, highest, total)
    small = few_with | few_without
    return bool((wide[small] >= minimum).all() and (narrow[known] > 1).all())


def _values_left(lowest: np.ndarray, highest: np.ndarray, total: int) -> np.ndarray:
    """Count the values that each number can take, within its bounds and given their sum."""
    least = np.maximum(lowest, total - (highest.sum() - highest))
    most = np.minimum(highest, total - (lowest.sum() - lowest))
    return most - least + 1
