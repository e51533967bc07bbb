"""Choose the reader of coded material by the file's ending."""

from collections.abc import Callable
from pathlib import Path

from learning_with_others.data.importing.contents import ending_of, readable
from learning_with_others.data.importing.qualitative.coded_project import CodedProject
from learning_with_others.data.importing.qualitative.dedoose_word import read_dedoose_word
from learning_with_others.data.importing.qualitative.qualcoder import read_qualcoder
from learning_with_others.data.importing.qualitative.refi_reading import (
    read_refi_codebook,
    read_refi_project,
)
from learning_with_others.errors import CompendiumError, suggest

PROJECTS: dict[str, Callable[[Path], CodedProject]] = {
    ".qdpx": read_refi_project,
    ".qdc": read_refi_codebook,
    ".docx": read_dedoose_word,
    ".qda": read_qualcoder,
    ".sqlite": read_qualcoder,
}


def read_coded_project(path: Path) -> CodedProject:
    """Read all of a coded project: codes, documents, passages and codings.

    Parameters
    ----------
    path : Path
        REFI-QDA project (`.qdpx`) or codebook (`.qdc`), QualCoder's database (`.qda`, `.sqlite`)
        or Dedoose's Word export (`.docx`).

    Raises
    ------
    CompendiumError
        If the file cannot be read whole.
    """
    path = Path(path)
    ending = ending_of(path)
    if ending not in PROJECTS:
        raise CompendiumError(
            f"a file that ends in {ending} is a table, not a coded project",
            where=str(path),
            remedy=f"read it as a table; {suggest(ending, PROJECTS)}",
        )
    with readable(path):
        return PROJECTS[ending](path)
