"""What a table hands to the ledger, and what it gets back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Masks = Sequence[np.ndarray | None]


@dataclass(frozen=True)
class CountColumn:
    """A column of a table that counts people.

    Attributes
    ----------
    column : str
        Its name.
    population : str
        Whose rows the masks are of, such as ``"students"``.
    values : sequence of float
        The exact counts; missing where there is none.
    masks : sequence of (numpy.ndarray of bool or None), or None
        For each count the rows of the population that it counts; None where unknown.
    """

    column: str
    population: str
    values: Sequence[float]
    masks: Masks | None = None


@dataclass(frozen=True)
class ShareColumn:
    """A column of a table that holds shares of people.

    Attributes
    ----------
    column : str
        Its name.
    of : str
        The count column that holds of how many people the shares are.
    values : sequence of float
        The exact shares.
    numerators : sequence of (numpy.ndarray of bool or None), or None
        For each share whom its numerator counts; a share without is only rounded.
    ends : tuple of (str, sequence of float)
        Further columns on the same scale, such as an interval's ends, rounded alike.
    """

    column: str
    of: str
    values: Sequence[float]
    numerators: Masks | None = None
    ends: tuple[tuple[str, Sequence[float]], ...] = ()


@dataclass(frozen=True)
class Shown:
    """What may be shown of an exhibit.

    Attributes
    ----------
    table : pandas.DataFrame
        One column for each count, share and end, on the index of the keys; missing where
        suppressed.
    exact, rounded : int
        Counts and shares shown as they are, and rounded.
    coarse : int
        Counts rounded further, because a small count would follow from them.
    small, protecting : int
        Counts suppressed because they are small; counts and shares suppressed because a small
        count would follow from them.
    blanked : int
        Counts and shares of an exhibit that could not be shown at all.
    """

    table: pd.DataFrame
    exact: int = 0
    rounded: int = 0
    coarse: int = 0
    small: int = 0
    protecting: int = 0
    blanked: int = 0


@dataclass(frozen=True)
class Unverified:
    """A count or share whose people are unknown or do not add up to it.

    Attributes
    ----------
    stage, exhibit, column, keys : str
    row : int
    reason : str
    """

    stage: str
    exhibit: str
    row: int
    column: str
    keys: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """One count or share of an exhibit, as it was shown.

    Attributes
    ----------
    stage, exhibit, column, keys : str
    row : int
    status : str
        ``exact``, ``rounded``, ``coarse``, ``small``, ``protecting`` or ``blanked``.
    people : int
        The set that is counted, or the share's numerator; see `People`.
    whole : int
        The set of which a share is; `NOBODY` for a count.
    steps, nearest : int
        Of a share: steps in one, and how many of them it is rounded to.
    """

    stage: str
    exhibit: str
    row: int
    column: str
    keys: str
    status: str
    people: int
    whole: int = -1
    steps: int = 0
    nearest: int = 0

    @property
    def is_share(self) -> bool:
        """Whether it is a share and no count."""
        return self.steps > 0
