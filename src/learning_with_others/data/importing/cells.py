"""What holds for the cells and names of every table, whatever its format."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from learning_with_others.data.importing.qualitative.highlight_tables import speech_column
from learning_with_others.errors import CompendiumError

MOST_COLUMNS = 20_000
STARTS_FORMULA = np.zeros(256, dtype=bool)
STARTS_FORMULA[list(b"=+-@\t\r")] = True
NUMBER = r"^[+-]([\d.,]*\d[\d.,]*([eE][+-]?\d+)?|(?i:inf|infinity))$"
HARMLESS = rf"{NUMBER}|^[=+@-]$"
DECIMAL_COMMA = r"^[+-]?\d+(,\d+)?([eE][+-]?\d+)?$"


def check_names(names: Sequence[str], table: str) -> None:
    """Refuse too many columns, and names that are empty, repeated or formulas."""
    where = f"{table}, row 1"
    if len(names) > MOST_COLUMNS:
        raise CompendiumError(
            f"the header has {len(names):,} columns, at most {MOST_COLUMNS:,} can be read",
            where=where,
            remedy="keep the columns of the study, or check that the file ends its lines",
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        place = f"{where}, column {position}"
        if not name.strip():
            raise CompendiumError(
                "the column has no name",
                where=place,
                remedy="name the column, or delete it if it holds row numbers",
            )
        if name in seen:
            raise CompendiumError(
                f"the name {name!r} is already that of column {seen[name]}",
                where=place,
                remedy="give each column a name of its own",
            )
        if STARTS_FORMULA[name.encode()[0]]:
            raise CompendiumError(
                f"the name {name[:40]!r} starts like a formula",
                where=place,
                remedy="rename the column to start with a letter",
            )
        seen[name] = position


def refuse_formulas(texts: pa.Array, where: Callable[[int], str]) -> None:
    """Refuse a cell that a spreadsheet would run as a formula.

    Parameters
    ----------
    texts : pyarrow.Array
        Cells of one column, of type string or large_string.
    where : callable
        Gives the place of the cell at an index.
    """
    wide = pa.types.is_large_string(texts.type)
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return
    kind = np.int64 if wide else np.int32
    bounds = np.frombuffer(offsets, kind)[texts.offset : texts.offset + len(texts) + 1]
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    first = np.frombuffer(data, np.uint8)[bounds[filled]]
    suspects = filled[STARTS_FORMULA[first]]
    if not len(suspects):
        return
    suspected = texts.take(pa.array(suspects))
    harmless = pc.match_substring_regex(suspected, HARMLESS).fill_null(True).to_numpy(False)
    if harmless.all():
        return
    worst = int(np.argmin(harmless))
    cell = suspected[worst].as_py()
    raise CompendiumError(
        f"{cell[:40]!r} starts like a formula that a spreadsheet would run",
        where=where(int(suspects[worst])),
        remedy="remove the first character, or leave the column of free text out of the file",
    )


def finish(frame: pd.DataFrame, path: Path, start: int = 0) -> pd.DataFrame:
    """Check a frame that is read: names, at least one row, no formula; empty text is missing.

    Parameters
    ----------
    start : int
        Records of the file before those of `frame`.
    """
    check_names(list(frame.columns), str(path))
    if frame.empty:
        raise no_rows(path)
    finished, speech = frame.astype("str"), speech_column(frame)
    for name in finished:
        column = finished[name] = finished[name].mask(finished[name] == "")
        if name == speech:
            continue

        def place(index: int, name: str = name) -> str:
            return f"{path}, record {start + index + 1}, column {name!r}"

        refuse_formulas(pa.array(column, pa.large_string(), from_pandas=True), place)
    finished.index = pd.RangeIndex(start, start + len(finished))
    return finished


def no_rows(path: Path) -> CompendiumError:
    """Tell that the file holds no row of data."""
    return CompendiumError(
        "the file holds a header and no rows", where=str(path), remedy="export it with its data"
    )


class DecimalCommas:
    """Which columns hold numbers with a decimal comma, and nothing but numbers.

    Parameters
    ----------
    names : sequence of str
        All columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._numbers, self._commas = list(names), set()

    def look(self, batch: pa.RecordBatch) -> None:
        """Take account of more rows."""
        for name in list(self._numbers):
            column = batch[name]
            if not pc.all(pc.match_substring_regex(column, DECIMAL_COMMA), min_count=0).as_py():
                self._numbers.remove(name)
            elif pc.any(pc.match_substring(column, ",")).as_py():
                self._commas.add(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in the table's order."""
        return tuple(name for name in self._numbers if name in self._commas)


def code_text(number: float) -> str:
    """Write a number as a person would type it, losing nothing.

    Examples
    --------
    >>> code_text(1.0), code_text(-9.0), code_text(0.1), code_text(1e-07)
    ('1', '-9', '0.1', '0.0000001')
    """
    if isinstance(number, int | np.integer):
        return str(number)
    if abs(number) >= 1e16:  # noqa: PLR2004  beyond it not every whole number is a double
        return repr(float(number))
    return re.sub(r"^-0$", "0", np.format_float_positional(number, trim="-"))
