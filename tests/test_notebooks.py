"""Notebook sources are stripped and labelled; executed ones give nothing away."""

import json
import re
import shutil

import nbformat
import pytest
from conftest import QUICK_BUILD, ROOT
from nbclient import NotebookClient

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


def test_each_notebook_runs_with_its_defaults_and_without_the_runner():
    """As people open them in JupyterLab: one after another, on the default study."""
    shutil.rmtree(ROOT / "build/lab", ignore_errors=True)
    for path in SOURCES:
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook, timeout=1800, resources={"metadata": {"path": str(ROOT / "notebooks")}}
        )
        client.execute()
    assert (ROOT / "build/lab/08-report/report.html").is_file()
