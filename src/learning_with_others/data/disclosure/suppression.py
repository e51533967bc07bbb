"""Groups as reports show them: those compared, and all others as one."""

import pandas as pd

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
