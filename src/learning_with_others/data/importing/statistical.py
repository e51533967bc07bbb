"""Read the files of SPSS, Stata and SAS, with their labels and their codes for missing."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
from pyreadstat.pyreadstat import parser_entry_point

from learning_with_others.data.importing.cells import code_text, finish, no_rows
from learning_with_others.data.importing.raw_table import RawTable

SPSS = (".sav", ".zsav", ".por")
SPSS_EPOCH = dt.datetime(1582, 10, 14)  # noqa: DTZ001  SPSS knows no time zones
FORMATS = {
    ".sav": "sav/zsav",
    ".zsav": "sav/zsav",
    ".por": "por",
    ".dta": "dta",
    ".sas7bdat": "sas7bdat",
    ".xpt": "xport",
}


def read_statistical(path: Path, ending: str) -> RawTable:
    """Read a whole file of a statistics program."""
    return _to_raw_table(path, ending, *_read(path, ending), start=0)


def statistical_chunks(path: Path, ending: str, rows: int) -> Iterator[RawTable]:
    """Yield up to `rows` rows at a time; of a range of missing codes, those in these rows."""

    def read(path: Path, **options: Any) -> tuple[pd.DataFrame, Any]:
        return _read(path, ending, **options)

    start = 0
    for frame, metadata in pyreadstat.read_file_in_chunks(read, path, chunksize=rows):
        yield _to_raw_table(path, ending, frame, metadata, start=start)
        start += len(frame)
    if not start:
        raise no_rows(path)


def _read(
    path: Path, ending: str, *, user_missing: bool = True, **options: Any
) -> tuple[pd.DataFrame, Any]:
    """Read with codes for missing kept.

    pyreadstat's public functions offer that for some formats only, and would make all such codes
    of a .por or .xpt file empty cells; their common entry point offers it for all.
    """
    return parser_entry_point(
        str(path), parser_format=FORMATS[ending], user_missing=user_missing, **options
    )


def _to_raw_table(
    path: Path, ending: str, frame: pd.DataFrame, metadata: Any, *, start: int
) -> RawTable:
    if frame.empty:
        raise no_rows(path)
    tagged = list(metadata.missing_user_values)
    untagged = pd.DataFrame()
    if tagged:
        # With tags kept, pyreadstat fills an empty cell after a tagged one with a random number.
        rows = {"row_offset": start, "row_limit": len(frame)}
        untagged, _ = _read(path, ending, user_missing=False, usecols=tagged, **rows)
    columns, value_labels, missing_codes = {}, {}, {}
    for name in frame:
        kind = metadata.readstat_variable_types[name]
        known = _dated(metadata.variable_value_labels.get(name, {}), frame[name], ending)
        labels = {_code(code, kind): label for code, label in known.items()}
        if name in metadata.missing_user_values:
            columns[name] = _tagged(frame[name], untagged[name], kind)
            found = [_code(tag, kind) for tag in metadata.missing_user_values[name]]
        else:
            columns[name] = _texts(frame[name], kind)
            ranges = metadata.missing_ranges.get(name, [])
            found = _declared(ranges, frame[name], known, kind)
        if labels:
            value_labels[name] = labels
        if found:
            missing_codes[name] = {code: labels.get(code, "") for code in found}
    labels = {name: text for name, text in metadata.column_names_to_labels.items() if text}
    finished = finish(pd.DataFrame(columns), path, start)
    return RawTable(finished, path, labels, value_labels, missing_codes)


def _dated(known: dict[Any, str], column: pd.Series, ending: str) -> dict[Any, str]:
    """Give the labelled codes of an SPSS column of dates as dates; pyreadstat leaves seconds."""
    first = next(iter(column.dropna()), None)
    if ending not in SPSS or not hasattr(first, "isoformat"):
        return known
    moments = {SPSS_EPOCH + dt.timedelta(seconds=code): label for code, label in known.items()}
    if isinstance(first, dt.datetime):
        return moments
    dates = isinstance(first, dt.date)
    return {moment.date() if dates else moment.time(): label for moment, label in moments.items()}


def _tagged(with_tags: pd.Series, without: pd.Series, kind: str) -> pd.Series:
    """Write tagged missing values as Stata and SAS do, '.a', between the other cells."""
    tagged = with_tags.map(lambda cell: isinstance(cell, str))
    return _texts(with_tags.where(tagged).astype("str"), kind).where(tagged, _texts(without, kind))


def _texts(column: pd.Series, kind: str) -> pd.Series:
    codes, values = pd.factorize(column)
    words = np.array([*(_code(value, kind) for value in values), None], dtype=object)
    return pd.Series(words[codes], index=column.index, dtype="str")


def _code(value: Any, kind: str) -> str:
    """Write one value of a column stored as `kind`; text in a column of numbers is a tag."""
    if isinstance(value, str):
        return value if kind == "string" else f".{value}"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return code_text(np.float32(value) if kind == "float" else value)


def _declared(
    ranges: list[dict[str, Any]], column: pd.Series, known: dict[Any, str], kind: str
) -> list[str]:
    """List the codes that SPSS ranges declare missing: those named, labelled or present."""
    present = column.dropna().drop_duplicates()
    codes: dict[str, None] = {}
    for low, high in ((bounds["lo"], bounds["hi"]) for bounds in ranges):
        named = [low] if low == high else []
        inside = [code for code in (*known, *present) if low <= code <= high]
        codes |= dict.fromkeys(_code(code, kind) for code in (*named, *inside))
    return list(codes)
