"""Whether a file is what its ending says, judged by its first bytes, and what it may unpack to."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from learning_with_others.errors import CompendiumError, suggest

TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
KINDS = {
    **dict.fromkeys(TEXT_ENDINGS[:3], "text"),
    **dict.fromkeys(TEXT_ENDINGS[3:], "gzip"),
    ".xlsx": "Excel workbook",
    ".parquet": "Parquet",
    ".sav": "SPSS",
    ".zsav": "SPSS",
    ".por": "SPSS portable",
    ".dta": "Stata",
    ".sas7bdat": "SAS",
    ".xpt": "SAS transport",
    ".qdpx": "REFI-QDA project",
    ".qdc": "REFI-QDA codebook",
    ".docx": "Word document",
    ".qda": "SQLite",
    ".sqlite": "SQLite",
}
# What makes a zip archive a file of its kind.
PACKED = {
    "Excel workbook": r"xl/workbook\.xml",
    "Word document": r"word/document\.xml",
    "REFI-QDA project": r"(?i)(.*/)?[^/]+\.qde",
}
MAGIC = {
    b"$FL2": "SPSS",
    b"$FL3": "SPSS",
    b"<stata_dta>": "Stata",
    b"HEADER RECORD*******LIB": "SAS transport",
    b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c": "SAS",
    b"\x1f\x8b": "gzip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old Excel (.xls) or password-protected Office",
    b"%PDF-": "PDF",
    b"ARROW1\0\0": "Feather",
    b"RDX2\n": "R data",
    b"RDX3\n": "R data",
    b"BZh91AY&SY": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"\x89HDF\r\n\x1a\n": "HDF5",
    b"SQLite format 3\0": "SQLite",
}
HEAD_BYTES = 600
UNPACKED_UNJUDGED = 64 << 20
LARGEST_UNPACKED = 2 << 30
LARGEST_RATIO = 100
OLD_STATA = range(102, 116)  # releases of the format written before Stata 13


def unpacked_limit(path: Path, largest: int, ratio: int) -> int:
    """Bytes that a packed file may unpack to: `ratio` times its size, `largest` at most."""
    return max(UNPACKED_UNJUDGED, min(largest, ratio * path.stat().st_size))


def refuse_bomb(path: Path, remedy: str) -> None:
    """Refuse a zip archive that unpacks to far more than its size."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(item.file_size for item in archive.infolist())
    limit = unpacked_limit(path, LARGEST_UNPACKED, LARGEST_RATIO)
    if unpacked > limit:
        raise CompendiumError(
            f"unpacks to {unpacked:,} bytes, more than {limit:,}", where=str(path), remedy=remedy
        )


def ending_of(path: Path) -> str:
    """Give the ending that chooses the reader, `.csv.gz` in whole.

    Raises
    ------
    CompendiumError
        If there is no such file, no reader for its ending, or the content is something else.
    """
    ending = "".join(path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:])
    ending = ending.lower()
    if ending not in KINDS:
        raise CompendiumError(
            f"the ending {ending!r} is unknown", where=str(path), remedy=suggest(ending, KINDS)
        )
    if not path.is_file():
        inside = path / f"data{ending}"
        raise CompendiumError(
            "is a folder" if path.is_dir() else "there is no such file",
            where=str(path),
            remedy=f"give the file in it: {inside}" if inside.is_file() else "check the path",
        )
    kind = seems(path)
    if kind != KINDS[ending]:
        known = [ending for ending, name in KINDS.items() if name == kind]
        raise CompendiumError(
            f"the file ends in {ending}, its content seems to be {kind}",
            where=str(path),
            remedy=f"rename it to end in {known[0]}"
            if known
            else f"save it again in the format of {ending}",
        )
    return ending


def seems(path: Path) -> str:
    """Name the kind of the file's content, 'text' if nothing else."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, path.stat().st_size - 4))
        tail = file.read()
    if head.startswith(b"PAR1") and tail == b"PAR1":
        return "Parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if re.search(rb"<([\w.-]+:)?CodeBook[\s>]", head.replace(b"\0", b"")):
        return "REFI-QDA codebook"
    return kind_of(head)


def kind_of(head: bytes) -> str:
    """Name the kind of content that begins with `head`, 'text' if nothing else."""
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    if b"SPSSPORT" in head.replace(b"\r", b"").replace(b"\n", b""):
        return "SPSS portable"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "a zip archive"
    if len(head) > 3 and head[0] in OLD_STATA and head[1] in {1, 2} and head[2:4] == b"\x01\0":  # noqa: PLR2004
        return "Stata"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        return "a web page or XML"
    return "text"


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "a damaged zip archive"
    held = (kind for kind, part in PACKED.items() if any(re.fullmatch(part, n) for n in names))
    return next(held, "a zip archive")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Tell any failure of a library while reading `path` as an error a reader can mend."""
    try:
        yield
    except CompendiumError:
        raise
    except Exception as error:  # noqa: BLE001  libraries raise all kinds on damaged files
        told = str(error).strip().split("\n")[0] or type(error).__name__
        raise CompendiumError(
            f"cannot be read: {told}",
            where=str(path),
            remedy="the file may be damaged: save it again in the program that made it, or as CSV",
        ) from None
