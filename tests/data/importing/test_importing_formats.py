"""Workbooks, Parquet and the files of statistics programs come back as they were typed."""

import datetime as dt
import decimal
import struct

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from learning_with_others.data.importing import iterate_chunks, read_raw_table
from learning_with_others.data.importing.cells import code_text

SURVEY = pd.DataFrame(
    {
        "Q1": [1.0, 2.0, np.nan, -9.0],
        "Q2": [0.1, 1e15, 1e-7, 123456789.5],
        "NAME": ["W", "", "NA", "ä"],
        "DAY": [dt.date(2020, 1, 2), None, dt.date(1900, 1, 1), dt.date(2024, 2, 29)],
        "AT": [dt.datetime(2020, 1, 2, 3, 4, 5), None, dt.datetime(1999, 1, 1), None],  # noqa: DTZ001
    }
)
TYPED = {
    "Q1": ["1", "2", None, "-9"],
    "Q2": ["0.1", "1000000000000000", "0.0000001", "123456789.5"],
    "NAME": ["W", None, "NA", "ä"],
    "DAY": ["2020-01-02", None, "1900-01-01", "2024-02-29"],
    "AT": ["2020-01-02T03:04:05", None, "1999-01-01T00:00:00", None],
}
QUESTIONS = {"Q1": "How often?"}


def typed(frame):
    assert all(str(dtype) == "str" for dtype in frame.dtypes)
    return frame.astype(object).where(frame.notna(), None).to_dict("list")


def pieces_agree(path, raw):
    pieces = list(iterate_chunks(path, rows=3))
    pd.testing.assert_frame_equal(pd.concat(piece.frame for piece in pieces), raw.frame)
    assert all(piece.labels == raw.labels for piece in pieces)
    assert all(piece.value_labels == raw.value_labels for piece in pieces)


WRITERS = {
    ".sav": pyreadstat.write_sav,
    ".zsav": lambda *rest, **named: pyreadstat.write_sav(*rest, compress=True, **named),
    ".por": pyreadstat.write_por,
    ".dta": pyreadstat.write_dta,
    ".xpt": pyreadstat.write_xport,
}


@pytest.mark.parametrize("ending", WRITERS)
def test_a_statistical_file_comes_back_as_typed(tmp_path, ending):
    path = tmp_path / f"survey{ending}"
    # The portable format has no letters beyond English ones.
    survey = SURVEY.replace("ä", "a") if ending == ".por" else SURVEY
    WRITERS[ending](survey, path, column_labels=QUESTIONS)
    before = path.read_bytes()
    raw = read_raw_table(path)
    names = [name and name.replace("ä", "a") for name in TYPED["NAME"]]
    assert typed(raw.frame) == (TYPED | {"NAME": names} if ending == ".por" else TYPED)
    assert raw.labels == QUESTIONS
    assert (raw.value_labels, raw.missing_codes) == ({}, {})
    pieces_agree(path, raw)
    assert path.read_bytes() == before


@pytest.mark.parametrize("ending", [".sav", ".zsav"])
def test_spss_keeps_labels_and_codes_for_missing(tmp_path, ending):
    path = tmp_path / f"survey{ending}"
    day = dt.date(1900, 1, 1)
    seconds = (day - dt.date(1582, 10, 14)).days * 86_400.0
    WRITERS[ending](
        SURVEY,
        path,
        variable_value_labels={
            "Q1": {1.0: "yes", -9.0: "refused", -8.0: "unasked"},
            "NAME": {"W": "White"},
            "DAY": {day: "unknown"},
        },
        missing_ranges={"Q1": [-7.0, {"lo": -9.0, "hi": -8.0}], "NAME": ["NA"], "DAY": [seconds]},
    )
    raw = read_raw_table(path)
    assert typed(raw.frame) == TYPED
    assert raw.value_labels == {
        "Q1": {"1": "yes", "-9": "refused", "-8": "unasked"},
        "NAME": {"W": "White"},
        "DAY": {"1900-01-01": "unknown"},
    }
    assert raw.missing_codes == {
        "Q1": {"-7": "", "-9": "refused", "-8": "unasked"},
        "NAME": {"NA": ""},
        "DAY": {"1900-01-01": "unknown"},
    }
    pieces_agree(path, raw)


def test_spss_moments_can_be_codes_for_missing(tmp_path):
    path = tmp_path / "survey.sav"
    moment, hour = dt.datetime(1999, 1, 1), dt.time(0, 0, 9)  # noqa: DTZ001
    seconds = (moment - dt.datetime(1582, 10, 14)).total_seconds()  # noqa: DTZ001
    pyreadstat.write_sav(
        SURVEY.assign(HOUR=[hour, None, dt.time(3, 4), None]),
        path,
        variable_value_labels={"AT": {moment: "unknown"}, "HOUR": {hour: "never"}},
        missing_ranges={"AT": [seconds], "HOUR": [{"lo": 1.0, "hi": 60.0}]},
    )
    raw = read_raw_table(path)
    assert typed(raw.frame)["AT"] == TYPED["AT"]
    assert typed(raw.frame)["HOUR"] == ["00:00:09", None, "03:04:00", None]
    known = {"AT": {"1999-01-01T00:00:00": "unknown"}, "HOUR": {"00:00:09": "never"}}
    assert raw.missing_codes == raw.value_labels == known


def test_spss_portable_keeps_codes_for_missing(tmp_path):
    path = tmp_path / "survey.por"
    pyreadstat.write_por(pd.DataFrame({"Q1": [1.0, 9.0, 2.0]}), path)
    text = path.read_bytes().replace(b"\r\n", b"")
    assert b"5/8/2/5/8/2/F" in text
    # The record '8' and a number after a variable's formats declare a missing code.
    text = text.replace(b"5/8/2/5/8/2/F", b"5/8/2/5/8/2/89/F").rstrip(b"Z") + b"Z"
    text = text.ljust(-(-len(text) // 80) * 80, b"Z")
    path.write_bytes(b"".join(text[at : at + 80] + b"\r\n" for at in range(0, len(text), 80)))
    raw = read_raw_table(path)
    assert typed(raw.frame) == {"Q1": ["1", "9", "2"]}
    assert raw.missing_codes == {"Q1": {"9": ""}}


def test_stata_keeps_tagged_missing_values(tmp_path):
    path = tmp_path / "survey.dta"
    frame = pd.DataFrame({"q": pd.Series([1, 2, "a", np.nan, "b"], dtype=object), "r": [1.5] * 5})
    pyreadstat.write_dta(
        frame,
        path,
        missing_user_values={"q": ["a", "b"]},
        variable_value_labels={"q": {1: "yes", "a": "refused"}},
    )
    raw = read_raw_table(path)
    assert typed(raw.frame) == {"q": ["1", "2", ".a", None, ".b"], "r": ["1.5"] * 5}
    assert raw.value_labels == {"q": {"1": "yes", ".a": "refused"}}
    assert raw.missing_codes == {"q": {".a": "refused", ".b": ""}}
    pieces_agree(path, raw)


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_missing_values_of_every_storage_type(tmp_path, version):
    path = tmp_path / "survey.dta"
    single = np.array([0.1, 2, 3, 4], dtype="float32")
    whole = np.arange(1, 5)
    frame = pd.DataFrame(
        {
            "b": whole.astype("int8"),
            "h": whole.astype("int16"),
            "i": whole.astype("int32"),
            "f": single,
            "d": single.astype("float64"),
        }
    )
    frame.to_stata(path, write_index=False, version=version)
    data = bytearray(path.read_bytes())
    row = struct.calcsize("<bhiIQ")
    start = data.find(b"<data>") + 6 if version > 114 else len(data) - 4 * row
    tagged = (102, 32742, 2147483622, 0x7F000800, 0x7FE0010000000000)
    empty = (101, 32741, 2147483621, 0x7F000000, 0x7FE0000000000000)
    for number, cells in ((1, tagged), (2, empty)):
        data[start + number * row : start + (number + 1) * row] = struct.pack("<bhiIQ", *cells)
    path.write_bytes(data)
    raw = read_raw_table(path)
    for name in "bhi":
        assert typed(raw.frame)[name] == ["1", ".a", None, "4"]
    assert typed(raw.frame)["f"] == ["0.1", ".a", None, "4"]
    assert raw.missing_codes == {name: {".a": ""} for name in "bhifd"}


def test_sas_transport_keeps_special_missing_values(tmp_path):
    path = tmp_path / "survey.xpt"
    pyreadstat.write_xport(pd.DataFrame({"x": [1.0, np.nan, 2.0, np.nan]}), path)
    data = path.read_bytes()
    last = data.rfind(b"." + bytes(7))
    path.write_bytes(data[:last] + b"A" + data[last + 1 :])
    raw = read_raw_table(path)
    assert typed(raw.frame) == {"x": ["1", None, "2", ".A"]}
    assert raw.missing_codes == {"x": {".A": ""}}


def test_a_workbook_comes_back_as_typed(tmp_path):
    path = tmp_path / "survey.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["id", "code", "score", "day", "at", "yes", "hour", "long"])
    moment = dt.datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001
    book.active.append(
        ["007", 1, 3.5, moment.date(), moment, True, dt.time(3, 4), dt.timedelta(hours=30)]
    )
    book.active.append(["NA", 2.0, None, None, None, False, None, None])
    book.active.append([None] * 9)
    book.save(path)
    before = path.read_bytes()
    raw = read_raw_table(path)
    assert typed(raw.frame) == {
        "id": ["007", "NA"],
        "code": ["1", "2"],
        "score": ["3.5", None],
        "day": ["2020-01-02", None],
        "at": ["2020-01-02T03:04:05", None],
        "yes": ["TRUE", "FALSE"],
        "hour": ["03:04:00", None],
        "long": ["1 day, 6:00:00", None],
    }
    pieces = pd.concat(piece.frame for piece in iterate_chunks(path, rows=1))
    pd.testing.assert_frame_equal(pieces, raw.frame)
    assert path.read_bytes() == before


def test_a_qualtrics_workbook_gives_labels_and_a_sheet_is_chosen(tmp_path):
    path = tmp_path / "survey.xlsx"
    book = openpyxl.Workbook()
    sheet = book.create_sheet("answers")
    for row in (["Q1"], ["How often?"], ['{"ImportId":"QID1"}'], [3]):
        sheet.append(row)
    book.save(path)
    raw = read_raw_table(path, sheet="answers")
    assert typed(raw.frame) == {"Q1": ["3"]}
    assert raw.labels == QUESTIONS


def test_parquet_comes_back_as_typed(tmp_path):
    path = tmp_path / "survey.parquet"
    table = {
        "whole": pa.array([1, None, 10**17]),
        "real": pa.array([1.0, np.nan, 0.1]),
        "single": pa.array(np.array([1.0, np.nan, 0.1], dtype="float32")),
        "word": pa.array(["NA", "", None]),
        "kind": pa.array(["W", "B", None]).dictionary_encode(),
        "yes": pa.array([True, False, None]),
        "day": pa.array([dt.date(2020, 1, 2), None, dt.date(1900, 1, 1)]),
        "at": pa.array([None, dt.datetime(2020, 1, 2, 3, 4), None]),  # noqa: DTZ001
        "money": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-2.00")]),
        "none": pa.array([None, None, None]),
    }
    pq.write_table(pa.table(table), path, row_group_size=2)
    raw = read_raw_table(path)
    assert typed(raw.frame) == {
        "whole": ["1", None, "100000000000000000"],
        "real": ["1", None, "0.1"],
        "single": ["1", None, "0.1"],
        "word": ["NA", None, None],
        "kind": ["W", "B", None],
        "yes": ["TRUE", "FALSE", None],
        "day": ["2020-01-02", None, "1900-01-01"],
        "at": [None, "2020-01-02T03:04:00", None],
        "money": ["1.50", None, "-2.00"],
        "none": [None, None, None],
    }
    pieces_agree(path, raw)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (-9.0, "-9"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "1e+22"),
        (np.float32(0.1), "0.1"),
        (2**53, "9007199254740992"),
        (1e15, "1000000000000000"),
    ],
)
def test_numbers_are_written_as_typed(number, text):
    assert code_text(number) == text
    assert type(number)(text) == number
