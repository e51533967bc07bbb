"""Read a study: every table, valid or not at all."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from learning_with_others.data.codebook import Codebook, read_codebook
from learning_with_others.data.coding import add_scores, code_race
from learning_with_others.data.conversion import convert
from learning_with_others.data.entry import add_entry
from learning_with_others.data.importing import RawTable, read_raw_table
from learning_with_others.data.validation.findings import Finding, errors, summarize
from learning_with_others.data.validation.study import RawStudy, study_findings
from learning_with_others.errors import CompendiumError
from learning_with_others.study import Study, check_data_files

ROWS_WITHOUT_HEADER = {".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt", ".parquet"}


@dataclass(frozen=True)
class StudyData:
    """A study's tables, and what looked wrong with them.

    Attributes
    ----------
    students : pandas.DataFrame
        With groups as coded and a score for every construct.
    tables : dict of str to pandas.DataFrame
        All other tables.
    warnings : list of Finding
    """

    students: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    warnings: list[Finding]


def read_raw_study(study: Study) -> RawStudy:
    """Read the files as they are, codes as text, after checking that they are those declared."""
    check_data_files(study)
    codebook = read_codebook(study.codebook_path)
    frames, notes = {}, {}
    for name, table in study.tables.given().items():
        raw = read_raw_table(study.path(table), codes=name == "themes")
        frame, notes[name] = _numbered(raw), raw.notes
        if name in codebook and table.rows:
            frame = _keep(frame, table.rows, study.path(table))
        if table.columns == "described":
            frame = frame[[column for column in codebook.get(name, {}) if column in frame]]
        frames[name] = frame
    return RawStudy(study, codebook, frames, notes)


def _numbered(raw: RawTable) -> pd.DataFrame:
    """Index a table by the row numbers that its own program shows: text has a header, row 1."""
    first = 1 if raw.path.suffix in ROWS_WITHOUT_HEADER else 2
    return raw.frame.set_index(pd.RangeIndex(first, first + len(raw.frame)))


def _keep(frame: pd.DataFrame, rows: dict[str, str], path: Path) -> pd.DataFrame:
    """Rows that belong to the study, as `tables.<name>.rows` declares."""
    for column, code in rows.items():
        if column not in frame:
            raise CompendiumError(
                f"the table's `rows` names the column {column!r}, which the file does not have",
                where=str(path),
                remedy="correct the name in study.yaml",
            )
        frame = frame[(frame[column] == code).fillna(value=False)]
    return frame


def read_study(study: Study, race_coding: str | None = None) -> StudyData:
    """Read, validate, convert, code groups, score, and add what was assigned at entry.

    Parameters
    ----------
    study : Study
    race_coding : str, optional
        Another of the codings that the question on the group allows.

    Raises
    ------
    CompendiumError
        If anything is wrong, with the first findings and the way to see all.
    """
    raw = read_raw_study(study)
    findings = study_findings(raw)
    wrong = errors(findings)
    if wrong:
        raise CompendiumError(
            f"{len(wrong)} errors in the data\n{summarize(wrong, shown=5)}",
            where=str(study.folder),
            remedy=f"`make validate STUDY={study.folder}` lists all of them in a file",
        )
    tables = {
        name: convert(frame, raw.codebook[name]).reset_index(drop=True)
        for name, frame in raw.frames.items()
    }
    students = tables.pop("students")
    group_role = study.roles.group
    if group_role.select:
        answers = raw.frames["students"][list(group_role.select)].reset_index(drop=True)
        chosen = (answers == "1").fillna(value=False)
        students[group_role.column] = code_race(chosen, group_role, race_coding)
    constructs = {n: c for n, c in study.constructs.items() if c.table == "students"}
    students = add_scores(students, constructs, raw.codebook["students"])
    students = add_entry(students, study)
    return StudyData(students, tables, [f for f in findings if f.severity == "warning"])


def codebook_of(study: Study) -> Codebook:
    """Read the study's codebook."""
    return read_codebook(study.codebook_path)
