"""The Makefile as people meet it, and as people attack it."""

import os
import re
import shutil
import subprocess
from itertools import batched

import pytest
from conftest import ROOT

VARIABLES = ("STUDY", "PROFILE", "PARAMS", "OUT", "FROM", "NAME")
BREAKERS = (
    "$(shell touch PWNED)",
    "${shell touch PWNED}",
    "`touch PWNED`",
    "$$(touch PWNED)",
    'a";touch$$IFS/PWNED;"',
    "a';touch PWNED;'",
    "; touch PWNED",
    "| touch PWNED",
    "&& touch PWNED",
    "$(eval x:=$(shell touch PWNED))",
    "$(error touch)",
    "../$(shell touch PWNED)/x",
    "x\ntouch PWNED",
    "--holder=1;touch PWNED",
)
NAMES = (
    "$(shell\ttouch\tPWNED)",
    "$(shell touch PWNED)",
    "`touch PWNED`",
    ";touch PWNED;",
    "report:2.csv",
    "a$b.csv",
    "notes;old.csv",
    "with space.csv",
    "100%.csv",
    "hash#.csv",
    "line\nbreak.csv",
    "explain",
)


def make(*arguments, cwd=ROOT, **environment):
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=120,
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
        ("PYTHON=/bin/true", "Unknown variable PYTHON"),
        ("PROFILE=quik", "did you mean 'quick'"),
        ("STUDY=", "names no study"),
        ("STUDY=two words", "no study's folder data/two words"),
        ("PARAMS=outcom=math", "did you mean 'outcome'"),
        ("STUDY=project-sta", "did you mean 'project-star'"),
        ("OUT=src", "lies in src/"),
    ],
)
def test_mistakes_end_in_one_message_and_a_failure(argument, expected):
    done = make("reproduce", argument)
    assert done.returncode != 0
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


STUB = """#!/bin/sh
[ "$2" = learning_with_others.pipeline.run ] || [ "$2" = learning_with_others.pipeline.study_tools ]
for name in STUDY PROFILE PARAMS OUT FROM NAME; do printenv "$name"; printf '\\036'; done >>arrived
"""
# Every target that calls the runner; with a stub in its place each takes milliseconds.
TARGETS = ("explain", "validate", "new-study", "draft-study", "reproduce", "quick-build")


@pytest.fixture
def copied(tmp_path):
    """The Makefile beside a Python that only notes which values reach it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "scripts/setup.sh", ".venv/bin/python", ".venv/.installed"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".venv/bin/python").write_text(STUB)
    (tmp_path / ".venv/bin/python").chmod(0o755)
    return tmp_path


def arrived(root):
    """Values of the six variables, at every call of the stub."""
    path = root / "arrived"
    values = [value.removesuffix("\n") for value in path.read_text().split("\036")[:-1]]
    path.unlink()
    return [dict(zip(VARIABLES, call, strict=True)) for call in batched(values, 6)]


def attacked(root):
    """Files that an attack has made, anywhere."""
    return [path for path in root.rglob("*PWNED*") if path.name == "PWNED"]


@pytest.mark.parametrize("first", range(len(BREAKERS)))
def test_every_value_reaches_the_runner_as_typed_and_is_never_executed(copied, first):
    """Every variable meets every value, each another in one call."""
    typed = {name: BREAKERS[first - place] for place, name in enumerate(VARIABLES)}
    fixed = {"STUDY": "project-star", "PROFILE": "quick", "PARAMS": "", "OUT": "", "FROM": ""}
    for target in TARGETS:
        wanted = {**typed, **fixed} if target == "quick-build" else typed
        for arguments, environment in (
            ([f"{name}={value}" for name, value in typed.items()], {}),
            ([], typed),
        ):
            done = make(target, *arguments, cwd=copied, **environment)
            assert done.returncode == 0, done.stderr
            calls = arrived(copied)
            assert calls
            assert all(values == wanted for values in calls)
    assert attacked(copied) == []


@pytest.mark.parametrize("name", NAMES)
def test_files_may_be_called_anything(copied, name):
    for folder in ("data/learning-with-others/raw", "notebooks", "build", "src"):
        (copied / folder).mkdir(parents=True, exist_ok=True)
        (copied / folder / name).write_text("x")
    for target in ("help", *TARGETS):
        done = make(target, cwd=copied)
        assert done.returncode == 0, done.stderr
    assert attacked(copied) == []


@pytest.mark.parametrize(
    "variable", ["SHELL", "PYTHON", "STAGES", "PIPELINE", "HOLDER", "VARIABLES", "GIVEN", "UNKNOWN"]
)
def test_what_the_makefile_sets_cannot_be_set_from_outside(copied, variable):
    for arguments, environment in (
        ([f"{variable}=touch PWNED;"], {}),
        ([], {variable: "touch PWNED;"}),
        (["-e"], {variable: "touch PWNED;"}),
    ):
        make("explain", *arguments, cwd=copied, **environment)
    assert attacked(copied) == []


def test_a_study_may_lie_in_any_folder(tmp_path):
    """Through the runner itself: the name is refused in one sentence, the folder is read."""
    folder = tmp_path / "my $(touch PWNED) `touch PWNED`; study"
    shutil.copytree(ROOT / "data/project-star", folder)
    done = make("explain", f"STUDY={folder}", "PROFILE=quick")
    assert f"the study is called 'project-star', its folder {folder.name!r}" in done.stderr
    assert not (ROOT / "PWNED").exists()
