"""Many two-way tables of counts in one long table: none lets a withheld cell be solved."""

import numpy as np
import pandas as pd

from learning_with_others.data.disclosure.crosstab import TOTAL, suppress_crosstab
from learning_with_others.data.disclosure.suppression import is_small
from learning_with_others.errors import CompendiumError

PARTNERS = 8  # lines without a small count that may be withheld to protect others


def suppress_stacked(
    table: pd.DataFrame,
    *,
    tables: str,
    rows: str,
    columns: str,
    count: str,
    minimum: int,
    row_total: str | None = None,
    summed_in: str | None = None,
) -> pd.DataFrame:
    """Withhold small counts of every two-way table, and what would give them away.

    The answers that a group gave to an item sum to the number who answered it, which stands in
    the same table. Blanking small counts alone would leave a lone one to be solved from that sum,
    so each item's table of groups by answers goes through `suppress_crosstab`.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each cell; each table holds every pair of its rows and columns once.
    tables, rows, columns : str
        Columns that name the two-way table (an item), its row (a group) and its column (an
        answer).
    count : str
        Column with numbers of children.
    minimum : int
        Smallest count that may be shown.
    row_total : str, optional
        Column with the sum of `count` over the two-way table's row, repeated in each of its
        cells. Without it no row total may be published beside.
    summed_in : str, optional
        Column that names what the tables are summed in (an item's scale), if means of it are
        published: the mean of a lone item with withheld answers would follow from the others', so
        the same answers to another item are withheld, too.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns in the same order. `count` and `row_total` become `Int64`,
        missing where withheld; all else is untouched: blank what was computed from either.

    Raises
    ------
    CompendiumError
        If a table lacks a cell (which would read as empty, and could hide nothing) or has one
        twice, if totals are not those of the counts, or if a count is none.

    Notes
    -----
    Of `suppress_crosstab`, with its two attackers, for each table alone. They know the columns'
    totals too, although these are not in the long table. Where a row's total is withheld, any
    share of it that is shown would give it away.
    """
    shown = table.copy()
    hidden = np.zeros(len(table), dtype=bool)
    hidden_total = np.zeros(len(table), dtype=bool)
    known: dict[tuple, np.ndarray] = {}  # tables of the same counts lose the same cells
    for name, places in table.groupby(tables, sort=False, observed=True).indices.items():
        part = table.iloc[places]
        row, row_names = pd.factorize(part[rows], use_na_sentinel=False)
        column, column_names = pd.factorize(part[columns], use_na_sentinel=False)
        size = (len(row_names), len(column_names))
        _check_cells(row, column, size, f"{tables} {name}")
        counts = np.empty(size)
        counts[row, column] = part[count].to_numpy(float, na_value=np.nan)
        if row_total is not None:
            totals = part[row_total].to_numpy(float, na_value=np.nan)
            _check_totals(totals, counts.sum(axis=1)[row], row_total, f"{tables} {name}")
        if (((counts == 0) | (counts >= minimum)) & (counts % 1 == 0)).all():
            continue  # nothing is small
        key = (size, counts.tobytes())
        if key not in known:
            known[key] = suppress_crosstab(pd.DataFrame(counts), minimum).isna().to_numpy()
        hidden[places] = known[key][row, column]
        hidden_total[places] = known[key][row, -1]
    if summed_in is not None:
        hidden |= _partners(table, hidden, (tables, rows, columns), count, summed_in)
    shown[count] = table[count].astype("Int64").mask(hidden)
    if row_total is not None:
        shown[row_total] = table[row_total].astype("Int64").mask(hidden_total)
    return shown


def _partners(
    table: pd.DataFrame,
    hidden: np.ndarray,
    names: tuple[str, str, str],
    count: str,
    summed_in: str,
) -> np.ndarray:
    """Cells of a second table to withhold, where one table alone of a sum has withheld cells.

    The table whose same cells hold most, so that its own mean is left widest open.
    """
    partner = np.zeros(len(table), dtype=bool)
    for places in table.groupby(summed_in, sort=False, observed=True).indices.values():
        part = table.iloc[places]
        touched = part.loc[hidden[places], names[0]].unique()
        if len(touched) != 1:
            continue
        cells = part.loc[hidden[places], [names[1], names[2]]].apply(tuple, axis=1)
        same = part[[names[1], names[2]]].apply(tuple, axis=1).isin(set(cells))
        others = part[same & (part[names[0]] != touched[0])]
        if len(others):
            chosen = others.groupby(names[0], observed=True)[count].sum().idxmax()
            partner[places] = (same & (part[names[0]] == chosen)).to_numpy()
    return partner


def withheld_cells(counts: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Say what `suppress_crosstab` withholds of a table of many rows, quickly.

    Rows with a small count are protected among themselves and the smallest others. The rest stay
    shown, so an attacker may as well take them for known: a total then tells what the total of
    the rows used does.

    Parameters
    ----------
    counts : pandas.DataFrame
        As in `suppress_crosstab`.
    minimum : int

    Returns
    -------
    pandas.DataFrame of bool
        True where withheld, with a last row and column of totals.
    """
    small = is_small(counts, minimum).any(axis=1)
    sizes = counts.sum(axis=1)
    partners = sizes[~small & (sizes > 0)].nsmallest(PARTNERS).index
    used = counts[small | counts.index.isin(partners)] if small.any() else counts
    hidden = suppress_crosstab(used, minimum).isna()
    return hidden.reindex([*counts.index, TOTAL], fill_value=False)


def withheld_with_whole(
    counts: pd.DataFrame, *, minimum: int, parts: str, whole: tuple[str, str]
) -> pd.DataFrame:
    """Say which counts may not be shown where the rows of one table sum to a row of another.

    The counts of a grade's schools sum to the grade's. Each table is protected alone; what is
    then withheld of the whole or of the parts' totals is withheld of both, and of each part.

    Parameters
    ----------
    counts : pandas.DataFrame
        Indexed by table and row.
    minimum : int
    parts : str
        The table of the parts.
    whole : (str, str)
        Table and row of their sums; nothing is linked where there is no such row.

    Returns
    -------
    pandas.DataFrame of bool
        True where withheld; the same rows, with a last column of their totals.
    """
    names = counts.index.get_level_values(0).unique()
    hidden = {name: withheld_cells(counts.loc[name], minimum) for name in names}
    table, row = whole
    if parts in hidden and table in hidden and row in hidden[table].index:
        of_whole = hidden[table].loc[row].copy()
        hidden[table].loc[row] |= hidden[parts].loc[TOTAL]
        hidden[parts].loc[:, of_whole] = True
    return pd.concat({name: frame.drop(TOTAL) for name, frame in hidden.items()})


def _check_cells(row: np.ndarray, column: np.ndarray, size: tuple[int, int], where: str) -> None:
    cells = np.bincount(row * size[1] + column, minlength=size[0] * size[1])
    if (cells != 1).any():
        raise CompendiumError(
            f"{int((cells == 0).sum())} cells lack a row, {int((cells > 1).sum())} have several",
            where=where,
            remedy="give every pair of row and column one count, 0 where there are no children",
        )


def _check_totals(totals: np.ndarray, sums: np.ndarray, name: str, where: str) -> None:
    if not np.array_equal(totals, sums):
        raise CompendiumError(
            f"{name} is not the sum of the counts",
            where=where,
            remedy="pass the row's total of the counts, or leave row_total out and do not show it",
        )
