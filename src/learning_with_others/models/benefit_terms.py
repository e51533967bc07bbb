"""The terms of the benefit model: their names and their columns, before there is a model."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import cluster_mean
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.models.exposure import ROUNDING, Contrasts
from learning_with_others.study import StudyDesign

BY = " × "  # between the two columns of a product
# A group of few students is in few clusters, and its share of them says little.
FEWEST_CLUSTERS, SMALLEST_SHARE = 10, 0.05


def interaction(of: str, within: str) -> str:
    """Name the product of a column and a deviation of the exposure."""
    return f"{of}{BY}{within}"


def share(group: str, cluster: str) -> str:
    """Name a group's share of its cluster."""
    return f"share {group} in {cluster}"


def benefit_columns(
    rows: pd.DataFrame, groups: pd.Series, contrasts: Contrasts, study: StudyDesign
) -> dict[str, np.ndarray]:
    """Columns of groups, shares, exposure and covariates: each with its products, by term."""
    sizes = groups.value_counts(normalize=True)
    strata = contrasts.strata
    cluster = rows[study.roles.clusters[contrasts.cluster]] if strata is None else strata
    composing = {study.roles.group.focal}
    if cluster.nunique() >= FEWEST_CLUSTERS:  # fewer cannot tell the shares of many groups apart
        composing |= set(sizes.index[sizes >= SMALLEST_SHARE])
    modelled = tuple(groups.cat.categories[1:])
    both = groups.isin(study.roles.group.contrast).to_numpy()
    alone: dict[str, np.ndarray] = {}
    for group in modelled:
        member = (groups == group).to_numpy(float)
        alone[group] = member - member.mean()
        in_cluster = cluster_mean(member, cluster)
        # One cluster, or all composed alike, have no share to tell.
        if group in composing and np.ptp(in_cluster) >= ROUNDING:
            alone[share(group, contrasts.place)] = in_cluster - in_cluster[both].mean()
    columns = with_exposure(alone, modelled, contrasts)
    for covariate in study.roles.covariates:
        columns |= covariate_columns(rows[covariate], covariate)
    entered = study.roles.at_entry.get(str(study.roles.grade))
    return columns | (covariate_columns(rows[entered], entered) if entered else {})


def with_exposure(
    alone: dict[str, np.ndarray], groups: tuple[str, ...], contrasts: Contrasts
) -> dict[str, np.ndarray]:
    """Terms of the exposure, then each column of groups and shares with its products."""
    columns: dict[str, np.ndarray] = {}
    for contrast in contrasts.contrasts:
        columns |= {contrast.within: contrast.deviation, **contrast.between}
    for name, column in alone.items():
        columns[name] = column
        # Columns of groups are centred: above zero for members, below for everyone else.
        times = column > 0 if name in groups else column
        columns |= {
            interaction(name, contrast.within): times * contrast.deviation
            for contrast in contrasts.contrasts
        }
    return columns


def covariate_columns(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    """One column in standard deviations, or one for each category but the first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = values.cat.remove_unused_categories()
        return {
            f"{name}: {level}": (present == level).astype(float).where(present.notna()).to_numpy()
            for level in present.cat.categories[1:]
        }
    number = values.to_numpy(float)
    return {name: (number - np.nanmean(number)) / (np.nanstd(number) or 1.0)}


def dispensable(
    columns: dict[str, np.ndarray], groups: pd.Series, contrasts: Contrasts
) -> list[tuple[str, ...]]:
    """Terms that the benefit gap can do without, those that go together, the last to go first."""
    within = [contrast.within for contrast in contrasts.contrasts]
    pooled = [(interaction(OTHER_GROUPS, each),) for each in within]
    shares = [share(group, contrasts.place) for group in groups.cat.categories]
    composition = [(name, *(interaction(name, each) for each in within)) for name in shares]
    between = [(name,) for contrast in contrasts.contrasts for name in contrast.between]
    every = (
        tuple(name for name in terms if name in columns)
        for terms in [*pooled, *composition, *between]
    )
    return [terms for terms in every if terms]
