import subprocess

from learning_with_others.exhibits.provenance import code_state


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
