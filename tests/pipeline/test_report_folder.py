"""A report goes only where nothing of anybody else's can be lost."""

from pathlib import Path

import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.pipeline.report_folder import (
    MANIFEST,
    beside,
    check_report_folder,
    foreign_files,
    replace_folder,
    write_manifest,
)

BUILD = "build/mine/quick"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A repository's folder, in which the test stands."""
    for name in ("data", "src", "notebooks", "reports/mine", BUILD, "elsewhere"):
        (tmp_path / "home" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def check(home, where, study="mine", *, committed=True):
    place = home.joinpath(where).relative_to(home)
    check_report_folder(place, study, home / BUILD, committed=committed)


def report(folder, study="mine"):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("report.html", "results.json"):
        (folder / name).write_text(name)
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "figures/a.png").write_text("a")
    write_manifest(folder, study, "full")


@pytest.mark.parametrize(
    "where", ["reports/mine", "new/deep/folder", "elsewhere", f"{BUILD}/report"]
)
def test_empty_and_new_folders_are_places_for_a_report(home, where):
    check(home, where)
    report(home / where)
    check(home, where)  # an earlier report of the same study may be replaced


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (".", "holds the compendium itself"),
        ("src", "lies in src/"),
        ("data/new", "lies in data/"),
        ("build", "lies in build/"),
        (f"{BUILD}/01-data-quality", "lies in build/"),
        ("notebooks/x", "lies in notebooks/"),
        ("reports", "is not the place of a report on 'mine'; reports/mine is"),
        ("reports/other", "is not the place"),
        ("reports/mine/deeper", "is not the place"),
    ],
)
def test_what_the_compendium_keeps_elsewhere_is_no_place(home, where, expected):
    with pytest.raises(CompendiumError, match=expected) as told:
        check(home, where)
    assert "nothing was changed" in str(told.value)


def test_a_folder_around_the_compendium_a_file_and_a_link_are_refused(home):
    with pytest.raises(CompendiumError, match="holds the compendium itself"):
        check_report_folder(home.parent, "mine", home / BUILD, committed=True)
    (home / "file").write_text("")
    with pytest.raises(CompendiumError, match="is a file"):
        check(home, "file")
    with pytest.raises(CompendiumError, match="is a file"):
        check(home, "file/report")
    (home / "linked").symlink_to(home / "elsewhere")
    with pytest.raises(CompendiumError, match="is a link to another place"):
        check(home, "linked")


@pytest.mark.parametrize("name", ["chapter1.docx", "figures/mine.png", ".hidden", "deep/er/x"])
def test_a_file_that_no_report_left_is_named(home, name):
    report(home / "elsewhere")
    (home / "elsewhere" / name).parent.mkdir(parents=True, exist_ok=True)
    (home / "elsewhere" / name).write_text("years of work")
    with pytest.raises(CompendiumError, match=name.rpartition("/")[2]):
        check(home, "elsewhere")
    assert foreign_files(home / "elsewhere", "mine") == [name]


def test_results_of_somebody_else_are_no_mark(home):
    (home / "elsewhere/results.json").write_text('{"study": "mine", "results": []}')
    with pytest.raises(CompendiumError, match=r"holds results\.json"):
        check(home, "elsewhere")


def test_the_report_of_another_study_is_not_replaced(home):
    report(home / "elsewhere", study="other")
    with pytest.raises(CompendiumError, match="which no report on 'mine' has left"):
        check(home, "elsewhere")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"made_by": "me", "study": "mine"}'])
def test_a_damaged_manifest_makes_nothing_ours(home, content):
    report(home / "elsewhere")
    (home / "elsewhere" / MANIFEST).write_text(content)
    with pytest.raises(CompendiumError, match="which no report"):
        check(home, "elsewhere")


def test_a_folder_is_replaced_as_a_whole(home):
    report(home / "elsewhere")
    (home / "new").mkdir()
    (home / "new/report.html").write_text("second")
    replace_folder(home / "new", home / "elsewhere")
    assert [p.name for p in (home / "elsewhere").iterdir()] == ["report.html"]
    assert sorted(p.name for p in home.iterdir() if p.name.startswith(".")) == []


def test_a_disk_of_its_own_is_no_folder_that_can_be_replaced(home, monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda self: self.name == "elsewhere")
    with pytest.raises(CompendiumError, match="such as elsewhere/report"):
        check(home, "elsewhere")


def test_what_is_committed_is_not_replaced_by_less(home):
    with pytest.raises(CompendiumError, match="holds what is committed"):
        check(home, "reports/mine", committed=False)


def test_a_report_that_cannot_be_moved_leaves_the_earlier_one(home, monkeypatch):
    report(home / "elsewhere")
    (home / "new").mkdir()
    rename = Path.rename

    def full(self, target):
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        replace_folder(home / "new", home / "elsewhere")
    assert (home / "elsewhere/report.html").is_file()


def test_an_earlier_report_that_was_set_aside_comes_back(home):
    report(home / "elsewhere")
    (home / "elsewhere").rename(beside(home / "elsewhere", "old.partial"))
    with pytest.raises(FileNotFoundError):
        replace_folder(home / "absent", home / "elsewhere")
    assert (home / "elsewhere/report.html").is_file()
