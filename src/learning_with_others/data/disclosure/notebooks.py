"""Scan an executed notebook: no student's identifier, no student's record, nobody's words."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from learning_with_others.data.disclosure.people_words import Said
from learning_with_others.data.disclosure.shown_words import words_in

MARKUP = ("text/html", "image/svg+xml")
TOLD = {"id", "title", "alt", "aria-label"}  # attributes that hold words, not geometry
UNSEEN = {"style", "script"}
SEVERAL = 3  # so many numbers that are identifiers are no accident
SPARSE = 0.1  # of all numbers with as many digits: above it, identifiers look like any count
OWN_COLUMNS = 3  # so many columns of the raw table, on numbered rows, are a record
PROSE = 1  # a line of text may hold the name of one column without being a table's heading
# A word or whole number; no part of a decimal, of 1,234, or of a longer name. 17.0 is 17.
WORD = re.compile(r"(?<![\w.])(?!(?<=\d,)\d{3}(?!\d))(\w[\w-]*)(?:\.0)?(?!\w|\.\d|,\d{3}(?!\d))")


@dataclass(frozen=True)
class Finding:
    """What a cell shows that it must not; the identifiers themselves are not repeated."""

    cell: str
    problem: str


def scan_notebook(
    cells: list[dict[str, Any]],
    identifiers: frozenset[str],
    student: str,
    columns: set[str],
    said: Said | None = None,
) -> list[Finding]:
    """Look through every text, table and drawing that a notebook shows.

    Parameters
    ----------
    cells : list of dict
        Of the parsed file.
    identifiers : frozenset of str
        Of all students.
    student : str
        Name of the column that holds them.
    columns : set of str
        Columns of the students' table.
    said : Said, optional
        What people said, and their names.

    Returns
    -------
    list of Finding

    Notes
    -----
    An identifier that is no plain number is found wherever it stands alone. A plain number may
    be a count as well: numbers are taken for identifiers where they follow the column's name, or
    where several stand in one output and make up half of its numbers of that length, unless the
    study numbers its students so densely that any number would be one. A table is taken for
    records if it has the student's column, or numbered rows and several columns of the raw
    table. Pixels are not read: figures are shown as drawings (SVG).
    """
    looks = [Look(identifiers, student, columns)]
    if said:
        looks += [Look(held, name, set(), f"{name}s'") for name, held in said.unshown.items()]
    found = [
        Finding(cell["id"], problem)
        for cell in cells
        for kind, text in shown_texts(cell)
        for look in looks
        for problem in look.problems(kind, text)
    ]
    return [*found, *(_said_in_cells(cells, said) if said else ())]


def _said_in_cells(cells: list[dict[str, Any]], said: Said) -> Iterator[Finding]:
    """Look for people's words in outputs, and in the cells themselves."""
    for cell in cells:
        source = cell.get("source", "")
        own = ("text/plain", source if isinstance(source, str) else "".join(source))
        for kind, text in [own, *shown_texts(cell)]:
            for problem in said.problems(words_in(kind, text), together=True):
                yield Finding(cell["id"], problem)


def shown_texts(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text among a cell's outputs with its MIME type."""
    for output in cell.get("outputs", []):
        yield from (("text/plain", line) for line in output.get("traceback", []))
        texts = {"text/plain": output["text"]} if "text" in output else output.get("data", {})
        for kind, text in texts.items():
            if not kind.startswith("image/") or kind in MARKUP:
                whole = "".join(text) if isinstance(text, list) else text
                yield (
                    kind,
                    whole if isinstance(whole, str) else json.dumps(whole, ensure_ascii=False),
                )


class Look:
    """What to look for, prepared once for all outputs."""

    def __init__(
        self,
        identifiers: frozenset[str],
        student: str,
        columns: set[str],
        whose: str = "students'",
    ) -> None:
        self.student, self.columns, self.whose = student, columns, whose
        self.numbers = {text for text in identifiers if _is_plain_number(text)}
        self.names = identifiers - self.numbers
        by_length: dict[int, int] = defaultdict(int)
        for number in self.numbers:
            by_length[len(number)] += 1
        self.sparse = {n for n, found in by_length.items() if found < SPARSE * 9 * 10 ** (n - 1)}
        self._labelled = re.compile(rf"\b{re.escape(student)}(?: ?[:=#] ?| )['\"]?{WORD.pattern}")

    def problems(self, kind: str, text: str) -> Iterator[str]:
        """Say what an output shows that it must not."""
        reader = Reader()
        if kind in MARKUP:
            reader.feed(text)
        else:
            reader.pieces = text.splitlines()
        shown = "\n".join(reader.pieces)
        pieces = {piece.strip() for piece in reader.pieces}
        words = set(WORD.findall(shown)) | {word.strip("'\"()[]{},;:") for word in shown.split()}
        named = len((words | pieces) & self.names)
        numbered = len(self._numbers_beyond_chance(words))
        labelled = len(set(self._labelled.findall(shown)) & self.numbers)
        if named or numbered or labelled:
            yield f"shows {max(named, numbered, labelled)} or more {self.whose} identifiers"
        printed = self._printed_tables(text) if kind == "text/plain" else []
        for header, numbered_rows in [*reader.tables, *printed]:
            if self.student in header:
                yield f"shows rows with the column {self.student!r}"
            elif numbered_rows and len(self.columns & set(header)) >= OWN_COLUMNS:
                yield "shows rows of the raw table"

    def _printed_tables(self, text: str) -> list[tuple[list[str], bool]]:
        """Tables printed as text: headings, and below them a line that begins with a number."""
        lines = [line.split() for line in text.splitlines() if line.strip()]
        return [
            (above, True)
            for above, below in pairwise(lines)
            if len(self.columns & set(above)) > PROSE and below[0].isdigit()
        ]

    def _numbers_beyond_chance(self, words: set[str]) -> set[str]:
        found: set[str] = set()
        for length in self.sparse:
            alike = {word for word in words if _is_plain_number(word) and len(word) == length}
            hits = alike & self.numbers
            if len(hits) >= SEVERAL and 2 * len(hits) >= len(alike):
                found |= hits
        return found


class Reader(HTMLParser):
    """What a reader sees of markup: its words, and the data frames in it.

    Attributes
    ----------
    pieces : list of str
        Texts, comments (where some drawings keep their labels) and telling attributes.
    tables : list of tuple of list of str and bool
        Each table's headings, and whether its rows are numbered.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.tables: list[tuple[list[str], bool]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note telling attributes, and where a table begins."""
        self.pieces += [value for name, value in attrs if name in TOLD and value]
        self._open.append(tag)
        if tag == "table":
            self.tables.append(([], False))

    def handle_endtag(self, tag: str) -> None:
        """Close the tag and whatever was left open in it."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note text that is seen."""
        if UNSEEN.isdisjoint(self._open) and data.strip():
            self.pieces.append(data)
            if self.tables and self._open and self._open[-1] == "th":
                self._note_heading(data.strip())

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self.pieces.append(data)

    def _note_heading(self, text: str) -> None:
        header, numbered = self.tables[-1]
        if "thead" in self._open:
            header.append(text)
        else:
            self.tables[-1] = (header, numbered or text.isdigit())


def _is_plain_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0"))
