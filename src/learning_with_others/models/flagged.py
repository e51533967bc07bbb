"""Words that stand beside the numbers of a row."""

from collections.abc import Iterable

import pandas as pd


def with_flags_added(table: pd.DataFrame, words: Iterable[str | None]) -> pd.DataFrame:
    """Add words to the `flag` of each row, after what is there; as it is where none has any.

    Parameters
    ----------
    table : pandas.DataFrame
        With or without a column `flag`.
    words : iterable of str or None
        One for each row.
    """
    added = [word if isinstance(word, str) else "" for word in words]
    if not any(added):
        return table
    there = table["flag"].fillna("") if "flag" in table else [""] * len(table)
    joined = ["; ".join(filter(None, pair)) for pair in zip(there, added, strict=True)]
    return table.assign(flag=joined)
