"""Primary suppression: withhold small counts, and what was computed from them."""

import pandas as pd


def is_small(counts: pd.DataFrame | pd.Series, minimum: int) -> pd.DataFrame | pd.Series:
    """True where a count is from 1 to `minimum - 1`; nobody is told about by a zero."""
    return (counts > 0) & (counts < minimum)


def suppress_small_cells(
    table: pd.DataFrame, counts: list[str], minimum: int, derived: list[str] | None = None
) -> pd.DataFrame:
    """Blank counts from 1 to `minimum - 1`, and what was computed from them.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per cell or group.
    counts : list of str
        Columns holding numbers of children.
    minimum : int
        Smallest count that may be shown.
    derived : list of str, optional
        Columns computed from the row's counts; blanked in every row in which a count is.

    Returns
    -------
    pandas.DataFrame
        A copy, in which a withheld value is missing.

    Notes
    -----
    Safe only for tables that show no margin from which a lone withheld cell could be solved;
    a two-way table with totals goes through `suppress_crosstab`.
    """
    shown = table.copy()
    small = pd.DataFrame(
        {name: is_small(table[name], minimum) for name in counts}, index=table.index
    )
    small = small.fillna(value=False).astype(bool)
    for name in counts:
        shown[name] = table[name].astype("Float64").mask(small[name])
    for name in derived or []:
        shown[name] = table[name].mask(small.any(axis=1))
    return shown


OTHER_GROUPS = "Other or not recorded"


def reporting_groups(race: pd.Series, shown: tuple[str, ...]) -> pd.Series:
    """Groups as reports may show them: those named, all others pooled into one.

    Parameters
    ----------
    race : pandas.Series
        Labels; missing where race was not recorded.
    shown : tuple of str
        Groups to show by name; the order is kept.

    Returns
    -------
    pandas.Series
        Ordered categorical. No row is missing: pooling is for display and hides no row.
    """
    labels = [*shown, OTHER_GROUPS]
    pooled = race.astype(object).where(race.isin(shown), OTHER_GROUPS)
    return pd.Series(pd.Categorical(pooled, categories=labels, ordered=True), index=race.index)
