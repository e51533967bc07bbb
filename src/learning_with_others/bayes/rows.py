"""The columns of a frame that a model uses, complete and of the right kind."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.specification import Specification
from learning_with_others.errors import CompendiumError, suggest


def used_data(specification: Specification, frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Take the columns that a model needs.

    Raises
    ------
    CompendiumError
        If a column is unknown, twice there, or outcome and predictor; a term or the weights are
        no numbers; a value is missing or infinite; there are no rows.
    """
    if frame.columns.duplicated().any():
        twice = frame.columns[frame.columns.duplicated()][0]
        raise CompendiumError(
            f"two columns are named {twice!r}", where=where, remedy="rename one of them"
        )
    if specification.outcome in specification.fixed:
        raise CompendiumError(
            f"{specification.outcome!r} is both outcome and predictor",
            where=f"{where}, fixed",
            remedy="take it out of fixed",
        )
    numbers = dict.fromkeys(specification.fixed, "fixed")
    if specification.weights is not None:
        numbers[specification.weights] = "weights"
    used = {specification.outcome: "outcome", **numbers}
    used |= {each.column: f"groupings: {each.name}" for each in specification.groupings}
    for name, place in used.items():
        if name not in frame.columns:
            raise CompendiumError(
                f"{name!r} is no column",
                where=f"{where}, {place}",
                remedy=suggest(name, frame.columns),
            )
        if name in numbers and not pd.api.types.is_numeric_dtype(frame[name]):
            raise CompendiumError(
                f"the column {name!r} is no number",
                where=f"{where}, {place}",
                remedy="make a column of 0 and 1 for each category but one",
            )
    data = frame[list(used)]
    _refuse_incomplete(data, where)
    return data


def _refuse_incomplete(data: pd.DataFrame, where: str) -> None:
    if data.empty:
        raise CompendiumError("there are no rows", where=where, remedy="give rows")
    for name in data.select_dtypes("number"):
        infinite = int(np.isinf(data[name].to_numpy(float, na_value=np.nan)).sum())
        if infinite:
            raise CompendiumError(
                f"{name!r} is infinite in {infinite} rows",
                where=where,
                remedy="correct these values or set them missing",
            )
    missing = data.isna()
    incomplete = int(missing.any(axis=1).sum())
    if incomplete:
        counts = missing.sum()
        lacking = (f"{count} lack {name!r}" for name, count in counts[counts > 0].items())
        raise CompendiumError(
            f"{incomplete} of {len(data)} rows are incomplete: {', '.join(lacking)}",
            where=where,
            remedy="choose complete rows first",
        )
