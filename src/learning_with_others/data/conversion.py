"""From codes as in the file to values that can be analysed."""

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column


def convert(table: pd.DataFrame, columns: dict[str, Column]) -> pd.DataFrame:
    """Give every column its type; codes that stand for a missing answer become missing.

    Parameters
    ----------
    table : pandas.DataFrame
        Text as in the file, already valid.
    columns : dict of str to Column

    Returns
    -------
    pandas.DataFrame
        Identifiers and texts as they are, categories with their labels, items and numbers as
        floats, dates as dates; columns in the order of the codebook.
    """
    return pd.DataFrame({name: _converted(table[name], c) for name, c in columns.items()})


def _converted(values: pd.Series, column: Column) -> pd.Series:
    if column.type in ("identifier", "text"):
        return values
    if column.missing:
        values = values.mask(values.isin(list(column.missing)))
    if column.type in ("item", "number"):
        return _numbers(values)
    if column.type == "date":
        return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    labels = list(dict.fromkeys(column.codes.values()))
    coded = pd.Categorical(values.map(column.codes), categories=labels)
    return pd.Series(coded, index=values.index)


def _numbers(values: pd.Series) -> pd.Series:
    """Parse each distinct text once: answers repeat, and parsing text is what takes the time."""
    positions, distinct = pd.factorize(values)
    parsed = pd.to_numeric(pd.Series(distinct), errors="coerce").to_numpy(float)
    numbers = np.append(parsed, np.nan)[positions]  # a missing cell has position −1
    return pd.Series(numbers, index=values.index)
