"""Words that several exhibits of benefits share: people, exposure, outcomes, cautions."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from learning_with_others.benefits.flags import same_source_words
from learning_with_others.exhibits.people import Row, Whom, index_of
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.models.comparability import comparability_words
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import Study

Verdicts = Mapping[tuple[str, Comparison], Verdict]
Rows = Mapping[str, pd.DataFrame]


def in_model(rows: Rows) -> Whom:
    """Those in the model of the outcome that the row of the exhibit's table names."""
    by_outcome = {name: index_of(mine.index) for name, mine in rows.items()}

    def rule(row: Row, table: pd.DataFrame, people: object) -> pd.Series:
        return by_outcome[row["outcome"]].rule(row, table, people)

    return Whom(rule)


def in_every_model(rows: Rows) -> Whom:
    """Those in the models of all outcomes."""
    shared, *others = (mine.index for mine in rows.values())
    for index in others:
        shared = shared.intersection(index)
    return index_of(shared)


def found(records: Records, id_: str) -> Result | None:
    """Give a record, or None where it is suppressed."""
    return records[id_] if id_ in records else None  # noqa: SIM401 - it raises another error


def two_groups(study: Study) -> str:
    """Both groups compared: Black and White students."""
    return f"{study.roles.group.focal} and {study.roles.group.reference} {study.people}"


def with_more(study: Study) -> str:
    """Say the step of exposure that a slope is given for."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"in {opportunity(study)}"
    return f"with one standard deviation more {exposure.label}"


def opportunity(study: Study) -> str:
    """Name what groups benefit from."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"{exposure.focal} rather than {exposure.reference} classes"
    return exposure.label


def low_and_high(study: Study) -> tuple[str, str]:
    """Say where exposure is low and where it is high, one after the other."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"in {exposure.reference} classes", high(study)
    return f"where {exposure.label} is low", "where it is high"


def high(study: Study) -> str:
    """Say where exposure is high."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"in {exposure.focal} classes"
    return f"where {exposure.label} is high"


def short(study: Study, outcome: str) -> str:
    """Label of an outcome without what comes after a comma, such as the name of a test."""
    return study.labels.get(outcome, outcome).split(",")[0]


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


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


def qualified(finding: str, records: Records, id_: str) -> str:
    """Say with a finding that the measures it rests on do not compare, where they do not."""
    one = found(records, id_)
    apart = one is not None and f": {Verdict.NOT_COMPARABLE}" in (one.flag or "")
    return f"{finding}, on measures that are not comparable" if apart else finding


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


def comparability(verdicts: Verdicts, study: Study, outcomes: Iterable[str]) -> str:
    """Say in a caption what the comparison of groups rests on."""
    return comparability_words(verdicts, study, list(outcomes))


def same_source(study: Study, outcomes: Iterable[str]) -> str:
    """Say in a caption which outcomes share the exposure's source."""
    words = same_source_words(study, list(outcomes))
    return f" {words}" if words else ""
