"""What a Gaussian multilevel model needs to know of its rows: cross-products per cluster."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Level:
    """A level of nesting with a random intercept and random slopes.

    Attributes
    ----------
    name : str
        Such as ``classroom``.
    slopes : tuple of str
        Terms whose coefficient varies between the groups of this level.
    labels : tuple of str
        The groups, in the order of their effects; empty until rows are added.
    """

    name: str
    slopes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics of a design and an outcome.

    Attributes
    ----------
    terms : tuple of str, length p
    levels : tuple of Level
        The lowest, and one above it or none.
    parents : ndarray of int, shape (J,)
        Upper group of each lowest cluster (zeros where there is no upper level).
    products : ndarray, shape (J, p + 2, p + 2)
        V'diag(w)V per lowest cluster, with V = [1, X, y].
    rows : ndarray of int, shape (J,)
    log_weights : ndarray, shape (J,)
        Sums of log w, w the precision weights: Var(e_i) = σ²/w_i.
    """

    terms: tuple[str, ...]
    levels: tuple[Level, ...]
    parents: np.ndarray
    products: np.ndarray
    rows: np.ndarray
    log_weights: np.ndarray

    def positions(self, level: int) -> list[int]:
        """Columns of V that the random terms of a level multiply."""
        return [0, *(1 + self.terms.index(term) for term in self.levels[level].slopes)]

    def without(self, clusters: np.ndarray) -> "Statistics":
        """Leave out the rows of some lowest clusters; their effects stay, informed by no row."""
        products, rows, log_weights = (
            array.copy() for array in (self.products, self.rows, self.log_weights)
        )
        products[clusters], rows[clusters], log_weights[clusters] = 0, 0, 0
        return replace(self, products=products, rows=rows, log_weights=log_weights)
