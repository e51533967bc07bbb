"""The Makefile as people meet it."""

import ast
import json
import re
import subprocess

import pytest
from conftest import ROOT

SOURCE = ROOT / "src/learning_with_others"
# Modules at the top of the package are prerequisites of every stage.
PACKAGES = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
OF_EVERY_STAGE = {"study"}


def make(*arguments):
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_the_default_and_lists_every_target():
    shown = make().stdout
    assert shown == make("help").stdout
    listed = set(re.findall(r"^  ([a-z-]+) ", shown, flags=re.MULTILINE))
    assert {"setup", "reproduce", "test", "explain", "lab", "clean"} <= listed


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("PROFLE=quick", "Unknown variable PROFLE"),
        ("PROFILE=quik", "PROFILE=quik is no profile. Choose full or quick"),
        ("STUDY=two words", "without spaces"),
        ("STUDY=", "must be one name"),
        ("OUT=two words", "without spaces"),
        ("PARAMS=outcom=math", "did you mean 'outcome'"),
        ("STUDY=project-sta", "did you mean 'project-star'"),
    ],
)
def test_mistakes_end_in_one_message_and_a_failure(argument, expected):
    done = make("reproduce", argument)
    assert done.returncode != 0
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "report"),
    [
        (["STUDY=project-star", "PROFILE=full"], "reports/project-star"),
        (["STUDY=project-star", "PROFILE=quick"], "build/project-star/quick/report"),
        (["PROFILE=full", "PARAMS=outcome=gpa"], "build/learning-with-others/full/report"),
        (["PROFILE=quick", "OUT=elsewhere/mine/"], "elsewhere/mine"),
        (["STUDY=../mine/survey"], "reports/survey"),
    ],
)
def test_only_the_full_profile_as_declared_writes_what_is_committed(arguments, report):
    assert f'--report "{report}"' in make("-n", "explain", *arguments).stdout


def imported_packages(text):
    """Packages of ours that a piece of Python names in its imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "learning_with_others" and len(parts) > 1 and parts[1] in PACKAGES:
                found.add(parts[1])
    return found


def closure(packages):
    """Those packages and all that they import in turn."""
    reached, waiting = set(), set(packages)
    while waiting:
        package = waiting.pop()
        reached.add(package)
        for path in (SOURCE / package).rglob("*.py"):
            waiting |= imported_packages(path.read_text()) - reached
    return reached


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=str)
def test_a_stage_depends_on_every_package_it_imports(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    makefile = (ROOT / "Makefile").read_text()
    line = re.search(rf"^PACKAGES_{notebook.stem} := (.*)$", makefile, re.MULTILINE)
    assert set(line[1].split()) == closure(imported_packages(code)) - OF_EVERY_STAGE


def test_dependencies_between_packages_point_one_way():
    order = ["study", "data", "bayes", "measurement", "opportunity", "benefits", "reporting"]
    assert set(order) == PACKAGES
    for package in order:
        allowed = set(order[: order.index(package) + 1])
        if package == "bayes":
            allowed = {"bayes"}  # it knows no study
        for path in (SOURCE / package).rglob("*.py"):
            assert imported_packages(path.read_text()) <= allowed, path


def test_the_engine_knows_no_study():
    for path in (SOURCE / "bayes").rglob("*.py"):
        assert "learning_with_others.study" not in path.read_text()
