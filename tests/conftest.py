"""Fixtures shared by all tests: the embedded study, and a small copy of it to break."""

import shutil
from pathlib import Path

import pytest

from learning_with_others.data.flow import analysis_steps
from learning_with_others.data.reading import read_students
from learning_with_others.study import load_study

ROOT = Path(__file__).parents[1]
QUICK_BUILD = ROOT / "build/project-star/quick"


@pytest.fixture(scope="session")
def study():
    return load_study(ROOT / "data/project-star")


@pytest.fixture(scope="session")
def students(study):
    return read_students(study)


@pytest.fixture(scope="session")
def grade_three(students, study):
    """Rows of the benefit model in grade 3."""
    return students[analysis_steps(students, study, "3")[-1].remaining]


@pytest.fixture
def study_folder(tmp_path):
    """A copy of the embedded study that a test may break."""
    return Path(shutil.copytree(ROOT / "data/project-star", tmp_path / "project-star"))
