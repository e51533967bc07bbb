"""Recognise tables of coded passages by their headings: Taguette's, Dedoose's and our own."""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from learning_with_others.data.importing.qualitative.coded_project import (
    Code,
    CodedProject,
    Coding,
    Selection,
)
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.errors import CompendiumError

TAGUETTE = ("id", "document", "tag", "content")
DEDOOSE = ("Media Title", "Excerpt Copy", "Codes Applied Combined")
OWN = ("excerpt", "theme", "text")
APPLIED = re.compile(r"Code: (.+) Applied")
YES, NO = {"true", "yes", "1"}, {"false", "no", "0", ""}


def speech_column(names: Iterable[str]) -> str | None:
    """Name the column of people's words in a table of coded passages, None in any other table.

    Speech may begin with a dash, as a formula does.
    """
    names = list(names)
    if set(names) == set(TAGUETTE):
        return "content"
    if set(DEDOOSE) <= set(names):
        return "Excerpt Copy"
    return "text" if set(OWN) <= set(names) else None


def as_excerpts(table: RawTable) -> RawTable:
    """Give a table of Taguette or Dedoose one row for each passage, theme and coder.

    Any other table is given back as it is.
    """
    cells = table.frame.fillna("")
    match speech_column(cells):
        case "content":
            return _taguette(cells, table.path).excerpts()
        case "Excerpt Copy":
            return _dedoose(cells, table.path).excerpts()
    return table


def _taguette(cells: pd.DataFrame, path: Path) -> CodedProject:
    """One row for each tag of a highlight; Taguette's table names no coder and no position."""
    codes, selections, codings = {}, {}, []
    for row in cells.itertuples():
        place = f"highlight {row.id}"
        selection = Selection(row.document, row.content, place=place)
        selection = selections.setdefault(selection, selection)
        if row.tag:
            codes.setdefault(row.tag, Code(row.tag))
            codings.append(Coding(selection, row.tag))
    return CodedProject(path, codes, _documents(selections), list(selections), codings)


def _dedoose(cells: pd.DataFrame, path: Path) -> CodedProject:
    """One row for each excerpt and creator, one column for each code, named with its parents."""
    columns = {name: found[1] for name in cells if (found := APPLIED.fullmatch(str(name)))}
    codes = _codes(columns.values())
    selections, codings = {}, []
    for number, row in enumerate(cells.to_dict("records"), 1):
        where = f"{path}, record {number}"
        applied = [code for name, code in columns.items() if _is_yes(row[name], name, where)]
        combined = [name.strip() for name in row["Codes Applied Combined"].split(",")]
        if not columns:
            applied = [name for name in combined if name]
            codes |= {name: Code(name) for name in applied}
        elif any(combined) and not applied:
            raise CompendiumError(
                f"the codes {row['Codes Applied Combined']!r} are applied, and no column "
                "'Code: … Applied' says so",
                where=where,
                remedy="export the excerpts with all their codes",
            )
        selection = _passage(row)
        selection = selections.setdefault(selection, selection)
        codings += [Coding(selection, code, row.get("Excerpt Creator", "")) for code in applied]
    return CodedProject(path, codes, _documents(selections), list(selections), codings)


def _codes(paths: Iterable[str]) -> dict[str, Code]:
    """Codes of Dedoose's paths, and those above them, which may have no column."""
    codes: dict[str, Code] = {}
    for path in paths:
        names = path.split("\\")
        for depth in range(1, len(names) + 1):
            above = "\\".join(names[: depth - 1]) or None
            codes.setdefault("\\".join(names[:depth]), Code(names[depth - 1], above))
    return codes


def _passage(row: dict[str, str]) -> Selection:
    """A range of characters; a page's or a recording's range is a place of its own."""
    range_ = row.get("Excerpt Range", "").strip()
    found = re.fullmatch(r"(\d+)\s*[-–]\s*(\d+)", range_)
    start, end = (int(found[1]), int(found[2])) if found else (None, None)
    place = "" if found else range_ or row["Excerpt Copy"][:40]
    return Selection(row["Media Title"], row["Excerpt Copy"], start, end, place)


def _is_yes(cell: str, column: str, where: str) -> bool:
    answer = cell.strip().casefold()
    if answer not in YES | NO:
        raise CompendiumError(
            f"{cell!r} says neither that the code is applied nor that it is not",
            where=f"{where}, column {column!r}",
            remedy="write True or False",
        )
    return answer in YES


def _documents(selections: Iterable[Selection]) -> dict[str, str | None]:
    return dict.fromkeys(selection.document for selection in selections)
