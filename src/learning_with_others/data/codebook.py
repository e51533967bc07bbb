"""The codebook: what each column holds and what its codes stand for."""

import csv
from dataclasses import dataclass
from pathlib import Path

from learning_with_others.errors import CompendiumError, suggest

HEADINGS = ["column", "label", "type", "unit", "codes"]
TYPES = ("identifier", "category", "number")


@dataclass(frozen=True)
class Column:
    """One line of the codebook.

    Attributes
    ----------
    name, label : str
        Column in the data file, and what a person calls it.
    type : {'identifier', 'category', 'number'}
    unit : str
        Unit of a number.
    codes : dict of str to str
        For a category, code in the file to label, in the order of the codebook.
    """

    name: str
    label: str
    type: str
    unit: str
    codes: dict[str, str]


def read_codebook(path: Path) -> dict[str, Column]:
    """Read a codebook of columns `column, label, type, unit, codes`.

    Codes are written `code=label|code=label`.

    Raises
    ------
    CompendiumError
        If a heading or a code is malformed, a type unknown or a column listed twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != HEADINGS:
            raise CompendiumError(
                f"the headings are {', '.join(reader.fieldnames or [])}",
                where=str(path),
                remedy=f"the headings must be {', '.join(HEADINGS)}",
            )
        rows = [(reader.line_num, row) for row in reader]
    columns: dict[str, Column] = {}
    for line, row in rows:
        name, type_ = row["column"], row["type"]
        where = f"{path}, line {line}, column {name!r}"
        if None in row or None in row.values():
            raise CompendiumError(
                f"has not {len(HEADINGS)} cells",
                where=f"{path}, line {line}",
                remedy="put a cell that holds a comma between double quotes",
            )
        if name in columns:
            raise CompendiumError("listed twice", where=where, remedy="keep one of the lines")
        if type_ not in TYPES:
            raise CompendiumError(
                f"type {type_!r} is unknown", where=where, remedy=suggest(type_, TYPES)
            )
        codes = _codes(row["codes"], type_, where)
        columns[name] = Column(name, row["label"], type_, row["unit"], codes)
    return columns


def _codes(written: str, type_: str, where: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in written.split("|") if pair]
    bad = ["".join(pair) for pair in pairs if not (pair[0] and pair[1] and pair[2])]
    if bad or (type_ == "category") != bool(pairs):
        raise CompendiumError(
            f"the codes {written!r} cannot be read for type {type_!r}",
            where=where,
            remedy="write codes as code=label|code=label, for categories and only for them",
        )
    codes = {code: label for code, _, label in pairs}
    if len(codes) < len(pairs):
        raise CompendiumError("a code is listed twice", where=where, remedy="keep one of them")
    return codes
