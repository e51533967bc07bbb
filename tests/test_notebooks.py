"""Notebook sources are stripped and labelled; executed ones give nothing away."""

import json
import re

import pytest
from conftest import QUICK_BUILD, ROOT, SMALL_BUILD

from learning_with_others.exhibits.shown import read_exhibits

SOURCES = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_sources_are_stripped_and_every_cell_has_a_telling_id(path):
    cells = json.loads(path.read_text())["cells"]
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    for cell in cells:
        assert re.fullmatch(r"[a-z][a-z-]+", cell["id"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_result_names_the_cell_that_records_it(path):
    for cell in json.loads(path.read_text())["cells"]:
        named = re.findall(r"\bcell=\"([^\"]+)\"|\"cell\": \"([^\"]+)\"", "".join(cell["source"]))
        for pair in named:
            assert "".join(pair) == cell["id"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_notebooks_hold_no_logic(path):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            assert not re.search(r"^\s*(def|class|while|try)\b", source, flags=re.MULTILINE)


def executed():
    found = [p for p in QUICK_BUILD.glob("[0-9]*.ipynb") if ".failed" not in p.name]
    assert found, "make test builds project-star PROFILE=quick first"
    return found


def test_executed_notebooks_hold_no_path_of_this_machine_and_no_child(students):
    children = set(students["student"])
    for path in executed():
        text = path.read_text()
        assert str(ROOT) not in text
        for cell in json.loads(text)["cells"]:
            for output in cell.get("outputs", []):
                plain = "".join(output.get("data", {}).get("text/plain", ""))
                assert not children & set(re.findall(r"\b\d{4,6}\b", plain)), (path, cell["id"])


def test_on_the_small_study_every_notebook_shows_all_that_it_has_to_show():
    assert (SMALL_BUILD / "08-report/report.html").is_file(), "make small-notebooks runs them first"
    for stage in (path.stem for path in SOURCES[:-1]):
        shown, failed = read_exhibits(SMALL_BUILD / stage)
        assert shown, stage
        assert not failed, failed
