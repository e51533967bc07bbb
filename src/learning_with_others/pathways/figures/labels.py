"""Labels in place of keys."""

from collections.abc import Mapping

import pandas as pd


def labelled_outcomes(table: pd.DataFrame, labels: Mapping[str, str] | None) -> pd.DataFrame:
    """Put labels in place of the keys of outcomes, as far as there are some."""
    known = labels or {}
    return table.assign(outcome=table["outcome"].map(lambda name: known.get(name, name)))
