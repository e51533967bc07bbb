"""The architecture page says what the code does."""

import ast
import json
import re
from collections import Counter, defaultdict

import pytest
from conftest import ROOT

SOURCE = ROOT / "src/learning_with_others"
PACKAGE = "learning_with_others"
LIBRARIES = ("inference", "bayes", "psychometrics")
STAGES = ("quality", "measurement", "opportunity", "benefits", "pathways", "context")
# Files of one name that play the same part in sister folders.
SISTERS = {"__init__", "fit", "priors", "gaps", "density", "proposal", "statistics"}


def may_import():
    """Room to the rooms it may import, as the table of the architecture page says."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| `(\w+)/` \| .* \| (.*) \|$", page, re.MULTILINE)
    return {room: set(re.findall(r"`(\w+)`", allowed)) for room, allowed in rows}


def rooms_imported(text):
    """Rooms and top-level modules of ours that a piece of Python imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == PACKAGE:
                found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith(f"{PACKAGE}.")}
    return found


def test_the_page_names_every_room():
    assert set(may_import()) == {path.parent.name for path in SOURCE.glob("*/__init__.py")}


@pytest.mark.parametrize("room", sorted(may_import()))
def test_a_room_imports_what_the_page_allows(room):
    allowed = may_import()[room] | {room, "errors", "files"}
    for path in (SOURCE / room).rglob("*.py"):
        assert rooms_imported(path.read_text()) <= allowed, path


def test_what_the_page_allows_is_used():
    for room, allowed in may_import().items():
        used = set().union(*(rooms_imported(p.read_text()) for p in (SOURCE / room).rglob("*.py")))
        assert allowed <= used, f"{room} no longer imports {allowed - used}"


def test_libraries_know_no_study_and_no_stage_imports_another():
    page = may_import()
    for library in LIBRARIES:
        assert page[library] <= set(LIBRARIES)
    for stage in STAGES:
        assert not page[stage] & (set(STAGES) - {stage})


def test_the_rooms_form_no_circle():
    waiting, page = may_import(), may_import()
    while waiting:
        free = [room for room, allowed in waiting.items() if not allowed & set(waiting)]
        assert free, f"a circle among {sorted(waiting)}"
        waiting = {room: page[room] for room in waiting if room not in free}


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=str)
def test_a_notebook_imports_one_stage(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    assert len(rooms_imported(code) & {*STAGES, "reporting"}) == 1


def test_no_two_files_share_a_name_but_sisters():
    names = defaultdict(list)
    for path in SOURCE.rglob("*.py"):
        names[path.stem].append(path.relative_to(SOURCE))
    twice = {name: paths for name, paths in names.items() if len(paths) > 1}
    assert set(twice) <= SISTERS, twice


def test_names_of_test_files_are_told_apart():
    counted = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert max(counted.values()) == 1
