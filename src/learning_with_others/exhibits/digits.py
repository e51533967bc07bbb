"""Digits of statistics that protected studies give: none from which people could be counted."""

import numpy as np
import pandas as pd

from learning_with_others.exhibits.exhibit import Number
from learning_with_others.exhibits.ledger.steps import bearable, significant
from learning_with_others.study import Study

# How far one person more moves a number, times the number of people. Of a mean of whole answers the
# sum is whole: with a step of some answers any number of people fits. A standard deviation would
# tell, beside the mean, which answers were given, were it not coarser.
MOVES = {"mean": 0.4, "moment": 5.0}


def take_digits(
    table: pd.DataFrame, exact: pd.DataFrame, number: Number, n: str | None, study: Study
) -> None:
    """Take out the digits from which numbers of people could be worked out.

    Parameters
    ----------
    table, exact : pandas.DataFrame
        What may be shown so far, changed in place, and all as it is.
    number : Number
        Whose columns are rounded, as its `closed_form` says.
    n : str, optional
        Column of the people behind it.
    study : Study
        Whose disclosure policy says how many values must remain possible.
    """
    if number.closed_form == "none":
        table[number.column] = np.nan
    if number.closed_form in ("root", "ends") and n:
        # As if the rounded number had answered: several of them tell no more than it does.
        scale = np.sqrt(exact[n].astype(float) / table[n].astype(float))
        center = exact[number.column] if number.closed_form == "ends" else 0
        for column in number.scale[number.closed_form == "ends" :]:
            table[column] = (center + (table[column] - center) * scale).where(table[n] > 0)
    if number.closed_form == "linear" and n:
        table[number.column] *= table[n].astype(float) / exact[n].astype(float)
    for column in (*number.scale, *([number.mcse] if number.mcse else [])):
        table[column] = three_digits(table[column])
    if number.closed_form in (*MOVES, "ratio") and n:
        kept = study.disclosure.possible_values
        for column in number.scale:
            moves = MOVES.get(number.closed_form, exact[column].abs() / 2)
            table[column] = bearable(table[column], table[n], kept, moves)


def three_digits(column: pd.Series) -> pd.Series:
    """Round the numbers of a column to three significant digits; words stay."""
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    rounded = significant(numbers)
    return (
        rounded if numbers.notna().equals(column.notna()) else column.where(numbers.isna(), rounded)
    )
