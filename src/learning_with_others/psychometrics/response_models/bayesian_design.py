"""What the Bayesian graded response model is made from: priors, thresholds and patterns."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers

PARTS = ("log slope", "location", "log gap")
FEWEST_ITEMS = 3
FOCAL, COUNT, FIRST_ITEM = 0, 1, 2  # columns of the table of patterns
# Trait values; steps of a third of an sd sum a person's posterior of sd .3 and more to 7 digits.
GRID = np.linspace(-6, 6, 37)


@dataclass(frozen=True)
class GradedPriors:
    """Priors of the items' and the focal group's parameters.

    Each item has a log slope, a location (mean of its thresholds) and log gaps between
    neighbouring thresholds. Each of the three parts is normal around a centre with a spread, both
    estimated: items borrow from each other, and thresholds keep their order. Spreads are
    log-normal, away from zero: items do differ.

    Attributes
    ----------
    centre_mean, centre_sd : tuple of float, length 3
        Normal prior of each part's centre, in the order of `PARTS`. A log slope of 0.4 is a
        loading of .64.
    spread_median, spread_log_sd : tuple of float, length 3
        Log-normal prior of each part's spread.
    latent_sd : (float, float)
        Normal priors around 0 of the focal group's mean, in sd of the reference group, and of
        the logarithm of its sd.
    """

    centre_mean: tuple[float, float, float] = (0.4, 0.0, 0.0)
    centre_sd: tuple[float, float, float] = (0.5, 1.0, 0.5)
    spread_median: tuple[float, float, float] = (0.4, 1.0, 0.5)
    spread_log_sd: tuple[float, float, float] = (0.5, 0.5, 0.5)
    latent_sd: tuple[float, float] = (1.0, 0.5)


@dataclass(frozen=True)
class GradedDesign:
    """Answers and thresholds as arrays; thresholds of all items stand one after another.

    Attributes
    ----------
    items : tuple of str, length k
    start : ndarray of int, shape (k + 1,)
        Where each item's thresholds begin.
    owner : ndarray of int, shape (T,)
        Item of each threshold.
    from_gaps : ndarray, shape (T, G)
        Threshold minus the item's location, from the gaps between neighbouring thresholds.
    part : ndarray of int, shape (2 k + G,)
        Part of each of the items' parameters: k log slopes, k locations, G log gaps.
    patterns : ndarray of int, shape (P, 2 + k)
        Distinct rows: whether in the focal group, number of people, and the answers.
    grouped : bool
        Whether there is a focal group.
    """

    items: tuple[str, ...]
    start: np.ndarray
    owner: np.ndarray
    from_gaps: np.ndarray
    part: np.ndarray
    patterns: np.ndarray
    grouped: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts that have parameters: no gaps if all items have two categories."""
        return PARTS[: self.part.max() + 1]

    @property
    def threshold_labels(self) -> list[str]:
        """Item and number of each threshold, as `item 1`."""
        number = np.arange(len(self.owner)) - self.start[self.owner] + 1
        return [f"{self.items[i]} {n}" for i, n in zip(self.owner, number, strict=True)]

    @property
    def coordinates(self) -> dict[str, list[str]]:
        """Labels of the dimensions of parameters."""
        return {
            "part": list(self.parts),
            "item": list(self.items),
            "item_threshold": self.threshold_labels,
        }


def graded_design(answers: Answers, focal: np.ndarray | None = None) -> GradedDesign:
    """Count equal rows of answers and lay out the thresholds.

    Parameters
    ----------
    answers : Answers
        n rows; those without any answer are left out.
    focal : ndarray of bool, shape (n,), optional
        Who belongs to the focal group; without it everyone is of one group.

    Raises
    ------
    CompendiumError
        If there are fewer than three items, an item does not vary, or a group has no answers.
    """
    if len(answers.items) < FEWEST_ITEMS:
        raise CompendiumError(
            f"{len(answers.items)} items: their slopes would rest on the priors alone",
            where=f"items {', '.join(answers.items)}",
            remedy=f"use a scale of {FEWEST_ITEMS} items or more, or its mean score",
        )
    given = answers.answered
    for position, item in enumerate(answers.items):
        found = np.unique(answers.codes[given, position])
        if (found >= 0).sum() < answers.categories[position] or answers.categories[position] == 1:
            raise CompendiumError(
                f"{(found >= 0).sum()} of its {answers.categories[position]} answers were given",
                where=f"item {item!r}",
                remedy="grade the answers of the rows that are fitted, or leave the item out",
            )
    group = np.zeros(len(given), int) if focal is None else np.asarray(focal).astype(int)
    if focal is not None and len(np.unique(group[given])) == 1:
        raise CompendiumError(
            "all rows with answers belong to one of the two groups",
            where="focal",
            remedy="leave `focal` out, or pass rows of both groups",
        )
    distinct, count = np.unique(
        np.column_stack([group, answers.codes])[given], axis=0, return_counts=True
    )
    steps = answers.categories - 1
    owner = np.repeat(np.arange(len(steps)), steps)
    gaps = np.flatnonzero(owner[1:] == owner[:-1])
    # A gap lifts the item's thresholds after it; subtracting the mean keeps the location.
    place = np.arange(len(owner))
    lifted = (owner[:, None] == owner[gaps]) & (place[:, None] > gaps)
    share = lifted.sum(axis=0) / steps[owner[gaps]]
    return GradedDesign(
        items=answers.items,
        start=np.concatenate([[0], np.cumsum(steps)]),
        owner=owner,
        from_gaps=lifted - (owner[:, None] == owner[gaps]) * share,
        part=np.repeat(np.arange(3), [len(steps), len(steps), len(gaps)]),
        patterns=np.column_stack([distinct[:, 0], count, distinct[:, 1:]]).astype(np.int64),
        grouped=focal is not None,
    )
