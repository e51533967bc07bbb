"""Ordered answers as codes 0, 1, 2, …, with every category used in every group."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError

MISSING = -1


@dataclass(frozen=True)
class Answers:
    """Answers of n people to k items.

    Attributes
    ----------
    items : tuple of str, length k
    codes : ndarray of int, shape (n, k)
        0 to categories − 1; `MISSING` where an item was not answered. Rows without any answer
        stay in place, so that positions match the table they came from.
    categories : ndarray of int, shape (k,)
        Number of categories of each item after merging.
    merged : dict of str to tuple of float
        Answers that stand with the next lower category (the lowest: with the next higher one)
        because some group never gave them.
    """

    items: tuple[str, ...]
    codes: np.ndarray
    categories: np.ndarray
    merged: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def answered(self) -> np.ndarray:
        """Whether each row holds at least one answer."""
        return (self.codes != MISSING).any(axis=1)

    def rows(self, chosen: np.ndarray) -> "Answers":
        """Give the chosen rows, categories as they are."""
        return Answers(self.items, self.codes[chosen], self.categories, self.merged)


def grade_answers(
    keyed: pd.DataFrame, group: np.ndarray | None = None, compared: tuple[str, ...] | None = None
) -> Answers:
    """Number the answers to each item in their order; merge those that some group never gave.

    A threshold between categories exists for a group only if it gave answers on both sides.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Keyed items as numbers, NaN where missing.
    group : ndarray, shape (n,), optional
        Groups to be compared; one group without it.
    compared : tuple of str, optional
        The groups that decide which answers are told apart, all groups without it. Others are
        graded alike.

    Raises
    ------
    CompendiumError
        If an item does not vary in one of the groups.
    """
    labels = np.zeros(len(keyed)) if group is None else np.asarray(group)
    codes = np.full(keyed.shape, MISSING, dtype=np.int16)
    categories, merged = [], {}
    for position, item in enumerate(keyed.columns):
        values = keyed[item].to_numpy(float)
        given = ~np.isnan(values)
        by_group = {
            label: np.unique(values[given & (labels == label)])
            for label in (np.unique(labels) if compared is None else compared)
        }
        shared = _shared_by_all(list(by_group.values()))
        if len(shared) < 2:  # noqa: PLR2004 - one category has no threshold
            label = min(by_group, key=lambda name: len(by_group[name]))
            where = f"item {item!r}" + ("" if group is None else f", group {label!r}")
            raise CompendiumError(
                f"has {len(by_group[label])} distinct answers that can be compared",
                where=where,
                remedy="take the item out of its construct, or compare groups that used it",
            )
        everything = np.unique(values[given])
        place = np.clip(np.searchsorted(shared, everything, side="right") - 1, 0, None)
        codes[given, position] = place[np.searchsorted(everything, values[given])]
        categories.append(len(shared))
        apart = tuple(float(answer) for answer in everything if answer not in shared)
        if apart:
            merged[item] = apart
    return Answers(tuple(keyed.columns), codes, np.array(categories), merged)


def _shared_by_all(answers: list[np.ndarray]) -> np.ndarray:
    """Answers that every group gave."""
    shared = answers[0]
    for other in answers[1:]:
        shared = np.intersect1d(shared, other)
    return shared
