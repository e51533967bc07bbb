"""Read tables of delimited text."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from learning_with_others.data.importing.cells import (
    DecimalCommas,
    check_names,
    no_rows,
    refuse_formulas,
)
from learning_with_others.data.importing.csv_records import records, row_of_record, stop_at_fault
from learning_with_others.data.importing.encoding import (
    LONGEST_LINE,
    BlockStream,
    detect_encoding,
    utf8_blocks,
)
from learning_with_others.data.importing.qualitative.highlight_tables import speech_column
from learning_with_others.data.importing.qualtrics import EXTRA_ROWS, question_texts
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.data.importing.scan import scan
from learning_with_others.errors import CompendiumError

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
SAMPLE_RECORDS = 50


@dataclass(frozen=True)
class Layout:
    """How a text file lays out its table.

    Attributes
    ----------
    path : Path
    encoding, delimiter : str
    names : list of str
        Columns.
    labels : dict of str to str
        Question texts of a Qualtrics export.
    extra_rows : int
        Records between the header and the data.
    quoted : bool
        A quotation mark occurs.
    """

    path: Path
    encoding: str
    delimiter: str
    names: list[str]
    labels: dict[str, str]
    extra_rows: int
    quoted: bool


def read_text(path: Path) -> RawTable:
    """Read a whole text table."""
    layout = layout_of(path)
    batches = list(text_batches(layout))
    commas = decimal_commas(layout, batches)
    table = pa.Table.from_batches([with_points(batch, commas) for batch in batches])
    del batches
    return RawTable(to_frame(table), path, labels=layout.labels, decimal_commas=commas)


def layout_of(path: Path) -> Layout:
    """Learn encoding, delimiter and columns, refusing a table that is not rectangular."""
    encoding = detect_encoding(path)
    delimiter = find_delimiter(path, encoding)
    found = scan(utf8_blocks(path, encoding), delimiter)
    if found.doubtful:
        stop_at_fault(path, encoding, delimiter)
    full = (cells for _, cells in records(path, encoding, delimiter) if cells)
    first = list(islice(full, EXTRA_ROWS + 2))
    check_names(first[0], str(path))
    texts = question_texts(first)
    extra = 0 if texts is None else EXTRA_ROWS
    if len(first) < extra + 2:
        raise no_rows(path)
    return Layout(path, encoding, delimiter, first[0], texts or {}, extra, found.quoted)


def find_delimiter(path: Path, encoding: str) -> str:
    """Find the delimiter that cuts the first records into equally many cells.

    The one that makes the most columns is taken, a tab in a `.tsv` file first.

    Raises
    ------
    CompendiumError
        If two delimiters make equally many.
    """
    sizes = {delimiter: _sizes(path, encoding, delimiter) for delimiter in DELIMITERS}
    even = {d: size[0] for d, size in sizes.items() if size[0] > 1 and len(set(size)) == 1}
    uneven = {d: size[0] for d, size in sizes.items() if size[0] > 1}
    columns = even or uneven or {",": 1}
    if "\t" in columns and path.name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t"
    best = [d for d, size in columns.items() if size == max(columns.values())]
    if len(best) > 1:
        raise CompendiumError(
            f"the cells may be set apart by {' or '.join(DELIMITERS[d] for d in best)}",
            where=f"{path}, row 1",
            remedy="put cells that hold one of them between double quotes",
        )
    return best[0]


def _sizes(path: Path, encoding: str, delimiter: str) -> list[int]:
    sizes: list[int] = []
    try:
        for _, cells in islice(records(path, encoding, delimiter), SAMPLE_RECORDS):
            sizes += [len(cells)] if cells else []
    except CompendiumError:
        sizes.append(0)
    return sizes


def text_batches(layout: Layout) -> Iterator[pa.RecordBatch]:
    """Yield the table's rows as columns of text, never all at once."""
    stream = io.BufferedReader(BlockStream(utf8_blocks(layout.path, layout.encoding)), 1 << 20)
    done = 0
    try:
        reader = pacsv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pacsv.ReadOptions(
                block_size=LONGEST_LINE,
                column_names=layout.names,
                skip_rows_after_names=1 + layout.extra_rows,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=layout.quoted
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(layout.names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        for batch in reader:
            _check_batch(batch, layout, done)
            done += batch.num_rows
            yield batch
    except pa.ArrowInvalid:
        stop_at_fault(layout.path, layout.encoding, layout.delimiter)
        raise
    if not done:
        raise no_rows(layout.path)


def _check_batch(batch: pa.RecordBatch, layout: Layout, done: int) -> None:
    speech = speech_column(layout.names)
    for name, column in zip(layout.names, batch.columns, strict=True):
        if name == speech:
            continue

        def place(index: int, name: str = name) -> str:
            record = 1 + layout.extra_rows + done + index
            row = row_of_record(layout.path, layout.encoding, layout.delimiter, record)
            return f"{layout.path}, row {row}, column {name!r}"

        refuse_formulas(column, place)


def decimal_commas(layout: Layout, batches: Iterator[pa.RecordBatch] | list) -> tuple[str, ...]:
    """Name the columns of numbers with decimal commas in a table cut by semicolons."""
    if layout.delimiter != ";":
        return ()
    seen = DecimalCommas(layout.names)
    for batch in batches:
        seen.look(batch)
    return seen.columns


def with_points(batch: pa.RecordBatch, columns: tuple[str, ...]) -> pa.RecordBatch:
    """Turn the decimal commas of some columns into points."""
    for name in columns:
        points = pc.replace_substring(batch[name], ",", ".")
        batch = batch.set_column(batch.schema.get_field_index(name), name, points)
    return batch


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Give the rows as columns of dtype `str`."""
    return table.to_pandas(split_blocks=True, self_destruct=True)
