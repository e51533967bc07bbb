"""Files that must be refused: with their place and a remedy, and left as they are."""

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from learning_with_others.data.importing import iterate_chunks, read_raw_table
from learning_with_others.errors import CompendiumError


def workbook(*rows, change=None):
    """Bytes of a workbook with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def spss(tmp_path):
    path = tmp_path / "made.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0, 2.0]}), path)
    return path.read_bytes()


def inflated_workbook():
    buffer = io.BytesIO(workbook(["a"], [1]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/filler.xml", bytes(70 << 20))
    return buffer.getvalue()


def damaged_workbook():
    whole = workbook(["a"], [1])
    at = whole.find(b"xl/worksheets/sheet1.xml") + 60
    return whole[:at] + bytes(40) + whole[at + 40 :]


WIDE = ",".join(f"c{number}" for number in range(20_001)).encode() + b"\n"
UNSURE = "pupil,word\n1,Réponse\n".encode("cp1252")
TEXT = {
    "repeated name": (b"a,b,a\n1,2,3\n", ["row 1", "column 3", "'a'", "column 1", "name of its"]),
    "empty name": (b"a,,c\n1,2,3\n", ["row 1", "column 2", "has no name", "row numbers"]),
    "blank name": (b"a,b, \n1,2,3\n", ["row 1", "column 3", "has no name"]),
    "too many": (b"a,b\n1,2\n1,2,3\n", ["row 3", "has 3 cells, the header 2", "double quotes"]),
    "too few": (b"a,b\n1,2\n1\n1,2\n", ["row 3", "has 1 cells, the header 2", "missing cells"]),
    "too few at the end": (b"a,b,c\n1,2,3\n1,2", ["row 3", "has 2 cells, the header 3"]),
    "blank row": (b"a,b\n1,2\n\n3,4\n", ["row 3", "blank", "delete"]),
    "blank first row": (b"\na,b\n1,2\n", ["row 1", "blank", "delete"]),
    "blank row of one column": (b"a\n1\n\n", ["row 3", "blank", '""']),
    "NUL": (b"a,b\n1,2\n3,\0\n", ["row 3", "NUL", "export it again"]),
    "open quote": (b'a,b\n1,2\n3,"4\n5,6\n', ["row 3", "not closed", "twice"]),
    "open quote in header": (b'a,"b\n1,2\n', ["row 1", "not closed"]),
    "text after quote": (b'a,b\n1,"2"x\n', ["row 2", "followed by more text"]),
    "two stray quotes": (b'a,b\n1,"2"x\n3,"4"y\n', ["row 2", "followed by more text"]),
    "ragged after lines in a cell": (b'a,b\n1,"x\ny"\n1,2,3\n', ["row 4", "has 3 cells"]),
    "empty": (b"", ["is empty", "save it"]),
    "only ends of lines": (b"\r\n\r\n", ["is empty"]),
    "only a mark": (b"\xef\xbb\xbf", ["is empty"]),
    "header only": (b"a,b\n", ["no rows", "export it"]),
    "header without end": (b"a,b", ["no rows"]),
    "too wide": (WIDE + WIDE, ["row 1", "20,001 columns", "at most 20,000"]),
    "long line": (b"a,b\n1,2\n" + b"x" * (9 << 20), ["row 3", "longer than 8,388,608"]),
    "formula =": (b"a,b\n1,2\n3,=1+2\n", ["row 3", "'b'", "'=1+2'", "formula", "remove"]),
    "formula +": (b"a,b\n1,+SUM(A1)\n", ["row 2", "'b'", "'+SUM(A1)'"]),
    "formula -": (b"a,b\n-2,-2+cmd\n", ["row 2", "'b'", "'-2+cmd'"]),
    "formula @": (b"a,b\n@x,2\n", ["row 2", "'a'", "'@x'"]),
    "tab first": (b"a,b\n1,\tx\n", ["row 2", "'b'", r"'\tx'"]),
    "return first": (b'a,b\n1,"\rx"\n', ["row 2", "'b'", r"'\rx'"]),
    "formula after lines in a cell": (b'a,b\n"x\ny",1\n2,=A1\n', ["row 4", "'b'"]),
    "formula as name": (b"a,=b\n1,2\n", ["row 1", "column 2", "starts like a formula"]),
    "unsure encoding": (UNSURE, ["row 2", "byte 14", "not UTF-8", "save it as UTF-8"]),
    "broken UTF-8": (b"a,b\n\xc3\xa9,\xc3\n", ["row 2", "byte 7", "not UTF-8"]),
    "broken UTF-16": ("a,b\n1,2\n".encode("utf-16")[:-1], ["row 2", "byte 16", "not UTF-16"]),
    "two delimiters": (b"a,b;c\n1,2;3\n", ["row 1", "a comma or a semicolon", "double quotes"]),
    "web page": (b"<!DOCTYPE html><html>", ["ends in .csv", "a web page"]),
    "PDF": (b"%PDF-1.7 a,b\n", ["ends in .csv", "PDF"]),
    "gzip": (gzip.compress(b"a,b\n1,2\n"), ["ends in .csv", "gzip", ".csv.gz"]),
    "workbook": (workbook(["a"], [1]), ["ends in .csv", "Excel workbook", "end in .xlsx"]),
    "Parquet": (parquet(pa.table({"a": [1]})), ["ends in .csv", "Parquet", "end in .parquet"]),
}


@pytest.mark.parametrize("read", [read_raw_table, lambda path: list(iterate_chunks(path))])
@pytest.mark.parametrize(("content", "expected"), TEXT.values(), ids=TEXT.keys())
def test_a_faulty_text_table_is_refused_and_left_alone(tmp_path, content, expected, read):
    refused(tmp_path / "survey.csv", content, expected, read)


def refused(path, content, expected, read):
    path.write_bytes(content)
    with pytest.raises(CompendiumError) as caught:
        read(path)
    for part in [str(path), *expected]:
        assert part in str(caught.value)
    assert caught.value.remedy
    assert caught.value.__cause__ is None
    assert path.read_bytes() == content


BOMB = gzip.compress(b"a,b\n" + b"1,2\n" * (17 << 20))
PACKED = {
    "bomb": (BOMB, ["unpacks to more than 67,108,864 bytes", "unpack it yourself"]),
    "cut short": (gzip.compress(b"a,b\n1,2\n")[:-6], ["cannot be read", "save it again"]),
    "wrong sum": (gzip.compress(b"a,b\n1,2\n")[:-8] + bytes(8), ["cannot be read", "CRC"]),
    "workbook inside": (gzip.compress(workbook(["a"], [1])), ["zip archive", "not text"]),
    "not packed": (b"a,b\n1,2\n", ["ends in .csv.gz", "seems to be text", "end in .csv"]),
    "ragged": (gzip.compress(b"a,b\n1\n"), ["row 2", "has 1 cells"]),
}


@pytest.mark.parametrize(("content", "expected"), PACKED.values(), ids=PACKED.keys())
def test_a_faulty_packed_table_is_refused(tmp_path, content, expected):
    refused(tmp_path / "survey.csv.gz", content, expected, read_raw_table)


def second_sheet(book):
    book.create_sheet("answers")


def merge(book):
    book.active.merge_cells("A2:B2")


BOOKS = {
    "sheets": (workbook(["a"], [1], change=second_sheet), ["2 sheets", "Sheet, answers"]),
    "merged": (workbook(["a", "b"], [1], [2, 3], change=merge), ["A2:B2", "unmerge"]),
    "no result": (workbook(["a", "b"], [1, "=A2"]), ["cell B2", "not stored", "as values"]),
    "error": (workbook(["a", "b"], [1, "#N/A"]), ["cell B2", "#N/A", "empty it"]),
    "repeated": (workbook(["a", "a"], [1, 2]), ["'Sheet', row 1, column 2", "already"]),
    "no name": (workbook(["a", None, "c"], [1, 2, 3]), ["column 2", "has no name"]),
    "blank row": (workbook(["a"], [1], [None], [2]), ["row 3", "blank"]),
    "formula as text": (workbook(["a"], ["@x"]), ["'@x'", "starts like a formula"]),
    "header only": (workbook(["a", "b"]), ["no rows"]),
    "no cell": (workbook(), ["sheet is empty"]),
    "bomb": (inflated_workbook(), ["unpacks to", "more than 67,108,864", "CSV"]),
    "damaged": (damaged_workbook(), ["cannot be read", "damaged"]),
    "zip": (b"PK\x05\x06" + bytes(18), ["ends in .xlsx", "a zip archive"]),
    "text": (b"a,b\n1,2\n", ["ends in .xlsx", "seems to be text", "end in .csv"]),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ["ends in .xlsx", ".xls"]),
}


@pytest.mark.parametrize(("content", "expected"), BOOKS.values(), ids=BOOKS.keys())
def test_a_faulty_workbook_is_refused(tmp_path, content, expected):
    refused(tmp_path / "survey.xlsx", content, expected, read_raw_table)


@pytest.mark.parametrize("read", [read_raw_table, lambda path: list(iterate_chunks(path))])
@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (pa.table({"a": [[1], [2]]}), ["'a'", "no single code", "leave the column out"]),
        (pa.table({"a": pa.array([], pa.int64())}), ["no rows"]),
        (pa.table([[1], [2]], names=["a", "a"]), ["column 2", "already that of column 1"]),
        (pa.table({"a": ["x", "=x"]}), ["record 2", "'a'", "'=x'"]),
    ],
)
def test_a_faulty_parquet_file_is_refused(tmp_path, table, expected, read):
    refused(tmp_path / "survey.parquet", parquet(table), expected, read)


@pytest.mark.parametrize("ending", [".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt"])
def test_a_text_under_a_statistical_ending_is_refused(tmp_path, ending):
    expected = [f"ends in {ending}", "seems to be text", "end in .csv"]
    refused(tmp_path / f"survey{ending}", b"a,b\n1,2\n", expected, read_raw_table)


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".sav", b"$FL2@(#) SPSS" + bytes(60)),
        (".dta", b"<stata_dta><header><release>118</release>"),
        (".dta", b"\x72\x02\x01\x00" + bytes(20)),
        (".xpt", b"HEADER RECORD*******LIBRARY HEADER"),
        (".por", b"0" * 200 + b"A" * 256 + b"SPSSPORTA8/"),
        (
            ".sas7bdat",
            bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c",
        ),
        (".parquet", b"PAR1" + bytes(20) + b"PAR1"),
    ],
)
def test_a_damaged_file_is_refused_without_a_traceback(tmp_path, ending, content):
    expected = ["cannot be read", "save it again"]
    refused(tmp_path / f"survey{ending}", content, expected, read_raw_table)


def test_a_statistical_file_under_another_ending_is_refused(tmp_path):
    expected = ["ends in .csv", "seems to be SPSS", "end in .sav"]
    refused(tmp_path / "survey.csv", spss(tmp_path), expected, read_raw_table)


def test_an_unknown_ending_names_the_known(tmp_path):
    expected = ["'.savv' is unknown", "did you mean '.sav'", ".csv.gz", ".parquet"]
    refused(tmp_path / "survey.savv", b"", expected, read_raw_table)


def test_a_missing_file_is_told():
    with pytest.raises(CompendiumError, match="there is no such file"):
        read_raw_table(Path("nowhere.csv"))


def test_sheets_are_named_rightly_or_not_at_all(tmp_path):
    book = tmp_path / "survey.xlsx"
    book.write_bytes(workbook(["a"], [1], change=second_sheet))
    with pytest.raises(CompendiumError, match="did you mean 'answers'"):
        read_raw_table(book, sheet="anwsers")
    text = tmp_path / "survey.csv"
    text.write_text("a,b\n1,2\n")
    with pytest.raises(CompendiumError, match="leave the sheet out"):
        read_raw_table(text, sheet="answers")
    with pytest.raises(CompendiumError, match="at least one row"):
        list(iterate_chunks(text, rows=0))
