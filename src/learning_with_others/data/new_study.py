"""A commented study folder that runs as it stands, to be replaced piece by piece."""

import csv
import io
from pathlib import Path

import numpy as np

from learning_with_others.data.codebook import HEADINGS
from learning_with_others.data.drafting import ANALYSIS, folder_made_beside
from learning_with_others.files import hash_file

ITEMS = {
    "work_1": "We help each other with hard problems",
    "work_2": "I work alone",
    "work_3": "We decide together how to work",
    "work_4": "Everybody in my group is heard",
}
REVERSED = "work_2"
LOWEST, HIGHEST = 1, 5
ANSWERS = "1=never|2=rarely|3=sometimes|4=often|5=always"
CODEBOOK = [
    ["students", "student", "Student (arbitrary code)", "identifier", "", "", ""],
    ["students", "classroom", "Classroom", "identifier", "", "", ""],
    ["students", "school", "School", "identifier", "", "", ""],
    ["students", "race", "Race or ethnicity", "category", "", "1=Black|2=White|3=Other", ""],
    *(
        ["students", item, wording, "item", "", ANSWERS, "9=skipped on purpose"]
        for item, wording in ITEMS.items()
    ),
    ["students", "grade_points", "Grade point average", "number", "points", "", ""],
]
SCHOOLS, CLASSROOMS, STUDENTS = 2, 6, 180  # response models need thirty students in each group
SHARES = {"1": 0.45, "2": 0.45, "3": 0.10}


def invented_students() -> list[list[str]]:
    """Invent students whose answers and grades hang together, and who are no one's; with a head."""
    rng = np.random.default_rng(1)
    out = [["student", "classroom", "school", "race", *ITEMS, "grade_points"]]
    for k in range(STUDENTS):
        room = k % CLASSROOMS
        together = rng.normal(0.2 * room)
        answers = np.clip(np.rint(2.5 + together + rng.normal(size=len(ITEMS))), LOWEST, HIGHEST)
        given = dict(zip(ITEMS, answers.astype(int), strict=True))
        given[REVERSED] = LOWEST + HIGHEST - given[REVERSED]
        shown = ["9" if rng.random() < 0.03 else str(answer) for answer in given.values()]  # noqa: PLR2004
        race = rng.choice(list(SHARES), p=list(SHARES.values()))
        points = f"{np.clip(2.6 + 0.3 * together + rng.normal(0, 0.5), 0, 4):.2f}"
        place = ["ABCDEF"[room], ("North", "South")[room % SCHOOLS]]
        out.append([f"{k + 1:03d}", *place, race, *shown, points])
    return out


DEFINITION = """\
# yaml-language-server: $schema=../study.schema.json
# A new study, with invented students so that it runs as it stands:
#   make validate STUDY={name}
#   make reproduce STUDY={name} PROFILE=quick
# Replace raw/students.csv, describe its columns in codebook.csv, and edit below.
# An unknown key, a code without a label or a column without a line in the codebook is an error.
name: {name}
title: "A new study"
question: "Who has the opportunity, and who benefits?"
people: students                # what those studied are called: students, children, pupils
synthetic: true                 # false once the rows are real
restricted: true                # true: no file of the data can be committed, only gated outputs

disclosure:
  policy: protected             # public: show every number, for data that anyone may have
  rounding_base: 10             # counts are rounded to multiples of it
  possible_values: 5            # so many values of a count must remain possible for a reader

provenance:
  source: "Invented rows of make new-study"
  licence: "none"

tables:         # also: teachers, classrooms, schools, observations, excerpts, themes, roster
  students:
    path: raw/students.csv      # or .tsv .xlsx .parquet .sav .zsav .por .dta .sas7bdat .xpt
    sha256: {sha256}            # sha256sum raw/students.csv
    key: [student]              # columns that tell rows apart
codebook: codebook.csv          # types: identifier, category, item, number, date, text

constructs:                     # the construct map: item, (element,) construct, domain
  working_together:
    label: Working together
    domain: opportunity
    source: student survey
    items: [work_1, work_2, work_3, work_4]
    reversed: [work_2]          # a higher code is less of the construct

roles:
  student: student
  classroom: classroom          # leave out where there are none
  school: school
  group:                        # the two groups compared
    label: race                 # what they are groups of: race, gender, home language
    column: race                # several answers allowed? use select: and coding: instead
    focal: Black
    reference: White
  exposure: {{ scale: working_together, label: working together, varies_by: student }}
  outcomes:                     # in causal order
    grade_points: {{ label: Grade point average, column: grade_points, source: records }}
    # A number needs no more. Yes or no: family: bernoulli. Ordered categories: ordered_logistic.
  covariates: []
  # pathway:                    # a chain: the exposure, then each block after the one before it
  #   blocks: [[a_construct, another], [grade_points]]    # constructs and outcomes, by name
  #   varying: [[working_together, a_construct, grade_points]]    # slopes differ by cluster
  #   covariates: {{ grade_points: [a_column] }}            # its own, in place of those above

"""


def new_study(folder: Path) -> None:
    """Write a study's folder from the examples above; it must not exist."""
    with folder_made_beside(folder) as beside:
        (beside / "raw/students.csv").write_text(_csv(invented_students()), encoding="utf-8")
        (beside / "codebook.csv").write_text(_csv([HEADINGS, *CODEBOOK]), encoding="utf-8")
        sha256 = hash_file(beside / "raw/students.csv")
        text = DEFINITION.format(name=folder.name, sha256=sha256) + ANALYSIS
        (beside / "study.yaml").write_text(text, encoding="utf-8")


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
