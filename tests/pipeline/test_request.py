"""What was typed arrives as it was typed, or is refused."""

from pathlib import Path

import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.pipeline.request import Request


@pytest.mark.parametrize(
    ("given", "study", "report"),
    [
        ({}, "data/learning-with-others", "reports/learning-with-others"),
        ({"STUDY": "project-star", "PROFILE": "full"}, "data/project-star", "reports/project-star"),
        (
            {"STUDY": "project-star", "PROFILE": "quick"},
            "data/project-star",
            "build/project-star/quick/report",
        ),
        (
            {"PARAMS": "outcome=gpa"},
            "data/learning-with-others",
            "build/learning-with-others/full/report",
        ),
        ({"STUDY": "../mine/survey"}, "../mine/survey", "reports/survey"),
        ({"STUDY": "/a b/my study/"}, "/a b/my study", "reports/my study"),
        ({"OUT": "elsewhere/mine/"}, "data/learning-with-others", "elsewhere/mine"),
        ({"OUT": "a b/$(c)"}, "data/learning-with-others", "a b/$(c)"),
    ],
)
def test_only_the_full_profile_as_declared_writes_what_is_committed(given, study, report):
    found = Request.typed(given)
    assert found.study_folder == Path(study)
    assert found.report == Path(report)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PROFILE": "quik"}, "did you mean 'quick'"),
        ({"PROFILE": ""}, "'' is no profile"),
        ({"STUDY": ""}, "names no study"),
        ({"STUDY": "a\nb"}, r"'a\\nb' holds characters that no path has"),
        ({"OUT": "a\x00b"}, "OUT="),
    ],
)
def test_what_is_no_request_is_refused(given, expected):
    with pytest.raises(CompendiumError, match=expected):
        Request.typed(given)
