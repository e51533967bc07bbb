"""Which columns and rows of a frame a model uses."""

from typing import Literal

import numpy as np
import pandas as pd

from learning_with_others.bayes.formulas import columns_of
from learning_with_others.bayes.specification import Specification
from learning_with_others.errors import CompendiumError, suggest

Incomplete = Literal["refuse", "leave_out"]


def used_columns(specification: Specification, frame: pd.DataFrame, where: str) -> list[str]:
    """Columns that the model needs, each once."""
    if frame.columns.duplicated().any():
        twice = frame.columns[frame.columns.duplicated()][0]
        raise CompendiumError(
            f"two columns are named {twice!r}", where=where, remedy="rename one of them"
        )
    used = {specification.outcome: "outcome"}
    formulas = {"fixed": specification.fixed}
    for grouping in specification.groupings:
        formulas[f"groupings: {grouping.name}"] = grouping.terms
    for place, formula in formulas.items():
        names = columns_of(formula, frame, f"{where}, {place}")
        if specification.outcome in names:
            raise CompendiumError(
                f"{specification.outcome!r} is both outcome and predictor",
                where=f"{where}, {place}",
                remedy="take it out of the formula",
            )
        used |= dict.fromkeys(names, place)
    for grouping in specification.groupings:
        used[grouping.column] = f"groupings: {grouping.name}"
    if specification.weights is not None:
        used[specification.weights] = "weights"
    for name, place in used.items():
        if name not in frame.columns:
            raise CompendiumError(
                f"{name!r} is no column",
                where=f"{where}, {place}",
                remedy=suggest(name, frame.columns),
            )
    return list(used)


def complete_rows(
    data: pd.DataFrame, incomplete: Incomplete, where: str
) -> tuple[np.ndarray, list[str]]:
    """Positions of rows without a missing value, and a sentence on the others."""
    for name in data.select_dtypes("number"):
        infinite = int(np.isinf(data[name].to_numpy(float, na_value=np.nan)).sum())
        if infinite:
            raise CompendiumError(
                f"{name!r} is infinite in {infinite} rows",
                where=where,
                remedy="correct these values or set them missing",
            )
    missing = data.isna()
    rows = np.flatnonzero(~missing.any(axis=1).to_numpy())
    counts = missing.sum()
    by_column = ", ".join(f"{count} lack {name!r}" for name, count in counts[counts > 0].items())
    if len(rows) < len(data) and incomplete == "refuse":
        raise CompendiumError(
            f"{len(data) - len(rows)} of {len(data)} rows are incomplete: {by_column}",
            where=where,
            remedy="choose complete rows first, or say incomplete='leave_out'",
        )
    if not len(rows):
        raise CompendiumError(
            "no row is left" if len(data) else "there are no rows",
            where=where,
            remedy=f"see which values are missing: {by_column}" if by_column else "give rows",
        )
    if len(rows) == len(data):
        return rows, []
    return rows, [f"{len(data) - len(rows)} of {len(data)} rows left out: {by_column}"]


def check_levels(data: pd.DataFrame, specification: Specification, where: str) -> None:
    """Refuse a factor with a level that no row has: it would vanish from the model unseen."""
    labels = {grouping.column for grouping in specification.groupings}
    for name in data.select_dtypes("category"):
        absent = [level for level in data[name].cat.categories if not (data[name] == level).any()]
        if absent and name not in labels and name != specification.outcome:
            raise CompendiumError(
                f"no row has the level {str(absent[0])!r} of {name!r}",
                where=where,
                remedy="check which rows were chosen, or remove the category from the column",
            )
