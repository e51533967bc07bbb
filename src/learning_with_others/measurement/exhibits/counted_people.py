"""Whom the measurement stage counts: those who gave an answer, and those behind a mean."""

from collections.abc import Callable

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import scales_of
from learning_with_others.data.measures.sources import STUDENTS, source_reports
from learning_with_others.exhibits.people import Row, Whom, answered_any, group, index_of, once
from learning_with_others.measurement.score_table import BANDS
from learning_with_others.study import Study


def sample(rows: pd.DataFrame) -> Whom:
    """Those whose rows these are."""
    return once(index_of(rows.index))


def members(rows: pd.DataFrame) -> Whom:
    """Those of these rows who are of the group that the table's row names."""
    return once(index_of(rows.index) & group(), "group")


def answered(rows: pd.DataFrame, scale: str = "scale") -> Whom:
    """Those of these rows who answered any item of the scale that the table's row names."""
    return once(index_of(rows.index) & answered_any(scale), scale)


def answered_item(scale: str = "scale") -> Whom:
    """Those who answered the item that the row names; any of its scale's where it names none."""
    of_scale = answered_any(scale)
    return Whom(
        lambda row, t, people: (
            t[row["item"]].notna() if row["item"] else of_scale.rule(row, t, people)
        )
    )


def gave(columns: dict[str, Column], keyed: Callable[[Row, list[float]], float]) -> Whom:
    """Those who gave one keyed answer to the row's item.

    Parameters
    ----------
    columns : dict of str to Column
        The codebook of the people's table.
    keyed : callable
        From the row and the item's codes to the keyed answer.
    """

    def rule(row: Row, table: pd.DataFrame, _: object) -> pd.Series:
        codes = [float(code) for code in columns[row["item"]].codes]
        answer = keyed(row, codes)
        raw = min(codes) + max(codes) - answer if row["reversed"] else answer
        return table[row["item"]].eq(raw)

    return Whom(rule)


def answered_share() -> Whom:
    """Those who answered as large a share of the row's construct as its band says."""

    def rule(row: Row, table: pd.DataFrame, people: object) -> pd.Series:
        share = table[people.items[row["construct"]]].notna().mean(axis=1)
        half = 0.5
        bands = (share.eq(1), share.ge(half) & share.lt(1), share.gt(0) & share.lt(half))
        return dict(zip(BANDS, bands, strict=True))[row["answered"]]

    return Whom(rule)


def teachers_who_answered(study: Study, *, every: bool) -> Whom:
    """Teachers who answered every item of the row's construct, or any."""
    items = {scale.name: list(scale.items) for scale in scales_of(study.design, "teachers")}

    def rule(row: Row, table: pd.DataFrame, _: object) -> pd.Series:
        given = table[items[row["construct"]]].notna()
        return given.all(axis=1) if every else given.any(axis=1)

    return Whom(rule)


def behind_means(students: pd.DataFrame, tables: dict[str, pd.DataFrame], study: Study) -> Whom:
    """Students with a score of the row's element in a classroom that both its sources describe.

    Nobody where neither source is the students.
    """
    reports = source_reports(students, tables, study.design)

    def rule(row: Row, table: pd.DataFrame, _: object) -> pd.Series:
        if row["first"] != STUDENTS:
            return pd.Series(data=False, index=table.index)
        first, second = (reports[row["element"]][row[place]] for place in ("first", "second"))
        rooms = tables["classrooms"][study.roles.classroom]
        both = rooms[(first.number > 0) & (second.number > 0)]
        return table[study.roles.classroom].isin(both) & table[row["element"]].notna()

    return Whom(rule)


def in_three_waves(study: Study) -> Whom:
    """Those with the row's outcome in its grade and in the ones before and after it."""
    roles = study.roles

    def rule(row: Row, table: pd.DataFrame, _: object) -> pd.Series:
        grades = list(table[roles.grade].cat.categories)
        middle = grades.index(row["grade"])
        known = table[table[row["outcome"]].notna()]
        waves = [known[known[roles.grade] == grades[middle + step]] for step in (-1, 0, 1)]
        every = set.intersection(*(set(wave[roles.student]) for wave in waves))
        return table[roles.grade].eq(row["grade"]) & table[roles.student].isin(every)

    return Whom(rule)
