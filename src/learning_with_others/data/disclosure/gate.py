"""The gate: the one way for a table to leave a stage."""

from typing import NamedTuple

import pandas as pd

from learning_with_others.data.disclosure.certificate import Check
from learning_with_others.data.disclosure.rounding import round_shares
from learning_with_others.data.disclosure.stacked import suppress_stacked
from learning_with_others.data.disclosure.suppression import suppress_small_cells
from learning_with_others.errors import CompendiumError


class Publishable(NamedTuple):
    """A table that may be shown, and what its caption must say of the gate's doing."""

    table: pd.DataFrame
    words: str


class Gate:
    """Applies the rules to what a stage writes, and keeps a log of it.

    Parameters
    ----------
    minimum : int
        The study's minimum cell.
    student : str
        The column that identifies students.
    """

    def __init__(self, minimum: int, student: str) -> None:
        self.minimum, self.student = minimum, student
        self._checks: list[Check] = []
        self._numbers = 0

    @property
    def checks(self) -> list[Check]:
        """What was checked so far: tables in their order, then all numbers at once."""
        return [*self._checks, Check("results", "minimum_behind", self._numbers, 0)]

    def admits(self, children: int | None) -> bool:
        """Say whether a number may rest on so many children; None if it rests on no count."""
        if children is None:
            return True
        self._numbers += 1
        return not 0 < children < self.minimum

    def table(
        self,
        table: pd.DataFrame,
        name: str,
        *,
        counts: list[str],
        derived: list[str] | None = None,
        shares: dict[str, str] | None = None,
        stacked: dict[str, str] | None = None,
    ) -> Publishable:
        """Apply every rule that the table's columns call for.

        Parameters
        ----------
        counts, derived
            As in `suppress_small_cells`.
        shares : dict of str to str, optional
            Columns that hold shares of children (or their intervals' ends) to the column that
            holds of how many: for shares whose own count does not stand in the table.
        stacked : dict of str to str, optional
            Parameters of `suppress_stacked` that name columns: for tables that stack two-way
            tables of counts. What is derived is withheld with a count.

        Raises
        ------
        CompendiumError
            If the table has the column that identifies students.
        """
        if self.student in table:
            raise CompendiumError(
                f"the table {name!r} has the column {self.student!r}, which identifies students",
                remedy="publish counts or summaries; rename the column if it holds something else",
            )
        words = ""
        if stacked is not None:
            table, lost = self._suppress_stacked(table, name, stacked, derived or [])
            words += lost
        safe = suppress_small_cells(table, counts, self.minimum, derived)
        withheld = _lost(table, safe)
        if withheld:
            words += f" Withheld (–): counts under {self.minimum} and what rests on them."
        self._log(name, "minimum_cell", len(table) * len(counts), withheld)
        if shares:
            rounded = safe.copy()
            for share, n in shares.items():
                rounded[share] = round_shares(safe[share], table[n], self.minimum)
            words += f" Shares are rounded so that no count under {self.minimum} shows."
            self._log(name, "rounded_shares", len(table) * len(shares), _lost(safe, rounded))
            safe = rounded
        return Publishable(safe, words)

    def _suppress_stacked(
        self, table: pd.DataFrame, name: str, stacked: dict[str, str], derived: list[str]
    ) -> tuple[pd.DataFrame, str]:
        safe = suppress_stacked(table, minimum=self.minimum, **stacked)
        withheld = [stacked[role] for role in ("count", "row_total") if role in stacked]
        gone = safe[withheld].isna().any(axis=1)  # a count over its share is the total
        safe[derived] = safe[derived].mask(gone)
        lost = int(safe[withheld].isna().sum(axis=None))
        self._log(name, "complementary_cells", len(table) * len(withheld), lost)
        words = f" Withheld (–): counts under {self.minimum}, and what would give them away."
        return safe, words if gone.any() else ""

    def _log(self, name: str, rule: str, checked: int, withheld: int) -> None:
        self._checks.append(Check(f"tables/{name}", rule, checked, withheld))


def _lost(before: pd.DataFrame, after: pd.DataFrame) -> int:
    return int((after.isna() & before.notna()).to_numpy().sum())
