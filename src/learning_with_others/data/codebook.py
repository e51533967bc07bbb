"""The codebook: what each column of each table holds and what its codes stand for."""

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path

from learning_with_others.errors import CompendiumError, suggest

HEADINGS = ["table", "column", "label", "type", "unit", "codes", "missing"]
TYPES = ("identifier", "category", "item", "number", "date", "text")
CODED = ("category", "item")


@dataclass(frozen=True)
class Column:
    """One line of the codebook.

    Attributes
    ----------
    name, label : str
        Column in the data file, and what a person calls it (an item's wording).
    type : {'identifier', 'category', 'item', 'number', 'date', 'text'}
        An item is a category whose codes are ordered numbers; a text is what people said or wrote,
        which no table shows.
    unit : str
        Unit of a number.
    codes : dict of str to str
        Code in the file to label, in the order of the codebook.
    missing : dict of str to str
        Codes that stand for a missing answer, and what they mean.
    """

    name: str
    label: str
    type: str
    unit: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


Codebook = dict[str, dict[str, Column]]


def without_words(columns: dict[str, Column]) -> dict[str, Column]:
    """Columns labelled by their names: a changed wording reruns no estimate that takes these."""
    return {name: replace(column, label=name) for name, column in columns.items()}


def read_codebook(path: Path) -> Codebook:
    """Read a codebook of columns `table, column, label, type, unit, codes, missing`.

    Codes are written `code=label|code=label`.

    Returns
    -------
    dict of str to dict of str to Column
        Table to column name to column, in the order of the file.

    Raises
    ------
    CompendiumError
        If a heading or a code is malformed, a type unknown or a column listed twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            headings = list(reader.fieldnames or [])
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CompendiumError(
            f"not readable as a table of text: {error}",
            where=str(path),
            remedy="save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8)",
        ) from None
    if headings != HEADINGS:
        raise CompendiumError(
            f"the headings are {', '.join(headings)}",
            where=str(path),
            remedy=f"the headings must be {', '.join(HEADINGS)}",
        )
    codebook: Codebook = {}
    for line, row in rows:
        where = f"{path}, line {line}"
        if None in row or None in row.values():
            raise CompendiumError(
                f"has not {len(HEADINGS)} cells",
                where=where,
                remedy="put a cell that holds a comma between double quotes",
            )
        columns = codebook.setdefault(row["table"], {})
        if row["column"] in columns:
            raise CompendiumError(
                "listed twice",
                where=f"{where}, column {row['column']!r}",
                remedy="keep one of the lines",
            )
        columns[row["column"]] = _column(row, f"{where}, column {row['column']!r}")
    return codebook


def _column(row: dict[str, str], where: str) -> Column:
    type_ = row["type"]
    if type_ not in TYPES:
        raise CompendiumError(
            f"type {type_!r} is unknown", where=where, remedy=suggest(type_, TYPES)
        )
    codes, missing = _pairs(row["codes"], where), _pairs(row["missing"], where)
    if (type_ in CODED) != bool(codes):
        raise CompendiumError(
            f"the codes {row['codes']!r} do not go with type {type_!r}",
            where=where,
            remedy=f"give codes to the types {' and '.join(CODED)}, and only to them",
        )
    both = set(codes) & set(missing)
    if both:
        raise CompendiumError(
            f"the codes {', '.join(sorted(both))} stand both for an answer and for a missing one",
            where=where,
            remedy="list each code once",
        )
    if type_ == "item" and not all(code.lstrip("-").isdigit() for code in codes):
        raise CompendiumError(
            f"the codes {row['codes']!r} of an item are not whole numbers",
            where=where,
            remedy="number the answers in their order, or make the column a category",
        )
    return Column(row["column"], row["label"], type_, row["unit"], codes, missing)


def _pairs(written: str, where: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in written.split("|") if pair]
    if any(not (code and equals and label) for code, equals, label in pairs):
        raise CompendiumError(
            f"the codes {written!r} cannot be read",
            where=where,
            remedy="write codes as code=label|code=label",
        )
    codes = {code: label for code, _, label in pairs}
    if len(codes) < len(pairs):
        raise CompendiumError("a code is listed twice", where=where, remedy="keep one of them")
    return codes
