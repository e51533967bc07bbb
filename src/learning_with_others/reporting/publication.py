"""How the columns of a table become records of the results."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Number:
    """One kind of number that a table holds in each row.

    Attributes
    ----------
    quantity : str
        Name in the results.
    column : str
        Column of the estimate.
    unit : str
    interval : str, optional
        Kind of the interval, if the table has one for it.
    lower, upper : str
        Columns of the interval's ends.
    n : str, optional
        Column of the children behind it; the table's first count without it.
    score : str, optional
        What kind of score it rests on.
    """

    quantity: str
    column: str
    unit: str
    interval: str | None = None
    lower: str = "lower"
    upper: str = "upper"
    n: str | None = None
    score: str | None = None

    @property
    def columns(self) -> list[str]:
        """Columns of the table that hold it: estimate, and the interval's ends."""
        return [self.column, self.lower, self.upper] if self.interval else [self.column]

    def fields(self, table: pd.DataFrame, counts: list[str], names: dict[str, str]) -> dict:
        """Field of the record to column of the table, for the fields that the table has.

        Parameters
        ----------
        counts : list of str
            The table's columns of counts of children; may be empty.
        names : dict of str to str
            `outcome`, `group` and `item` to the columns that name them.
        """
        found = {"estimate": self.column, **names}
        if counts:
            found["n"] = self.n or counts[0]
        if self.interval:
            found |= {"lower": self.lower, "upper": self.upper}
        if "flag" in table:
            found["flag"] = "flag"
        return found
