"""A text table record by record: slow, exact, and able to say in which row a fault stands."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from learning_with_others.data.importing.encoding import LONGEST_LINE, BlockStream, utf8_blocks
from learning_with_others.errors import CompendiumError


def records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the row of the file in which it begins; a blank row has no cells.

    Raises
    ------
    CompendiumError
        If a quotation mark is not closed, or closed before the cell's end.
    """
    stream = io.BufferedReader(BlockStream(utf8_blocks(path, encoding)))
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    limit = csv.field_size_limit(LONGEST_LINE)
    begins = 1
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        stray = "expected after" in str(error)
        raise CompendiumError(
            "a quotation mark is followed by more text in its cell"
            if stray
            else f"a quotation mark is opened and not closed within {LONGEST_LINE:,} characters",
            where=f"{path}, row {begins}",
            remedy='write a quotation mark inside a cell twice: "she said ""yes"""',
        ) from None
    finally:
        csv.field_size_limit(limit)


def stop_at_fault(path: Path, encoding: str, delimiter: str) -> None:
    """Raise at the first record that has not as many cells as the header, if any."""
    columns, blank = 0, 0
    for row, cells in records(path, encoding, delimiter):
        columns = columns or len(cells)
        if not cells:
            blank = blank or row
            continue
        if blank:
            break
        if len(cells) != columns:
            many = len(cells) > columns
            raise CompendiumError(
                f"has {len(cells)} cells, the header {columns}",
                where=f"{path}, row {row}",
                remedy=f"put a cell that holds {delimiter!r} between double quotes"
                if many
                else "add the missing cells, if only as empty ones",
            )
    else:
        if columns > 1:
            return
    if blank:
        raise CompendiumError(
            "the row is blank",
            where=f"{path}, row {blank}",
            remedy='delete the row; the only cell of a one-column table may be empty as ""',
        )


def row_of_record(path: Path, encoding: str, delimiter: str, record: int) -> int:
    """Row of the file in which a record begins, the header being record 0."""
    full = (row for row, cells in records(path, encoding, delimiter) if cells)
    return next(row for number, row in enumerate(full) if number == record)
