"""Text tables come back cell for cell."""

import csv
import gzip
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_with_others.data.importing import iterate_chunks, read_raw_table

DELIMITERS = [",", ";", "\t", "|"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]
LETTERS = "abcä€ñ字😀"


def cells(frame):
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy()]


def write(path, rows, delimiter=",", encoding="utf-8", quoting=csv.QUOTE_MINIMAL):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=quoting).writerows(rows)
    data = buffer.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


cell_texts = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(
        ["", "NaN", "NA", "null", "01", "1.0", "-", '5" long', "a\r\nb", "x\n\ny", " "]
    ),
    st.text(LETTERS + ' ,;|\t\n\r"0', max_size=6).filter(lambda text: text[:1] not in {"\t", "\r"}),
)


@st.composite
def tables(draw):
    width = draw(st.integers(2, 5))
    names = draw(
        st.lists(
            st.text(LETTERS, min_size=1, max_size=4), min_size=width, max_size=width, unique=True
        )
    )
    rows = draw(
        st.lists(st.lists(cell_texts, min_size=width, max_size=width), min_size=1, max_size=8)
    )
    return names, rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    table=tables(),
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(ENCODINGS),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_is_written_is_read(tmp_path, table, delimiter, encoding, quoting):
    names, rows = table
    path = write(tmp_path / "any.csv", [names, *rows], delimiter, encoding, quoting)
    raw = read_raw_table(path)
    assert list(raw.frame.columns) == names
    expected = [[cell or None for cell in row] for row in rows]
    if not raw.decimal_commas:
        assert cells(raw.frame) == expected
    assert all(str(dtype) == "str" for dtype in raw.frame.dtypes)
    pieces = pd.concat([piece.frame for piece in iterate_chunks(path, rows=3)])
    pd.testing.assert_frame_equal(pieces, raw.frame)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.csv.gz", "A.CSV"])
def test_words_for_missing_stay_words(tmp_path, name):
    path = write(tmp_path / name, [["a", "b"], ["NaN", ""], ["NA", "null"], ["None", "-9"]], "\t")
    assert cells(read_raw_table(path).frame) == [["NaN", None], ["NA", "null"], ["None", "-9"]]


@pytest.mark.parametrize(
    "cell", ["-1", "+1.5", "-.5", "-1e-5", "-3,5", "-", "a=b", "-1,234.5", "-Inf"]
)
def test_numbers_with_a_sign_are_no_formulas(tmp_path, cell):
    path = write(tmp_path / "a.tsv", [["a", "b"], [cell, "1"]], "\t")
    assert cells(read_raw_table(path).frame) == [[cell, "1"]]


def test_decimal_commas_become_points_only_in_columns_of_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "id;score;mixed;list\n007;3,5;3,5;1,2,3\n008;;x;1,2\n009;-4;1;\n010;1,5e3;1;2\n"
    )
    raw = read_raw_table(path)
    assert raw.frame["score"].tolist()[::2] == ["3.5", "-4"]
    assert raw.frame["score"].tolist()[3] == "1.5e3"
    assert raw.frame["score"].isna().tolist() == [False, True, False, False]
    assert raw.frame["id"].tolist() == ["007", "008", "009", "010"]
    assert raw.frame["mixed"].tolist() == ["3,5", "x", "1", "1"]
    assert raw.frame["list"].tolist()[:2] == ["1,2,3", "1,2"]
    assert raw.decimal_commas == ("score",)
    pieces = [piece.frame for piece in iterate_chunks(path, rows=1)]
    pd.testing.assert_frame_equal(pd.concat(pieces), raw.frame)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_decimal_commas_stay_where_another_delimiter_cuts(tmp_path, delimiter):
    path = write(tmp_path / "a.csv", [["a", "b"], ["3,5", "1"]], delimiter)
    assert cells(read_raw_table(path).frame) == [["3,5", "1"]]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Ученики часто работают вместе и помогают друг другу", "koi8_r"),
        ("Die Schüler arbeiten häufig gemeinsam, größere Gruppen üben für Prüfungen", "cp1252"),
    ],
)
def test_another_encoding_is_read_where_the_evidence_suffices(tmp_path, text, encoding):
    rows = [["id", "answer"], *[[str(number), f"{text} {number}"] for number in range(20)]]
    path = write(tmp_path / "a.csv", rows, "|", encoding)
    assert cells(read_raw_table(path).frame) == rows[1:]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_characters_are_known_without_a_mark(tmp_path, encoding):
    path = write(tmp_path / "a.csv", [["id", "näme"], ["1", "字"]], ",", encoding)
    assert cells(read_raw_table(path).frame) == [["1", "字"]]


def qualtrics(delimiter, encoding, path):
    ids = [f'{{"ImportId":"QID{number}"}}' for number in range(2)]
    questions = ["How often,\n\ndo you work together?", ""]
    rows = [["Q1", "Q2"], questions, ids, ["1", "2"], ["", "4"]]
    return write(path, rows, delimiter, encoding), rows


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8-sig"), ("\t", "utf-16")])
def test_the_extra_rows_of_qualtrics_become_labels(tmp_path, delimiter, encoding):
    path, rows = qualtrics(delimiter, encoding, tmp_path / "a.csv")
    raw = read_raw_table(path)
    assert raw.labels == {"Q1": rows[1][0]}
    assert cells(raw.frame) == [["1", "2"], [None, "4"]]
    assert next(iterate_chunks(path)).labels == raw.labels


def test_one_column_needs_no_delimiter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'a\n1\n""\n3')
    assert cells(read_raw_table(path).frame) == [["1"], [None], ["3"]]


def test_blank_rows_at_the_end_and_old_line_ends_are_harmless(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\r1,2\r3,4\r\r\r")
    assert cells(read_raw_table(path).frame) == [["1", "2"], ["3", "4"]]


def test_pieces_are_numbered_through_and_as_long_as_asked(tmp_path):
    path = write(tmp_path / "a.csv", [["a", "b"], *[[str(n), "x"] for n in range(10)]])
    pieces = [piece.frame for piece in iterate_chunks(path, rows=4)]
    assert [len(piece) for piece in pieces] == [4, 4, 2]
    pd.testing.assert_frame_equal(pd.concat(pieces), read_raw_table(path).frame)
