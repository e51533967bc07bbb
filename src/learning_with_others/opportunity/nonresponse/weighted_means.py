"""Opportunities with weights for sampling and for non-response beside the same without any."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import Estimates, cluster_design, pooled_jackknife
from learning_with_others.data.measures.opportunities import (
    Measure,
    opportunity_measures,
    scored_ways,
)
from learning_with_others.errors import CompendiumError
from learning_with_others.opportunity.contrast import contrasted
from learning_with_others.study import StudyDesign

WEIGHTED, UNWEIGHTED, NON_RESPONSE = "sampling weights", "none", "non-response"
ESTIMATED = ["estimate", "lower", "upper", "mcse"]
WHAT, SIZES = ["measure", "label", "score", "weights", "group"], ["children", "effective_size"]
COLUMNS = [*WHAT, *SIZES, *ESTIMATED, "flag"]


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
    rows: pd.DataFrame,
    study: StudyDesign,
    plausible: pd.DataFrame | None = None,
    response: pd.Series | None = None,
) -> pd.DataFrame:
    """Estimate the mean of every opportunity in the two groups, with weights and without.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups; those without a school or classroom are left out.
    study : StudyDesign
    plausible : pandas.DataFrame, optional
        Plausible values, as the measurement stage writes them.
    response : pandas.Series, optional
        Weights for non-response by student, as `ResponseWeights.weights`; students without one
        are left out of the rows that use them.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, score, weights, group, children, effective_size, estimate, lower,
        upper, mcse, flag`, in the measure's own unit (a category: a share); `weights` is
        ``sampling weights`` (where the study has `roles.weight`), ``none``, or ``non-response``
        (where `response` is given: times the sampling weight, if any). No rows without either
        kind of weights. Group rows, then ``focal minus reference``, whose `effective_size` is
        missing. Intervals are from the jackknife over clusters, with weights and without. It
        takes weights as known: that those for non-response were estimated does not enter.

    Raises
    ------
    CompendiumError
        If sampling weights are missing, negative, or all zero; or a response weight is negative.

    References
    ----------
    Rust, K. F. and Rao, J. N. K. (1996). Variance estimation for complex surveys using
    replication techniques. Statistical Methods in Medical Research 5, 283-310 (JKn).
    """
    if study.roles.weight is None and response is None:
        return pd.DataFrame(columns=COLUMNS)
    placed = rows.dropna(subset=list(study.roles.clusters.values()))
    cluster_design(placed, study)  # weights that are wrong anywhere are wrong
    if response is not None and (response < 0).any():
        words = "weights for non-response are negative"
        raise CompendiumError(words, remedy="pass ResponseWeights.weights")
    compared = contrasted(placed, study)
    out = []
    for measure in opportunity_measures(study):
        for score, values in scored_ways(compared, measure, study, plausible):
            known = np.isfinite(values).all(axis=0)
            weightings = _weightings(compared[known], study, response)
            out += _of_one(compared[known], values[:, known], weightings, measure, score, study)
    return pd.DataFrame(out, columns=COLUMNS)


def _weightings(
    rows: pd.DataFrame, study: StudyDesign, response: pd.Series | None
) -> dict[str, np.ndarray]:
    """Weights of the rows by label, NaN for rows that are left out."""
    ones, column = np.ones(len(rows)), study.roles.weight
    out = {UNWEIGHTED: ones}
    if column is not None:
        out = {WEIGHTED: rows[column].to_numpy(float)} | out
    if response is not None:
        factor = response.reindex(rows[study.roles.student]).to_numpy(float)
        out[NON_RESPONSE] = out.get(WEIGHTED, ones) * factor
    return out


def _of_one(
    rows: pd.DataFrame,
    values: np.ndarray,
    weightings: dict[str, np.ndarray],
    measure: Measure,
    score: str,
    study: StudyDesign,
) -> list[dict[str, object]]:
    group_role, minimum = study.roles.group, study.analysis.minimum_cell
    groups = [(rows[group_role.column] == name).to_numpy(bool) for name in group_role.contrast]
    names = [*group_role.contrast, group_role.difference]
    out = []
    for label, all_weights in weightings.items():
        used = np.isfinite(all_weights)
        weights, members = all_weights[used], [group[used] for group in groups]
        words = f"fewer than {minimum} people"
        few = [words if group.sum() < minimum else "" for group in members]
        counts = [*(int(group.sum()) for group in members), len(weights)]
        found = _estimates(rows[used], values[:, used], members, weights, study)
        sizes = [*(effective_size(weights[group]) for group in members), np.nan]
        for k, name in enumerate(names):
            flag = few[k] if k < len(few) else next(filter(None, few), "")
            what = (measure.name, measure.label, score, label, name)
            row = dict(zip(WHAT, what, strict=True)) | {"flag": flag}
            row |= {"children": counts[k]}
            if not flag:
                estimated = {part: float(getattr(found, part)[k]) for part in ESTIMATED}
                row |= {"effective_size": sizes[k], **estimated}
                if not np.isfinite(estimated["estimate"]):
                    row["flag"] = "no estimate: all weights of a group are zero"
                elif not np.isfinite(estimated["lower"]):
                    row["flag"] = "no interval: the clusters cannot vary"
            out.append(row)
    return out


def _estimates(
    rows: pd.DataFrame,
    values: np.ndarray,
    groups: list[np.ndarray],
    weights: np.ndarray,
    study: StudyDesign,
) -> Estimates:
    if not weights.any():
        return Estimates.none(len(groups) + 1)
    # These rows' own sampling weights may all be zero, which a design with them would refuse.
    unweighted = study.model_copy(update={"roles": study.roles.model_copy(update={"weight": None})})
    design = replace(cluster_design(rows, unweighted), weights=weights)

    def means(w: np.ndarray, of: np.ndarray) -> np.ndarray:
        focal, reference = (weighted_mean(of[group], w[group]) for group in groups)
        return np.array([focal, reference, focal - reference])

    statistics = [partial(means, of=each) for each in values]
    return pooled_jackknife(design, statistics, study.analysis.interval_probability)
