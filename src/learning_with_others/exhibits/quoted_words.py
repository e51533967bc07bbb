"""Words of people in an exhibit: only as quotations, and beside nothing that tells who spoke."""

import pandas as pd

from learning_with_others.data.disclosure.people_words import Said
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.exhibit import Exhibit
from learning_with_others.study.qualitative import NONE

TELLING = ("excerpt", "document", "session", "school", "classroom", "teacher", "speaker", "coder")


def check_words(exhibit: Exhibit, table: pd.DataFrame, said: Said) -> None:
    """Refuse words of people that may not leave, without repeating them.

    Raises
    ------
    CompendiumError
        Naming the exhibit, the column and the row.
    """
    for column in exhibit.quotes:
        if column in table:
            allowed = table[column].isin(["", *said.quotations["quote"]]) | table[column].isna()
            _refuse(exhibit, column, ~allowed, "holds what may not be quoted", QUOTE)
    others = [name for name in table if name not in exhibit.quotes]
    for column in others:
        repeats = cells_of(table[column]).map(said.repeats_anybody)
        _refuse(exhibit, column, repeats, "repeats a passage, or names who spoke", QUOTE)
    if quotes(exhibit, table):
        for column in others:
            telling = cells_of(table[column]).isin(said.places) | (column in TELLING)
            _refuse(exhibit, column, telling, "tells beside a quotation where it was said", LEAVE)


QUOTE = "show what `stage.quotations` gives, in a column declared in `quotes`; reword the rest"
LEAVE = "leave the column out"


def check_text(text: str, said: Said) -> None:
    """Refuse a title, caption or alternative text that repeats a passage or names who spoke.

    Raises
    ------
    CompendiumError
    """
    if said.repeats_anybody(text):
        raise CompendiumError(
            "a title, sentence, caption or alternative text repeats a passage, or names who spoke",
            remedy="reword it; quotations stand in tables only",
        )


def cells_of(column: "pd.Series[object]") -> "pd.Series[str]":
    """Words of a column, empty where it holds none."""
    return column.map(lambda value: value if isinstance(value, str) else "").astype(str)


def quotes(exhibit: Exhibit, table: pd.DataFrame) -> list[str]:
    """Quotations that an exhibit shows."""
    shown = [table[column].dropna() for column in exhibit.quotes if column in table]
    return [text for column in shown for text in column if text]


def nothing_quoted(exhibit: Exhibit, table: pd.DataFrame, said: Said) -> str:
    """Say in the caption of an exhibit that could show quotations why it shows none."""
    if not exhibit.quotes or quotes(exhibit, table):
        return ""
    if said.setting == NONE:
        return " Quotations are not published."
    return " No passage may be quoted: too few were recorded, or they may name somebody."


def _refuse(
    exhibit: Exhibit, column: str, where: "pd.Series[bool]", problem: str, remedy: str
) -> None:
    rows = [str(row + 1) for row, wrong in enumerate(where) if wrong]
    if rows:
        raise CompendiumError(
            f"the column {column!r} of the exhibit {exhibit.name!r} {problem}, in row"
            f" {', '.join(rows[:3])}{' and others' if len(rows) > 3 else ''}",  # noqa: PLR2004
            remedy=remedy,
        )
