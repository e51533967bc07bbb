"""Exports of real programs, which are not shipped with the compendium."""

import pytest
from coded_files import shared_file

from learning_with_others.data.importing import read_coded_project, read_raw_table


@pytest.mark.parametrize(
    ("file", "codes", "documents", "selections", "codings", "coders"),
    [
        ("qc-demo.qdpx", 262, 2, 158, 205, 1),
        ("nvivo_project.qdpx", 262, 2, 0, 0, 2),
        ("atlasti-target-atlas-project.qdpx", 3, 0, 0, 0, 2),
        ("qdapy-sample.qdpx", 4, 4, 5, 7, 2),
        ("portableQDA_Atlasti.qdc", 5, 0, 0, 0, 0),
        ("portableqda-REFI-QDA-1-5.qdc", 6, 0, 0, 0, 0),
        ("coder_a.docx", 6, 1, 6, 6, 1),
        ("coder_b.docx", 5, 1, 5, 5, 1),
        ("coder_c.docx", 5, 1, 5, 5, 1),
    ],
)
def test_a_real_export_is_read_whole(file, codes, documents, selections, codings, coders):
    project = read_coded_project(shared_file(file))
    found = project.codes, project.documents, project.selections, project.codings, project.coders
    assert [len(part) for part in found] == [codes, documents, selections, codings, coders]
    assert len(set(project.themes.values())) == codes


def test_passages_of_the_demo_project_are_whole_lines_of_its_text():
    table = read_raw_table(shared_file("qc-demo.qdpx"))
    assert len(table.frame) == 205
    assert table.frame["excerpt"].nunique() == 158
    # The program that made it codes lines: none begins or ends within a line of the transcript.
    text = read_coded_project(table.path).documents["board_2017.txt"]
    ends = table.frame["end"].astype(int)
    assert table.frame["text"].str.endswith("\n").all()
    assert all(text[end - 1] == "\n" for end in ends)


def test_codes_of_the_demo_project_are_nested_as_in_nvivo():
    books = [
        read_coded_project(shared_file(name)).codebook().frame.sort_values("theme")
        for name in ("qc-demo.qdpx", "nvivo_project.qdpx")
    ]
    assert books[0].to_numpy().tolist() == books[1].to_numpy().tolist()
    assert books[0]["theme"].str.contains(" / ").sum() == 19


def test_ranges_and_codes_of_three_coders_are_those_of_their_comments():
    ranges = {
        file: {
            row.theme: (int(row.start), int(row.end))
            for row in read_raw_table(shared_file(f"coder_{file}.docx")).frame.itertuples()
        }
        for file in "abc"
    }
    assert [ranges[file]["Policy views"] for file in "abc"] == [(0, 120), (20, 140), (10, 130)]
    assert [ranges[file]["Enforcement"] for file in "abc"] == [(0, 100), (100, 200), (0, 100)]
    assert ranges["a"]["Personal use"] == (140, 180)
    assert "Personal use" not in ranges["b"] | ranges["c"]
