"""A roster: who is on it and did not answer is no error; who answered and is not on it is."""

import csv

import pytest

from learning_with_others.data.reading import read_study
from learning_with_others.data.validation.findings import errors
from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file
from learning_with_others.study import load_study

STUDENTS = [
    ("s1", "N", "1", "2.5"),
    ("s2", "N", "2", "3.0"),
    ("s3", "M", "1", "3.5"),
]
ROSTER = [("s1", "N", "1"), ("s2", "N", "2"), ("s3", "M", "1"), ("s4", "M", "2")]
DEFINITION = """
name: with-roster
title: A study with a roster
question: Who answered?
synthetic: true
provenance: {{ source: made for a test, licence: CC0 1.0 }}
tables:
  students: {{ path: students.csv, sha256: {students}, key: [student] }}
  roster: {{ path: roster.csv, sha256: {roster}, key: [{key}]{more} }}
codebook: codebook.csv
roles:
  student: student
  school: school
  group: {{ label: race, column: race, focal: Black, reference: White }}
  exposure: {{ column: points, label: Points, varies_by: student }}
  outcomes: {{ points: {{ label: Points, column: points, source: records }} }}
analysis:
  minimum_cell: 10
  interval_probability: 0.95
  practical_equivalence: 0.1
  rows: each_outcome
  seed: 1
  priors: {{ set: weakly_informative, alternatives: [] }}
"""
CODEBOOK = [
    ("table", "column", "label", "type", "unit", "codes", "missing"),
    *((t, "student", "Student", "identifier", "", "", "") for t in ("students", "roster")),
    *((t, "school", "School", "identifier", "", "", "") for t in ("students", "roster")),
    *((t, "race", "Race", "category", "", "1=White|2=Black", "") for t in ("students", "roster")),
    ("students", "points", "Points", "number", "points", "", ""),
]


def make(folder, *, students=STUDENTS, roster=ROSTER, codebook=CODEBOOK, key="student", more=""):
    tables = {
        "students.csv": [("student", "school", "race", "points"), *students],
        "roster.csv": [("student", "school", "race"), *roster],
        "codebook.csv": codebook,
    }
    for name, rows in tables.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    hashes = {name: hash_file(folder / f"{name}.csv") for name in ("students", "roster")}
    text = DEFINITION.format(**hashes, key=key, more=more)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(folder)


def test_a_roster_may_hold_more_than_those_who_answered(tmp_path):
    data = read_study(make(tmp_path))
    assert data.tables["roster"]["student"].tolist() == ["s1", "s2", "s3", "s4"]
    assert data.tables["roster"]["race"].tolist() == ["White", "Black", "White", "Black"]
    assert not errors(data.warnings)


def test_who_answered_and_is_not_on_it_is_an_error_with_its_place(tmp_path):
    study = make(tmp_path, roster=[row for row in ROSTER if row[0] != "s2"])
    with pytest.raises(CompendiumError) as caught:
        read_study(study)
    for part in ("students.csv", "row 3", "column student", "'s2'", "add the row to roster"):
        assert part in str(caught.value)


def test_only_the_rows_kept_are_on_it(tmp_path):
    study = make(tmp_path, more=", rows: { school: N }")
    with pytest.raises(CompendiumError, match="'s3'"):
        read_study(study)


def test_nobody_is_on_it_twice(tmp_path):
    with pytest.raises(CompendiumError, match="repeats the key"):
        read_study(make(tmp_path, roster=[*ROSTER, ROSTER[0]]))


def test_its_key_is_the_student(tmp_path):
    with pytest.raises(CompendiumError, match="roster's key is not 'student'"):
        read_study(make(tmp_path, key="school"))


def test_it_calls_the_groups_as_the_students_table_does(tmp_path):
    codebook = [
        (*line[:5], "1=white|2=black", "") if line[:2] == ("roster", "race") else line
        for line in CODEBOOK
    ]
    with pytest.raises(CompendiumError, match=r"'Black'.*did you mean 'black'"):
        read_study(make(tmp_path, codebook=codebook))
