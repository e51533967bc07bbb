"""Where the rows come from, and under which licence."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from learning_with_others.study.section import Section

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def inside_the_study(value: str) -> str:
    """Refuse a path that leaves the study's folder."""
    if Path(value).is_absolute() or ".." in Path(value).parts or "\\" in value:
        raise ValueError(f"{value!r} leaves the study's folder; name a file inside it")
    return value


class Provenance(Section):
    """Where the data come from and under which licence."""

    source: str
    doi: str | None = None
    licence: str
    extracted_by: str | None = None
    caution: str | None = None


class Download(Section):
    """A file of a Dataverse deposit: fetched once as deposited, its hash checked on every run.

    `filename` is the name of the file as deposited, before the server turned it into a table.
    """

    server: Annotated[str, Field(pattern="^https?://[^/]+$")]
    doi: Annotated[str, Field(pattern=r"^10\.")]
    filename: str


class Table(Section):
    """One file of rows, its hash and the columns that tell its rows apart."""

    path: str
    sha256: Sha256
    key: Annotated[list[str], Field(min_length=1)]
    download: Download | None = None
    rows: dict[str, str] = {}
    """Column to the code that a row must hold to belong to the study; all rows if empty."""
    columns: Literal["all", "described"] = "all"
    """`described`: columns without a line in the codebook are left out and never read further."""

    _path_inside = field_validator("path")(inside_the_study)


class Tables(Section):
    """The study's tables; only that of the students is required."""

    students: Table
    teachers: Table | None = None
    classrooms: Table | None = None
    schools: Table | None = None
    observations: Table | None = None
    excerpts: Table | None = None
    """Coded passages of focus groups and interviews: one row a passage, theme and coder."""
    themes: Table | None = None
    """The theme codebook: theme, definition, parent, research question, direction."""
    sessions: Table | None = None
    """What the software of the excerpts does not export: the session, school, source and group of
    each document, which is its key."""
    roster: Table | None = None
    """Everybody who could have answered, whether or not they did; its key is the student.

    Rows without a school, where the roster records schools, are taken for nobody who could have
    been asked.
    """

    def given(self) -> dict[str, Table]:
        """Tables that the study has, by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: table for name, table in named.items() if table is not None}
