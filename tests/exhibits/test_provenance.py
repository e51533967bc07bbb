import subprocess

import pytest
from conftest import ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.provenance import (
    ALIKE,
    code_state,
    common_provenance,
    data_hashes,
    provenance,
    read_provenance,
    write_provenance,
)
from learning_with_others.study import load_study


def git(root, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def state(root):
    code_state.cache_clear()
    return code_state(root)


def test_the_parent_commit_and_whether_code_differs_from_it(tmp_path):
    assert state(tmp_path) == ("unknown", True)
    git(tmp_path, "init", "-q")
    for name in ("code.py", "reports/r.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert state(tmp_path) == (commit, False)
    (tmp_path / "reports/r.html").write_text("two")
    assert state(tmp_path) == (commit, False)
    (tmp_path / "code.py").write_text("two")
    assert state(tmp_path) == (commit, True)


@pytest.fixture
def study():
    return load_study(ROOT / "data/project-star")


@pytest.fixture
def stages(tmp_path, study):
    folders = [tmp_path / name for name in ("01-first", "02-second")]
    for folder in folders:
        folder.mkdir()
        write_provenance(folder, provenance(study, ROOT, "lock"))
    return folders


def test_stages_of_one_commit_lock_and_data_share_their_provenance(stages):
    assert common_provenance(stages) == read_provenance(stages[0])


@pytest.mark.parametrize("part", ALIKE)
def test_a_report_of_mixed_origins_is_refused(stages, part):
    other = {"students": "0" * 64} if part == "data" else "another"
    write_provenance(stages[1], {**read_provenance(stages[1]), part: other})
    with pytest.raises(CompendiumError, match=f"differ in {part}"):
        common_provenance(stages)


def test_hashes_of_a_restricted_studys_data_are_keyed(tmp_path, study):
    plain = {"students": study.tables.students.sha256}
    assert data_hashes(study) == plain
    hidden = study.model_copy(update={"restricted": True, "folder": tmp_path})
    first = data_hashes(hidden)
    assert plain["students"] not in str(first)
    assert data_hashes(hidden) == first
    (tmp_path / ".hash-key").unlink()
    assert data_hashes(hidden) != first
