"""Codings with planted confusion: what coders should agree on has a closed form.

Documents are of two kinds, easy and hard: prevalence of the theme, and how often coders miss it or
see it where it is not, differ between them, so that decisions on one document go together.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np


class Kind(NamedTuple):
    """A kind of document: its share, prevalence, and each coder's misses and false alarms."""

    share: float
    present: float
    missed: tuple[float, ...]
    seen: tuple[float, ...]


TWO = (Kind(0.5, 0.2, (0.03, 0.05), (0.03, 0.02)), Kind(0.5, 0.5, (0.25, 0.30), (0.25, 0.15)))
CLOSE = (Kind(0.5, 0.2, (0.02, 0.02), (0.01, 0.01)), Kind(0.5, 0.4, (0.1, 0.1), (0.06, 0.06)))
THREE = tuple(
    Kind(kind.share, kind.present, (*kind.missed, 0.15), (*kind.seen, 0.10)) for kind in TWO
)


def planted_coding(kinds, documents, segments, rng):
    """Decisions of each coder, and the document of each decision."""
    of = rng.choice(len(kinds), documents, p=[kind.share for kind in kinds])
    document = np.repeat(np.arange(documents), rng.poisson(segments - 1, documents) + 1)
    kind = of[document]
    present = rng.random(len(kind)) < np.array([each.present for each in kinds])[kind]
    missed, seen = (
        np.array([getattr(k, name) for k in kinds])[kind] for name in ("missed", "seen")
    )
    marked = rng.random(missed.shape) < np.where(present[:, None], 1 - missed, seen)
    return marked.astype(float), document


def expected_cells(kinds, first, second):
    """Probability of each pair of decisions of two coders."""
    cells = np.zeros((2, 2))
    for kind in kinds:
        for weight, marks in (
            (kind.present, 1 - np.array(kind.missed)),
            (1 - kind.present, np.array(kind.seen)),
        ):
            one, other = ([1 - marks[coder], marks[coder]] for coder in (first, second))
            cells += kind.share * weight * np.outer(one, other)
    return cells


def expected_cohen(kinds):
    """Cohen's kappa of the first two coders."""
    cells = expected_cells(kinds, 0, 1)
    chance = cells.sum(axis=0) @ cells.sum(axis=1)
    return (np.trace(cells) - chance) / (1 - chance)


def expected_fleiss(kinds):
    """Fleiss' kappa of all coders, which alpha tends to."""
    coders = range(len(kinds[0].missed))
    pairs = [expected_cells(kinds, *pair) for pair in combinations(coders, 2)]
    together = np.mean([(cells + cells.T) / 2 for cells in pairs], axis=0)
    chance = (together.sum(axis=0) ** 2).sum()
    return (np.trace(together) - chance) / (1 - chance)
