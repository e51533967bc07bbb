"""Fixed terms of the joint model, from the rows of a study."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import ROUNDING
from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.psychometrics.scores.plausible.race_groups import (
    NOT_RECORDED,
    pool_small_groups,
)
from learning_with_others.study import StudyDesign

# Fewer enter as indicators, which hold an analysis with fixed as one with random schools.
FEWEST_VARYING = 2 * FEWEST_SCHOOLS


def race_labels(rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """Labels of the groups, those not recorded as a group of their own."""
    group = rows[study.roles.group.column].astype(object)
    return group.where(group.notna(), NOT_RECORDED).to_numpy(object)


def focal_share(rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """Share of the focal among the two contrasted groups in each row's lowest cluster.

    The share that the analysis model uses, over the rows of those two groups; around its mean,
    which also stands in clusters that hold neither.
    """
    group_role = study.roles.group
    labels = race_labels(rows, study)
    cluster = rows[study.roles.lowest_cluster].to_numpy()
    inside = pd.Series(np.where(np.isin(labels, group_role.contrast), 1.0, np.nan))
    focal = pd.Series(np.where(labels == group_role.focal, 1.0, 0.0)) * inside
    share = focal.groupby(cluster).transform("mean").to_numpy()
    return np.nan_to_num(share - np.nanmean(share))


def fixed_terms(rows: pd.DataFrame, study: StudyDesign) -> dict[str, np.ndarray]:
    """Intercept, group, its composition, categories, schools where few, levels of the exposure.

    Focal × share is in, so that the model holds every analysis model in which group and
    composition meet.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        The intercept first; columns that do not vary are left out.
    """
    roles = study.roles
    labels, names = pool_small_groups(
        race_labels(rows, study), study.analysis.minimum_cell, roles.group.contrast
    )
    indicators = {
        name: (labels == name).astype(float) for name in names if name != roles.group.reference
    }
    share = focal_share(rows, study)
    focal = (labels == roles.group.focal).astype(float)
    lowest = next(iter(roles.clusters))
    columns = {
        **indicators,
        f"share {roles.group.focal} in {lowest}": share,
        f"{roles.group.focal} × share": focal * share,
    }
    for name in roles.all_covariates:
        if not is_number(rows[name]):
            columns |= _indicators(rows[name], name)
    if len(roles.clusters) > 1 and rows[roles.school].nunique() < FEWEST_VARYING:
        columns |= _indicators(rows[roles.school], "school")
    if roles.exposure.varies_by == "classroom":
        levels = _exposure_levels(rows[roles.exposure.name], roles.exposure.reference)
        columns |= levels
        columns |= {
            f"{group} × {level}": inside * value
            for group, inside in indicators.items()
            for level, value in levels.items()
        }
        columns |= {f"share × {level}": share * value for level, value in levels.items()}
    varying = {
        name: value
        for name, value in columns.items()
        if np.ptp(value) > ROUNDING * np.abs(value).max()
    }
    return {"intercept": np.ones(len(rows)), **varying}


def is_number(values: pd.Series) -> bool:
    """Whether a column holds numbers rather than categories."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _indicators(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    """One column for each level but the first; a missing level is a level."""
    labels = values.astype(object).where(values.notna(), NOT_RECORDED).astype(str)
    return {
        f"{name}: {level}": (labels == level).to_numpy(float)
        for level in sorted(labels.unique())[1:]
    }


def _exposure_levels(values: pd.Series, reference: str | None) -> dict[str, np.ndarray]:
    labels = values.astype(object).where(values.notna(), NOT_RECORDED).astype(str)
    return {
        f"exposure: {level}": (labels == level).to_numpy(float)
        for level in sorted(labels.unique())
        if level != reference
    }
