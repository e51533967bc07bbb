"""Sums over rows, groups and outcomes: all that the sampler needs to know of the data."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.model_frame import ModelFrame


@dataclass(frozen=True)
class Level:
    """Sums over the rows of each group of one level; z are its random columns.

    Attributes
    ----------
    products : ndarray, shape (J, q, q)
        Σ z z'.
    design : ndarray, shape (J, q, p)
        Σ z x'.
    outcomes : ndarray, shape (J, q, K)
        Σ z y'.
    """

    products: np.ndarray
    design: np.ndarray
    outcomes: np.ndarray


@dataclass(frozen=True)
class Sums:
    """Sums of a model of K outcomes, each row weighted by its precision weight.

    Attributes
    ----------
    rows : int
    design : ndarray, shape (p, p)
        Σ x x'.
    across : ndarray, shape (p, K)
        Σ x y'.
    outcomes : ndarray, shape (K, K)
        Σ y y'.
    levels : tuple of Level
        The lowest, and the one above it; a model of one grouping has one upper group with k = 0
        random columns.
    parents : ndarray of int, shape (J,)
        Upper group of each lowest group; lowest groups are numbered so that these do not fall.
    between : ndarray, shape (J, q, k)
        Σ z s' of each lowest group, s being the random columns of the upper level.
    """

    rows: int
    design: np.ndarray
    across: np.ndarray
    outcomes: np.ndarray
    levels: tuple[Level, Level]
    parents: np.ndarray
    between: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """First lowest group of each upper group."""
        return np.searchsorted(self.parents, np.arange(len(self.levels[1].products)))


def gather(frame: ModelFrame, outcomes: Mapping[str, np.ndarray]) -> Sums:
    """Sum a frame's columns and outcomes; its groupings are nested and at most two."""
    rows = len(frame.columns)
    weights = np.ones(rows) if frame.weights is None else frame.weights
    root = np.sqrt(weights)[:, None]
    x, y = frame.columns * root, np.column_stack(list(outcomes.values())) * root
    lowest, *others = frame.groupings
    upper, above = np.zeros(rows, dtype=np.int64), np.empty((rows, 0))
    if others:
        upper, above = others[0].index, frame.random_columns(others[0]) * root
    parents = np.zeros(len(lowest.labels), dtype=np.int64)
    parents[lowest.index] = upper
    order = np.argsort(parents, kind="stable")
    index = np.argsort(order)[lowest.index]
    z = frame.random_columns(lowest) * root

    def level(groups: np.ndarray, own: np.ndarray) -> Level:
        return Level(*(_sum_by_group(groups, own, other) for other in (own, x, y)))

    return Sums(
        rows=rows,
        design=x.T @ x,
        across=x.T @ y,
        outcomes=y.T @ y,
        levels=(level(index, z), level(upper, above)),
        parents=parents[order],
        between=_sum_by_group(index, z, above),
    )


def _sum_by_group(index: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Σ l r' over the rows of each group, shape (groups, columns of left, columns of right)."""
    sums = np.zeros((int(index.max()) + 1, left.shape[1], right.shape[1]))
    for a, column in enumerate(left.T):
        np.add.at(sums[:, a], index, column[:, None] * right)
    return sums


def residual_sums(
    sums: Sums, coefficients: np.ndarray, effects: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of residuals, found from the data's.

    Parameters
    ----------
    sums : Sums
    coefficients : ndarray, shape (K, p)
    effects : tuple of ndarray, shapes (J, K, q) and (S, K, k)

    Returns
    -------
    across : ndarray, shape (p, K)
        Σ x e'.
    products : ndarray, shape (K, K)
        Σ e e' = Σ (y − B x) e' − Σ u z e' − Σ v s e'.
    """
    lower, upper = sums.levels
    u, v = effects
    across = sums.across - sums.design @ coefficients.T
    with_outcomes = sums.outcomes - sums.across.T @ coefficients.T
    for own, level in zip(effects, sums.levels, strict=True):
        # NumPy: Σ over groups of z-sums times effects, as one matrix product.
        flat = own.transpose(0, 2, 1).reshape(-1, len(coefficients))
        across = across - level.design.reshape(len(flat), len(sums.design)).T @ flat
        with_outcomes = (
            with_outcomes - level.outcomes.reshape(len(flat), len(coefficients)).T @ flat
        )
    without = sums_without(sums, coefficients)
    left = without[0] - lower.products @ u.transpose(0, 2, 1)
    left -= sums.between @ v[sums.parents].transpose(0, 2, 1)
    pulled = sums.between.transpose(0, 2, 1) @ u.transpose(0, 2, 1)
    above = without[1] - upper.products @ v.transpose(0, 2, 1)
    above -= np.add.reduceat(pulled, sums.starts, axis=0)
    products = with_outcomes - coefficients @ across
    for own, rest in ((u, left), (v, above)):
        flat = own.transpose(1, 0, 2).reshape(len(coefficients), -1)
        products = products - flat @ rest.reshape(-1, len(coefficients))
    return across, (products + products.T) / 2


def sums_without(sums: Sums, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ z r' and Σ s r' of residuals r = y − B x, shapes (J, q, K) and (S, k, K)."""
    lower, upper = (level.outcomes - level.design @ coefficients.T for level in sums.levels)
    return lower, upper
