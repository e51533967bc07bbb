"""Refuse a commit that holds a restricted study's data; run by pre-commit before every commit.

    python scripts/refuse_restricted.py

Looks at every file that Git tracks or is about to, not only at those that changed: a study that
becomes restricted may have tracked files already. Of a study whose study.yaml says
`restricted: true`, only the files that hold no rows may be committed; of a folder called
`restricted`, none.
"""

import subprocess
import sys
from pathlib import Path, PurePosixPath

import yaml

from learning_with_others.errors import CompendiumError

WITHOUT_ROWS = {"study.yaml", "codebook.csv", "claims.yaml"}
REMEDY = (
    "`git rm --cached <file>` takes it out of the commit and leaves it on the disk; "
    "add it to .gitignore; if it was ever committed, take it out of the history as well"
)


def tracked_files(repository: Path) -> list[PurePosixPath]:
    """Files in the repository's index, staged ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=repository,
        capture_output=True,
        check=True,
    )
    return [PurePosixPath(name) for name in listed.stdout.decode().split("\0") if name]


def is_restricted(definition: Path) -> bool:
    """Say whether a study.yaml restricts its study; anything but a plain `false` does."""
    try:
        content = yaml.safe_load(definition.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CompendiumError(
            f"not readable as YAML, so nobody knows whether the study is restricted: {error}",
            where=str(definition),
            remedy="mend the file before committing anything",
        ) from None
    restricted = content.get("restricted", False) if isinstance(content, dict) else False
    return restricted is not False


def refused(repository: Path, files: list[PurePosixPath]) -> list[str]:
    """Say of each file that must not be committed why not."""
    studies = {
        folder
        for folder in {parent for file in files for parent in file.parents}
        if (repository / folder / "study.yaml").is_file()
        and is_restricted(repository / folder / "study.yaml")
    }
    reasons = []
    for file in files:
        if any(part.casefold() == "restricted" for part in file.parts[:-1]):
            reasons.append(f"{file}: lies in a folder of restricted files")
            continue
        study = next((parent for parent in file.parents if parent in studies), None)
        if study is not None and str(file.relative_to(study)) not in WITHOUT_ROWS:
            reasons.append(f"{file}: belongs to the restricted study in {study}")
    return reasons


def main(repository: Path = Path()) -> int:
    """Check the repository; 1 if a file must not be committed."""
    try:
        reasons = refused(repository, tracked_files(repository))
    except CompendiumError as error:
        print(error, file=sys.stderr)
        return 1
    if reasons:
        print("\n".join(reasons), f"  remedy: {REMEDY}", sep="\n", file=sys.stderr)
    return int(bool(reasons))


if __name__ == "__main__":
    sys.exit(main())
