"""Coded passages: what an export leaves out comes from the table of sessions."""

import pandas as pd

from learning_with_others.data.measures.excerpts import COLUMNS, coded_excerpts, one_coding
from learning_with_others.data.measures.theme_codebook import theme_codebook


def exported(**more):
    """What software gives: no session, school, source or group."""
    return pd.DataFrame(
        {
            "excerpt": ["a", "b", "b"],
            "document": ["one.txt", "two.txt", "two.txt"],
            "theme": ["time", "time", "space"],
            **more,
        }
    )


def test_sessions_add_what_an_export_leaves_out():
    sessions = pd.DataFrame(
        {
            "document": ["two.txt", "one.txt"],
            "session": ["S2", "S1"],
            "school": ["B", "A"],
            "source": "interview",
            "group": ["teachers", "students"],
        }
    )
    found = coded_excerpts({"excerpts": exported(), "sessions": sessions})
    assert list(found) == COLUMNS
    assert found["session"].tolist() == ["S1", "S2", "S2"]
    assert found["group"].tolist() == ["students", "teachers", "teachers"]


def test_without_sessions_and_coders_each_document_is_one_and_there_is_one_coder():
    found = coded_excerpts({"excerpts": exported()})
    assert found["session"].tolist() == found["document"].tolist()
    assert len(set(found["coder"])) == 1


def test_a_passage_without_a_theme_is_no_coding():
    found = coded_excerpts({"excerpts": exported(theme=["time", None, "space"])})
    assert found["theme"].tolist() == ["time", "space"]


def test_each_document_keeps_the_coder_of_most_documents_where_they_coded_it():
    table = pd.DataFrame(
        [
            ("one", "Ada", "time"), ("two", "Ada", "time"), ("two", "Ben", "space"),
            ("three", "Ben", "space"), ("three", "Cem", "time"), ("four", "Ada", "time"),
        ],
        columns=["document", "coder", "theme"],
    )  # fmt: skip
    kept = one_coding(table)
    assert kept["document"].is_unique
    assert dict(zip(kept["document"], kept["coder"], strict=True)) == {
        "one": "Ada", "two": "Ada", "three": "Ben", "four": "Ada",
    }  # fmt: skip


def test_a_codebook_of_software_has_no_directions():
    themes = theme_codebook({"themes": pd.DataFrame({"theme": ["a"], "definition": [None]})})
    assert themes.to_dict("records") == [
        {
            "theme": "a",
            "definition": "",
            "parent": "",
            "research_question": "",
            "direction": "neither",
        }
    ]
