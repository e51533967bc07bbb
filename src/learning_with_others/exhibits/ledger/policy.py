"""What may be shown of a count of people, and what a reader can conclude from it."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError

COARSER = 5  # times the base: where rounding to it would give a small count away


@dataclass(frozen=True)
class Policy:
    """The rules for counts of people.

    Attributes
    ----------
    protected : bool
        False for open data: counts are exact and never suppressed.
    minimum : int
        Smallest count of people that may be shown.
    base : int
        Counts are rounded to multiples of it.
    possible_values : int
        A small count is protected when at least so many values remain possible for it.

    Notes
    -----
    Rounding to the nearest ten is what the National Center for Education Statistics asks of
    unweighted sample sizes from restricted-use data (*Restricted-Use Data Procedures Manual*).
    The rounding depends on the value alone, so that a count looks the same wherever it is shown;
    Hundepool et al. (2012), *Statistical Disclosure Control*, chapters 4 and 5.
    """

    protected: bool
    minimum: int = 10
    base: int = 10
    possible_values: int = 5

    def __post_init__(self) -> None:
        """Check the numbers against each other."""
        if self.minimum < 1 or self.base < 1:
            raise CompendiumError(
                f"minimum {self.minimum} and base {self.base} must be positive",
                remedy="use a minimum count and a rounding base of 1 or more",
            )
        widest = min(max(self.minimum - 1, 1), self.base)
        if self.protected and not 1 <= self.possible_values <= widest:
            raise CompendiumError(
                f"possible_values is {self.possible_values}; valid: 1 to {widest}",
                remedy="raise the minimum count or the rounding base, or ask for fewer values",
            )

    def is_small(self, counts: np.ndarray) -> np.ndarray:
        """True where a count may not be shown because it is small."""
        counts = np.asarray(counts, dtype=float)
        return (counts > 0) & (counts < self.minimum)

    def rounded(self, counts: np.ndarray, times: int = 1) -> np.ndarray:
        """Round counts to the base, or so many times it, half up; missing stays missing."""
        counts, base = np.asarray(counts, dtype=float), times * self.base
        return np.floor((counts + base / 2) / base) * base

    def bounds(self, shown: np.ndarray, times: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest count that a shown, rounded count may stand for."""
        shown, base = np.asarray(shown, dtype=float), times * self.base
        lower = np.maximum(np.ceil(shown - base / 2), self.minimum)
        upper = np.ceil(shown + base / 2) - 1
        return np.where(shown == 0, 0, lower), np.where(shown == 0, 0, upper)

    def in_words(self) -> str:
        """Say the rules in a few sentences."""
        if not self.protected:
            return "The data are public: counts of people are exact and none is suppressed."
        return (
            f"Counts of people are rounded to the nearest {self.base}, half up; 0 is exact."
            f" Counts from 1 to {self.minimum - 1} are suppressed. Shares of people are rounded"
            f" so that a small numerator could have at least {self.possible_values} values."
            f" Further counts are rounded to the nearest {COARSER * self.base}, and counts and"
            " shares suppressed, until at least"
            f" {self.possible_values} values remain possible for every small count, whether it"
            " is in a table, the difference of two counts, or what a sum of counts leaves of a"
            " total."
        )
