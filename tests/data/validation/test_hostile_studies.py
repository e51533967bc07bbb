"""A small study of two tables, broken in every way we could think of.

Each break gives one clear error with its place, changes no file and shows no traceback.
"""

import csv
import hashlib
import io
import shutil

import pytest

from learning_with_others.data.new_study import new_study
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file
from learning_with_others.pipeline.study_tools import main
from learning_with_others.study import load_study

ITEMS = [f"i{k}" for k in range(1, 5)]
CLASSROOM_LINES = [
    ["classrooms", "classroom", "Classroom", "identifier", "", "", ""],
    ["classrooms", "opened", "First day", "date", "", "", ""],
]


def rows():
    """Forty students in two classrooms whose answers hang together."""
    out = [["student", "classroom", "school", "race", *ITEMS, "points"]]
    for k in range(40):
        base = 1 + k % 3
        answers = [base, 4 - base, min(3, base + k % 2), base]
        race = "1" if k % 2 else "2"
        out.append([f"s{k}", "AB"[k % 2], "N", race, *map(str, answers), f"{2 + k / 40:.2f}"])
    return out


@pytest.fixture
def study_folder(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDY", str(folder))
    new_study(folder)
    codebook = list(csv.reader(io.StringIO((folder / "codebook.csv").read_text())))
    head = [line for line in codebook if not line[1].startswith(("work_", "grade_points"))]
    scale = "1=never|2=sometimes|3=often"
    items = [["students", item, item, "item", "", scale, "9=skipped"] for item in ITEMS]
    points = [["students", "points", "Points", "number", "", "", "99=unknown"]]
    write(folder / "codebook.csv", [*head, *items, *points, *CLASSROOM_LINES])
    write(folder / "raw/students.csv", rows())
    write(folder / "raw/classrooms.csv", [["classroom", "opened"], ["A", "2017-08-07"], ["B", ""]])
    text = (folder / "study.yaml").read_text()
    text = text.replace("items: [work_1, work_2, work_3, work_4]", "items: [i1, i2, i3, i4]")
    text = text.replace("reversed: [work_2] ", "reversed: [i2] ")
    text = text.replace("    grade_points: { label", "    points: { label")
    text = text.replace("column: grade_points", "column: points")
    classrooms = (
        "  classrooms: { path: raw/classrooms.csv, key: [classroom], "
        f"sha256: {hash_file(folder / 'raw/classrooms.csv')} }}\ncodebook:"
    )
    (folder / "study.yaml").write_text(text.replace("codebook:", classrooms, 1))
    declare(folder)
    return folder


def write(path, table):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)


def declare(folder):
    """Declare the hashes of the files as they are, as a user would after a change."""
    path = folder / "study.yaml"
    lines = []
    for line in path.read_text().split("\n"):
        if line.strip().startswith("sha256:"):
            line = f"    sha256: {hash_file(folder / 'raw/students.csv')}"  # noqa: PLW2901
        elif "classrooms.csv" in line:
            found = hash_file(folder / "raw/classrooms.csv")
            line = f"{line.split('sha256:')[0]}sha256: {found} }}"  # noqa: PLW2901
        lines.append(line)
    path.write_text("\n".join(lines))


def test_the_study_is_valid_before_it_is_broken(study_folder):
    assert main(["validate"]) == 0
    data = read_study(load_study(study_folder))
    assert len(data.students) == 40
    assert data.students["working_together"].notna().all()


def cell(row, column, value):
    def change(folder):
        table = rows()
        table[row - 1][table[0].index(column)] = value
        write(folder / "raw/students.csv", table)

    return change


def students(make):
    return lambda folder: write(folder / "raw/students.csv", make(rows()))


def raw_bytes(make):
    def change(folder):
        path = folder / "raw/students.csv"
        path.write_bytes(make(path.read_bytes()))

    return change


def definition(old, new):
    def change(folder):
        path = folder / "study.yaml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return change


def codebook(old, new):
    def change(folder):
        path = folder / "codebook.csv"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return change


def classrooms(table):
    return lambda folder: write(folder / "raw/classrooms.csv", table)


WIDE = 1_000_000
BROKEN = {
    # codes and numbers
    "unlabelled code": (cell(5, "i1", "7"), ["row 5", "i1", "'7'", "code without a label"]),
    "9 for missing, unlabelled": (
        cell(6, "race", "9"),
        ["row 6", "race", "'9'", "without a label"],
    ),
    "99 among answers": (cell(6, "i3", "99"), ["row 6", "i3", "'99'"]),
    "label instead of code": (cell(4, "i2", "often"), ["row 4", "i2", "'often'"]),
    "code with a decimal": (cell(4, "i2", "2.0"), ["row 4", "i2", "'2.0'"]),
    "code with a space": (cell(4, "race", "1 "), ["row 4", "race", "'1 '"]),
    "number with a letter O": (cell(9, "points", "2.O1"), ["row 9", "points", "not a number"]),
    "number with a comma": (cell(9, "points", "2,5"), ["row 9", "points", "'2,5'"]),
    "number with a percent sign": (cell(9, "points", "85%"), ["row 9", "points", "'85%'"]),
    "NaN as text": (cell(9, "points", "NaN"), ["row 9", "points", "'NaN'"]),
    "NA as text": (cell(9, "i1", "NA"), ["row 9", "i1", "'NA'"]),
    "infinity": (cell(9, "points", "inf"), ["row 9", "points", "'inf'"]),
    # keys
    "student twice": (cell(4, "student", "s0"), ["row 4", "student", "'s0'", "repeats the key"]),
    "student without a code": (
        cell(4, "student", ""),
        ["row 4", "student", "identifier is missing"],
    ),
    "a key that no row holds": (
        students(lambda t: [t[0], *(["", *row[1:]] for row in t[1:])]),
        ["student", "part of the key, and no row holds it", "take it out of the table's key"],
    ),
    "classroom of nobody": (
        cell(7, "classroom", "C"),
        ["row 7", "'C'", "not in the table classrooms"],
    ),
    "classroom in another case": (cell(7, "classroom", "a"), ["row 7", "'a'", "not in the table"]),
    # columns
    "column missing": (students(lambda t: [r[:-1] for r in t]), ["points", "does not have"]),
    "column unknown": (
        students(lambda t: [[*t[0], "secret"], *([*r, "1"] for r in t[1:])]),
        ["secret", "does not describe"],
    ),
    "column renamed": (cell(1, "race", "Race"), ["race", "does not have"]),
    "heading twice": (cell(1, "i2", "i1"), ["students.csv", "i1"]),
    "heading empty": (cell(1, "i2", ""), ["students.csv"]),
    "headings of a million columns": (
        raw_bytes(lambda _: ",".join(f"c{k}" for k in range(WIDE)).encode() + b"\n"),
        ["students.csv", "column"],
    ),
    # the file
    "empty file": (raw_bytes(lambda _: b""), ["students.csv", "empty"]),
    "headings only": (students(lambda t: t[:1]), ["students.csv"]),
    "row too long": (students(lambda t: [*t[:3], [*t[3], "x"], *t[4:]]), ["students.csv", "row 4"]),
    "row too short": (students(lambda t: [*t[:3], t[3][:-2], *t[4:]]), ["students.csv", "row 4"]),
    "bytes of no encoding": (
        raw_bytes(lambda b: b.replace(b"s3,", b"s\xff\xfe\x813,", 1)),
        ["students.csv"],
    ),
    "a null byte": (raw_bytes(lambda b: b.replace(b"s3,", b"s\x003,", 1)), ["students.csv"]),
    "quote never closed": (raw_bytes(lambda b: b.replace(b"s3,", b'"s3,', 1)), ["students.csv"]),
    "a workbook called .csv": (
        raw_bytes(lambda _: b"PK\x03\x04" + b"\0" * 60),
        ["students.csv"],
    ),
    "formula in a cell": (cell(5, "student", "=cmd|' /C calc'!A0"), ["students.csv", "row 5"]),
    "data changed after declaring": (None, ["is not the one declared"]),
    # other tables
    "impossible date": (
        classrooms([["classroom", "opened"], ["A", "2017-02-30"], ["B", ""]]),
        ["classrooms.csv", "row 2", "opened", "'2017-02-30'", "possible date"],
    ),
    "date of the future": (
        classrooms([["classroom", "opened"], ["A", "2999-01-01"], ["B", ""]]),
        ["row 2", "'2999-01-01'"],
    ),
    "classroom twice": (
        classrooms([["classroom", "opened"], ["A", ""], ["A", ""], ["B", ""]]),
        ["classrooms.csv", "row 3", "repeats the key"],
    ),
    # the construct map
    "reversed item not reversed": (
        definition("reversed: [i2] ", "reversed: [] "),
        ["i2", "negative", "is not listed as reversed"],
    ),
    "item reversed that is not": (
        definition("reversed: [i2] ", "reversed: [i1, i2] "),
        ["i1", "negative", "is listed as reversed"],
    ),
    "item of no codebook": (definition("i3, i4]", "i3, i5]"), ["i5", "no column", "'i"]),
    "reversed names no item": (definition("reversed: [i2] ", "reversed: [i9] "), ["i9"]),
    "item that is a number": (
        codebook("i4,i4,item,,1=never|2=sometimes|3=often,9=skipped", "i4,i4,number,,,"),
        ["i4", "is not of type item"],
    ),
    # the definition
    "path out of the folder": (
        definition("path: raw/students.csv", "path: ../mine/raw/students.csv"),
        ["leaves the study's folder"],
    ),
    "absolute path": (
        definition("path: raw/students.csv", "path: /etc/hostname"),
        ["leaves the study's folder"],
    ),
    "YAML that runs code": (
        definition('title: "A new study"', "title: !!python/object/apply:os.getcwd []"),
        ["not readable as YAML"],
    ),
    "unknown key": (definition("restricted:", "restrictd:"), ["restrictd", "'restricted'"]),
    "key twice": (definition("synthetic:", "restricted: false\nsynthetic:"), ["given twice"]),
    "focal group of no code": (definition("focal: Black", "focal: Blak"), ["'Blak'", "'Black'"]),
    "race column of no codebook": (
        definition("    column: race", "    column: ethnicity"),
        ["ethnicity", "no column"],
    ),
    "outcome of no codebook": (definition("column: points", "column: point"), ["'points'"]),
    "exposure of no construct": (
        definition("scale: working_together", "scale: working"),
        ["'working_together'"],
    ),
    "a table without codebook lines": (
        codebook("classrooms,", "classroom_,"),
        ["classroom", "codebook"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_break_gives_a_clear_error_and_changes_nothing(study_folder, capfd, name):
    change, expected = BROKEN[name]
    if change is None:
        (study_folder / "raw/students.csv").write_text("student\n")
    else:
        change(study_folder)
        declare(study_folder)
    before = {p: p.read_bytes() for p in study_folder.rglob("*") if p.is_file()}
    status = main(["validate"])
    told = "".join(capfd.readouterr())
    assert status == 1, told
    for part in expected:
        assert part in told
    assert "Traceback" not in told
    assert {p: p.read_bytes() for p in study_folder.rglob("*") if p.is_file()} == before
    with pytest.raises(CompendiumError):
        read_study(load_study(study_folder))


def test_there_are_at_least_forty_breaks():
    assert len(BROKEN) >= 40


def test_all_failures_are_listed_at_once_and_in_a_file(study_folder, tmp_path, capfd):
    table = rows()
    table[4][4], table[7][8], table[9][0] = "7", "x", "s0"
    write(study_folder / "raw/students.csv", table)
    declare(study_folder)
    assert main(["validate"]) == 1
    listed = list(csv.DictReader((tmp_path / "build/mine/validation.csv").open()))
    assert {(f["row"], f["column"]) for f in listed} == {
        ("5", "i1"),
        ("8", "points"),
        ("10", "student"),
    }
    for finding in listed:
        assert finding["rule"]
        assert finding["remedy"]
    assert "3 errors" in capfd.readouterr().out


def test_a_byte_order_mark_and_another_encoding_are_read(study_folder):
    table = rows()
    for row in table[1:]:
        row[2] = "Nørd"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    for encoding in ("utf-8-sig", "utf-16"):
        (study_folder / "raw/students.csv").write_bytes(text.getvalue().encode(encoding))
        declare(study_folder)
        assert (read_study(load_study(study_folder)).students["school"] == "Nørd").all()


def test_missing_codes_become_missing_and_are_no_errors(study_folder):
    cell(5, "i1", "9")(study_folder)
    declare(study_folder)
    students_ = read_study(load_study(study_folder)).students
    assert students_["i1"].isna().tolist() == [k == 3 for k in range(40)]


def test_suspicious_answers_are_flagged_and_kept(study_folder):
    table = rows()
    table[12][1] = ""
    write(study_folder / "raw/students.csv", table)
    declare(study_folder)
    data = read_study(load_study(study_folder))
    assert len(data.students) == 40
    assert [(f.severity, f.row, f.rule) for f in data.warnings] == [
        ("warning", "13", "no classroom is given")
    ]


def test_findings_do_not_run_in_a_spreadsheet(tmp_path):
    from learning_with_others.data.validation.findings import Finding, write_findings  # noqa: PLC0415

    finding = Finding("error", "f.csv", "2", "c", "=1+1", "rule", "remedy")
    write_findings([finding], tmp_path / "v.csv")
    assert "'=1+1" in (tmp_path / "v.csv").read_text()


def test_hashes_are_those_of_the_bytes(study_folder):
    path = study_folder / "raw/students.csv"
    assert hash_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    shutil.rmtree(study_folder / "raw")
    with pytest.raises(CompendiumError, match="is missing"):
        read_study(load_study(study_folder))
