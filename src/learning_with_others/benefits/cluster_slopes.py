"""Slopes of single clusters: from their own students only, and partially pooled."""

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.benefit_terms import share
from learning_with_others.study import StudyDesign

COLUMNS = ["outcome", "cluster", "level", "raw", "estimate", "lower", "upper"]


def cluster_slope_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Slope of the outcome on the exposure's deviation in each cluster, raw and pooled.

    With the first plausible value. The raw slope is least squares over the cluster's students, of
    the outcome less what the model's other terms (covariates, group, other contrasts) expect of
    each student, so that raw and pooled slope differ by pooling alone. The pooled slope is that of
    the cluster's average student: the reference group's, plus each group's difference times its
    share of the cluster, plus what composition and the cluster's own effect add. Clusters under
    the minimum cell, or in which the exposure does not vary, are left out; so are outcomes that are
    no line in the predictors, for which there is no least-squares slope.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    study : StudyDesign
        Its minimum cell and probability of intervals.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, cluster` (1, 2, ... in order of the pooled slope: no label)`, level, raw,
        estimate, lower, upper`, in outcome sd for one unit of the exposure.
    """
    tail = (1 - study.analysis.interval_probability) / 2
    parts = []
    for name, fit in fits.items():
        if not fit.frame.family.linear:
            continue
        posterior = fit.posterior
        grouping = next(each for each in fit.frame.groupings if each.name == fit.design.cluster)
        deviation = fit.design.contrasts.main.deviation
        adjusted = fit.frame.outcome - _other_terms(fit, posterior)
        raw, varies = least_squares_slopes(adjusted, deviation, grouping.index)
        pooled = _pooled(fit.design, posterior, grouping.index)
        lower, upper = np.quantile(pooled, [tail, 1 - tail], axis=0)
        large = np.bincount(grouping.index) >= study.analysis.minimum_cell
        columns = {"raw": raw, "estimate": pooled.mean(axis=0), "lower": lower, "upper": upper}
        table = pd.DataFrame(columns)[large & varies].sort_values("estimate")
        table.insert(0, "outcome", name)
        table.insert(1, "cluster", np.arange(1, len(table) + 1))
        table.insert(2, "level", grouping.name)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def least_squares_slopes(
    outcome: np.ndarray, deviation: np.ndarray, index: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares slope within each cluster.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
    deviation : ndarray, shape (n,)
        From the cluster's mean.
    index : ndarray of int, shape (n,)

    Returns
    -------
    (ndarray of float, ndarray of bool), shape (J,)
        Slopes (zero where the deviation does not vary), and where it does.
    """
    squares = np.bincount(index, deviation**2)
    varies = squares > 1e-9 * len(deviation) / len(squares)
    products = np.bincount(index, deviation * outcome)
    return np.where(varies, products / np.where(varies, squares, 1.0), 0.0), varies


def _other_terms(fit: BenefitFit, posterior: xr.Dataset) -> np.ndarray:
    """Posterior mean of what terms without the main deviation expect of each row."""
    design, frame = fit.design, fit.frame
    with_deviation = {design.slope, *map(design.interaction, design.sloping)}
    with_deviation |= set(map(design.composition, design.composing))
    kept = [k for k, term in enumerate(frame.terms) if term not in with_deviation]
    mean = posterior["coefficient"].mean(("chain", "draw")).sel(term=list(frame.terms)).to_numpy()
    return frame.columns[:, kept] @ mean[kept]


def _pooled(design: BenefitDesign, posterior: xr.Dataset, index: np.ndarray) -> np.ndarray:
    """Draws of every cluster's mean slope over its students, shape (draws, J)."""
    sizes = np.bincount(index)
    coefficient = posterior["coefficient"]
    own = posterior[f"effect_{design.cluster}_slope_0"].to_numpy()
    slope = own + coefficient.sel(term=design.slope).to_numpy()[..., None]

    def mean_of(column: str) -> np.ndarray:
        return np.bincount(index, design.data[column].to_numpy()) / sizes

    for group in design.sloping:
        gap = coefficient.sel(term=design.interaction(group)).to_numpy()[..., None]
        # The group's column is centred on its share of all rows.
        slope = slope + gap * (mean_of(group) + design.group_shares[group])
    for group in design.composing:
        composition = coefficient.sel(term=design.composition(group)).to_numpy()[..., None]
        slope = slope + composition * mean_of(share(group, design.place))
    return slope.reshape(-1, len(sizes))
