"""The Makefile as people meet it."""

import re
import subprocess

import pytest
from conftest import ROOT


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
