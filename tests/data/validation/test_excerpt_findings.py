"""What is wrong with coded passages is said with file, row, column, value and remedy."""

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.validation.excerpt_findings import excerpt_findings
from learning_with_others.study import load_study

STUDY = load_study(ROOT / "data/learning-with-others")


def tables(**changes):
    """Two passages that are fine, with changes to the columns of their tables."""
    excerpts = {
        "excerpt": ["E1", "E2"],
        "document": ["D1", "D1"],
        "session": ["G1", "G2"],
        "source": ["student focus group"] * 2,
        "group": ["Black students", "non-Black students"],
        "theme": ["relevance", "exclusion"],
        "start": [0.0, 20.0],
        "end": [10.0, 30.0],
        "sentiment": ["negative", "positive"],
    }
    themes = {
        "theme": ["relevance", "exclusion"],
        "definition": ["…", "…"],
        "parent": [None, "relevance"],
        "direction": ["helps", "hinders"],
    }
    given = {"excerpts": excerpts, "themes": themes}
    for name, columns in changes.items():
        given[name] = given.get(name, {}) | columns
    return {
        name: pd.DataFrame({c: v for c, v in columns.items() if v is not None}, index=[2, 3])
        for name, columns in given.items()
    }


def study(**declared):
    chosen = {"joint_displays": {}, "quoted": [], **declared}
    groups = STUDY.qualitative.groups.model_copy(update={"teachers": None})
    qualitative = STUDY.qualitative.model_copy(update={"groups": groups, **chosen})
    return STUDY.model_copy(update={"qualitative": qualitative})


def findings(changes=None, **declared):
    return excerpt_findings(study(**declared), tables(**(changes or {})))


def test_sound_passages_have_no_finding():
    assert findings() == []


@pytest.mark.parametrize(
    ("changes", "file", "row", "column", "value"),
    [
        ({"excerpts": {"end": [10.0, 20.0]}}, "excerpts", "3", "start", "20–20"),
        ({"excerpts": {"start": [-1.0, 20.0]}}, "excerpts", "2", "start", "-1–10"),
        (
            {"excerpts": {"sentiment": ["negativ", "positive"]}},
            "excerpts",
            "2",
            "sentiment",
            "negativ",
        ),
        ({"excerpts": {"group": ["Black students", None]}}, "excerpts", "3", "group", ""),
        ({"excerpts": {"source": [None, None]}}, "excerpts", "2", "source", ""),
        (
            {"excerpts": {"session": ["G1", None], "document": ["D1", None]}},
            "excerpts",
            "3",
            "",
            "",
        ),
        ({"excerpts": {"session": ["G1", "G1"]}}, "excerpts", "2", "group", "G1"),
        ({"themes": {"direction": ["helps", "hinder"]}}, "themes", "3", "direction", "hinder"),
        ({"themes": {"parent": [None, "relevanc"]}}, "themes", "3", "parent", "relevanc"),
    ],
)
def test_a_wrong_cell_is_named(changes, file, row, column, value):
    (found,) = (f for f in findings(changes) if not f.column.startswith("qualitative"))
    assert file in found.file
    assert (found.row, found.column, found.value) == (row, column, value)
    assert found.remedy


@pytest.mark.parametrize("column", ["source", "group", "theme"])
def test_a_missing_column_is_named_with_a_remedy(column):
    (found,) = findings({"excerpts": {column: None}})
    assert column in found.rule
    assert "sessions" in found.remedy


def test_a_table_of_sessions_gives_what_the_passages_lack():
    absent = dict.fromkeys(("session", "source", "group"))
    sessions = {
        "document": ["D1", "D2"],
        "source": ["student focus group"] * 2,
        "group": ["Black students", "non-Black students"],
    }
    assert findings({"excerpts": absent, "sessions": sessions}) == []


@pytest.mark.parametrize(
    ("declared", "key", "value"),
    [
        ({"quoted": ["E3"]}, "quoted", "E3"),
        ({"quotations": "paraphrased"}, "quotations", "paraphrased"),
        (
            {"joint_displays": STUDY.qualitative.joint_displays},
            "joint_displays.RQ1.rows",
            "learning from peers",
        ),
    ],
)
def test_what_is_declared_must_be_there(declared, key, value):
    found = findings(**declared)[0]
    assert (found.column, found.value) == (f"qualitative.{key}", value)
    assert found.remedy


def test_groups_that_no_session_has_are_refused_with_the_nearest():
    (found,) = findings({"excerpts": {"group": ["Black student", "non-Black students"]}})
    assert found.value == "Black students"
    assert "Black student" in found.remedy


@pytest.mark.parametrize("absent", ["qualitative", "excerpts", "themes"])
def test_passages_themes_and_their_declaration_go_together(absent, tmp_path):
    text = (ROOT / "data/learning-with-others/study.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition(f"\n{absent}:" if absent == "qualitative" else f"\n  {absent}:")
    if absent == "qualitative":
        rest = rest[rest.index("\nconstructs:") :]
    else:
        rest = rest[rest.index("\n    key:") + 1 :]
        rest = rest[rest.index("\n") :]
    (tmp_path / "study.yaml").write_text(head + rest, encoding="utf-8")
    with pytest.raises(Exception, match="go together") as error:
        load_study(tmp_path)
    assert absent in str(error.value).split("is missing")[0]
