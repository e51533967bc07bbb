"""From an exhibit's table to what may be shown of it, and to one record for each of its numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from learning_with_others.data.disclosure.people_words import Said
from learning_with_others.errors import FAILED_FIT, CompendiumError
from learning_with_others.exhibits.digits import take_digits
from learning_with_others.exhibits.exhibit import FLAG, Exhibit, Number
from learning_with_others.exhibits.failed_fits import without_failed
from learning_with_others.exhibits.ledger.columns import CountColumn, ShareColumn
from learning_with_others.exhibits.ledger.columns import Shown as Admitted
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import COARSER
from learning_with_others.exhibits.people import People, Whom
from learning_with_others.exhibits.quoted_words import check_words, nothing_quoted
from learning_with_others.exhibits.records import KEYS, Interval, Result, result_id
from learning_with_others.study import Study

LABELS = {"label", "scale_label"}
ARROW = " → "  # between the variables of a path


@dataclass(frozen=True)
class Origin:
    """What the records of one exhibit have in common."""

    notebook: str
    function: str
    line: int
    parameters: Mapping[str, Any]


@dataclass
class Published:
    """What may be shown of a table.

    Attributes
    ----------
    table : pandas.DataFrame
    results : list of Result
    traces : list of dict
        For each kind of number: `columns` (field of the record to column) and `ids`, the record
        of each row, None where it has none.
    words : str
        What the caption must say of what was rounded or withheld.
    failed : set of str
        Ids of numbers that are not shown since their fit failed its diagnosis.
    """

    table: pd.DataFrame
    results: list[Result] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""
    failed: set[str] = field(default_factory=set)


def publish(
    exhibit: Exhibit,
    study: Study,
    people: People,
    ledger: Ledger,
    origin: Origin,
    said: Said | None = None,
) -> Published:
    """Pass a table through the ledger and record what is left of it.

    Parameters
    ----------
    exhibit : Exhibit
    study : Study
    people : People
        Whom its counts count.
    ledger : Ledger
        Of all that was shown before.
    origin : Origin
    said : Said, optional
        What people said, and what of it may be quoted; without it nothing is.

    Raises
    ------
    CompendiumError
        If a column is not declared, or the table names students or holds words of people that may
        not be quoted.
    """
    exhibit.check()
    student = study.roles.student
    if student in exhibit.table:
        raise CompendiumError(
            f"the exhibit {exhibit.name!r} has the column {student!r}, which identifies"
            f" {study.people}",
            remedy="show counts or summaries; rename the column if it holds something else",
        )
    exact = without_failed(exhibit, labelled(exhibit.table.reset_index(drop=True), study))
    said = said or Said()
    check_words(exhibit, exact, said)
    rows = exact.to_dict("records")
    counts = [
        CountColumn(
            count.column,
            count.of,
            exact[count.column].to_numpy(dtype=float, na_value=np.nan),
            _masks(count.whom, count.of, rows, exact[count.column], people),
        )
        for count in exhibit.counts
    ]
    shares = _shares(exhibit, exact, rows, people)
    shown = Admitted(pd.DataFrame())
    if counts or shares:
        shown = ledger.admit(exhibit.name, counts, shares, keys=_keys(exhibit, rows))
    table = exact.assign(**{name: shown.table[name].to_numpy() for name in shown.table})
    for number in exhibit.numbers:
        _blank(table, exact, exhibit, number, study)
        if number.size and ledger.policy.protected:
            table[number.column] = ledger.policy.rounded(table[number.column].to_numpy(float))
    words = _words(shown, exhibit, study)
    published = Published(table, words=words + nothing_quoted(exhibit, exact, said))
    for number in _all_numbers(exhibit, study):
        _record(published, exhibit, number, study, origin)
    _record_lone_counts(published, exhibit, study, origin)
    return published


def labelled(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Put what a person calls people, measures and terms where an estimate has its own words."""
    labels = study.labels
    if FLAG in table:
        table = table.assign(flag=table[FLAG].map(study.in_words, na_action="ignore"))
    for column in LABELS & set(table):
        table = table.assign(**{column: table[column].map(lambda key: labels.get(key, key))})
    if "via" in table:
        table = table.assign(via=table["via"].map(lambda path: _path_words(path, labels)))
    if "term" in table:
        exposure = study.roles.exposure
        named = table["term"].str.replace(f"{exposure.name}, ", f"{exposure.label}, ")
        table = table.assign(term=named)
    return table


def _path_words(path: str, labels: Mapping[str, str]) -> str:
    return ARROW.join(labels.get(name, name) for name in path.split(ARROW))


def _masks(
    whom: Whom | None, of: str, rows: list[dict], values: pd.Series, people: People
) -> list[np.ndarray | None] | None:
    if whom is None or not people.study.disclosure.protected:
        return None  # of a public study everything may be known
    return [
        None if pd.isna(value) else whom.mask(row, people, of)
        for row, value in zip(rows, values, strict=True)
    ]


def _shares(
    exhibit: Exhibit, exact: pd.DataFrame, rows: list[dict], people: People
) -> list[ShareColumn]:
    counted = {count.column: count for count in exhibit.counts}
    out = []
    for number in exhibit.numbers:
        if number.share_of is None:
            continue
        part, of = number.part, counted[number.share_of].of
        whom = counted[part].whom if isinstance(part, str) else part
        out.append(
            ShareColumn(
                number.column,
                number.share_of,
                exact[number.column].to_numpy(dtype=float, na_value=np.nan),
                _masks(whom, of, rows, exact[number.column], people),
                tuple((name, exact[name].to_numpy(dtype=float)) for name in number.scale[1:]),
            )
        )
    return out


def _blank(
    table: pd.DataFrame, exact: pd.DataFrame, exhibit: Exhibit, number: Number, study: Study
) -> None:
    """Take out numbers that rest on few people."""
    minimum = study.analysis.minimum_cell
    resting = {c.column for c in exhibit.counts if c.gates} | ({number.n} if number.n else set())
    few = pd.Series(data=False, index=table.index)
    for column in resting:
        few |= exact[column].between(1, minimum - 1).fillna(value=False)
    if isinstance(number.part, str):
        few |= table[number.part].isna() & exact[number.part].notna()
    columns = {*number.scale, *([number.mcse] if number.mcse else [])}
    if number.share_of is not None:  # a share could be worked out from how many it is a share of
        columns |= {count.column for count in exhibit.counts if not count.gates}
    for column in columns:
        table[column] = table[column].mask(few)
    if study.disclosure.protected:
        take_digits(table, exact, number, number.n or _first_gate(exhibit), study)


def _first_gate(exhibit: Exhibit) -> str | None:
    return next((count.column for count in exhibit.counts if count.gates), None)


def _all_numbers(exhibit: Exhibit, study: Study) -> list[Number]:
    """Kinds of numbers, and the counts that are recorded by themselves."""
    counted = [
        Number(count.quantity, count.column, count.unit or study.people, n=count.column)
        for count in exhibit.counts
        if count.quantity
    ]
    return [*exhibit.numbers, *counted]


def _record_lone_counts(
    published: Published, exhibit: Exhibit, study: Study, origin: Origin
) -> None:
    """Record counts beside which no estimate stands: they, too, lead to a record."""
    whole = published.table
    for count in exhibit.counts:
        traces = [t for t in published.traces if count.column in t["columns"].values()]
        rows = range(len(whole))
        led = np.array([any(t["ids"][row] for t in traces) for row in rows], dtype=bool)
        published.table = whole.assign(**{count.column: whole[count.column].mask(led)})
        if published.table[count.column].notna().any():
            first = next(iter(exhibit.numbers), None)
            about = first.quantity if first else f"count.{exhibit.name.replace('-', '_')}"
            number = Number(
                f"{about}.{count.column}",
                count.column,
                count.unit or study.people,
                n=count.column,
                keys=first and first.keys,
            )
            _record(published, exhibit, number, study, origin)
    published.table = whole


def _record(
    published: Published, exhibit: Exhibit, number: Number, study: Study, origin: Origin
) -> None:
    columns = number.columns
    if "n" not in columns and (first := _first_gate(exhibit)):
        columns["n"] = first
    keys, ids = number.keys or exhibit.keys, []
    headline = origin.parameters.get("grade")
    for row in published.table.to_dict("records"):
        estimate = row[number.column]
        named = {key: filled(keys[key], row) for key in KEYS if key in keys}
        if named.get("grade") == headline:
            named["grade"] = None
        quantity = re.sub(r"\.{2,}", ".", _filled(number.quantity, row))  # a key may be empty
        if pd.isna(estimate) or estimate == "":
            ids.append(None)
            if FAILED_FIT in (_text(row.get(FLAG)) or ""):
                published.failed.add(result_id(quantity, named))
            continue
        values = {name: _finite(row[column]) for name, column in columns.items()}
        kind = _filled(number.interval, row) if values.get("lower") is not None else None
        result = Result(
            id=result_id(quantity, named),
            stage=origin.notebook,
            exhibit=exhibit.name,
            quantity=quantity,
            **named,
            estimate=estimate if isinstance(estimate, str) else float(estimate),
            lower=values.get("lower"),
            upper=values.get("upper"),
            interval=kind
            and Interval(
                kind=kind, probability=number.probability or study.analysis.interval_probability
            ),
            n=None if values.get("n") is None else int(values["n"]),
            mcse=values.get("mcse"),
            unit=study.in_words(_filled(number.unit, row)),
            score=_filled(number.score, row),
            flag=_text(row.get(FLAG)),
            notebook=origin.notebook,
            function=origin.function,
            line=origin.line,
        )
        published.results.append(result)
        ids.append(result.id)
    published.traces.append({"columns": columns, "ids": ids})


def filled(text: str, row: Mapping[str, Any]) -> str | None:
    """Give a key of a row: what a column holds, or a text whose braces are filled from it."""
    if "{" in text:
        return _filled(text, row)
    return _text(row[text])


def _filled(text: str | None, row: Mapping[str, Any]) -> str | None:
    """Fill a text's braces from a row."""
    return text.format_map(row).strip() if text and "{" in text else text


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or value == "" else str(value)


def _finite(value: Any) -> float | None:
    """Tables hold a missing number as NaN; a record leaves it out."""
    if isinstance(value, str) or value is None or pd.isna(value) or not np.isfinite(value):
        return None
    return float(value)


def _keys(exhibit: Exhibit, rows: list[dict]) -> pd.DataFrame:
    """Keys of the rows by name: rows that share all but one are parts of a whole."""
    return pd.DataFrame(
        [{key: filled(text, row) for key, text in exhibit.keys.items()} for row in rows],
        columns=list(exhibit.keys),
    )


def _words(shown: Admitted, exhibit: Exhibit, study: Study) -> str:
    if not exhibit.counts:
        return ""
    policy, said = study.disclosure, ""
    if policy.protected and (shown.rounded or shown.coarse):
        whom = dict.fromkeys(count.unit or study.people for count in exhibit.counts)
        said += (
            f" Numbers of {' and '.join(whom)} are rounded to the nearest {policy.rounding_base}"
        )
        said += f" (some to {COARSER * policy.rounding_base})." if shown.coarse else "."
    if shown.small or shown.protecting or shown.blanked:
        said += " Suppressed (–): small counts, and any number from which one could be worked out."
    return said
