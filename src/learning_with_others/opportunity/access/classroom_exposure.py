"""Next to whom: what classmates report, and who sits in the classrooms richest in opportunity."""

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import cluster_design, jackknife
from learning_with_others.data.measures.opportunities import Measure, raw_values
from learning_with_others.study import StudyDesign

RICHEST = 1 / 3  # of the classrooms: "high-opportunity classrooms"
FEWEST_CLASSROOMS = 6
CLASSMATES, SHARE = "mean of classmates", "share in high-opportunity classrooms"
COLUMNS = "measure label quantity group children estimate lower upper flag".split()


def classmates_mean(values: np.ndarray, classroom: np.ndarray) -> np.ndarray:
    """Mean of the others in each student's classroom, shape (n,); NaN where no other has a value.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing; such a student still has classmates.
    classroom : ndarray of int, shape (n,)
    """
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    others = np.bincount(classroom, known)[classroom] - known
    total = np.bincount(classroom, filled)[classroom] - filled
    return np.divide(total, others, out=np.full(len(values), np.nan), where=others > 0)


def in_richest(values: np.ndarray, classroom: np.ndarray) -> np.ndarray:
    """Whether each student is in the third of classrooms with the highest means, shape (n,).

    Classrooms are ranked by the mean of all their students; NaN where nobody has a value.
    """
    known = ~np.isnan(values)
    size = np.bincount(classroom, known)
    total = np.bincount(classroom, np.where(known, values, 0.0))
    mean = np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0)
    least = np.nanquantile(mean, 1 - RICHEST)
    return np.where(np.isnan(mean), np.nan, mean >= least)[classroom]


def classroom_exposure(
    rows: pd.DataFrame, study: StudyDesign, measures: list[Measure]
) -> pd.DataFrame:
    """How much opportunity surrounds students of each group.

    Parameters
    ----------
    rows : pandas.DataFrame
        All students of one grade, school and classroom recorded: everybody is a classmate.
    study : StudyDesign
    measures : list of Measure
        Those that vary by student are used.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, quantity, group, children, estimate, lower, upper, flag`:
        the mean of classmates (score points; a student's own report is not in it) and the share
        in the third of classrooms with the highest means, of the focal and the reference group,
        and their gaps. No rows for studies without classrooms. Intervals: jackknife over clusters,
        with the classrooms' ranks taken as they are.

    References
    ----------
    Massey, D. S. and Denton, N. A. (1988). The dimensions of residential segregation. Social
    Forces 67, 281-315 (exposure: what members of a group meet in their units).
    """
    if study.roles.classroom is None:
        return pd.DataFrame(columns=COLUMNS)
    classroom, names = pd.factorize(rows[study.roles.classroom])
    group_role = study.roles.group
    groups = [
        (rows[group_role.column] == g).to_numpy(bool, na_value=False) for g in group_role.contrast
    ]
    out = []
    for measure in measures:
        if measure.kind == "category":
            continue
        values = raw_values(rows, measure, study)
        found = {CLASSMATES: classmates_mean(values, classroom)}
        if len(names) >= FEWEST_CLASSROOMS and not np.isnan(values).all():
            found[SHARE] = in_richest(values, classroom)
        out += [
            (measure.name, measure.label, quantity, *line)
            for quantity, surrounding in found.items()
            for line in _by_group(rows, study, surrounding, groups)
        ]
    return pd.DataFrame(out, columns=COLUMNS)


def _by_group(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, groups: list[np.ndarray]
) -> list[tuple]:
    group_role, minimum = study.roles.group, study.analysis.minimum_cell
    known = ~np.isnan(values)
    members = [group[known] for group in groups]
    filled = values[known]
    sizes = [int(member.sum()) for member in members]
    labels = [*group_role.contrast, group_role.difference]
    children = [*sizes, sum(sizes)]
    if min(sizes) < minimum:
        few = labels[int(np.argmin(sizes))]
        words = f"{few}: fewer than {minimum} people have classmates with a value"
        nothing = (np.nan, np.nan, np.nan, words)
        return [(group, n, *nothing) for group, n in zip(labels, children, strict=True)]
    design = cluster_design(rows[known], study)
    degrees = design.degrees_of(*members)

    def means(weights: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            first, second = ((weights * m) @ filled / (weights @ m) for m in members)
        return np.array([first, second, first - second])

    found = jackknife(design, means, study.analysis.interval_probability, degrees)
    lone = f"no interval: a group is in too few {design.level}" if degrees < 1 else ""
    weightless = "all sampling weights of a group are zero" if np.isnan(found.estimate[2]) else ""
    flag = weightless or design.flag or lone
    return [
        (group, n, estimate, lower, upper, flag)
        for group, n, estimate, lower, upper in zip(
            labels, children, found.estimate, found.lower, found.upper, strict=True
        )
    ]
