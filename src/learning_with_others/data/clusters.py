"""Sizes of classes and schools, and missing values, by group."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from learning_with_others.data.disclosure import reporting_groups
from learning_with_others.study import StudyDesign

FEWEST_SCHOOLS = 10  # with fewer, schools are taken as given and their classrooms as sampled


def sampled_cluster(rows: pd.DataFrame, study: StudyDesign) -> pd.Series:
    """Labels of what could have been others: schools where there are ten, else classrooms.

    An estimate over all students varies with the units that were drawn. With ten schools or more
    these are the schools: classrooms of one school resemble each other, and taken as independent
    would give intervals that are too narrow. Fewer schools tell too little of how schools vary;
    they are taken as given and their classrooms as sampled, and nothing
    is said of other schools. Without classrooms, schools it is.

    Parameters
    ----------
    rows : pandas.DataFrame
        With school, and classroom if there are any, recorded. Those of one estimate: schools
        without a row in it do not count.
    study : StudyDesign

    Returns
    -------
    pandas.Series, shape (n,)

    References
    ----------
    Abadie, A., Athey, S., Imbens, G. W. and Wooldridge, J. M. (2023). When should you adjust
    standard errors for clustering? Quarterly Journal of Economics 138, 1-35 (cluster by the units
    that were sampled).
    """
    schools, classroom = rows[study.roles.school], study.roles.classroom
    if classroom is None or schools.nunique() >= FEWEST_SCHOOLS:
        return schools
    return rows[classroom]


def sampled_rooms(rooms: np.ndarray, places: pd.DataFrame | None, study: StudyDesign) -> np.ndarray:
    """Labels of the sampled cluster of each classroom: its school where there are ten.

    Parameters
    ----------
    rooms : ndarray, shape (J,)
        Names of the classrooms of one estimate.
    places : pandas.DataFrame or None
        Names the school of each classroom; where it does not, classrooms are what was sampled.
    study : StudyDesign
    """
    classroom, school = study.roles.classroom, study.roles.school
    if places is None or not {classroom, school} <= set(places):
        return np.asarray(rooms, dtype=object)
    known = places.dropna(subset=[classroom, school]).drop_duplicates(classroom)
    found = known.set_index(classroom)[school].reindex(rooms)
    few = found.isna().any() or found.nunique() < FEWEST_SCHOOLS
    return np.asarray(rooms if few else found, dtype=object)


def school_names(students: pd.DataFrame, study: StudyDesign) -> dict[object, str]:
    """Give what reports call each school: numbered by its order among all students' schools."""
    schools = sorted(students[study.roles.school].dropna().unique())
    return {school: f"school {k}" for k, school in enumerate(schools, 1)}


def school_places(
    schools: Iterable[object], students: pd.DataFrame, study: StudyDesign
) -> dict[object, str]:
    """Give what reports call each school: as `school_names`, then those without students."""
    names = school_names(students, study)
    others = sorted(set(schools) - set(names), key=str)
    return names | {school: f"school {k}" for k, school in enumerate(others, len(names) + 1)}


def sampled_unit(rows: pd.DataFrame, study: StudyDesign) -> pd.Series:
    """Labels of the sampled clusters (`sampled_cluster`): of the students where all are in one."""
    cluster = sampled_cluster(rows, study)
    return cluster if len(cluster.dropna().unique()) > 1 else rows[study.roles.student]


def cluster_sizes(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Number and size of classes and schools, and how many hold both groups.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one grade.

    Returns
    -------
    pandas.DataFrame
        One row per level: `level, clusters, median_size, quartile_low, quartile_high,
        both_groups`; sizes in children.
    """
    group_role = study.roles.group
    levels = study.roles.clusters
    out = []
    for level, column in levels.items():
        sizes = rows.groupby(column).size()
        contrast = rows[rows[group_role.column].isin(group_role.contrast)]
        groups = contrast.groupby(column)[group_role.column].nunique()
        out.append(
            {
                "level": level,
                "clusters": len(sizes),
                "median_size": sizes.median(),
                "quartile_low": sizes.quantile(0.25),
                "quartile_high": sizes.quantile(0.75),
                "both_groups": int((groups > 1).sum()),
            }
        )
    return pd.DataFrame(out)


def missing_shares(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Share of missing values by group, of every column that has any and is no identifier.

    Items are left out, their scores stand for them. The group itself is left out: it forms the
    groups, and where it is not recorded the student stands in the pooled group. A group under
    the minimum cell is left out.

    Returns
    -------
    pandas.DataFrame
        Columns `column, group, rows, missing, share`.
    """
    group_role = study.roles.group
    group = reporting_groups(rows[group_role.column], group_role.contrast)
    skipped = {
        study.roles.student,
        group_role.column,
        study.roles.grade,
        *study.roles.clusters.values(),
    }
    skipped |= set(group_role.select or []) | set(_items(study))
    columns = [name for name in rows if name not in skipped]
    counted = (
        rows[columns]
        .isna()
        .groupby(group, observed=True)
        .sum()
        .rename_axis("group")
        .reset_index()
        .melt(id_vars="group", var_name="column", value_name="missing")
    )
    counted["rows"] = counted["group"].map(group.value_counts()).astype(int)
    counted["share"] = counted["missing"] / counted["rows"]
    anywhere = counted.groupby("column")["missing"].transform("sum") > 0
    large = counted["rows"] >= study.analysis.minimum_cell
    return counted.loc[anywhere & large, ["column", "group", "rows", "missing", "share"]]


def _items(study: StudyDesign) -> list[str]:
    return [item for construct in study.constructs.values() for item in construct.all_items]
