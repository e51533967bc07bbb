"""What a Gaussian multilevel model is fitted to: columns and groupings, as arrays and names."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grouping:
    """One level of nesting with a random intercept and, independently, random slopes.

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
    """

    name: str
    labels: tuple[str, ...]
    index: np.ndarray
    slopes: tuple[str, ...] = ()


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
