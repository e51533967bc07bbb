import subprocess
import sys

import pandas as pd
import pyreadstat
import pytest
import yaml
from conftest import ROOT

from learning_with_others.data.codebook import read_codebook
from learning_with_others.pipeline.study_tools import main
from learning_with_others.study import load_study


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty place with a data folder."""
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch):
    """Run a command with what was typed, as Make hands it over."""

    def run_(command, **typed):
        for name in ("STUDY", "PROFILE", "PARAMS", "OUT", "FROM", "NAME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in typed.items():
            monkeypatch.setenv(name, value)
        return main([command])

    return run_


def test_a_new_study_validates_as_it_stands(home, run):
    assert run("new", NAME="my-survey") == 0
    assert run("validate", STUDY="my-survey") == 0
    study = load_study(home / "data/my-survey")
    assert study.restricted
    assert "raw/" in (home / "data/my-survey/.gitignore").read_text()


def test_an_existing_folder_is_never_written_over(home, capsys, run):
    assert run("new", NAME="mine") == 0
    before = (home / "data/mine/study.yaml").read_text()
    assert run("new", NAME="mine") == 1
    assert run("draft", NAME="mine", FROM="data/mine/raw/students.csv") == 1
    assert "exists already" in capsys.readouterr().err
    assert (home / "data/mine/study.yaml").read_text() == before


@pytest.mark.parametrize("name", ["", "My Survey", "../mine", "-x"])
def test_a_name_that_is_none_is_refused(home, name, capsys, run):
    assert run("new", NAME=name) == 1
    assert "lower-case letters" in capsys.readouterr().err
    assert list((home / "data").iterdir()) == []


@pytest.fixture
def survey(home):
    """An SPSS file with labels and a user-missing code."""
    table = pd.DataFrame(
        {
            "stud_id": ["a", "b", "c"],
            "school": ["N", "N", "S"],
            "race": [1.0, 2.0, 1.0],
            "q1": [1.0, 4.0, 9.0],
            "gpa": [3.5, 2.25, 4.0],
            "score": [10.0, 12.0, 8.0],
        }
    )
    path = home / "survey.sav"
    pyreadstat.write_sav(
        table,
        path,
        column_labels={"q1": "We help each other"},
        variable_value_labels={
            "race": {1.0: "Black", 2.0: "White"},
            "q1": {1.0: "never", 4.0: "often", 9.0: "refused"},
        },
        missing_ranges={"q1": [9.0]},
    )
    return path


def test_a_draft_keeps_labels_and_missing_codes_and_marks_guesses(home, survey, capsys, run):
    before = survey.read_bytes()
    assert run("draft", NAME="drafted", FROM=str(survey)) == 0
    assert survey.read_bytes() == before
    folder = home / "data/drafted"
    columns = read_codebook(folder / "codebook.csv")["students"]
    assert columns["q1"].label == "We help each other"
    assert columns["q1"].codes == {"1": "never", "4": "often"}
    assert columns["q1"].missing == {"9": "refused"}
    assert columns["gpa"].type == "number"
    definition = (folder / "study.yaml").read_text()
    roles = yaml.safe_load(definition)["roles"]
    assert (roles["student"], roles["school"], roles["group"]["column"]) == (
        "stud_id",
        "school",
        "race",
    )
    assert (roles["group"]["focal"], roles["group"]["reference"]) == ("Black", "White")
    assert definition.count("# CONFIRM") > 8
    assert "confirm every line" in capsys.readouterr().out
    assert run("validate", STUDY="drafted") == 0


def test_a_draft_without_a_file_says_how(home, capsys, run):
    assert run("draft", NAME="x", FROM="") == 1
    assert "make draft-study FROM=" in capsys.readouterr().err
    assert run("draft", NAME="x", FROM="absent.sav") == 1
    assert "absent.sav" in capsys.readouterr().err
    assert list((home / "data").iterdir()) == []


@pytest.mark.parametrize("folder", sorted((ROOT / "data").glob("*/study.yaml")), ids=str)
def test_every_study_that_ships_is_defined_well(folder):
    assert load_study(folder.parent).name == folder.parent.name


def test_the_schema_for_editors_is_that_of_the_definition():
    done = subprocess.run(
        [sys.executable, "-c", "from write_schema import schema; print(schema(), end='')"],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ROOT / "data/study.schema.json").read_text() == done.stdout, (
        "run .venv/bin/python scripts/write_schema.py"
    )
