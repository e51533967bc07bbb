"""From the rows of a study to the arrays of the benefit model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.benefits.exposure import cluster_mean, exposure_contrasts
from learning_with_others.errors import CompendiumError
from learning_with_others.study import Study


@dataclass(frozen=True)
class BenefitDesign:
    """The design of the benefit model and what its estimands need to know.

    Attributes
    ----------
    design : Design
    outcomes : dict of str to ndarray, shape (n,)
        Outcomes in standard deviations around their mean over these rows.
    exposure_sd : float
        Standard deviations of the exposure in one unit of the slope: 1 for a standardized
        exposure, less for the contrast of two levels.
    slope, gap, composition : str
        Terms: the reference group's slope, its difference for the focal group, and how the slope
        varies with the share of focal children in the cluster.
    interactions : dict of str to str
        For each contrast of the exposure, its deviation's name and the term of its interaction
        with the focal group.
    low, high : dict of str to float
        Deviations of the contrasts at low and at high exposure.
    share_mean : dict of str to float
        Mean share of focal students in their cluster, from the pooled mean, by group.
    rows : dict of str to int
        Rows that entered, by group.
    cluster : str
        Level within which the exposure is centred.
    clusters_with_both : dict of str to (int, int)
        For each level, clusters that hold students of both groups, and all clusters.
    """

    design: Design
    outcomes: dict[str, np.ndarray]
    exposure_sd: float
    slope: str
    gap: str
    composition: str
    interactions: dict[str, str]
    low: dict[str, float]
    high: dict[str, float]
    share_mean: dict[str, float]
    rows: dict[str, int]
    cluster: str
    clusters_with_both: dict[str, tuple[int, int]]


def benefit_design(rows: pd.DataFrame, study: Study, outcomes: list[str]) -> BenefitDesign:
    """Build the benefit model, classrooms (where there are any) within schools.

    Each contrast c of the exposure enters as its deviation from the mean of the cluster within
    which it is compared (c − c̄_j for a student-level exposure, c − c̄_s for a class-level one),
    and as that mean, split into between classrooms and between schools where there are both;
    race enters alone and times the deviation; the cluster's share r̄ of focal students enters
    alone and times the deviation, so that the benefit gap compares students within clusters and
    not the clusters they sit in. Every level has a random intercept; the exposure's deviation
    has a random slope between the clusters within which it is centred.

    Parameters
    ----------
    rows : pandas.DataFrame
        Complete rows of the focal and the reference group.
    study : Study
    outcomes : list of str
        Names in `roles.outcomes`, all recorded in these rows.

    Raises
    ------
    CompendiumError
        If a group has no rows, an outcome or the exposure does not vary, or no cluster offers a
        contrast.
    """
    roles = study.roles
    race = roles.race
    focal = (rows[race.column] == race.focal).to_numpy(float)
    counts = {race.focal: int(focal.sum()), race.reference: int((1 - focal).sum())}
    for group, count in counts.items():
        if count == 0:
            raise CompendiumError(
                f"no rows of the group {group!r} remain",
                where="benefit model",
                remedy="see the flow of rows in notebook 01",
            )
    found = exposure_contrasts(rows, study)
    cluster, contrasts = found.cluster, found.contrasts
    share = cluster_mean(focal, rows[roles.clusters[cluster]])
    share = share - share.mean()

    columns: dict[str, np.ndarray] = {"intercept": np.ones(len(rows))}
    for contrast in contrasts:
        columns[contrast.within] = contrast.deviation
        columns |= contrast.between
    columns[race.focal] = focal - focal.mean()
    composition = f"share {race.focal} in {cluster}"
    columns[composition] = share
    interactions = {}
    for contrast in contrasts:
        interactions[contrast.within] = f"{race.focal} × {contrast.within}"
        columns[interactions[contrast.within]] = focal * contrast.deviation
        columns[f"{composition} × {contrast.within}"] = share * contrast.deviation
    for covariate in roles.covariates:
        columns |= _covariate(rows[covariate], covariate)
    _check_rank(columns)

    main = contrasts[0].within
    return BenefitDesign(
        design=Design(
            terms=tuple(columns),
            columns=np.column_stack(list(columns.values())),
            groupings=tuple(
                _grouping(level, rows[column], (main,) if level == cluster else ())
                for level, column in roles.clusters.items()
            ),
        ),
        outcomes={name: _standardize(rows, study, name) for name in outcomes},
        exposure_sd=found.exposure_sd,
        slope=main,
        gap=interactions[main],
        composition=f"{composition} × {main}",
        interactions=interactions,
        low={c.within: c.low for c in contrasts},
        high={c.within: c.high for c in contrasts},
        share_mean={
            race.focal: float(share[focal == 1].mean()),
            race.reference: float(share[focal == 0].mean()),
        },
        rows=counts,
        cluster=cluster,
        clusters_with_both={
            level: _with_both(focal, rows[column]) for level, column in roles.clusters.items()
        },
    )


def _with_both(focal: np.ndarray, cluster: pd.Series) -> tuple[int, int]:
    groups = pd.Series(focal).groupby(cluster.to_numpy()).nunique()
    return int((groups > 1).sum()), len(groups)


def _covariate(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    """One column in standard deviations, or one for each category but the first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = values.cat.remove_unused_categories()
        return {
            f"{name}: {level}": (present == level).to_numpy(float)
            for level in present.cat.categories[1:]
        }
    number = values.to_numpy(float)
    return {name: (number - number.mean()) / (number.std() or 1.0)}


def _check_rank(columns: dict[str, np.ndarray]) -> None:
    matrix = np.column_stack(list(columns.values()))
    if np.linalg.matrix_rank(matrix) == matrix.shape[1]:
        return
    # Name the first term that the ones before it already hold.
    for k, name in enumerate(columns):
        if np.linalg.matrix_rank(matrix[:, : k + 1]) <= k:
            raise CompendiumError(
                f"the term {name!r} follows from the terms before it",
                where="benefit model",
                remedy="take out a covariate, or check that groups differ within clusters",
            )


def _grouping(name: str, labels: pd.Series, slopes: tuple[str, ...]) -> Grouping:
    codes = pd.Categorical(labels)
    return Grouping(name, tuple(codes.categories.astype(str)), codes.codes.astype(int), slopes)


def _standardize(rows: pd.DataFrame, study: Study, name: str) -> np.ndarray:
    values = rows[study.roles.outcomes[name].name].to_numpy(float)
    if not values.std() > 0:
        raise CompendiumError(
            f"the outcome {name!r} does not vary over the {len(rows)} rows",
            where="benefit model",
            remedy="take it out of roles.outcomes",
        )
    return (values - values.mean()) / values.std()
