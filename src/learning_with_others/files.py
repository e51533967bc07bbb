"""Files: written whole or not at all, and known by their content."""

import errno
import hashlib
from pathlib import Path

from learning_with_others.errors import CompendiumError


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell whose words came from the data."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell


def about_the_disk(error: OSError) -> CompendiumError:
    """Say what stands in the way of reading or writing a file, and what to do."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return CompendiumError(
        error.strerror or str(error),
        where=str(error.filename or "the build folder"),
        remedy=("make room on the disk" if full else "allow reading and writing there")
        + ", and run the same command again",
    )
