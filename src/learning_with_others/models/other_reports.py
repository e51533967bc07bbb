"""The exposure as others report it: classmates, observers and teachers."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import cluster_mean
from learning_with_others.data.measures.sources import OBSERVERS, TEACHERS, source_table
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.exposure import (
    HIGH,
    LOW,
    ROUNDING,
    Contrasts,
    ExposureContrast,
    varying,
)
from learning_with_others.models.variants import Variant, Version
from learning_with_others.study import StudyDesign

CLASSMATES = "classmates"


def other_reports(
    rows: pd.DataFrame, students: pd.DataFrame, tables: dict[str, pd.DataFrame], study: StudyDesign
) -> dict[str, np.ndarray]:
    """What others than the student say of the exposure in the student's classroom.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a model.
    students : pandas.DataFrame
        All students, with element scores.
    tables : dict of str to pandas.DataFrame
        `classrooms`, `observations`, `teachers`, as far as the study has them.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        By source; missing for students whose classroom has no such report. Empty where the
        exposure does not vary by student, or students have no classroom.
    """
    roles = study.roles
    if roles.exposure.varies_by != "student" or roles.classroom is None:
        return {}
    room = rows[roles.classroom]
    found = {CLASSMATES: classmates_mean(rows[roles.exposure.name], room)}
    reports = source_table(students, tables, study)
    for source in (OBSERVERS, TEACHERS):
        # Elements on one response scale, each counted once.
        by_room = reports[reports["source"] == source].groupby("classroom", observed=True)["mean"]
        values = room.map(by_room.mean()).to_numpy(float)
        if np.isfinite(values).any():
            found[source] = values
    return found


def classmates_mean(values: pd.Series, cluster: pd.Series) -> np.ndarray:
    """Mean over the other rows of the cluster; missing where there is none.

    The student's own report is left out, so that its errors do not stand on both sides.
    """
    by_cluster = values.groupby(cluster.to_numpy())
    others = by_cluster.transform("size") - 1
    total = by_cluster.transform("sum") - values
    return (total / others.where(others > 0)).to_numpy(float)


def between_classrooms(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, source: str
) -> Contrasts | None:
    """Center what a source says of classrooms within schools, as one contrast.

    In standard deviations of the source over these rows. None where classrooms of one school
    never differ.
    """
    standard = (values - values.mean()) / (values.std() or 1.0)
    school_mean = cluster_mean(standard, rows[study.roles.school])
    deviation = standard - school_mean
    if not np.any(np.abs(deviation) > ROUNDING):
        return None
    label = f"{study.roles.exposure.label}, {source}"
    low, high = np.quantile(deviation, [LOW, HIGH])
    contrast = ExposureContrast(
        within=f"{label}, within school",
        deviation=deviation,
        between=varying({f"{label}, mean of school": school_mean}),
        low=float(low),
        high=float(high),
    )
    return Contrasts("school", [contrast])


def report_variants(
    rows: pd.DataFrame, students: pd.DataFrame, tables: dict[str, pd.DataFrame], study: StudyDesign
) -> dict[str, Variant]:
    """The benefit model with the exposure as each other source reports it.

    Parameters
    ----------
    rows, students, tables, study
        As `other_reports` takes them. Observers and teachers say the same whatever the plausible
        values of students; what classmates say changes with theirs.

    Returns
    -------
    dict of str to Variant
        By source.
    """

    def variant(source: str, values: np.ndarray) -> Variant:
        def build(version: pd.DataFrame, study: StudyDesign) -> Version | None:
            said = values
            if source == CLASSMATES:
                room = version[study.roles.classroom]
                said = classmates_mean(version[study.roles.exposure.name], room)
            known = np.isfinite(said)
            kept = version[known]
            contrasts = between_classrooms(kept, study, said[known], source)
            return None if contrasts is None else (kept, benefit_design(kept, study, contrasts))

        return Variant(build=build)

    found = other_reports(rows, students, tables, study)
    return {source: variant(source, values) for source, values in found.items()}
