"""Phrases that the exhibits of several stages share: people, outcomes, findings, cautions."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from learning_with_others.data.outcome_families import numeric_outcomes
from learning_with_others.exhibits.people import Row, Whom, index_of
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.study import Study

Rows = Mapping[str, pd.DataFrame]
"""Rows of each outcome's model."""


def in_model(rows: Rows) -> Whom:
    """Those in the model of the outcome that the row of the exhibit's table names."""
    by_outcome = {name: index_of(mine.index) for name, mine in rows.items()}

    def rule(row: Row, table: pd.DataFrame, people: object) -> pd.Series:
        return by_outcome[row["outcome"]].rule(row, table, people)

    return Whom(rule)


def found(records: Records, id_: str) -> Result | None:
    """Give a record, or None where it is suppressed."""
    return records[id_] if id_ in records else None  # noqa: SIM401 - it raises another error


def two_groups(study: Study) -> str:
    """Both groups compared: Black and White students."""
    return f"{study.roles.group.focal} and {study.roles.group.reference} {study.people}"


def short(study: Study, outcome: str) -> str:
    """Label of an outcome without what comes after a comma, such as the name of a test."""
    return study.labels.get(outcome, outcome).split(",")[0]


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def categories_left_out(study: Study, of: str) -> str:
    """Say that outcomes of categories are not in a table, and why; empty without any."""
    numeric = numeric_outcomes(study)
    names = [short(study, name) for name in study.roles.outcomes if name not in numeric]
    if not names:
        return ""
    return (
        f" {of} are of numbers only, and not shown for {listed(names)}, whose values are"
        " categories."
    )


def by_finding(findings: Mapping[str, str], study: Study) -> str:
    """Say each finding once, with the outcomes that it holds for where there are several."""
    together: dict[str, list[str]] = {}
    for outcome, finding in findings.items():
        together.setdefault(finding, []).append(short(study, outcome))
    if len(together) == 1:
        return next(iter(together))
    said = "; ".join(f"{finding}: {listed(names)}" for finding, names in together.items())
    return said[0].upper() + said[1:]


def after(title: Callable[[Records], str], form: str) -> Callable[[Records], str]:
    """Say the finding, then the form of the figure that shows it."""
    return lambda records: f"{title(records)}. {form}"


def with_interval(one: Result, ends: str = "interval") -> str:
    """Give a number's interval in brackets, with its probability; nothing without one."""
    if one.interval is None:
        return ""
    return f" ({{{{probability: {one.id}}}}} interval {{{{{ends}: {one.id}}}}})"


def cautions(records: Records, ids: Mapping[str, str], study: Study) -> str:
    """Say what stands beside some numbers, by outcome: failed fits, measures that do not compare.

    Parameters
    ----------
    records : Records
    ids : mapping of str to str
        Outcome to the id of its number.
    study : Study
    """
    flags: dict[str, list[str]] = {}
    for outcome, id_ in ids.items():
        if id_ in records and records[id_].flag:
            flags.setdefault(str(records[id_].flag), []).append(short(study, outcome))
    if not flags:
        return ""
    return f" Caution: {'; '.join(f'{flag} ({listed(names)})' for flag, names in flags.items())}."


def sentence_of(clauses: Iterable[str]) -> str:
    """Join clauses to one sentence that begins with a capital."""
    said = "; ".join(clauses)
    return f"{said[0].upper()}{said[1:]}."
