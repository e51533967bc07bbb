"""A commented study folder that validates as it stands, to be replaced piece by piece."""

import csv
import io
from pathlib import Path

from learning_with_others.data.codebook import HEADINGS
from learning_with_others.data.drafting import ANALYSIS, folder_made_beside
from learning_with_others.files import hash_file

CODEBOOK = [
    ["students", "student", "Student (arbitrary code)", "identifier", "", "", ""],
    ["students", "classroom", "Classroom", "identifier", "", "", ""],
    ["students", "school", "School", "identifier", "", "", ""],
    ["students", "race", "Race or ethnicity", "category", "", "1=Black|2=White|3=Other", ""],
    [
        "students",
        "work_1",
        "We help each other with hard problems",
        "item",
        "",
        "1=never|2=sometimes|3=often",
        "9=skipped on purpose",
    ],
    ["students", "work_2", "I work alone", "item", "", "1=never|2=sometimes|3=often", ""],
    ["students", "grade_points", "Grade point average", "number", "points", "", ""],
]
STUDENTS = [
    ["student", "classroom", "school", "race", "work_1", "work_2", "grade_points"],
    ["001", "A", "North", "1", "3", "1", "3.4"],
    ["002", "A", "North", "2", "2", "2", "3.1"],
    ["003", "B", "North", "1", "1", "3", "2.2"],
    ["004", "B", "North", "3", "9", "2", ""],
]
DEFINITION = """\
# yaml-language-server: $schema=../study.schema.json
# A new study, with four invented rows so that it validates as it stands:
#   make validate STUDY={name}
# Replace raw/students.csv, describe its columns in codebook.csv, and edit below.
# An unknown key, a code without a label or a column without a line in the codebook is an error.
name: {name}
title: "A new study"
question: "Who has the opportunity, and who benefits?"
synthetic: true                 # false once the rows are real
restricted: true                # true: no file of the data can be committed, only gated outputs

provenance:
  source: "Invented rows of make new-study"
  licence: "none"

tables:                 # also: teachers, classrooms, schools, observations, excerpts, roster
  students:
    path: raw/students.csv      # or .tsv .xlsx .parquet .sav .zsav .por .dta .sas7bdat .xpt
    sha256: {sha256}            # sha256sum raw/students.csv
    key: [student]              # columns that tell rows apart
codebook: codebook.csv          # types: identifier, category, item, number, date

constructs:                     # the construct map: item, (element,) construct, domain
  working_together:
    label: Working together
    domain: opportunity
    source: student survey
    items: [work_1, work_2]
    reversed: [work_2]          # a higher code is less of the construct

roles:
  student: student
  classroom: classroom          # leave out where there are none
  school: school
  race:                         # several answers allowed? use select: and coding: instead
    column: race
    focal: Black
    reference: White
  exposure: {{ scale: working_together, label: working together, varies_by: student }}
  outcomes:                     # in causal order
    grade_points: {{ label: Grade point average, column: grade_points, source: records }}
  covariates: []

"""


def new_study(folder: Path) -> None:
    """Write a study's folder from the examples above; it must not exist."""
    with folder_made_beside(folder) as beside:
        (beside / "raw/students.csv").write_text(_csv(STUDENTS), encoding="utf-8")
        (beside / "codebook.csv").write_text(_csv([HEADINGS, *CODEBOOK]), encoding="utf-8")
        sha256 = hash_file(beside / "raw/students.csv")
        text = DEFINITION.format(name=folder.name, sha256=sha256) + ANALYSIS
        (beside / "study.yaml").write_text(text, encoding="utf-8")


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
