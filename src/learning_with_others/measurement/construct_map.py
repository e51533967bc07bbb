"""The construct map as a table: which item stands for what."""

import pandas as pd

from learning_with_others.data.codebook import Codebook, Column
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import StudyDesign
from learning_with_others.study.constructs import Construct, Element

COLUMNS = [
    "survey", "domain", "construct", "element", "kind", "scale", "item", "wording", "reversed",
    "answers",
]  # fmt: skip


def construct_map(study: StudyDesign, codebook: Codebook) -> pd.DataFrame:
    """List every item with its element, construct and domain, in the order of the study.

    Constructs of one survey and one domain stand together, whatever lies between them in the
    definition.

    Parameters
    ----------
    study : StudyDesign
    codebook : dict of str to dict of str to Column
        Table to column name to column, for wordings and response scales.

    Returns
    -------
    pandas.DataFrame
        One row per item; no children are counted in it. Columns `survey` (the construct's
        source), `domain`, `construct` and `element` (labels; `element` empty for items that stand
        directly in a construct), `kind` (structural, dynamic or empty), `scale` (name of the
        smallest scale that holds the item), `item` (column), `wording`, `reversed` (whether a
        higher code is less of the construct) and `answers` (codes and their labels).

    Raises
    ------
    CompendiumError
        If the codebook does not describe an item.
    """
    rows = [
        row
        for name, construct in study.constructs.items()
        for row in _rows_of(name, construct, codebook.get(construct.table, {}))
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    order = table.groupby(["survey", "domain"], sort=False).ngroup()
    # The surveys in turn, and within each its domains, both as they first appear.
    survey = table.groupby("survey", sort=False).ngroup()
    place = pd.DataFrame({"survey": survey, "domain": order})
    return table.loc[place.sort_values(["survey", "domain"], kind="stable").index].reset_index(
        drop=True
    )


def _rows_of(name: str, construct: Construct, columns: dict[str, Column]) -> list[tuple]:
    """Rows of one construct, element by element."""
    parts: dict[str, tuple[Element | None, list[str]]] = (
        {key: (element, element.items) for key, element in construct.elements.items()}
        if construct.elements
        else {name: (None, construct.all_items)}
    )
    rows = []
    for scale, (element, items) in parts.items():
        for item in items:
            if item not in columns:
                raise CompendiumError(
                    f"the codebook of table {construct.table!r} does not describe {item!r}",
                    where=f"construct {name!r}",
                    remedy=suggest(item, columns),
                )
            column = columns[item]
            rows.append(
                (
                    construct.source,
                    construct.domain,
                    construct.label,
                    element.label if element else "",
                    (element.kind or "") if element else "",
                    scale,
                    item,
                    column.label,
                    item in construct.all_reversed,
                    "; ".join(f"{code} {label}" for code, label in column.codes.items()),
                )
            )
    return rows
