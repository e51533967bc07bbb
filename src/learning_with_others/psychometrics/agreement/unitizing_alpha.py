"""Krippendorff's alpha of unitizing: agreement on where marked stretches begin and end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError

Stretch = tuple[float, float]
Stretches = Mapping[str, Sequence[Stretch]]
"""Stretches by category: begin and end, the end exclusive."""


@dataclass(frozen=True)
class UnitizingAlpha:
    """Alpha of each category, and of all together; NaN where nobody marked anything.

    Attributes
    ----------
    by_category : dict of str to float
    overall : float
    disagreement : dict of str to (float, float)
        Observed and expected, by category.
    """

    by_category: dict[str, float]
    overall: float
    disagreement: dict[str, tuple[float, float]]


def unitizing_alpha(marked: Sequence[Stretches], begin: float, end: float) -> UnitizingAlpha:
    """How far coders agree on the stretches of one continuum, category by category.

    Parameters
    ----------
    marked : sequence of mappings
        One for each coder. Stretches of one coder and category do not overlap; those of different
        categories may.
    begin, end : float
        Of the continuum, such as a document's first and last character; all gaps count.

    Returns
    -------
    UnitizingAlpha

    Raises
    ------
    CompendiumError
        If there is one coder only, or a stretch is empty, overlaps another or lies outside.

    Notes
    -----
    Alpha is 1 − observed over expected disagreement. Two stretches of two coders that intersect
    differ by (b₁ − b₂)² + (e₁ − e₂)², a stretch inside a gap of the other coder by its squared
    length, anything else by 0. What is expected comes from all ways to place the stretches in the
    gaps, and a stretch meets every other of its category, whoever marked it. Overall, observed
    and expected disagreements of the categories are added up before they are divided (the book's
    example prints .8591, which is .8587 without its rounding of the sums to four digits).

    References
    ----------
    Krippendorff, K. (2004). Content Analysis, 2nd ed., pp. 251-256. Krippendorff, K. (1995). On the
    reliability of unitizing contiguous data. Sociological Methodology 25, 47-76.
    """
    if len(marked) < 2:  # noqa: PLR2004 - one coder agrees with nobody
        raise CompendiumError("there is one coder", remedy="agreement needs at least two")
    categories = sorted({name for coder in marked for name, given in coder.items() if given})
    parts = {}
    for name in categories:
        units = [_in_order(coder.get(name, ()), begin, end, name) for coder in marked]
        gaps = [_gaps(own, begin, end) for own in units]
        parts[name] = _observed(units, gaps, end - begin), _expected(units, gaps, end - begin)
    sums = [sum(part[k] for part in parts.values()) for k in (0, 1)]
    return UnitizingAlpha(
        {name: _alpha(*part) for name, part in parts.items()}, _alpha(*sums), parts
    )


def _alpha(observed: float, expected: float) -> float:
    return 1 - observed / expected if expected > 0 else float("nan")


def _in_order(given: Sequence[Stretch], begin: float, end: float, name: str) -> np.ndarray:
    units = np.array(sorted(given), float).reshape(-1, 2)
    edges = np.concatenate([[begin], units.ravel(), [end]])
    if (np.diff(edges) < 0).any() or (units[:, 0] == units[:, 1]).any():
        raise CompendiumError(
            f"the stretches {units.tolist()} are empty, overlap or leave {begin:g} to {end:g}",
            where=name,
            remedy="join stretches of one coder that overlap",
        )
    return units


def _gaps(units: np.ndarray, begin: float, end: float) -> np.ndarray:
    """Stretches between the marked ones, shape (gaps, 2)."""
    edges = np.concatenate([[begin], units.ravel(), [end]]).reshape(-1, 2)
    return edges[edges[:, 0] < edges[:, 1]]


def _observed(units: list[np.ndarray], gaps: list[np.ndarray], length: float) -> float:
    total = 0.0
    for i, own in enumerate(units):
        for j, other in enumerate(units):
            if i == j or not len(own):
                continue
            begins, ends = own[:, :1], own[:, 1:]
            meet = (begins < other[:, 1]) & (other[:, 0] < ends)
            apart = (begins - other[:, 0]) ** 2 + (ends - other[:, 1]) ** 2
            inside = (gaps[j][:, 0] <= begins) & (ends <= gaps[j][:, 1])
            # A stretch in a gap counts once, though the loop meets the pair of coders twice.
            total += (meet * apart).sum() + 2 * (inside * (ends - begins) ** 2).sum()
    coders = len(units)
    return float(total / (coders * (coders - 1) * length**2))


def _expected(units: list[np.ndarray], gaps: list[np.ndarray], length: float) -> float:
    sizes = np.concatenate([own[:, 1] - own[:, 0] for own in units])
    room = np.concatenate([free[:, 1] - free[:, 0] for free in gaps])
    meeting = (len(sizes) - 1) / 3 * (2 * sizes**3 - 3 * sizes**2 + sizes)
    places = np.clip(room - sizes[:, None] + 1, 0, None) * (room >= sizes[:, None])
    total = (meeting + sizes**2 * places.sum(axis=1)).sum()
    whole = len(units) * length
    return float(2 / length * total / (whole * (whole - 1) - (sizes * (sizes - 1)).sum()))
