"""Coded passages: themes that are defined, stretches that make sense, and what may be quoted."""

import pandas as pd

from learning_with_others.data.measures.excerpts import SENTIMENTS
from learning_with_others.data.themes import read_themes
from learning_with_others.data.validation.findings import Finding
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import Study
from learning_with_others.study.qualitative import NONE, PARAPHRASED

NEEDED = ("excerpt", "theme")
WHOSE = ("session", "document")


def excerpt_findings(study: Study, tables: dict[str, pd.DataFrame], file: str) -> list[Finding]:
    """Check the coded passages against the theme codebook and the study's declaration.

    Parameters
    ----------
    study : Study
    tables : dict of str to pandas.DataFrame
        `excerpts`, and `sessions` if there are any, with labels in place of codes; indexed by the
        row numbers in their files.
    file : str
        How the file of excerpts is named in findings.
    """

    def error(row: object, column: str, value: object, rule: str, remedy: str) -> Finding:
        return Finding("error", file, str(row), column, str(value), rule, remedy)

    excerpts, sessions = tables["excerpts"], tables.get("sessions", pd.DataFrame())
    columns = {*excerpts, *sessions}
    wanted = [*NEEDED, "source", "group"] if any(each in excerpts for each in WHOSE) else [*NEEDED]
    absent = [name for name in wanted if name not in columns]
    if absent or not any(each in excerpts for each in WHOSE):
        name = absent[0] if absent else "session"
        remedy = "name the columns as CONTRIBUTING.md lists them, or give a table `sessions`"
        return [error("", name, "", "the coded passages have no such column", remedy)]
    try:
        themes = read_themes(study)["theme"].tolist()
    except CompendiumError as broken:
        return [Finding("error", broken.where or file, "", "", "", broken.problem, broken.remedy)]
    found = [
        error(row, "theme", theme, "is no theme of the theme codebook", suggest(theme, themes))
        for row, theme in excerpts["theme"].dropna().items()
        if theme not in themes
    ]
    if {"start", "end"} <= set(excerpts):
        start, end = excerpts["start"], excerpts["end"]
        for row in excerpts.index[(end <= start) | (start < 0)]:
            value = f"{start[row]:g}–{end[row]:g}"
            rule = "is no stretch of text: it starts at 0 or later and ends after its start"
            found.append(error(row, "start", value, rule, "correct start and end"))
    if "sentiment" in excerpts:
        for row, value in excerpts["sentiment"].dropna().items():
            if value not in SENTIMENTS:
                rule = "is no sentiment"
                found.append(error(row, "sentiment", value, rule, suggest(value, SENTIMENTS)))
    return [*found, *_declared(study, excerpts, sessions, themes)]


def _declared(
    study: Study, excerpts: pd.DataFrame, sessions: pd.DataFrame, themes: list[str]
) -> list[Finding]:
    """What `qualitative` names must exist."""
    declared, place = study.qualitative, str(study.folder / "study.yaml")
    groups = (excerpts if "group" in excerpts else sessions)["group"].dropna().unique().tolist()
    compared = {} if declared.groups is None else declared.groups.model_dump()
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
            "error", place, "", f"qualitative.{key}", value, f"is no {kind}", suggest(value, known)
        )
        for key, values, known, kind in named
        for value in values
        if value not in known
    ]
    if declared.quotations == PARAPHRASED and "paraphrase" not in excerpts:
        rule = "needs a column `paraphrase` in the excerpts"
        remedy = f"add it, or write {NONE}"
        found.append(
            Finding("error", place, "", "qualitative.quotations", PARAPHRASED, rule, remedy)
        )
    return found
