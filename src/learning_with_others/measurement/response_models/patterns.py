"""Answers of the groups compared, equal rows counted once."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.answers import Answers

FEWEST_PEOPLE = 30  # in a group; below, a threshold rests on a handful of answers
FEW_PEOPLE = 100


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of answers of one group.

    Attributes
    ----------
    codes : ndarray of int, shape (P, k)
    count : ndarray, shape (P,)
        People with these answers.
    rows : ndarray of int
        Positions, in the whole table, of the people of the group who answered anything.
    pattern : ndarray of int, shape of `rows`
        Which row of `codes` is theirs.
    """

    codes: np.ndarray
    count: np.ndarray
    rows: np.ndarray
    pattern: np.ndarray

    @property
    def people(self) -> int:
        """People of the group with at least one answer."""
        return len(self.rows)


def collapse(answers: Answers, group: np.ndarray, labels: tuple[str, ...]) -> tuple[Patterns, ...]:
    """Count equal rows of answers once, group by group; rows without an answer are left out.

    Parameters
    ----------
    answers : Answers
        n rows.
    group : ndarray, shape (n,)
    labels : tuple of str
        Groups to use, in this order.

    Raises
    ------
    CompendiumError
        If a group has too few people who answered.
    """
    out = []
    for label in labels:
        rows = np.flatnonzero((np.asarray(group) == label) & answers.answered)
        if len(rows) < FEWEST_PEOPLE:
            raise CompendiumError(
                f"{len(rows)} people answered; a response model needs {FEWEST_PEOPLE}",
                where=f"group {label!r}, items {', '.join(answers.items)}",
                remedy="compare larger groups, or leave this scale to its mean score",
            )
        codes = np.ascontiguousarray(answers.codes[rows])
        whole = codes.view(np.dtype((np.void, codes.itemsize * codes.shape[1]))).ravel()
        _, first, pattern, count = np.unique(
            whole, return_index=True, return_inverse=True, return_counts=True
        )
        out.append(Patterns(codes[first], count.astype(float), rows, pattern))
    return tuple(out)
