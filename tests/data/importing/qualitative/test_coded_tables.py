"""Taguette, Dedoose and QualCoder give the same columns; other tables stay as they are."""

import openpyxl
import pytest
from coded_files import write_qualcoder, write_word

from learning_with_others.data.importing import read_coded_project, read_raw_table
from learning_with_others.data.importing.qualitative.dedoose_word import read_dedoose_word
from learning_with_others.errors import CompendiumError

COLUMNS = ["excerpt", "document", "theme", "coder", "text", "start", "end"]


def rows(path):
    frame = read_raw_table(path).frame
    assert list(frame) == COLUMNS
    assert set(frame.dtypes.astype(str)) == {"str"}
    return frame.fillna("").to_numpy().tolist()


def written(path, *records):
    """A table as CSV, or as a workbook."""
    if path.suffix == ".csv":
        cells = [",".join(f'"{cell}"' for cell in record) for record in records]
        path.write_bytes("\r\n".join(cells).encode())
    else:
        book = openpyxl.Workbook()
        for record in records:
            book.active.append(record)
        book.save(path)
    return path


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_taguette_gives_one_row_for_each_tag_of_a_highlight(tmp_path, ending):
    path = written(
        tmp_path / f"highlights{ending}",
        ("id", "document", "tag", "content"),
        ("1", "Talk", "peers", "- They help, \nalways."),
        ("1", "Talk", "time", "- They help, \nalways."),
        ("2", "Talk", "time", "=No time 🙂" if ending == ".csv" else "No time 🙂"),
    )
    first, second, third = rows(path)
    assert first == ["Talk (highlight 1)", "Talk", "peers", "", "- They help, \nalways.", "", ""]
    assert second[:3] == ["Talk (highlight 1)", "Talk", "time"]
    assert third[4].endswith("No time 🙂")


HEADINGS = (
    *("Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Date", "Excerpt Copy"),
    "Codes Applied Combined",
)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_dedoose_gives_one_row_for_each_code_that_is_applied(tmp_path, ending):
    applied = [f"Code: {code} Applied" for code in ("Help", r"Help\peers", r"Harm\peers", "Time")]
    start = ("10/1/2026",)
    path = written(
        tmp_path / f"DedooseChartExcerpts{ending}",
        (*HEADINGS, *applied, "Code: Time Range", "Code: Time Weight"),
        ("Talk", "4-9", "ada", *start, "-yes", "Help, peers", True, True, False, False, "", ""),
        ("Talk", "4-9", "ben", *start, "-yes", "peers, Time", False, False, True, True, "1-5", "3"),
        ("Clip", "0:01-0:05", "ben", *start, "so", "Time", False, False, False, True, "", ""),
        ("PDF", "Page 2: 4-9", "ben", *start, "so", "", False, False, False, False, "", ""),
    )
    assert rows(path) == [
        ["Talk (4-9)", "Talk", "Help", "ada", "-yes", "4", "9"],
        ["Talk (4-9)", "Talk", "Help / peers", "ada", "-yes", "4", "9"],
        ["Talk (4-9)", "Talk", "Harm / peers", "ben", "-yes", "4", "9"],
        ["Talk (4-9)", "Talk", "Time", "ben", "-yes", "4", "9"],
        ["Clip (0:01-0:05)", "Clip", "Time", "ben", "so", "", ""],
    ]
    (note,) = read_raw_table(path).notes
    assert "1 passage without a code, left out: PDF (Page 2: 4-9)" in note


def test_dedoose_without_columns_of_codes_is_cut_at_commas(tmp_path):
    path = written(tmp_path / "a.csv", HEADINGS, ("T", "0-2", "ada", "", "so", "Time, peers"))
    assert [row[2] for row in rows(path)] == ["Time", "peers"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("maybe", "'maybe' says neither"), ("False", "'Time' are applied, and no column")],
)
def test_a_dedoose_table_that_contradicts_itself_is_refused(tmp_path, cell, expected):
    path = written(
        tmp_path / "a.csv",
        (*HEADINGS, "Code: Time Applied"),
        ("T", "0-2", "ada", "", "so", "Time", cell),
    )
    with pytest.raises(CompendiumError, match=f"a.csv, record 1.*{expected}"):
        read_raw_table(path)


def test_our_own_columns_and_other_tables_stay_as_they_are(tmp_path):
    own = written(tmp_path / "own.csv", (*COLUMNS, "session"), (*"abcd", "- so", "0", "4", "s1"))
    assert read_raw_table(own).frame.iloc[0].tolist() == [*"abcd", "- so", "0", "4", "s1"]
    other = written(tmp_path / "other.csv", ("id", "document", "text"), ("1", "a", "- so"))
    with pytest.raises(CompendiumError, match="starts like a formula"):
        read_raw_table(other)


CODED = """
INSERT INTO code_cat VALUES (1, 'Support', 'What helps.', NULL), (2, 'lost', '', 9);
INSERT INTO code_name VALUES (2, 'clock', '', NULL, '', 1), (3, 'Support ', '', 2, '', NULL);
INSERT INTO source VALUES (2, 'Board', NULL, '/images/b.png');
INSERT INTO code_text VALUES (5, 1, 1, '🙂 you', 6, 11, 'Ada', '', ''),
  (6, 2, 1, '🙂 you', 6, 11, 'Ben', '', ''), (7, 1, 1, 'old', 0, 3, NULL, '', '');
INSERT INTO code_image VALUES (1, 2, 10, 20, 30, 40, 1, 'Ben');
"""


def test_qualcoder_gives_its_codings_and_is_left_alone(tmp_path):
    path = write_qualcoder(tmp_path / "data.qda", CODED)
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert rows(path) == [
        ["Talk (0-3)", "Talk", "time", "", "old", "0", "3"],
        ["Talk (6-11)", "Talk", "time", "Ada", "🙂 you", "6", "11"],
        ["Talk (6-11)", "Talk", "clock", "Ben", "🙂 you", "6", "11"],
        ["Board (10, 20, 30, 40)", "Board", "time", "Ben", "", "", ""],
    ]
    project = read_coded_project(path)
    assert project.codebook().frame.fillna("").to_numpy().tolist() == [
        ["Support", "What helps.", ""],
        ["lost", "", ""],
        ["time", "When.", "Support"],
        ["clock", "", "time"],
        ["Support ", "", "lost"],
    ]
    assert project.documents == {"Talk": "Hello 🙂 you", "Board": None}
    assert "1 passage whose words are no longer those" in project.notes[0]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]


BODY = (
    "<w:p><w:r><w:t>So </w:t></w:r>"
    '<w:commentRangeStart w:id="0"/><w:r><w:t>it was</w:t><w:tab/></w:r></w:p>'
    '<w:p><w:commentRangeStart w:id="1"/><w:r><w:t>hard</w:t></w:r><w:commentRangeEnd w:id="0"/>'
    '<w:r><w:t> to say</w:t></w:r><w:commentRangeEnd w:id="1"/></w:p>'
    '<w:p><w:r><w:t>at all</w:t><w:commentReference w:id="2"/></w:r></w:p>'
)


def test_a_word_export_gives_each_paragraph_of_a_comment_as_a_code(tmp_path):
    comments = [
        ["Codes (3-14)", "Time", " peers "],
        ["Codes (9-20)", "Time"],
        ["Codes (21-30)", "x"],
        ["Well said"],
    ]
    path = write_word(tmp_path / "talk_ada.docx", comments, BODY)
    assert rows(path) == [
        ["talk_ada (3-14)", "talk_ada", "Time", "talk_ada", "it was\t\nhard", "3", "14"],
        ["talk_ada (3-14)", "talk_ada", "peers", "talk_ada", "it was\t\nhard", "3", "14"],
        ["talk_ada (9-20)", "talk_ada", "Time", "talk_ada", "hard to say", "9", "20"],
        ["talk_ada (21-30)", "talk_ada", "x", "talk_ada", "at all", "21", "30"],
    ]
    assert read_raw_table(path).notes == ("not read: 1 comment without a range of codes",)


def test_the_coder_is_the_comments_author_unless_that_is_nobody(tmp_path):
    comments = [("Ada Lee", ["Codes (0-1)", "x"]), ("Coder", ["Codes (0-1)", "x"])]
    path = write_word(tmp_path / "talk.docx", comments, "")
    assert [row[3] for row in rows(path)] == ["Ada Lee", "talk"]
    project = read_dedoose_word(path, document="Talk", coder="Ben")
    assert {(each.selection.document, each.coder) for each in project.codings} == {("Talk", "Ben")}
