"""Where a number comes from: data, parameters, code, environment."""

import hashlib
import json
import platform
import secrets
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file, write_text
from learning_with_others.study import Study

PROVENANCE = "provenance.json"
KEY = ".hash-key"
KEY_BYTES = 32
ALIKE = ("data", "study_sha256", "codebook_sha256", "parent_commit", "modified", "lock_sha256")
"""What all parts of one report have in common."""


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


def provenance(study: Study, root: Path, lock: str) -> dict[str, Any]:
    """Collect what every record of one stage has in common.

    Parameters
    ----------
    study : Study
    root : path
        The repository.
    lock : str
        Hash of the locked environment.
    """
    commit, modified = code_state(root.resolve())
    return {
        "data": data_hashes(study),
        "study_sha256": hash_file(study.folder / "study.yaml"),
        "codebook_sha256": hash_file(study.codebook_path),
        "parent_commit": commit,
        "modified": modified,
        "lock_sha256": lock,
        "seed": study.analysis.seed,
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
    }


def data_hashes(study: Study) -> dict[str, str]:
    """Hash of every data file.

    Of a restricted study they are keyed with bytes that stay in its folder: a published hash
    would tell whoever holds a copy, or can guess a file, that it is the one.
    """
    given = {name: table.sha256 for name, table in study.tables.given().items()}
    if not study.restricted:
        return given
    key_file = study.folder / KEY
    if not key_file.is_file():
        key_file.write_bytes(secrets.token_bytes(KEY_BYTES))
    key = key_file.read_bytes()
    return {
        name: "keyed " + hashlib.blake2b(sha256.encode(), key=key, digest_size=32).hexdigest()
        for name, sha256 in given.items()
    }


def write_provenance(folder: Path, found: dict[str, Any]) -> None:
    """Write a stage's provenance beside what it left."""
    write_text(folder / PROVENANCE, json.dumps(found, indent=1) + "\n")


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read a stage's provenance."""
    return json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))


def common_provenance(folders: list[Path]) -> dict[str, Any]:
    """Give the provenance that all stages of one report share.

    Raises
    ------
    CompendiumError
        If they come from different commits, environments, definitions or data.
    """
    first, *others = folders
    common = read_provenance(first)
    for folder in others:
        found = read_provenance(folder)
        for part in ALIKE:
            if found[part] != common[part]:
                raise CompendiumError(
                    f"{first.name} and {folder.name} differ in {part}: {common[part]!r} and"
                    f" {found[part]!r}; a report is of one commit, one lock and one set of data",
                    where=str(folder),
                    remedy="run `make reproduce`, which runs again what differs",
                )
    return common
