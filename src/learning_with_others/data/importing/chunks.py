"""Read a table piece by piece, so that it is never whole in memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa

from learning_with_others.data.importing.columnar import parquet_chunks
from learning_with_others.data.importing.contents import TEXT_ENDINGS, ending_of, readable
from learning_with_others.data.importing.dispatch import read_raw_table
from learning_with_others.data.importing.qualitative.coded_files import PROJECTS
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.data.importing.statistical import statistical_chunks
from learning_with_others.data.importing.text import (
    decimal_commas,
    layout_of,
    text_batches,
    to_frame,
    with_points,
)
from learning_with_others.errors import CompendiumError


def iterate_chunks(path: Path, rows: int = 100_000) -> Iterator[RawTable]:
    """Yield a table's rows in order, numbered through, up to `rows` at a time.

    Parameters
    ----------
    path : Path
        The file. A workbook and coded material are read whole, then cut.
    rows : int

    Raises
    ------
    CompendiumError
        If the file cannot be read whole and unambiguously; a fault may show in a later piece.
    """
    path = Path(path)
    if rows < 1:
        raise CompendiumError(f"rows is {rows}", remedy="ask for at least one row at a time")
    ending = ending_of(path)
    with readable(path):
        if ending in TEXT_ENDINGS:
            yield from _text_chunks(path, rows)
        elif ending == ".parquet":
            yield from (RawTable(frame, path) for frame in parquet_chunks(path, rows))
        elif ending in {".xlsx", *PROJECTS}:
            whole = read_raw_table(path)
            for start in range(0, len(whole.frame), rows):
                yield RawTable(whole.frame.iloc[start : start + rows], path, whole.labels)
        else:
            yield from statistical_chunks(path, ending, rows)


def _text_chunks(path: Path, rows: int) -> Iterator[RawTable]:
    layout = layout_of(path)
    commas = decimal_commas(layout, text_batches(layout))
    start = 0
    for table in _regrouped((with_points(b, commas) for b in text_batches(layout)), rows):
        frame = to_frame(table)
        frame.index = pd.RangeIndex(start, start + len(frame))
        start += len(frame)
        yield RawTable(frame, path, labels=layout.labels, decimal_commas=commas)


def _regrouped(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Cut and join batches so that each but the last has `rows` rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) < rows:
            continue
        table = pa.Table.from_batches(waiting)
        whole = table.num_rows - table.num_rows % rows
        yield from (table.slice(start, rows) for start in range(0, whole, rows))
        waiting = table.slice(whole).to_batches()
    if waiting:
        yield pa.Table.from_batches(waiting)
