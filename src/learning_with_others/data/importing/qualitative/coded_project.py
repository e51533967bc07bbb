"""A coded project as QDA software holds it: codes, documents, passages, and who coded what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from learning_with_others.data.importing.qualitative.theme_names import theme_names
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.errors import CompendiumError

EXCERPT_COLUMNS = ("excerpt", "document", "theme", "coder", "text", "start", "end")
CODEBOOK_COLUMNS = ("theme", "definition", "parent")
MOST_NAMED = 5


@dataclass(frozen=True)
class Code:
    """A code of the codebook; `parent` is the key of the code above it.

    `codable` is false for a category that only holds other codes.
    """

    name: str
    parent: str | None = None
    definition: str = ""
    codable: bool = True


@dataclass(frozen=True)
class Selection:
    """A passage of a document.

    `start` and `end` count code points from 0, `end` exclusive; a passage without them (a region
    of a picture, a highlight) has a `place` instead; one without either is the whole document.
    """

    document: str
    text: str = ""
    start: int | None = None
    end: int | None = None
    place: str = ""

    @property
    def excerpt(self) -> str:
        """Name of the passage: alike for all who coded it, even in selections of their own."""
        place = self.place if self.start is None else f"{self.start}-{self.end}"
        return f"{self.document} ({place})" if place else self.document


@dataclass(frozen=True)
class Coding:
    """One code that one coder gave to one passage; `code` is the key of the code."""

    selection: Selection
    code: str
    coder: str = ""


@dataclass(frozen=True)
class CodedProject:
    """All that a file of coded material holds.

    Attributes
    ----------
    path : Path
        The file.
    codes : dict of str to Code
        By key (the GUID in lower case without braces, where the format has one).
    documents : dict of str to str or None
        Name to plain text, None if the file does not hold it.
    selections : list of Selection
        Every passage, coded or not.
    codings : list of Coding
    coders : tuple of str
        Everyone the file names as a user.
    notes : tuple of str
        What the file holds and this object does not, one sentence each.
    """

    path: Path
    codes: dict[str, Code]
    documents: dict[str, str | None] = field(default_factory=dict)
    selections: list[Selection] = field(default_factory=list)
    codings: list[Coding] = field(default_factory=list)
    coders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def themes(self) -> dict[str, str]:
        """Key of a code to its name among the themes, unlike that of any other code."""
        named = {key: (code.name, code.parent) for key, code in self.codes.items()}
        return theme_names(named, str(self.path))

    def excerpts(self) -> RawTable:
        """Give one row for each passage, theme and coder.

        Raises
        ------
        CompendiumError
            If nothing is coded.
        """
        if not self.codings:
            raise CompendiumError(
                f"nothing is coded: the file holds {counted(len(self.codes), 'code')}, "
                f"{counted(len(self.documents), 'document')} and "
                f"{counted(len(self.selections), 'passage')}",
                where=str(self.path),
                remedy="export a project whose passages are coded; codes alone make a codebook "
                "(`themes:` in study.yaml)",
            )
        rows: dict[tuple[str, ...], tuple[object, ...]] = {}
        for coding in self.codings:
            at, theme = coding.selection, self.themes[coding.code]
            row = (at.excerpt, at.document, theme, coding.coder, at.text, at.start, at.end)
            rows.setdefault((at.excerpt, theme, coding.coder), row)
        frame = as_text(list(rows.values()), EXCERPT_COLUMNS)
        notes = [*self.notes, *self._left_out(), *repeats(len(self.codings) - len(rows))]
        return RawTable(frame, self.path, notes=tuple(notes))

    def codebook(self) -> RawTable:
        """Give one row for each code: theme, definition, and the theme above it."""
        if not self.codes:
            raise CompendiumError(
                "there is no code in the file", where=str(self.path), remedy="export its codes"
            )
        rows = [
            (self.themes[key], code.definition, code.parent and self.themes[code.parent])
            for key, code in self.codes.items()
        ]
        return RawTable(as_text(rows, CODEBOOK_COLUMNS), self.path, notes=self.notes)

    def _left_out(self) -> list[str]:
        coded = {id(coding.selection) for coding in self.codings}
        without = [each for each in self.selections if id(each) not in coded]
        silent = [each for each in self.selections if id(each) in coded and not each.text]
        notes = []
        if without:
            notes.append(
                f"{counted(len(without), 'passage')} without a code, left out: {named(without)}; "
                "`read_coded_project(path).selections` lists them"
            )
        if silent:
            notes.append(f"{counted(len(silent), 'coded passage')} without text: {named(silent)}")
        return notes


def counted(number: int, word: str) -> str:
    """Write how many of a thing.

    Examples
    --------
    >>> counted(1, "code"), counted(2, "code")
    ('1 code', '2 codes')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def named(selections: Sequence[Selection]) -> str:
    """Name passages, the first of them if they are many."""
    names = [selection.excerpt for selection in selections[:MOST_NAMED]]
    return ", ".join(names) + (", …" if len(selections) > MOST_NAMED else "")


def repeats(number: int) -> list[str]:
    """Say how many codings repeat passage, theme and coder of another."""
    return [f"{counted(number, 'coding')} given twice by one coder, counted once"] if number else []


def as_text(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a frame of text in which the empty cell is missing."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    frame = pd.DataFrame(texts, columns=list(columns), dtype="str")
    return frame.mask(frame == "")
