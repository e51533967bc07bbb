"""Scores of each kind by group, and the gap between groups that each kind shows."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_unit
from learning_with_others.data.disclosure import reporting_groups
from learning_with_others.inference.cluster_robust import Estimate, difference_of, mean_of
from learning_with_others.inference.plausible_pooling import Pooled, pool_estimates
from learning_with_others.measurement.score_kinds import (
    EXPECTED,
    KINDS,
    MEAN,
    PLAUSIBLE,
    ScoreKinds,
)
from learning_with_others.psychometrics.scores.expected_a_posteriori import (
    Scores,
    marginal_reliability,
)
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "t, cluster-robust, over plausible values by Rubin's rules"
ANSWER_UNIT, LATENT_UNIT = "points of the answers", "latent SD"
BANDS = ("all items", "at least half", "under half")
FEWEST = 2  # one score has no spread
GAP_COLUMNS = (
    "construct", "score", "children_focal", "children_reference", "estimate", "lower", "upper",
)  # fmt: skip


def score_table(
    rows: pd.DataFrame, study: StudyDesign, kinds: Mapping[str, ScoreKinds]
) -> pd.DataFrame:
    """Mean and spread of each kind of score, by construct and group.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows that the scores belong to.
    study : StudyDesign
    kinds : mapping of str to ScoreKinds
        From `score_kinds`.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, group, score, children, mean, sd, lower, upper, mcse, sd_mcse,
        reliability, unit`; the Monte Carlo errors are of plausible values.
        `children` counts the rows behind a line: those with every kind of score, so that kinds
        are compared on the same rows. The interval is of the mean (`INTERVAL_KIND`);
        `reliability` is marginal, for expected a posteriori scores only.
    """
    probability = study.analysis.interval_probability
    cluster = _cluster(rows, study)
    out = []
    for construct, scores in kinds.items():
        for group, everyone in _groups(rows, study):
            inside = everyone & scores.scored
            children = int(inside.sum())
            if children < FEWEST:
                continue
            for kind in KINDS:
                values = scores.values(kind)[:, inside]
                mean, lower, upper, mcse = _pool(
                    [mean_of(value, cluster[inside]) for value in values], probability
                )
                variance = values.var(axis=1, ddof=1)
                out.append(
                    {
                        "construct": construct,
                        "group": group,
                        "score": kind,
                        "children": children,
                        "mean": mean,
                        "sd": float(np.sqrt(variance.mean())),
                        "lower": lower,
                        "upper": upper,
                        "mcse": mcse,
                        "sd_mcse": _error(variance) / (2 * np.sqrt(variance.mean())),
                        "reliability": _reliability(scores.expected, inside, kind),
                        "unit": ANSWER_UNIT if kind == MEAN else LATENT_UNIT,
                    }
                )
    names = ["construct", "group", "score", "children", "mean", "sd", "lower", "upper"]
    return pd.DataFrame(out, columns=[*names, "mcse", "sd_mcse", "reliability", "unit"])


def score_gap_table(
    rows: pd.DataFrame, study: StudyDesign, kinds: Mapping[str, ScoreKinds]
) -> pd.DataFrame:
    """Focal minus reference group in each kind of score, in SD of the reference group.

    The SD is that of the same kind of score and taken as known. Kinds are compared on the rows
    that have all of them; a score without spread in the reference group gives no row.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, score, children_focal, children_reference, estimate, lower, upper,
        missing_information, missing_information_mcse, monte_carlo_error`; the third and fourth
        are counts. The last three are of plausible values: what measurement error costs (the
        Monte Carlo error by the delta method, the variance between M normal values having M − 1
        degrees of freedom), and what a finite number of values adds to the estimate.
    """
    group_role, probability = study.roles.group, study.analysis.interval_probability
    cluster = _cluster(rows, study)
    label = rows[group_role.column].astype(object)
    focal = (label == group_role.focal).to_numpy(bool)
    reference = (label == group_role.reference).to_numpy(bool)
    out = []
    for construct, scores in kinds.items():
        first, second = focal & scores.scored, reference & scores.scored
        counts = int(first.sum()), int(second.sum())
        if min(counts) < FEWEST:
            continue
        for kind in KINDS:
            values = scores.values(kind)
            standard_deviation = values[:, second].std(axis=1, ddof=1)
            if not (standard_deviation > 0).all():
                continue
            scaled = values / standard_deviation[:, None]
            found = [difference_of(value, first, second, cluster) for value in scaled]
            estimate, lower, upper, mcse = _pool(found, probability)
            row = dict(
                zip(GAP_COLUMNS, (construct, kind, *counts, estimate, lower, upper), strict=True)
            )
            if kind == PLAUSIBLE and found[0].degrees > 0:
                share = _rubin(found, probability).missing_information
                row["missing_information"] = share
                row["missing_information_mcse"] = (
                    share * (1 - share) * np.sqrt(2 / (len(found) - 1))
                )
                row["monte_carlo_error"] = mcse
            out.append(row)
    own = ["missing_information", "missing_information_mcse", "monte_carlo_error"]
    return pd.DataFrame(out, columns=[*GAP_COLUMNS, *own])


def standard_error_table(
    rows: pd.DataFrame, study: StudyDesign, kinds: Mapping[str, ScoreKinds]
) -> pd.DataFrame:
    """Mean standard error of expected a posteriori scores by how many items were answered.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, group, answered, children, standard_error`; `answered` is a band
        (`BANDS`), `children` a count, the standard error in latent SD.
    """
    out = []
    for construct, scores in kinds.items():
        share = scores.expected.answered / scores.items
        bands = (share == 1, (share >= 0.5) & (share < 1), (share > 0) & (share < 0.5))  # noqa: PLR2004 - half
        for group, inside in _groups(rows, study):
            for band, within in zip(BANDS, bands, strict=True):
                chosen = inside & within
                if chosen.any():
                    error = float(scores.expected.error[chosen].mean())
                    out.append((construct, group, band, int(chosen.sum()), error))
    names = ["construct", "group", "answered", "children", "standard_error"]
    return pd.DataFrame(out, columns=names)


def _groups(rows: pd.DataFrame, study: StudyDesign) -> list[tuple[str, np.ndarray]]:
    group_role = study.roles.group
    shown = reporting_groups(rows[group_role.column], group_role.contrast)
    return [(name, (shown == name).to_numpy(bool)) for name in shown.cat.categories]


def _cluster(rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    return pd.factorize(sampled_unit(rows, study))[0]


def _reliability(scores: Scores, inside: np.ndarray, kind: str) -> float:
    if kind != EXPECTED:
        return float("nan")
    return marginal_reliability(
        Scores(scores.score[inside], scores.error[inside], scores.answered[inside])
    )


def _pool(found: list[Estimate], probability: float) -> tuple[float, float, float, float]:
    """Estimate, interval and Monte Carlo error: of the one score, or over plausible values."""
    if len(found) == 1:
        return found[0].value, *found[0].interval(probability), float("nan")
    values = np.array([estimate.value for estimate in found])
    if not found[0].degrees > 0:
        return float(values.mean()), float("nan"), float("nan"), _error(values)
    pooled = _rubin(found, probability)
    return pooled.estimate, pooled.lower, pooled.upper, pooled.monte_carlo_error


def _error(values: np.ndarray) -> float:
    """Monte Carlo error of the mean of M values; NaN of one."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _rubin(found: list[Estimate], probability: float) -> Pooled:
    return pool_estimates(
        np.array([estimate.value for estimate in found]),
        np.array([estimate.error for estimate in found]),
        found[0].degrees,
        probability,
    )
