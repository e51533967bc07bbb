"""Teachers' support beside what students report and observers see, school by school."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from learning_with_others.context.teacher_survey import SUPPORTS, ContextItems
from learning_with_others.data.coding import mean_score
from learning_with_others.data.measures.sources import RUBRIC
from learning_with_others.inference.cluster_robust import mean_of
from learning_with_others.study import StudyDesign

SOURCES = ("support", "collaboration", "rubric")
ENDS = ("_lower", "_upper")
FEWEST = 3  # classrooms: the rating of one or two would be that of known teachers
COLUMNS = [
    *("school", "teachers", "students", "classrooms"),
    *(source + end for source in SOURCES for end in ("", *ENDS)),
]


def school_profiles(
    items: ContextItems | None, tables: Mapping[str, pd.DataFrame], study: StudyDesign
) -> pd.DataFrame | None:
    """Describe each school by its teachers' support, its students' reports and the rubric.

    Means of scores, each with a t interval within its school: of teachers; of students, who
    share classrooms (Liang and Zeger 1986); of classrooms, whose ratings are averaged first.
    Schools are described and not compared by a test.

    Parameters
    ----------
    items : ContextItems or None
    tables : mapping of str to pandas.DataFrame
        `students` with scores, and `classrooms` and `observations` as far as the study has them.
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame or None
        A row for each school: `school, teachers, students, classrooms`, and of `support`,
        `collaboration` (the exposure) and `rubric` the mean, `…_lower` and `…_upper`; missing
        where nothing is known, and for ratings of fewer than three classrooms. None without a
        construct `supports` or a scale as exposure.
    """
    scale = study.roles.exposure.scale
    asked = [] if items is None else [i for i, name in items.construct.items() if name == SUPPORTS]
    if items is None or not asked or scale is None or scale not in tables["students"]:
        return None
    support, students = mean_score(items.keyed[asked]).dropna(), tables["students"]
    students = students[students[scale].notna()]
    rooms, probability = _rated(tables, study), study.analysis.interval_probability
    classroom = study.roles.classroom
    rows = []
    for school in sorted(items.school.unique()):
        teachers = support[items.school[support.index] == school]
        pupils = students[students[study.roles.school] == school]
        seen = rooms[rooms["school"] == school]["score"]
        shared = pupils.index if classroom is None else pupils[classroom].astype(object)
        row = {"school": school, "teachers": len(teachers), "students": len(pupils)}
        row["classrooms"] = len(seen)
        seen = seen if len(seen) >= FEWEST else seen[:0]
        found = (
            (teachers, teachers.index),
            (pupils[scale], pd.Series(shared, pupils.index).fillna("none")),
            (seen, seen.index),
        )
        for source, (values, units) in zip(SOURCES, found, strict=True):
            mean = mean_of(values.to_numpy(float), np.asarray(units).astype(str))
            row[source] = mean.value
            row |= dict(
                zip((source + end for end in ENDS), mean.interval(probability), strict=True)
            )
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def _rated(tables: Mapping[str, pd.DataFrame], study: StudyDesign) -> pd.DataFrame:
    """Give each observed classroom's school and mean rating over raters and elements."""
    rooms, ratings = tables.get("classrooms"), tables.get("observations")
    classroom, school = study.roles.classroom, study.roles.school
    if rooms is None or ratings is None or classroom is None or school not in rooms:
        return pd.DataFrame({"school": [], "score": []})
    elements = [name for name in ratings if name.startswith(RUBRIC)]
    by_room = ratings.assign(score=ratings[elements].astype(float).mean(axis=1))
    score = by_room.groupby(classroom)["score"].mean().dropna()
    return pd.DataFrame(
        {"school": rooms.set_index(classroom)[school].reindex(score.index), "score": score}
    )
