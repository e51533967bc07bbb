"""What the scan of an executed notebook finds, and what it lets pass."""

import pandas as pd
import pytest

from learning_with_others.data.disclosure.notebooks import scan_notebook

NUMBERS = frozenset(str(number) for number in range(100_017, 140_017, 4))
NAMES = frozenset(["S-0417", "S-0418", "0099"])
COLUMNS = {"student", "grade", "race", "gender", "math", "reading"}
ROWS = pd.DataFrame(
    {
        "student": ["100017", "100021", "100025"],
        "grade": ["1", "2", "3"],
        "race": ["Black", "White", "Black"],
        "math": [480.0, 510.0, 495.0],
    }
)


def display(**data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def html(text):
    return display(**{"text/html": text, "text/plain": "<object>"})


def svg(text):
    return display(**{"image/svg+xml": f"<svg><style>.a{{x:1}}</style>{text}</svg>"})


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def frame(table):
    return display(**{"text/html": table._repr_html_(), "text/plain": repr(table)})


def scan(output, identifiers=NUMBERS):
    cells = [
        {"cell_type": "markdown", "id": "words", "source": "100017"},
        {"cell_type": "code", "id": "here", "source": "100017", "outputs": [output]},
    ]
    return scan_notebook(cells, identifiers, "student", COLUMNS)


@pytest.mark.parametrize(
    "output",
    [
        frame(ROWS),
        stream(repr(ROWS)),
        frame(ROWS.drop(columns="student")),
        stream(repr(ROWS.drop(columns="student"))),
        html(ROWS.style.hide(axis="index").to_html()),
        html(ROWS.drop(columns="student").style.to_html()),
        stream(str(ROWS["student"].tolist())),
        stream("100017,100021,100025"),
        stream(repr(ROWS["student"])),
        stream("student 100017 left"),
        stream("student: '100017'"),
        svg("<text>100017</text><text>100021</text><!-- 100025 -->"),
        svg('<g id="100017"/><g id="100021"/><g id="100025"/>'),
        display(**{"application/json": {"rows": ["100017", "100021", "100025"]}}),
        display(**{"text/markdown": "| 100017 | 100021 | 100025.0 |"}),
    ],
)
def test_records_and_numbered_identifiers_are_found(output):
    findings = scan(output)
    assert {finding.cell for finding in findings} == {"here"}
    assert not any("100017" in finding.problem for finding in findings)


@pytest.mark.parametrize(
    "output",
    [
        stream("highest: S-0417."),
        stream("['0099']"),
        html("<table><tr><td>S-0418</td></tr></table>"),
        svg("<text>S-0417</text>"),
        svg("<!-- S-0417 -->"),
    ],
)
def test_one_identifier_that_is_no_number_is_enough(output):
    assert scan(output, NAMES)


@pytest.mark.parametrize(
    "output",
    [
        stream("100,017 rows, 100,021 cells, 100,025 draws"),
        stream("100017.5 and 0.100021 and x100025"),
        stream("draws: 100017"),
        svg('<path d="M 100017 100021 L 100025 100029"/>'),
        display(**{"image/png": "MTAwMDE3 100017 100021 100025"}),
        frame(ROWS[["math"]].describe()),
        frame(ROWS.groupby("race", observed=True)[["math"]].mean()),
        html(pd.DataFrame({"group": ["Black"], "n": [2006]}).style.hide(axis="index").to_html()),
        display(**{"text/markdown": "One row for each student and grade\n\n3 grades in all"}),
    ],
)
def test_summaries_pass(output):
    assert scan(output) == []


def test_counts_pass_in_a_study_that_numbers_its_students_from_one():
    dense = frozenset(str(number) for number in range(1, 30_001))
    assert scan(stream("rows: 2006, 3921, 11598, 12000, 417"), dense) == []


def test_records_are_found_in_a_study_that_numbers_its_students_from_one():
    dense = frozenset(str(number) for number in range(1, 30_001))
    assert scan(frame(ROWS.assign(student=["1", "2", "3"])), dense)
