"""From the columns of an exhibit to entries of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.exhibits.ledger.columns import CountColumn, Entry, ShareColumn, Unverified
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.sets_of_people import NOBODY, UNKNOWN, People
from learning_with_others.exhibits.ledger.steps import nearest_steps, share_steps

SAME_SHARE = 1e-9  # a share and the quotient of its counts may differ by rounding errors


@dataclass(frozen=True)
class Reader:
    """Reads columns, finds whom they count, and says what would be shown of them.

    Attributes
    ----------
    people : People
    policy : Policy
    stage, exhibit : str
    keys : pandas.DataFrame
    unverified : list of Unverified
        Added to.
    """

    people: People
    policy: Policy
    stage: str
    exhibit: str
    keys: pd.DataFrame
    unverified: list[Unverified]

    def numbers(self, values: Sequence[float], column: str) -> np.ndarray:
        """Values of a column, one for each row of the keys."""
        found = pd.Series(values).astype("Float64").to_numpy(float, na_value=np.nan)
        if len(found) != len(self.keys):
            raise CompendiumError(
                f"{len(found)} values for {len(self.keys)} rows",
                where=f"{self.exhibit}, column {column}",
                remedy="give one value for each row of the keys",
            )
        return found

    def counts(self, column: CountColumn) -> list[Entry]:
        """One entry for each count; zeros are exact."""
        values = self.numbers(column.values, column.column)
        counted = values[~np.isnan(values)]
        if ((counted < 0) | (counted % 1 != 0)).any():
            raise CompendiumError(
                f"{counted[(counted < 0) | (counted % 1 != 0)][0]} is no count",
                where=f"{self.exhibit}, column {column.column}",
                remedy="pass exact whole numbers of people; the ledger rounds them",
            )
        small = self.policy.is_small(values)
        entries = []
        for row in np.flatnonzero(~np.isnan(values)).tolist():
            mask = self._mask(column.masks, row, column.column)
            people = UNKNOWN
            if mask is None:
                self._note(row, column.column, "it is unknown whom it counts")
            elif (size := int(np.count_nonzero(mask))) != values[row]:
                self._note(row, column.column, f"its mask does not hold as many ({size=})")
            else:
                people = self.people.add(column.population, mask)
            status = "exact" if values[row] == 0 else "small" if small[row] else "rounded"
            entries.append(self._entry(row, column.column, status, people))
        return entries

    def shares(self, column: ShareColumn, of: CountColumn, wholes: dict[int, Entry]) -> list[Entry]:
        """One entry for each share; suppressed where the count it is of is."""
        values = self.numbers(column.values, column.column)
        whole = self.numbers(of.values, of.column)
        steps = share_steps(
            values, self.policy.rounded(whole), self.policy.minimum, self.policy.possible_values
        )
        nearest = nearest_steps(values, steps)
        entries = []
        for row in np.flatnonzero(~np.isnan(values)).tolist():
            status = "rounded"
            if row not in wholes or wholes[row].status != "rounded" or not steps[row]:
                status = wholes[row].status if row in wholes else "small"
                status = "protecting" if status == "protecting" else "small"
            numerator, place = UNKNOWN, UNKNOWN if row not in wholes else wholes[row].people
            mask = self._mask(column.numerators, row, column.column)
            if mask is not None and place >= 0:
                numerator = self._numerator(mask, place, values[row], row, column.column)
            entries.append(
                self._entry(
                    row,
                    column.column,
                    status,
                    numerator,
                    whole=place,
                    steps=max(int(steps[row]), 1),
                    nearest=0 if np.isnan(nearest[row]) else int(nearest[row]),
                )
            )
        return entries

    def _numerator(self, mask: np.ndarray, whole: int, share: float, row: int, column: str) -> int:
        population = self.people.population[whole]
        packed = np.packbits(np.asarray(mask, dtype=bool))
        around = self.people.packed[whole]
        inside = len(packed) == len(around) and not (packed & ~around).any()
        size = int(np.count_nonzero(mask))
        if not inside or abs(size / self.people.size[whole] - share) > SAME_SHARE:
            self._note(row, column, "its numerator's mask does not give the share")
            return UNKNOWN
        return self.people.add(population, mask) if size else NOBODY

    def _mask(
        self, masks: Sequence[np.ndarray | None] | None, row: int, column: str
    ) -> np.ndarray | None:
        if masks is None:
            return None
        if len(masks) != len(self.keys):
            raise CompendiumError(
                f"{len(masks)} masks for {len(self.keys)} rows",
                where=f"{self.exhibit}, column {column}",
                remedy="give one mask, or None, for each row of the keys",
            )
        return masks[row]

    def _note(self, row: int, column: str, reason: str) -> None:
        note = Unverified(self.stage, self.exhibit, row, column, self._keys(row), reason)
        if note not in self.unverified:
            self.unverified.append(note)

    @cached_property
    def _names(self) -> list[str]:
        """What each row is about."""
        records = self.keys.to_dict("records")
        return [", ".join(f"{name}={key}" for name, key in record.items()) for record in records]

    def _keys(self, row: int) -> str:
        return self._names[row] if self._names else ""

    def _entry(self, row: int, column: str, status: str, people: int, **share: int) -> Entry:
        return Entry(
            self.stage, self.exhibit, row, column, self._keys(row), status, people, **share
        )


def count_column(columns: list[CountColumn], name: str, exhibit: str) -> CountColumn:
    """The count column that a share names."""
    for column in columns:
        if column.column == name:
            return column
    raise CompendiumError(
        f"a share is of {name!r}, which is no count column",
        where=exhibit,
        remedy=suggest(name, [column.column for column in columns]),
    )
