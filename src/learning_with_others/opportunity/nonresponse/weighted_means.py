"""Opportunities with sampling weights beside the same without them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from learning_with_others.opportunity.cluster_design import (
    ClusterDesign,
    Estimates,
    cluster_design,
    pooled_jackknife,
)
from learning_with_others.opportunity.measures import (
    Measure,
    opportunity_measures,
    scored_ways,
)
from learning_with_others.study import Study

WEIGHTED, UNWEIGHTED = "sampling weights", "none"
ESTIMATED = ["estimate", "lower", "upper"]
COLUMNS = [
    "measure",
    "label",
    "score",
    "weights",
    "group",
    "children",
    "effective_size",
    *ESTIMATED,
    "flag",
]


def effective_size(weights: np.ndarray) -> float:
    """Children without weights whose mean would be as precise: (Σw)² / Σw².

    Parameters
    ----------
    weights : ndarray, shape (n,)

    Returns
    -------
    float
        NaN without any weight.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 11.7 (the loss of precision from weights that have
    nothing to do with the variable).
    """
    squares = float(np.sum(np.square(weights)))
    return float(np.sum(weights)) ** 2 / squares if squares > 0 else np.nan


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Σwx / Σw; NaN without any weight."""
    total = weights.sum()
    return float(weights @ values / total) if total > 0 else np.nan


def weighted_means(
    rows: pd.DataFrame, study: Study, plausible: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Estimate the mean of every opportunity in the two groups, with weights and without.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups; those without a school or classroom are left out.
    study : Study
    plausible : pandas.DataFrame, optional
        Plausible values, as the measurement stage writes them.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, score, weights, group, children, effective_size, estimate, lower,
        upper, flag`, in the measure's own unit (a category: a share); no rows for a study without
        `roles.weight`. Group rows, then ``focal minus reference``, whose `effective_size` is
        missing. Intervals are from the jackknife over clusters, with weights and without.

    Raises
    ------
    CompendiumError
        If weights are missing, negative, or all zero.

    References
    ----------
    Rust, K. F. and Rao, J. N. K. (1996). Variance estimation for complex surveys using
    replication techniques. Statistical Methods in Medical Research 5, 283-310 (JKn).
    """
    if study.roles.weight is None:
        return pd.DataFrame(columns=COLUMNS)
    placed = rows.dropna(subset=list(study.roles.clusters.values()))
    cluster_design(placed, study)  # weights that are wrong anywhere are wrong
    race = study.roles.race
    compared = placed[placed[race.column].isin([race.focal, race.reference])]
    out = []
    for measure in opportunity_measures(study):
        for score, values in scored_ways(compared, measure, study, plausible):
            known = np.isfinite(values).all(axis=0)
            out += _of_one(compared[known], values[:, known], measure, score, study)
    return pd.DataFrame(out, columns=COLUMNS)


def _of_one(
    rows: pd.DataFrame, values: np.ndarray, measure: Measure, score: str, study: Study
) -> list[dict[str, object]]:
    race, minimum = study.roles.race, study.analysis.minimum_cell
    groups = [(rows[race.column] == name).to_numpy(bool) for name in (race.focal, race.reference)]
    names = [race.focal, race.reference, f"{race.focal} minus {race.reference}"]
    few = [_few(values, group, measure, minimum) for group in groups]
    counts = [*(int(group.sum()) for group in groups), len(rows)]
    weighed = study.roles.weight
    out = []
    for label in (WEIGHTED, UNWEIGHTED):
        weights = rows[weighed].to_numpy(float) if label == WEIGHTED else np.ones(len(rows))
        found = _estimates(rows, values, groups, weights, study)
        sizes = [*(effective_size(weights[group]) for group in groups), np.nan]
        for k, name in enumerate(names):
            flag = few[k] if k < len(few) else next(filter(None, few), "")
            row = {
                "measure": measure.name,
                "label": measure.label,
                "score": score,
                "weights": label,
                "group": name,
                "flag": flag,
            }
            if not flag:
                estimated = {part: float(getattr(found, part)[k]) for part in ESTIMATED}
                row |= {"children": counts[k], "effective_size": sizes[k], **estimated}
                if not np.isfinite(estimated["estimate"]):
                    row["flag"] = "no estimate: all weights of a group are zero"
                elif not np.isfinite(estimated["lower"]):
                    row["flag"] = "no interval: the clusters cannot vary"
            out.append(row)
    return out


def _few(values: np.ndarray, group: np.ndarray, measure: Measure, minimum: int) -> str:
    """Say why nothing of the group may be shown; empty if it may."""
    if group.sum() < minimum:
        return f"fewer than {minimum} children"
    if measure.kind == "category":
        with_it = values[0, group].sum()
        if 0 < with_it < minimum or 0 < group.sum() - with_it < minimum:
            return f"withheld: fewer than {minimum} children with it or without it"
    return ""


def _estimates(
    rows: pd.DataFrame,
    values: np.ndarray,
    groups: list[np.ndarray],
    weights: np.ndarray,
    study: Study,
) -> Estimates:
    if not weights.any():
        missing = np.full(len(groups) + 1, np.nan)
        return Estimates(missing, missing, missing, missing)
    design: ClusterDesign = replace(cluster_design(rows, study), weights=weights)

    def means(of: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        def statistic(w: np.ndarray) -> np.ndarray:
            focal, reference = (weighted_mean(of[group], w[group]) for group in groups)
            return np.array([focal, reference, focal - reference])

        return statistic

    probability = study.analysis.interval_probability
    return pooled_jackknife(design, [means(each) for each in values], probability)
