"""Fixtures shared by all tests: the embedded study, and a small copy of it to break."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from learning_with_others.data.fetching import fetch_missing
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.study import load_study

pytest_plugins = ["small_notebooks"]
settings.register_profile("no deadline", deadline=None)  # a busy machine is no failure
settings.load_profile("no deadline")

ROOT = Path(__file__).parents[1]
QUICK_BUILD = ROOT / "build/project-star/quick"
SMALL_BUILD = (
    ROOT / "build/small/build/lab"
)  # where notebooks leave what they make without a runner
GRADE8_PLACES = (
    ROOT / "data/project-star-grade8/raw/STAR_Students.sav",
    ROOT.parent / "shared/data/project-star/STAR_Students.sav",
)
GRADE8_FILE = next((path for path in GRADE8_PLACES if path.is_file()), None)


@pytest.fixture(scope="session")
def study():
    return load_study(ROOT / "data/project-star")


@pytest.fixture(scope="session")
def students(study):
    return read_study(study).students


@pytest.fixture(scope="session")
def grade_three(students, study):
    """Rows of the benefit model in grade 3."""
    return model_rows(students, study, "3", "math")


@pytest.fixture(scope="session")
def grade8_data(tmp_path_factory):
    """The real item-level study and its tables; skipped where the deposit's file is not."""
    if GRADE8_FILE is None:
        pytest.skip("STAR_Students.sav is not here: the grade 8 study is NOT tested")
    folder = tmp_path_factory.mktemp("star") / "project-star-grade8"
    shutil.copytree(ROOT / "data/project-star-grade8", folder, ignore=shutil.ignore_patterns("raw"))
    study = load_study(folder)
    fetch_missing(study, str(GRADE8_FILE))
    return study, read_study(study)


@pytest.fixture(scope="session")
def grade8(grade8_data):
    study, data = grade8_data
    return study, data.students


@pytest.fixture
def study_folder(tmp_path):
    """A copy of the embedded study that a test may break."""
    return Path(shutil.copytree(ROOT / "data/project-star", tmp_path / "project-star"))


def pytest_terminal_summary(terminalreporter):
    """Say loudly what could not be tested."""
    if GRADE8_FILE is None:
        terminalreporter.section("NOT TESTED", sep="!")
        terminalreporter.line(
            "project-star-grade8: STAR_Students.sav is not here. Download it with"
        )
        terminalreporter.line("make validate STUDY=project-star-grade8, or add FROM=path/to/it.")
