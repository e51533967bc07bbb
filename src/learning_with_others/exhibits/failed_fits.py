"""Numbers of a fit that failed its diagnosis: none is shown as a result."""

import pandas as pd

from learning_with_others.errors import FAILED_FIT, NO_VERDICT
from learning_with_others.exhibits.exhibit import FLAG, Exhibit

LEAD = "not shown: "  # before the flag of what is taken out
# Numbers that say how a fit failed, or compare it with another program.
TOLD = ("diagnosis.", "agreement.")


def failed_rows(table: pd.DataFrame) -> pd.Series:
    """Whether the flag of each row says that its fit failed."""
    if FLAG not in table:
        return pd.Series(data=False, index=table.index)
    return table[FLAG].fillna("").astype(str).str.contains(FAILED_FIT, regex=False)


def without_failed(exhibit: Exhibit, table: pd.DataFrame) -> pd.DataFrame:
    """Take the numbers of failed fits out of an exhibit's table; their flag says why.

    A verdict becomes `NO_VERDICT`. Diagnostics stay, and so do counts of people.

    Parameters
    ----------
    exhibit : Exhibit
    table : pandas.DataFrame
        Its table, with labels.
    """
    failed = failed_rows(table)
    if not failed.any():
        return table
    table = table.copy()
    taken = [number for number in exhibit.numbers if not number.quantity.startswith(TOLD)]
    for number in taken:
        for column in (*number.scale, *([number.mcse] if number.mcse else [])):
            if pd.api.types.is_numeric_dtype(table[column]):
                table[column] = table[column].astype(float).mask(failed)
            else:
                words = table[column].map(lambda cell: isinstance(cell, str) and cell != "")
                table[column] = table[column].mask(failed & ~words).mask(failed & words, NO_VERDICT)
    if taken:
        untold = failed & ~table[FLAG].astype(str).str.startswith(LEAD)
        table[FLAG] = table[FLAG].mask(untold, LEAD + table[FLAG].astype(str))
    return table


def drawn_rows(data: object) -> tuple[object, str]:
    """Leave out of what is drawn the rows of failed fits, and say for a caption which they were.

    Parameters
    ----------
    data : object
        A table; draws and the like stay as they are.
    """
    if not isinstance(data, pd.DataFrame):
        return data, ""
    failed = failed_rows(data)
    if not failed.any():
        return data, ""
    named = data.loc[failed, "outcome"] if "outcome" in data else pd.Series(dtype=str)
    outcomes = ", ".join(dict.fromkeys(str(name) for name in named.dropna()))
    which = f" ({outcomes})" if outcomes else ""
    return data[~failed], f" Not shown: what comes from a fit that failed its diagnosis{which}."
