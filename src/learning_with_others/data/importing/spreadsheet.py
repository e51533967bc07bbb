"""Read Excel workbooks."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from learning_with_others.data.importing.cells import check_names, code_text, finish, no_rows
from learning_with_others.data.importing.contents import refuse_bomb
from learning_with_others.data.importing.qualtrics import EXTRA_ROWS, question_texts
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.errors import CompendiumError, suggest


def read_spreadsheet(path: Path, sheet: str | None) -> RawTable:
    """Read one sheet: names in row 1, a record in each further row."""
    refuse_bomb(path, "save the sheet as CSV if you trust the file")
    # Here, not above: loading the library takes longer than reading most workbooks.
    from openpyxl import load_workbook  # noqa: PLC0415

    written = _sheet(load_workbook(path), sheet, path)
    where = f"{path}, sheet {written.title!r}"
    if written.merged_cells.ranges:
        raise CompendiumError(
            "cells are merged",
            where=f"{where}, cells {next(iter(written.merged_cells.ranges))}",
            remedy="unmerge the cells and fill each of them",
        )
    formulas = any(cell.data_type == "f" for row in written for cell in row)
    # Formulas are read a second time, as the values Excel stored for them.
    shown = load_workbook(path, data_only=True)[written.title] if formulas else written
    rows = [
        [_text(cell, formula.data_type == "f", where) for cell, formula in zip(*pair, strict=True)]
        for pair in zip(shown, written, strict=True)
    ]
    return _to_raw_table(rows, where, path)


def _to_raw_table(rows: list[list[str]], where: str, path: Path) -> RawTable:
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise CompendiumError("the sheet is empty", where=where, remedy="choose another sheet")
    width = max(position for row in rows for position, cell in enumerate(row, 1) if cell)
    rows = [row[:width] for row in rows]
    check_names(rows[0], where)
    blank = next((number for number, row in enumerate(rows, 1) if not any(row)), None)
    if blank:
        raise CompendiumError(
            "the row is blank", where=f"{where}, row {blank}", remedy="delete the row"
        )
    texts = question_texts(rows)
    data = rows[1 if texts is None else 1 + EXTRA_ROWS :]
    if not data:
        raise no_rows(path)
    frame = pd.DataFrame(data, columns=rows[0], dtype="str")
    return RawTable(finish(frame, path), path, labels=texts or {})


def _sheet(workbook: Any, name: str | None, path: Path) -> Any:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if name is None and len(sheets) > 1:
        raise CompendiumError(
            f"the workbook has {len(sheets)} sheets",
            where=str(path),
            remedy=f"name one of them: {', '.join(sheets)}",
        )
    if name is not None and name not in sheets:
        raise CompendiumError(
            f"there is no sheet {name!r}", where=str(path), remedy=suggest(name, sheets)
        )
    return sheets[name] if name is not None else next(iter(sheets.values()))


def _text(cell: Any, formula: bool, where: str) -> str:
    """Write one cell as text, '' if it is empty."""
    value = cell.value
    if formula and value is None:
        raise CompendiumError(
            "the formula's result is not stored in the file",
            where=f"{where}, cell {cell.coordinate}",
            remedy="open the file in Excel, and paste the column as values",
        )
    if cell.data_type == "e":
        raise CompendiumError(
            f"the cell holds the error {value}",
            where=f"{where}, cell {cell.coordinate}",
            remedy="correct the cell, or empty it if the value is missing",
        )
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime):
        timed = "h" in cell.number_format.lower() or value.time() != dt.time()
        return value.isoformat() if timed else value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else _number(value)


def _number(value: Any) -> str:
    return str(value) if isinstance(value, dt.timedelta) else code_text(value)
