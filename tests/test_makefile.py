"""The Makefile as people meet it, and as people attack it."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

TARGETS = ("help", "explain", "validate", "check")
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


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the repository in which an attack may do what it can."""
    root = tmp_path_factory.mktemp("attacked") / "copy"
    root.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    for name in ("notebooks", "scripts", "data/project-star"):
        shutil.copytree(ROOT / name, root / name)
    (root / ".venv").symlink_to(sys.prefix)
    return root


def attacked(root):
    """Files that an attack has made, anywhere."""
    return [path for path in root.rglob("*PWNED*") if path.name == "PWNED"]


@pytest.mark.parametrize("value", BREAKERS)
@pytest.mark.parametrize("variable", ["STUDY", "OUT", "FROM", "NAME", "PARAMS", "PROFILE"])
def test_no_variable_is_ever_executed(copied, variable, value):
    target = "new-study" if variable == "NAME" else "explain"
    typed = make(target, f"{variable}={value}", cwd=copied)
    exported = make(target, cwd=copied, **{variable: value})
    for done in (typed, exported):
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
    assert attacked(copied) == []


@pytest.mark.parametrize(
    "name",
    [
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
    ],
)
def test_a_file_in_raw_may_be_called_anything(copied, name):
    path = copied / "data/project-star/raw" / name
    path.write_text("x")
    try:
        for target in TARGETS:
            done = make(target, "STUDY=project-star", "PROFILE=quick", cwd=copied)
            assert done.returncode == 0, done.stderr
    finally:
        path.unlink()
    assert attacked(copied) == []


@pytest.mark.parametrize(
    "name", ["my study", "a$(b)", "semi;colon", "quote'd", 'double"d', "back`tick", "hash#", "ä"]
)
def test_a_study_in_any_folder_is_found_and_told_how_to_be_called(copied, name):
    folder = copied / "elsewhere" / name
    shutil.copytree(copied / "data/project-star", folder)
    done = make("explain", f"STUDY=elsewhere/{name}", "PROFILE=quick", cwd=copied)
    assert f"the study is called 'project-star', its folder {name!r}" in done.stderr
    assert attacked(copied) == []
