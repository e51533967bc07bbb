"""Identifiability: no published row describes fewer than k students."""

import pandas as pd

from learning_with_others.errors import CompendiumError


def children_behind(table: pd.DataFrame, people: pd.DataFrame, student: str) -> pd.Series:
    """Count the students who hold each row's combination of quasi-identifiers.

    Parameters
    ----------
    table : pandas.DataFrame
        The table to be published.
    people : pandas.DataFrame
        The students' rows behind it: the column `student` and the quasi-identifiers, named as in
        the table. Columns that both have are the combination.
    student : str
        Column of `people` that tells students apart; several rows of one count once.

    Returns
    -------
    pandas.Series
        Indexed as `table`.

    Raises
    ------
    CompendiumError
        If `people` lacks the student's column or shares no other with the table.
    """
    quasi = [name for name in people if name in table and name != student]
    if student not in people or not quasi:
        raise CompendiumError(
            f"the rows behind the table have the columns {', '.join(map(str, people))}",
            remedy=f"pass {student!r} and the columns by which the table tells children apart",
        )
    held = people.groupby(quasi, observed=True, dropna=False)[student].nunique()
    sizes = {_as_key(key): size for key, size in held.items()}
    keys = (_as_key(row) for row in table[quasi].itertuples(index=False, name=None))
    return pd.Series([sizes.get(key, 0) for key in keys], index=table.index, dtype=int)


def drop_rare(
    table: pd.DataFrame, people: pd.DataFrame, student: str, minimum: int
) -> pd.DataFrame:
    """Leave out the rows whose combination 1 to `minimum - 1` students hold.

    Parameters
    ----------
    table, people, student
        As in `children_behind`.
    minimum : int
        The k of k-anonymity.

    Returns
    -------
    pandas.DataFrame

    Notes
    -----
    Every part of a combination is held by at least as many students as the whole, so the table
    is k-anonymous in all its quasi-identifiers together and in each of them (Sweeney 2002). The
    row goes, not only its values: that somebody holds the combination is told by the row.

    References
    ----------
    Sweeney, L. (2002). k-anonymity: a model for protecting privacy. *International Journal of
    Uncertainty, Fuzziness and Knowledge-Based Systems* 10, 557-570.
    """
    return table[~children_behind(table, people, student).between(1, minimum - 1)]


def _as_key(key: object) -> tuple[object, ...]:
    """Make a combination comparable: a missing value equals itself."""
    values = key if isinstance(key, tuple) else (key,)
    return tuple(None if pd.isna(value) else value for value in values)
