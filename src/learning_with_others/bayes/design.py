"""What a multilevel model is fitted to: columns and groupings, as arrays and names."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grouping:
    """One level of groups with a random intercept, and random slopes.

    Attributes
    ----------
    name : str
        Level, such as ``classroom``.
    labels : tuple of str, length J
        Groups, in the order of `index`.
    index : ndarray of int, shape (n,)
        Position in `labels` of each row's group.
    slopes : tuple of str
        Terms of the design whose coefficient varies between these groups.
    correlated : bool
        Whether intercepts and slopes are correlated, or independent.
    """

    name: str
    labels: tuple[str, ...]
    index: np.ndarray
    slopes: tuple[str, ...] = ()
    correlated: bool = False

    def nested_in(self, other: "Grouping") -> bool:
        """Whether each group lies in one group of another grouping."""
        parent = np.zeros(len(self.labels), dtype=np.int64)
        parent[self.index] = other.index
        return bool(np.array_equal(parent[self.index], other.index))


@dataclass(frozen=True)
class Design:
    """Fixed part and groupings of a model; the outcome is given when it is fitted.

    Attributes
    ----------
    terms : tuple of str, length p
        Names of the columns.
    columns : ndarray of float, shape (n, p)
    groupings : tuple of Grouping
        From the lowest level to the highest.
    """

    terms: tuple[str, ...]
    columns: np.ndarray
    groupings: tuple[Grouping, ...]

    def random_columns(self, grouping: Grouping) -> np.ndarray:
        """What a grouping's effects are multiplied by: 1 and its slopes' columns, shape (n, q)."""
        slopes = [self.columns[:, self.terms.index(term)] for term in grouping.slopes]
        return np.column_stack([np.ones(len(self.columns)), *slopes])
