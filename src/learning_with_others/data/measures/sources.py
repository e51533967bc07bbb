"""What students, observers and teachers say of each classroom, side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign

FEWEST_CLASSROOMS = 10
FEWEST_FOR_A_CORRELATION = 4

STUDENTS, OBSERVERS, TEACHERS = "student survey", "observation rubric", "teacher survey"
SOURCES = (STUDENTS, OBSERVERS, TEACHERS)
RUBRIC = "rubric_"
VIEW = "view_"
SOURCE_COLUMNS = ["classroom", "element", "label", "source", "mean", "reports"]


@dataclass(frozen=True)
class Reports:
    """One source's reports on one element, reduced to classrooms.

    Attributes
    ----------
    number, mean, within : ndarray, shape (classrooms,)
        Reports behind each mean (0 if none), the mean (NaN if none), and the sum of squares of
        the reports about it.
    """

    number: np.ndarray
    mean: np.ndarray
    within: np.ndarray


def reports_by_classroom(values: pd.Series, classroom: pd.Series, classrooms: pd.Index) -> Reports:
    """Reduce reports to classrooms.

    Parameters
    ----------
    values, classroom : pandas.Series, shape (n,)
        Reports, missing where not given, and what classroom each is about.
    classrooms : pandas.Index
    """
    frame = pd.DataFrame({"classroom": classroom, "value": values.astype(float)}).dropna()
    by_room = frame.groupby("classroom", observed=True)["value"]
    number = by_room.size().reindex(classrooms, fill_value=0).to_numpy(float)
    mean = by_room.mean().reindex(classrooms).to_numpy(float)
    within = by_room.var(ddof=0).reindex(classrooms).to_numpy(float)
    return Reports(number, mean, np.nan_to_num(within) * number)


def source_reports(
    students: pd.DataFrame, tables: dict[str, pd.DataFrame], study: StudyDesign
) -> dict[str, dict[str, Reports]]:
    """Reports of every source on every element, for all classrooms.

    Students' scores stand under the element's name, observers' under `rubric_<element>`,
    teachers' under `view_<element>`; a classroom's teacher is the one named in the table of
    classrooms.

    Returns
    -------
    dict of str to dict of str to Reports
        Element to source to reports; empty without a table of classrooms.
    """
    roles = study.roles
    rooms = tables.get("classrooms")
    if roles.classroom is None or rooms is None:
        return {}
    classrooms = pd.Index(rooms[roles.classroom])
    observed, taught = tables.get("observations"), _taught(tables, study)
    out: dict[str, dict[str, Reports]] = {}
    for element in rubric_elements(study):
        frames = {
            STUDENTS: (students, element),
            OBSERVERS: (observed, RUBRIC + element),
            TEACHERS: (taught, VIEW + element),
        }
        out[element] = {
            source: reports_by_classroom(frame[column], frame[roles.classroom], classrooms)
            for source, (frame, column) in frames.items()
            if frame is not None and column in frame
        }
    return out


def _taught(tables: dict[str, pd.DataFrame], study: StudyDesign) -> pd.DataFrame | None:
    """Teachers' answers beside the classroom that they teach, one row per classroom."""
    teachers, table = tables.get("teachers"), study.tables.teachers
    if teachers is None or table is None:
        return None
    rooms, key = tables["classrooms"], table.key[0]
    if key not in rooms:
        raise CompendiumError(
            f"the table of classrooms has no column {key!r}",
            where="tables.classrooms",
            remedy=f"add {key!r}, the teacher of each classroom, as the teachers' table has it",
        )
    answers = teachers.drop(columns=[study.roles.classroom], errors="ignore")
    return rooms[[study.roles.classroom, key]].merge(answers, on=key)


def source_table(
    students: pd.DataFrame, tables: dict[str, pd.DataFrame], study: StudyDesign
) -> pd.DataFrame:
    """Each classroom's mean from every source, one row per classroom, element and source.

    Parameters
    ----------
    students : pandas.DataFrame
        All students of the classrooms, with element scores.
    tables : dict of str to pandas.DataFrame
        `classrooms`, and `observations` and `teachers` as far as the study has them.
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame
        Columns `classroom, element, label, source, mean, reports`. `reports` counts children
        where `source` is the student survey; else ratings or teachers. Means are in the units
        of their own response scales, which differ between sources.
    """
    labels = rubric_elements(study)
    rows = []
    for element, sources in source_reports(students, tables, study).items():
        names = tables["classrooms"][study.roles.classroom]
        for source, reports in sources.items():
            rows += [
                (room, element, labels[element], source, mean, int(number))
                for room, mean, number in zip(names, reports.mean, reports.number, strict=True)
                if number
            ]
    return pd.DataFrame(rows, columns=SOURCE_COLUMNS)


def rubric_elements(study: StudyDesign) -> dict[str, str]:
    """Elements of the students' constructs and their labels: what a rubric may score."""
    return {
        name: element.label
        for construct in study.constructs.values()
        if construct.table == "students"
        for name, element in (construct.elements or {}).items()
    }


def rater_column(study: StudyDesign) -> str:
    """Column that says who rated: the key of the observations that is not the classroom.

    Raises
    ------
    CompendiumError
        If the key has no such column.
    """
    key = study.tables.observations.key
    others = [column for column in key if column != study.roles.classroom]
    if len(others) != 1:
        raise CompendiumError(
            f"the key {key} does not name one rater's column beside the classroom",
            where="tables.observations.key",
            remedy=f"give [{study.roles.classroom}, <the rater's column>]",
        )
    return others[0]
