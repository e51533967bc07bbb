"""Read the database of a QualCoder project (`data.qda`), never altering it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from learning_with_others.data.importing.qualitative.coded_project import (
    Code,
    CodedProject,
    Coding,
    Selection,
    counted,
)
from learning_with_others.errors import CompendiumError

NEEDED = {
    "code_text": ("cid", "fid", "seltext", "pos0", "pos1", "owner"),
    "code_name": ("cid", "name", "memo", "catid"),
    "code_cat": ("catid", "name", "memo", "supercatid"),
    "source": ("id", "name", "fulltext"),
}
# Regions of pictures and pieces of recordings: table, and the columns that say where.
REGIONS = {"code_image": ("x1", "y1", "width", "height"), "code_av": ("pos0", "pos1")}


def read_qualcoder(path: Path) -> CodedProject:
    """Read codes, categories, documents and codings; the `owner` of a coding is the coder.

    Positions are QualCoder's own: code points of the document's text from 0, the end exclusive.

    Raises
    ------
    CompendiumError
        If it is no QualCoder project, if one is open in the program, or if a coding points to
        nothing.
    """
    journal = path.with_name(f"{path.name}-wal")
    if journal.is_file() and journal.stat().st_size:
        raise CompendiumError(
            "the project is open, or its last changes are not in the file yet",
            where=str(path),
            remedy="close the project in QualCoder",
        )
    # `immutable` keeps SQLite from writing anything beside the file.
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.row_factory = sqlite3.Row
        _check_tables(database, path)
        codes = _codes(database)
        documents = {row["id"]: row["name"] for row in database.execute("SELECT * FROM source")}
        texts = {r["name"]: r["fulltext"] for r in database.execute("SELECT * FROM source")}
        selections: dict[Selection, Selection] = {}
        codings, stale = [], 0
        for place, selection, row in _coded(database, documents, path):
            if f"code {row['cid']}" not in codes:
                raise CompendiumError(
                    f"there is no code {row['cid']}",
                    where=f"{path}, {place}",
                    remedy="open the project in QualCoder, which mends it, and save it",
                )
            stale += _is_stale(selection, texts)
            same = selections.setdefault(selection, selection)
            codings.append(Coding(same, f"code {row['cid']}", row["owner"] or ""))
    notes = (
        (f"{counted(stale, 'passage')} whose words are no longer those of the document there",)
        if stale
        else ()
    )
    coders = tuple(dict.fromkeys(coding.coder for coding in codings if coding.coder))
    return CodedProject(path, codes, texts, list(selections), codings, coders, notes)


def _check_tables(database: sqlite3.Connection, path: Path) -> None:
    for table, columns in NEEDED.items():
        missing = set(columns) - _columns(database, table)
        if missing:
            raise CompendiumError(
                f"the table {table!r} lacks {', '.join(sorted(missing))}",
                where=str(path),
                remedy="give the file data.qda of a QualCoder project; from Taguette, export the "
                "highlights as CSV",
            )


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    names = database.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return {name for (name,) in names}


def _codes(database: sqlite3.Connection) -> dict[str, Code]:
    """Categories above codes; a code may lie in a category or, since version 3.9, in a code."""
    codes = {}
    for row in database.execute("SELECT * FROM code_cat"):
        above = row["supercatid"] and f"category {row['supercatid']}"
        codes[f"category {row['catid']}"] = Code(row["name"], above, row["memo"] or "", False)
    for row in database.execute("SELECT * FROM code_name"):
        above = row["catid"] and f"category {row['catid']}"
        if "supercid" in row.keys() and row["supercid"]:  # noqa: SIM118  a Row is no mapping
            above = f"code {row['supercid']}"
        codes[f"code {row['cid']}"] = Code(row["name"], above, row["memo"] or "")
    orphans = {key: code for key, code in codes.items() if code.parent and code.parent not in codes}
    return codes | {
        key: Code(code.name, None, code.definition, code.codable) for key, code in orphans.items()
    }


def _coded(
    database: sqlite3.Connection, documents: dict[int, str], path: Path
) -> Iterator[tuple[str, Selection, sqlite3.Row]]:
    def document(row: sqlite3.Row, column: str, place: str) -> str:
        if row[column] not in documents:
            raise CompendiumError(
                f"there is no document {row[column]}",
                where=f"{path}, {place}",
                remedy="open the project in QualCoder, which mends it, and save it",
            )
        return documents[row[column]]

    for row in database.execute(
        "SELECT rowid AS number, * FROM code_text ORDER BY fid, pos0, pos1"
    ):
        place = f"table code_text, row {row['number']}"
        start, end = row["pos0"], row["pos1"]
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end):
            raise CompendiumError(
                f"the passage goes from {start!r} to {end!r}",
                where=f"{path}, {place}",
                remedy="delete the coding in QualCoder and code the passage again",
            )
        yield place, Selection(document(row, "fid", place), row["seltext"] or "", start, end), row
    for table, columns in REGIONS.items():
        if not {*columns, "id", "cid", "owner"} <= _columns(database, table):
            continue
        for row in database.execute(f"SELECT rowid AS number, * FROM {table}"):  # noqa: S608  ours
            place = f"table {table}, row {row['number']}"
            where = ", ".join(str(row[column]) for column in columns)
            yield place, Selection(document(row, "id", place), place=where), row


def _is_stale(selection: Selection, texts: dict[str, str | None]) -> bool:
    whole = texts[selection.document]
    if whole is None or selection.start is None:
        return False
    return whole[selection.start : selection.end] != selection.text
