"""What agreement seems to be when every character counts as a unit. Not for use in estimates."""

from collections.abc import Mapping, Sequence

import numpy as np

from learning_with_others.psychometrics.agreement.category_agreement import (
    Agreement,
    category_agreement,
)

Stretches = Mapping[str, Sequence[tuple[int, int]]]
"""Begin and end (exclusive) of the marked stretches of one coder, by document."""


def characters_marked(coders: Sequence[Stretches], lengths: Mapping[str, int]) -> np.ndarray:
    """Whether each coder marked each character, shape (characters, coders), documents in a row."""
    marks = []
    for coder in coders:
        pages = {name: np.zeros(length) for name, length in lengths.items()}
        for name, stretches in coder.items():
            for begin, end in stretches:
                pages[name][begin:end] = 1
        marks.append(np.concatenate(list(pages.values())))
    return np.column_stack(marks)


def kappa_over_characters_trap(
    coders: Sequence[Stretches],
    lengths: Mapping[str, int],
    *,
    probability: float = 0.95,
    resamples: int = 200,
    seed: int = 1,
) -> Agreement:
    """Kappa of two or more coders with characters as units: a known trap, kept to show it.

    Some programs report it. Nobody decides character by character: 300 characters of one stretch
    are one decision. Its interval, over characters, is narrower by about the root of a stretch's
    length and leaves truth out; its value depends on how generously coders mark the ends of
    stretches and on how much text nobody marked. Estimates use `presence_agreement`.

    Parameters
    ----------
    coders : sequence of mappings
        Stretches that each coder gave the theme, by document.
    lengths : mapping of str to int
        Characters of each document.
    probability, resamples, seed
        See `category_agreement`.

    Raises
    ------
    CompendiumError
        If every character was judged alike by all.
    """
    marked = characters_marked(coders, lengths)
    statistic = "kappa_cohen" if len(coders) == 2 else "kappa_nominal"  # noqa: PLR2004 - of two
    return category_agreement(
        marked, statistic, probability=probability, resamples=resamples, seed=seed
    )
