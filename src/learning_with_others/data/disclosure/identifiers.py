"""Who must not be seen: the students' identifiers, read without keeping the rest of their rows."""

from collections.abc import Iterable
from pathlib import Path

import pyreadstat

from learning_with_others.data.importing import iterate_chunks
from learning_with_others.data.importing.cells import code_text
from learning_with_others.study import Study


def student_identifiers(study: Study) -> frozenset[str]:
    """Read the column of the students' table that identifies them, and keep no other.

    Returns
    -------
    frozenset of str
        As notebooks would show them.
    """
    path, name = study.path(study.tables.students), study.roles.student
    read = _of_spss if path.suffix in {".sav", ".zsav"} else _of_any
    return frozenset(read(path, name))


def _of_any(path: Path, name: str) -> Iterable[str]:
    """Read in chunks, so that a file larger than memory can be read."""
    for chunk in iterate_chunks(path):
        yield from chunk.frame[name].dropna().unique()


def _of_spss(path: Path, name: str) -> Iterable[str]:
    """Leave out the other columns of a file that may have hundreds."""
    values = pyreadstat.read_sav(path, usecols=[name])[0][name].dropna()
    return (value if isinstance(value, str) else code_text(value) for value in values)
