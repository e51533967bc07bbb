"""The hook before a commit, in a repository of its own; and this repository under the hook."""

import subprocess
import sys

import pytest
import yaml
from conftest import ROOT

SCRIPT = ROOT / "scripts/refuse_restricted.py"


@pytest.fixture
def repository(tmp_path):
    """A repository with one restricted and one open study, nothing staged."""
    git(tmp_path, "init", "--quiet")
    for name, restricted in (("secret", "true"), ("open", "false")):
        folder = tmp_path / "data" / name
        (folder / "raw").mkdir(parents=True)
        (folder / "study.yaml").write_text(f"name: {name}\nrestricted: {restricted}\n")
        for file in ("codebook.csv", "claims.yaml", "raw/students.csv"):
            (folder / file).write_text("x\n")
    return tmp_path


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def hook(folder):
    done = subprocess.run(
        [sys.executable, SCRIPT], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_definition_codebook_and_claims_of_a_restricted_study_may_be_committed(repository):
    for name in ("study.yaml", "codebook.csv", "claims.yaml"):
        git(repository, "add", f"data/secret/{name}")
    git(repository, "add", "data/open")
    assert hook(repository) == (0, "")


@pytest.mark.parametrize(
    "name", ["raw/students.csv", "codebook.csv.bak", "raw/study.yaml", "notes/deep/down.ipynb"]
)
def test_any_other_file_of_a_restricted_study_is_refused(repository, name):
    path = repository / "data/secret" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("restricted: false\n")
    git(repository, "add", "--force", path)
    status, told = hook(repository)
    assert status == 1
    assert f"data/secret/{name}: belongs to the restricted study in data/secret" in told
    assert "git rm --cached" in told


@pytest.mark.parametrize("name", ["data/open/restricted/rows.csv", "Restricted/study.yaml"])
def test_a_restricted_folder_is_refused_wherever_it_is(repository, name):
    path = repository / name
    path.parent.mkdir(parents=True)
    path.write_text("restricted: false\n")
    git(repository, "add", "--force", path)
    status, told = hook(repository)
    assert status == 1
    assert f"{name}: lies in a folder of restricted files" in told


def test_files_tracked_before_a_study_became_restricted_are_refused(repository):
    git(repository, "add", "data/open")
    assert hook(repository)[0] == 0
    (repository / "data/open/study.yaml").write_text("restricted: true\n")
    status, told = hook(repository)
    assert status == 1
    assert "data/open/raw/students.csv" in told


@pytest.mark.parametrize("text", ["restricted: 'true'\n", "restricted: yes\n", "restricted: 1\n"])
def test_whatever_is_not_plainly_open_is_restricted(repository, text):
    (repository / "data/open/study.yaml").write_text(text)
    git(repository, "add", "data/open/raw")
    assert hook(repository)[0] == 1


def test_an_unreadable_definition_stops_the_commit(repository):
    (repository / "data/open/study.yaml").write_text("name: [")
    git(repository, "add", "data/open")
    status, told = hook(repository)
    assert status == 1
    assert "nobody knows whether the study is restricted" in told
    assert "remedy" in told


def test_this_repository_tracks_nothing_restricted():
    if not (ROOT / ".git").exists():
        pytest.skip("no repository: the compendium was unpacked from an archive")
    assert hook(ROOT) == (0, "")


def test_the_hook_runs_before_every_commit():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (found,) = [one for one in repo["hooks"] if one["id"] == "refuse-restricted"]
    assert found["entry"].endswith("scripts/refuse_restricted.py")
    assert found["always_run"]
    assert not found["pass_filenames"]
