"""Read Parquet."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from learning_with_others.data.importing.cells import check_names, code_text, finish, no_rows
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.errors import CompendiumError

MOST_CELLS = 1_000_000_000


def read_parquet(path: Path) -> RawTable:
    """Read a whole Parquet file."""
    metadata = pq.read_metadata(path)
    cells = metadata.num_rows * metadata.num_columns
    if cells > MOST_CELLS:
        raise CompendiumError(
            f"holds {cells:,} cells, more than the {MOST_CELLS:,} that can be read at once",
            where=str(path),
            remedy="keep the columns of the study",
        )
    return RawTable(pd.concat(parquet_chunks(path, 250_000), ignore_index=True), path)


def parquet_chunks(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    """Yield up to `rows` rows at a time."""
    with pq.ParquetFile(path) as file:
        check_names(file.schema_arrow.names, str(path))
        if not file.metadata.num_rows:
            raise no_rows(path)
        start = 0
        for batch in file.iter_batches(batch_size=rows):
            columns = {
                name: _texts(column, f"{path}, column {name!r}")
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
            yield finish(pd.DataFrame(columns), path, start)
            start += batch.num_rows


def _texts(column: pa.Array, where: str) -> pd.Series:
    """Write one column's cells as text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_boolean(kind):
        return column.to_pandas().map({True: "TRUE", False: "FALSE"}).astype("str")
    if pa.types.is_floating(kind):
        encoded = pc.if_else(pc.is_nan(column), None, column).dictionary_encode()
        words = [code_text(value) for value in encoded.dictionary.to_numpy()]
        return _decoded(encoded, words)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        encoded = column.dictionary_encode()
        return _decoded(encoded, [value.as_py().isoformat() for value in encoded.dictionary])
    if pa.types.is_null(kind) or _plain(kind):
        return column.cast(pa.large_string()).to_pandas().astype("str")
    raise CompendiumError(
        f"the type {kind} is no single code or text",
        where=where,
        remedy="leave the column out, or make it one column for each of its parts",
    )


def _plain(kind: pa.DataType) -> bool:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    text = text or pa.types.is_string_view(kind)
    return text or pa.types.is_integer(kind) or pa.types.is_decimal(kind)


def _decoded(encoded: pa.DictionaryArray, words: list[str]) -> pd.Series:
    texts = pa.array(words, pa.large_string()).take(encoded.indices)
    return texts.to_pandas().astype("str")
