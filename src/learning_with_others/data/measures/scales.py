"""The scales of a study, every construct and every element of one, and their keyed items."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.coding import key_items
from learning_with_others.study import StudyDesign
from learning_with_others.study.roles import Group

EVERYONE = "both groups"
ALL_TEACHERS = "all teachers"
Table = Literal["students", "teachers"]


@dataclass(frozen=True)
class Scale:
    """Items that are summed or modelled together.

    Attributes
    ----------
    name, label : str
        Of the construct or of the element.
    construct : str
        The construct that it is or belongs to.
    items : tuple of str
        In the order of the construct map.
    elements : dict of str to list of str
        Element to its items; empty for an element and for a construct without elements.
    """

    name: str
    label: str
    construct: str
    items: tuple[str, ...]
    elements: dict[str, list[str]] = field(default_factory=dict)


def constructs_of(study: StudyDesign, table: Table = "students") -> list[Scale]:
    """Give every construct that a table measures, elements left aside."""
    out = []
    for name, construct in study.constructs.items():
        if construct.table == table:
            parts = (construct.elements or {}).items()
            elements = {key: list(element.items) for key, element in parts}
            out.append(Scale(name, construct.label, name, tuple(construct.all_items), elements))
    return out


def scales_of(study: StudyDesign, table: Table = "students") -> list[Scale]:
    """Every construct that a table measures, each followed by its elements."""
    out = []
    for whole in constructs_of(study, table):
        elements = study.constructs[whole.name].elements or {}
        parts = [
            Scale(name, element.label, whole.name, tuple(element.items))
            for name, element in elements.items()
        ]
        out += [whole, *parts]
    return out


def finest_scales(study: StudyDesign, table: Table = "students") -> list[Scale]:
    """Every item once: in its element, or in its construct where that has no elements."""
    return [scale for scale in scales_of(study, table) if not scale.elements]


def keyed_items(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], scale: Scale
) -> pd.DataFrame:
    """Keyed items of a scale, shape (n, k): a higher answer is more of the construct."""
    return key_items(rows, study.constructs[scale.construct], columns, scale.items)


def keyed_scales(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], table: Table = "students"
) -> Iterator[tuple[Scale, pd.DataFrame]]:
    """Give every scale that a table measures with its keyed items, shape (n, k).

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of that table, items as numbers.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of that table.
    table : {'students', 'teachers'}
    """
    for scale in scales_of(study, table):
        yield scale, keyed_items(rows, study, columns, scale)


def compared_groups(rows: pd.DataFrame, group_role: Group) -> dict[str, np.ndarray]:
    """Which rows belong to both groups together, to the focal and to the reference group."""
    codes = rows[group_role.column]
    members = {name: (codes == name).fillna(value=False) for name in group_role.contrast}
    return {
        EVERYONE: np.ones(len(rows), dtype=bool),
        **{name: np.asarray(member, dtype=bool) for name, member in members.items()},
    }


def rows_by_group(rows: pd.DataFrame, study: StudyDesign, table: Table) -> dict[str, pd.DataFrame]:
    """Give the students of both groups together and of each, or the teachers as one group."""
    if table == "teachers":
        return {ALL_TEACHERS: rows}
    groups = compared_groups(rows, study.roles.group)
    return {name: rows[chosen] for name, chosen in groups.items()}
