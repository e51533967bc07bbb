"""What each student was assigned to at entry, beside what later rows hold."""

import pandas as pd

from learning_with_others.study import StudyDesign


def add_entry(students: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Add the exposure, class, school and grade of each student's first row to all its rows.

    The first row is that of the lowest grade with an exposure, a class and a school. Nothing is
    added where the study assigns nothing at entry.

    Parameters
    ----------
    students : pandas.DataFrame
        Rows of all grades.
    study : StudyDesign
        `roles.at_entry` names what is kept, and the columns that hold it.
    """
    roles, names = study.roles, study.roles.at_entry
    if not names:
        return students
    first = (
        students.dropna(subset=list(names))
        .sort_values(str(roles.grade), kind="stable")
        .drop_duplicates(roles.student)
        .set_index(roles.student)
    )
    place = first.index.get_indexer(students[roles.student])
    found = first[list(names)].take(place.clip(min=0)).set_axis(students.index)
    return students.assign(
        **{name: found[column].where(place >= 0) for column, name in names.items()}
    )
