"""Columns of the equations of a pathway."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import cluster_mean, without_rounding
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_terms import covariate_columns, interaction, share
from learning_with_others.models.exposure import ROUNDING
from learning_with_others.models.few_schools import (
    fixed_school_columns,
    school_columns,
    schools_are_fixed,
)
from learning_with_others.models.model_rows import model_groups
from learning_with_others.models.pathway_chain import Chain
from learning_with_others.study import StudyDesign


@dataclass(frozen=True)
class SharedColumns:
    """Columns that several equations take.

    `within` and `between` are by variable, `members` by group but the reference.
    """

    lowest: str
    focal: str
    cluster: pd.Series
    groups: pd.Series
    variables: dict[str, np.ndarray]
    within: dict[str, np.ndarray]
    between: dict[str, np.ndarray]
    members: dict[str, np.ndarray]
    composition: dict[str, np.ndarray]
    fixed_schools: dict[str, np.ndarray]
    random_schools: dict[str, np.ndarray]


def shared_columns(rows: pd.DataFrame, study: StudyDesign, chain: Chain) -> SharedColumns:
    """Make the columns that several equations take.

    Raises
    ------
    CompendiumError
        If a variable does not vary, or a group compared has no rows.
    """
    roles = study.roles
    lowest = next(iter(roles.clusters))
    cluster = rows[roles.lowest_cluster].astype(str)
    groups = model_groups(rows, study)
    members = {group: (groups == group).to_numpy(float) for group in groups.cat.categories[1:]}
    focal = cluster_mean(members[roles.group.focal], cluster)
    name = share(roles.group.focal, lowest)
    composition = {name: focal - focal.mean()} if np.ptp(focal) > ROUNDING else {}
    variables = {name: _standardized(rows, study, name) for name in chain.names}
    parts = {name: _around_cluster(values, cluster) for name, values in variables.items()}
    fixed = schools_are_fixed(rows, study, lowest)
    labels = rows[roles.school]
    return SharedColumns(
        lowest=lowest,
        focal=roles.group.focal,
        cluster=cluster,
        groups=groups,
        variables=variables,
        within={name: within for name, (within, _) in parts.items()},
        between={name: between for name, (_, between) in parts.items()},
        members=members,
        composition=composition,
        fixed_schools=fixed_school_columns(labels) if fixed else {},
        random_schools={} if fixed or lowest == "school" else school_columns(labels),
    )


def fixed_columns(
    name: str, rows: pd.DataFrame, study: StudyDesign, chain: Chain, shared: SharedColumns
) -> dict[str, np.ndarray]:
    """Columns of the equation of a variable, by term."""
    fixed = {group: values - values.mean() for group, values in shared.members.items()}
    fixed |= shared.composition
    for start in chain.before(name):
        own, deviation = within(start, shared.lowest), shared.within[start]
        fixed[own] = deviation
        for of, values in (shared.members | shared.composition).items():
            fixed[interaction(of, own)] = values * deviation
        if np.nanmax(np.abs(shared.between[start])) > ROUNDING:
            fixed[between(start, shared.lowest)] = shared.between[start]
    for column in study.roles.covariates_of(name):
        fixed |= covariate_columns(rows[column], column)
    return fixed | shared.fixed_schools


def optional_terms(
    name: str, chain: Chain, shared: SharedColumns, fixed: dict[str, np.ndarray]
) -> list[tuple[str, ...]]:
    """Terms that an equation can do without, the last to go first.

    A school without a row of this equation, or a group not compared with too few, has no term of
    its own in it; students of such a group then count with the reference group's slope.
    """
    starts = chain.before(name)
    own = [within(start, shared.lowest) for start in starts]
    optional = [(school,) for school in shared.fixed_schools]
    for group in shared.members:
        if group != shared.focal:
            optional += [(group,), *((interaction(group, each),) for each in own)]
    for composing in shared.composition:
        optional += [(composing,), *((interaction(composing, each),) for each in own)]
    optional += [(between(start, shared.lowest),) for start in starts]
    return [terms for terms in optional if terms[0] in fixed]


def within(name: str, level: str) -> str:
    """Term of the deviation of a variable from its cluster's mean."""
    return f"{name}, within {level}"


def between(name: str, level: str) -> str:
    """Term of the cluster's mean of a variable."""
    return f"{name}, mean of {level}"


def _standardized(rows: pd.DataFrame, study: StudyDesign, name: str) -> np.ndarray:
    column = study.pathway_columns.get(name, name)
    values = rows[column].to_numpy(float)
    if not np.nanmax(values) > np.nanmin(values):
        raise CompendiumError(
            f"{name!r} does not vary over the {len(rows)} rows",
            where="pathway model",
            remedy="take it out of roles.pathway",
        )
    return (values - np.nanmean(values)) / np.nanstd(values)


def _around_cluster(values: np.ndarray, cluster: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Deviation from the mean of the cluster, and that mean around its mean over the rows."""
    series = pd.Series(values, cluster.index)
    mean = series.groupby(cluster).transform("mean").where(series.notna())
    return without_rounding((series - mean).to_numpy(), values), (mean - mean.mean()).to_numpy()
