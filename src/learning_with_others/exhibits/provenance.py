"""Where a number comes from: data, parameters, code, environment."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from learning_with_others.files import hash_file
from learning_with_others.study import Study


@cache
def code_state(root: Path) -> tuple[str, bool]:
    """Return the commit checked out, and whether tracked files differ from it.

    `reports/` is not looked at: writing it is what a run does.
    """
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no", ":!reports")
    except (OSError, subprocess.CalledProcessError):
        return "unknown", True
    return commit.strip(), bool(changed.strip())


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def provenance(
    study: Study, root: Path, notebook: str, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Collect what every record of one notebook's run has in common.

    Returns
    -------
    dict
        Keys `data_sha256, parameters, parent_commit, modified, lock_sha256, notebook`.
    """
    commit, modified = code_state(root.resolve())
    return {
        "data_sha256": study.data_sha256,
        "parameters": parameters,
        "parent_commit": commit,
        "modified": modified,
        "lock_sha256": hash_file(root / "requirements.lock"),
        "notebook": notebook,
    }
