"""Strands of evidence on schools: teachers' scales, students' reports, observers' ratings."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.context.rubric import FEWEST_CLASSROOMS, rated
from learning_with_others.context.teacher_survey import CONTEXT, ContextItems
from learning_with_others.data.coding import mean_score
from learning_with_others.data.measures.opportunities import Measure, scored_ways
from learning_with_others.data.measures.sources import (
    OBSERVERS,
    RUBRIC,
    STUDENTS,
    TEACHERS,
    rubric_elements,
)
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.rating_components import rating_components
from learning_with_others.psychometrics.agreement.rating_means import rating_means
from learning_with_others.study import StudyDesign

COLLABORATION = "collaboration"
RUBRIC_MEAN = "rubric"


@dataclass(frozen=True, eq=False)
class Strand:
    """What one source says of schools."""

    name: str
    source: str
    side: str  # `CONTEXT` or `COLLABORATION`, which are compared
    people: str  # who, or what, each value belongs to
    drawn: np.ndarray  # shape (M, n): one row, or one for each plausible value
    school: np.ndarray
    cluster: np.ndarray
    hinders: bool = False
    fewest: int | None = None  # values of a school to be shown; else the minimum cell
    flag: str = ""


def strands_of(
    students: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    items: ContextItems | None,
    study: StudyDesign,
    plausible: pd.DataFrame | None,
) -> list[Strand]:
    """Give all strands that a study has, the teachers' first; see `compare_schools`."""
    found = [
        *_of_teachers(items),
        *_of_students(students, study, plausible),
        *_of_observers(tables, study),
    ]
    return [strand for strand in found if len(strand.school)]


def _of_teachers(items: ContextItems | None) -> Iterator[Strand]:
    for name, own in items.scales.items() if items else ():
        score = mean_score(items.keyed[own]).dropna()
        yield Strand(
            name,
            TEACHERS,
            CONTEXT,
            "teachers",
            score.to_numpy(float)[None],
            items.school[score.index].to_numpy(),
            np.arange(len(score)),
            hinders=name in items.hinders,
        )


def _of_students(
    students: pd.DataFrame, study: StudyDesign, plausible: pd.DataFrame | None
) -> Iterator[Strand]:
    name, roles = study.roles.exposure.scale, study.roles
    if name is None:
        return
    # Plausible values where they were drawn: the last of the ways.
    *_, (_, values) = scored_ways(students, Measure(name, name, "construct"), study, plausible)
    cluster = students[roles.lowest_cluster]
    known = np.isfinite(values).all(axis=0) & students[roles.school].notna() & cluster.notna()
    yield Strand(
        name,
        STUDENTS,
        COLLABORATION,
        "students",
        values[:, known],
        students.loc[known, roles.school].to_numpy(),
        cluster[known].to_numpy(),
    )


def _of_observers(tables: dict[str, pd.DataFrame], study: StudyDesign) -> Iterator[Strand]:
    """Each classroom's mean rating, with what its raters add on average taken out."""
    observed, rooms, roles = tables.get("observations"), tables.get("classrooms"), study.roles
    if observed is None or rooms is None or roles.classroom is None or roles.school not in rooms:
        return
    columns = [RUBRIC + name for name in rubric_elements(study) if RUBRIC + name in observed]
    given = rated(observed[columns].astype(float).mean(axis=1, skipna=False), observed, study)
    school = rooms.set_index(roles.classroom)[roles.school]
    adjusted, flag = _less_severity(given)
    found = adjusted.groupby(given["classroom"]).mean()
    of_school = school.reindex(found.index)
    # With raters who each stay in one school, a school's mean and their severity are one.
    at = given["classroom"].map(school)
    places = at.groupby(given["rater"]).nunique()
    if places.max() == 1 and len(at.unique()) > 1:
        flag = "each rater worked in one school: severity and school cannot be told apart"
    known = of_school.notna().to_numpy()
    yield Strand(
        RUBRIC_MEAN,
        OBSERVERS,
        COLLABORATION,
        "classrooms",
        found.to_numpy(float)[None, known],
        of_school.to_numpy()[known],
        found.index.to_numpy()[known],
        fewest=FEWEST_CLASSROOMS,
        flag=flag,
    )


def _less_severity(given: pd.DataFrame) -> tuple[pd.Series, str]:
    columns = [given[name].to_numpy() for name in ("rating", "classroom", "rater")]
    try:
        found = rating_components(*columns, 0.95)
    except CompendiumError:
        return given["rating"], "raters' severity could not be taken out"
    means = rating_means(*columns, (found.target, found.rater, found.error))
    effects = dict(zip(means.raters, means.rater_effects, strict=True))
    return given["rating"] - given["rater"].map(effects), ""
