"""Coded passages: what they must say of themselves, and what the study declares of them."""

import pandas as pd

from learning_with_others.data.measures.excerpts import OF_SESSIONS, SENTIMENTS
from learning_with_others.data.measures.theme_codebook import DIRECTIONS, theme_codebook
from learning_with_others.data.validation.findings import Finding
from learning_with_others.errors import suggest
from learning_with_others.study import Study
from learning_with_others.study.qualitative import NONE, PARAPHRASED


def excerpt_findings(study: Study, tables: dict[str, pd.DataFrame]) -> list[Finding]:
    """Check coded passages, themes and sessions, and the study's declaration of them.

    Parameters
    ----------
    study : Study
    tables : dict of str to pandas.DataFrame
        `excerpts`, `themes`, and `sessions` if there are any, with labels in place of codes;
        indexed by the row numbers in their files.
    """
    excerpts, sessions = tables["excerpts"], tables.get("sessions", pd.DataFrame())
    file = str(study.path(study.tables.excerpts))
    known = {*excerpts, *sessions}
    if not {"excerpt", "theme", "source", "group"} <= known or known.isdisjoint(
        ("session", "document")
    ):
        rule = (
            "the coded passages lack a column: excerpt, theme, session or document, source, group"
        )
        remedy = f"add it, or give a table `sessions` with document, {', '.join(OF_SESSIONS)}"
        return [Finding("error", file, "", "", "", rule, remedy)]
    found = _empty_places(study, excerpts, sessions)
    if {"start", "end"} <= set(excerpts):
        start, end = excerpts["start"], excerpts["end"]
        rule = "is no stretch of text: it starts at 0 or later and ends after its start"
        found += [
            Finding(
                "error", file, str(row), "start", f"{start[row]:g}–{end[row]:g}", rule, "mend it"
            )
            for row in excerpts.index[(end <= start) | (start < 0)]
        ]
    themes = theme_codebook(tables)
    names = themes["theme"].tolist()
    columns = (
        ("excerpts", "sentiment", SENTIMENTS),
        ("themes", "direction", DIRECTIONS),
        ("themes", "parent", names),
    )
    for table, column, choices in columns:
        if column in tables[table]:
            given = tables[table][column].dropna()
            place = str(study.path(getattr(study.tables, table)))
            found += [
                Finding(
                    "error",
                    place,
                    str(row),
                    column,
                    value,
                    f"is no {column}",
                    suggest(value, choices),
                )
                for row, value in given[~given.isin(list(choices))].items()
            ]
    return [*found, *_declared(study, excerpts, sessions, names)]


def _empty_places(study: Study, excerpts: pd.DataFrame, sessions: pd.DataFrame) -> list[Finding]:
    """Rows that no table of sources and groups would count."""
    found = []
    for column in ("source", "group"):
        name, table = ("sessions", sessions) if column in sessions else ("excerpts", excerpts)
        empty = table.index[table[column].isna()]
        if len(empty):
            rule = (
                f"is empty in {len(empty)} {'row' if len(empty) == 1 else 'rows'}, this the first"
            )
            remedy = "fill it in; a value of its own, such as “not recorded”, keeps its passages"
            file = str(study.path(getattr(study.tables, name)))
            found.append(Finding("error", file, str(empty[0]), column, "", rule, remedy))
    places = excerpts.reindex(columns=["session", "document"])
    lost = places.index[places.isna().all(axis=1)]
    if len(lost):
        rule = f"neither session nor document is given in {len(lost)} rows, this the first"
        file = str(study.path(study.tables.excerpts))
        found.append(Finding("error", file, str(lost[0]), "", "", rule, "give one of them"))
    return [*found, *_sessions_of_several(study, excerpts, sessions)]


def _sessions_of_several(
    study: Study, excerpts: pd.DataFrame, sessions: pd.DataFrame
) -> list[Finding]:
    """Sessions of two sources or groups: each session is one unit of one of them."""
    found = []
    for column in ("source", "group"):
        name, table = ("sessions", sessions) if column in sessions else ("excerpts", excerpts)
        unit = "session" if "session" in table else "document"
        kinds = table.groupby(unit)[column].nunique()
        for session in kinds.index[kinds > 1]:
            rule = f"one {unit} has {kinds[session]} values of {column}"
            remedy = (
                f"give all rows of a {unit} the same {column}: it says who took part, all together"
            )
            file = str(study.path(getattr(study.tables, name)))
            row = str(table.index[table[unit] == session][0])
            found.append(Finding("error", file, row, column, str(session), rule, remedy))
    return found


def _declared(
    study: Study, excerpts: pd.DataFrame, sessions: pd.DataFrame, themes: list[str]
) -> list[Finding]:
    """What `qualitative` names must exist."""
    declared, place = study.qualitative, str(study.folder / "study.yaml")
    groups = (excerpts if "group" in excerpts else sessions)["group"].dropna().unique().tolist()
    compared = {} if declared.groups is None else declared.groups.model_dump(exclude_none=True)
    named = [
        *(
            (f"groups.{part}", [value], groups, "group of a session")
            for part, value in compared.items()
        ),
        *(
            (f"joint_displays.{name}.rows", row.themes, themes, "theme of the theme codebook")
            for name, display in declared.joint_displays.items()
            for row in display.rows
        ),
        ("quoted", declared.quoted, excerpts["excerpt"].unique().tolist(), "excerpt"),
    ]
    found = [
        Finding(
            "error", place, "", f"qualitative.{key}", name, f"is no {kind}", suggest(name, known)
        )
        for key, values, known, kind in named
        for name in values
        if name not in known
    ]
    if declared.quotations == PARAPHRASED and "paraphrase" not in excerpts:
        key, rule = "qualitative.quotations", "needs a column `paraphrase` in the excerpts"
        remedy = f"add it, or write {NONE}"
        found.append(Finding("error", place, "", key, PARAPHRASED, rule, remedy))
    return found
