"""The ledger: every count of people that leaves a report, and what of a new exhibit may."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.ledger import saving
from learning_with_others.exhibits.ledger.columns import (
    CountColumn,
    Entry,
    ShareColumn,
    Shown,
    Unverified,
)
from learning_with_others.exhibits.ledger.exhibit_reading import Reader, count_column
from learning_with_others.exhibits.ledger.families import Family, families
from learning_with_others.exhibits.ledger.final_test import certificate
from learning_with_others.exhibits.ledger.knowledge import Knowledge
from learning_with_others.exhibits.ledger.policy import COARSER, Policy
from learning_with_others.exhibits.ledger.safety import protect
from learning_with_others.exhibits.ledger.sets_of_people import UNKNOWN, People
from learning_with_others.exhibits.ledger.steps import rounded_shares, share_steps
from learning_with_others.files import hash_file

Once = Callable[[str, Callable[[], Any]], Any]


def make_now(_: str, make: Callable[[], Any]) -> Any:
    """Keep nothing."""
    return make()


class Ledger:
    """Counts of people that a report shows, whom they count, and what follows from them.

    Parameters
    ----------
    policy : Policy
    stage : str
        The stage whose exhibits are admitted.
    once : callable, optional
        From a key and a function to what the function gives: kept, where the key is that of an
        earlier run. Deciding takes long, and follows from all that was shown up to then.

    Attributes
    ----------
    unverified : list of Unverified
        Counts of which it is unknown whom they count; a report should have none.

    Notes
    -----
    Each distinct set of people is an unknown whole number. What was shown bounds it; that sets
    are nested, sum to others or have a share shown relates it to others. An exhibit is admitted
    if every small number of people could still have enough values; else further of its cells are
    suppressed. What was shown before never changes. Auditing published tables by integer
    programming: Hundepool et al. (2012), *Statistical Disclosure Control*, chapter 4.
    """

    def __init__(self, policy: Policy, stage: str = "", once: Once = make_now) -> None:
        self.policy, self.stage, self.once = policy, stage, once
        self._history = repr((policy, stage))
        self.people = People()
        self.entries: dict[Entry, None] = {}
        self.families: dict[tuple[str, Family], None] = {}
        self.unverified: list[Unverified] = []

    @classmethod
    def load(
        cls,
        paths: Path | Sequence[Path],
        policy: Policy | None = None,
        stage: str = "",
        once: Once = make_now,
    ) -> "Ledger":
        """Continue from saved ledgers, without what `stage` itself entered before.

        Parameters
        ----------
        paths : Path or sequence of Path
            Of the same policy.
        policy : Policy, optional
            The policy of the files, if not given; needed if there are none.
        stage : str
            The stage that continues.
        once : callable, optional
        """
        paths = [paths] if isinstance(paths, Path | str) else list(paths)
        parts = [saving.read(Path(path)) for path in paths]
        policies = {part.policy for part in parts} | ({policy} if policy else set())
        if len(policies) != 1:
            raise CompendiumError(
                "the ledgers were written under different policies, or none was given",
                where=", ".join(map(str, paths)),
                remedy="remove the build folder of the study and run all stages again",
            )
        ledger = cls(policies.pop(), stage, once)
        for path, part in zip(paths, parts, strict=True):
            part.enter(ledger)
            ledger._history += hash_file(Path(path))
        return ledger

    def save(self, path: Path) -> None:
        """Write what this stage entered. The file holds who is counted: never publish it."""
        saving.write(self, Path(path))

    def knowledge(self) -> Knowledge:
        """What a reader knows from all that was shown."""
        return Knowledge.of(self.entries, (family for _, family in self.families))

    def admit(
        self, exhibit: str, counts: list[CountColumn], shares: list[ShareColumn], keys: pd.DataFrame
    ) -> Shown:
        """Decide what of an exhibit may be shown, given everything shown before.

        Parameters
        ----------
        exhibit : str
            Its name.
        counts : list of CountColumn
        shares : list of ShareColumn
        keys : pandas.DataFrame
            What each row is about; one column for each key.

        Returns
        -------
        Shown
        """
        names = [c.column for c in counts] + [name for share in shares for name, _ in _scale(share)]
        if len(set(names)) < len(names):
            raise CompendiumError(
                f"two columns have one name, of {', '.join(names)}",
                where=exhibit,
                remedy="give each count, share and end its own column name",
            )
        reader = Reader(self.people, self.policy, self.stage, exhibit, keys, self.unverified)
        if not self.policy.protected:
            return self._show_all(reader, counts, shares)
        sets = len(self.people)
        tables = {column.column: reader.counts(column) for column in counts}
        for column in shares:
            of = count_column(counts, column.of, exhibit)
            wholes = {entry.row: entry for entry in tables[of.column]}
            tables[column.column] = reader.shares(column, of, wholes)
        self._remember(tables, keys, sets)
        cells, found = self.once(self._history, lambda: self._decide(tables, keys))
        self._relate(found)
        if cells and all(cell.status == "blanked" for cell in cells):
            # Whom it would have counted a reader does not learn, either.
            self.people.forget(sets)
            cells = [replace(cell, people=UNKNOWN, whole=UNKNOWN) for cell in cells]
            found = []
        self.entries.update(dict.fromkeys(cells))
        self.families.update(dict.fromkeys((self.stage, family) for family in found))
        return self._show(reader, counts, shares, cells)

    def _remember(self, tables: dict[str, list[Entry]], keys: pd.DataFrame, sets: int) -> None:
        """Note whom the exhibit counts: a decision follows from these notes alone."""
        digest = hashlib.sha256(self._history.encode())
        people = self.people
        about = (tables, keys.to_dict("list"), people.rows, people.population[sets:])
        digest.update(repr(about).encode())
        for packed in people.packed[sets:]:
            digest.update(packed.tobytes())
        self._history = digest.hexdigest()

    def _decide(
        self, tables: dict[str, list[Entry]], keys: pd.DataFrame
    ) -> tuple[list[Entry], list[Family]]:
        cells = [entry for column in tables.values() for entry in column]
        found = families(
            self.people,
            keys,
            {name: [entry.people for entry in column] for name, column in _full(tables, keys)},
        )
        return protect(self.people, self.policy, self.knowledge(), cells, found), found

    def _relate(self, found: list[Family]) -> None:
        """Have the people's sets and their relations as if all had been decided now."""
        self.people.nested()
        for parts, _ in found:
            self.people.union(list(parts))
        self.people.nested()

    def certificate(self) -> dict:
        """What was shown and suppressed, and the final test of the whole report."""
        about = (self.people, self.policy, list(self.entries), self.knowledge(), self.unverified)
        return self.once(f"{self._history} certificate", lambda: certificate(*about))

    def _show_all(
        self, reader: Reader, counts: list[CountColumn], shares: list[ShareColumn]
    ) -> Shown:
        values = {c.column: reader.numbers(c.values, c.column) for c in counts}
        for entry in (
            Entry(self.stage, reader.exhibit, row, name, "", "exact", -1)
            for name, column in values.items()
            for row in np.flatnonzero(~np.isnan(column)).tolist()
        ):
            self.entries[entry] = None
        for share in shares:
            for name, column in _scale(share):
                values[name] = reader.numbers(column, name)
        frame = pd.DataFrame(values, index=reader.keys.index)
        exact = sum(int(frame[c.column].notna().sum()) for c in counts)
        return Shown(frame, exact=exact)

    def _show(
        self,
        reader: Reader,
        counts: list[CountColumn],
        shares: list[ShareColumn],
        cells: list[Entry],
    ) -> Shown:
        status = {(e.column, e.row): e.status for e in cells}
        open_cells = {cell for cell, s in status.items() if s in ("exact", "rounded", "coarse")}
        values = {}

        def only_open(column: str, numbers: np.ndarray) -> np.ndarray:
            rows = range(len(numbers))
            return np.where([(column, row) in open_cells for row in rows], numbers, np.nan)

        for column in counts:
            exact = reader.numbers(column.values, column.column)
            further = [status.get((column.column, row)) == "coarse" for row in range(len(exact))]
            policy = self.policy
            shown = np.where(further, policy.rounded(exact, COARSER), policy.rounded(exact))
            values[column.column] = only_open(column.column, shown)
        for share in shares:
            of = count_column(counts, share.of, reader.exhibit)
            n = self.policy.rounded(reader.numbers(of.values, of.column))
            shares_of_all = reader.numbers(share.values, share.column)
            steps = share_steps(shares_of_all, n, self.policy.minimum, self.policy.possible_values)
            for name, column in _scale(share):
                rounded = rounded_shares(reader.numbers(column, name), steps)
                values[name] = only_open(share.column, rounded)
        number = {
            status: sum(entry.status == status for entry in cells)
            for status in ("exact", "rounded", "coarse", "small", "protecting", "blanked")
        }
        return Shown(pd.DataFrame(values, index=reader.keys.index), **number)


def _full(tables: dict[str, list[Entry]], keys: pd.DataFrame) -> list[tuple[str, list[Entry]]]:
    """Each column with one entry for each row of the keys; nobody where it has none."""
    blank = Entry("", "", 0, "", "", "exact", -1)
    full = []
    for name, column in tables.items():
        by_row = {entry.row: entry for entry in column}
        full.append((name, [by_row.get(row, blank) for row in range(len(keys))]))
    return full


def _scale(share: ShareColumn) -> list[tuple[str, Sequence[float]]]:
    """A share's column and those of its ends."""
    return [(share.column, share.values), *share.ends]  # noqa: PD011 - no data frame
