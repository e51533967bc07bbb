"""Whom a count counts: rules from a row of a table to people, joined by `&`, `|` and `~`."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from learning_with_others.data.disclosure.suppression import OTHER_GROUPS
from learning_with_others.data.flow import rows_of_grade
from learning_with_others.data.measures.scales import EVERYONE, constructs_of, scales_of
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import Study

Row = Mapping[str, Any]
Mask = np.ndarray  # of bool, one for each person


class People:
    """The tables of people that a stage counts in.

    Parameters
    ----------
    study : Study
    tables : dict of str to pandas.DataFrame
        By name, such as `students`, `teachers`, `roster`.
    """

    def __init__(self, study: Study, tables: Mapping[str, pd.DataFrame]) -> None:
        self.study, self.tables = study, dict(tables)
        self.found: dict[tuple, Mask | None] = {}
        self.items = {
            scale.name: list(scale.items) for scale in [*scales_of(study), *constructs_of(study)]
        }

    def table(self, name: str) -> pd.DataFrame:
        """Give a table of people."""
        if name not in self.tables:
            raise CompendiumError(f"nobody is known of {name!r}", remedy=suggest(name, self.tables))
        return self.tables[name]


class Whom:
    """A rule from a row of an exhibit's table to some of the people of a table.

    Parameters
    ----------
    rule : callable
        From the row, the people's table and all that is known to booleans, one for each person;
        None for a row that counts nobody in particular, see `for_rows`.
    reads : tuple of str, optional
        Columns of the row that the rule reads: rows alike in them count the same people, who are
        found once.
    """

    def __init__(
        self,
        rule: Callable[[Row, pd.DataFrame, People], "pd.Series | Mask | None"],
        reads: tuple[str, ...] | None = None,
    ) -> None:
        self._rule, self.reads = rule, reads

    def rule(self, row: Row, table: pd.DataFrame, people: People) -> Mask | None:
        """Say of everybody in a table whether a row counts them."""
        if self.reads is None:
            return _as_mask(self._rule(row, table, people))
        key = (self, id(table), *(row.get(column) for column in self.reads))
        if key not in people.found:
            people.found[key] = _as_mask(self._rule(row, table, people))
        return people.found[key]

    def mask(self, row: Row, people: People, of: str = "students") -> Mask | None:
        """Say of everybody in a table, by its name, whether a row counts them."""
        return self.rule(row, people.table(of), people)

    def __and__(self, other: "Whom") -> "Whom":
        return self._with(other, operator.and_)

    def __or__(self, other: "Whom") -> "Whom":
        return self._with(other, operator.or_)

    def __invert__(self) -> "Whom":
        return Whom(lambda row, t, people: ~self.rule(row, t, people), self.reads)

    def _with(self, other: "Whom", join: Callable[[Mask, Mask], Mask]) -> "Whom":
        reads = None if None in (self.reads, other.reads) else (*self.reads, *other.reads)
        return Whom(
            lambda row, t, people: join(self.rule(row, t, people), other.rule(row, t, people)),
            reads,
        )


def _as_mask(found: "pd.Series | Mask | None") -> Mask | None:
    if not isinstance(found, pd.Series):
        return found
    return found.fillna(value=False).to_numpy(dtype=bool)


def everyone() -> Whom:
    """Everybody in the table."""
    return Whom(lambda _, table, __: np.ones(len(table), dtype=bool), ())


def of_grade(grade: str) -> Whom:
    """Those with a record in a grade, as `rows_of_grade` takes them."""
    return Whom(lambda _, table, people: _of_grade(table, people, grade), ())


def compared() -> Whom:
    """The focal and the reference group."""
    return Whom(lambda _, table, people: _groups(table, people, None), ())


def group(column: str = "group") -> Whom:
    """The group that the row names; both where it names none, the rest where it says other."""
    return Whom(lambda row, table, people: _groups(table, people, row[column]), (column,))


def named_group(name: str) -> Whom:
    """One group, whatever the row says."""
    return Whom(lambda _, table, people: _groups(table, people, name), ())


def answered_any(column: str = "scale") -> Whom:
    """Those who answered any item of the scale that the row names."""
    return Whom(lambda row, t, people: t[people.items[row[column]]].notna().any(axis=1), (column,))


def answered_all(column: str = "scale") -> Whom:
    """Those who answered every item of the scale that the row names."""
    return Whom(lambda row, t, people: t[people.items[row[column]]].notna().all(axis=1), (column,))


def recorded(*columns: str) -> Whom:
    """Those with a value in every column that the row's cells name."""
    return Whom(
        lambda row, t, _: t[[row[column] for column in columns]].notna().all(axis=1), columns
    )


def has(*names: str) -> Whom:
    """Those with a value in every one of these columns of the people's table."""
    return Whom(lambda _, t, __: t[list(names)].notna().all(axis=1), ())


def where(column: str, named_in: str) -> Whom:
    """Those whose value in a column of the people's table is the row's."""
    return Whom(lambda row, t, _: t[column].eq(row[named_in]), (named_in,))


def index_of(rows: pd.Index) -> Whom:
    """Those whose rows these are."""
    return Whom(lambda _, table, __: table.index.isin(rows), ())


def _of_grade(table: pd.DataFrame, people: People, grade: str) -> Mask:
    return table.index.isin(rows_of_grade(table, people.study, grade).index)


def _groups(table: pd.DataFrame, people: People, name: object) -> pd.Series:
    role = people.study.roles.group
    values = table[role.column]
    if name is None or pd.isna(name) or name in ("", EVERYONE):
        return values.isin(role.contrast)
    if name == OTHER_GROUPS:
        return ~values.isin(role.contrast)
    return values.eq(name)


def group_or_both(column: str = "group") -> Whom:
    """The group that the row names; both compared ones where it names their difference."""

    def rule(row: Row, table: pd.DataFrame, people: People) -> pd.Series:
        name = row[column]
        known = name in (*people.study.roles.group.contrast, OTHER_GROUPS)
        return _groups(table, people, name if known else None)

    return Whom(rule, (column,))


def of_row_grade(column: str = "grade") -> Whom:
    """Those with a record in the grade that the row names."""
    return Whom(lambda row, table, people: _of_grade(table, people, row[column]), (column,))


def has_any(*names: str) -> Whom:
    """Those with a value in any of these columns of the people's table."""
    return Whom(lambda _, t, __: t[list(names)].notna().any(axis=1), ())


def called(column: str, names: Mapping[Any, str], named_in: str) -> Whom:
    """Those whose value in a column of the people's table is called as the row says."""
    keys = {name: key for key, name in names.items()}
    return Whom(lambda row, t, _: t[column].eq(keys[row[named_in]]), (named_in,))


def either(column: str, value: str, first: Whom, other: Whom) -> Whom:
    """The first rule in rows with this value, the other one in all others."""
    return Whom(
        lambda row, t, people: (first if row[column] == value else other).rule(row, t, people)
    )


def for_rows(column: str, value: str, whom: Whom) -> Whom:
    """Only in rows with this value; others, such as differences of shares, count nobody."""
    return Whom(
        lambda row, table, people: whom.rule(row, table, people) if row[column] == value else None
    )
