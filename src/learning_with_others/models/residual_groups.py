"""Cells of rows that may have residual standard deviations of their own."""

import numpy as np
import pandas as pd

from learning_with_others.models.benefit_design import BenefitDesign

LOW, MIDDLE, HIGH, OTHERS = "low", "middle", "high", "others"
THIRDS = (1 / 3, 2 / 3)


def cells_by_group(design: BenefitDesign) -> pd.Categorical:
    """The two groups compared, and all others together."""
    return _named(design, np.zeros(len(design.data), dtype=int), ("",))


def cells_by_group_and_exposure(design: BenefitDesign, *, two_valued: bool) -> pd.Categorical:
    """Parts of the exposure's range in each of the two groups, and all others together.

    Parameters
    ----------
    design : BenefitDesign
    two_valued : bool
        Whether the exposure has two values, which lie below and above the cluster's mean; else its
        deviation is cut into thirds, over all rows.
    """
    deviation = design.contrasts.main.deviation
    if two_valued:
        return _named(design, (deviation > 0).astype(int), (LOW, HIGH))
    part = np.searchsorted(np.quantile(deviation, THIRDS), deviation, side="right")
    return _named(design, part, (LOW, MIDDLE, HIGH))


def cell_name(group: str, part: str) -> str:
    """Name of a cell."""
    return f"{group}, {part}" if part else group


def _named(design: BenefitDesign, part: np.ndarray, parts: tuple[str, ...]) -> pd.Categorical:
    labels = np.full(len(part), OTHERS, dtype=object)
    groups = (design.reference, design.focal)
    for group in groups:
        names = np.array([cell_name(group, each) for each in parts], dtype=object)
        mine = design.members(group)
        labels[mine] = names[part[mine]]
    wanted = [cell_name(group, each) for group in groups for each in parts]
    return pd.Categorical(labels, [*wanted, OTHERS]).remove_unused_categories()
