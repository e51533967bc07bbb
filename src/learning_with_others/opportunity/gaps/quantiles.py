"""The gap along the distribution of an opportunity: at its low, middle and high quantiles."""

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import ClusterDesign, cluster_design
from learning_with_others.data.measures.opportunities import Measure, raw_values
from learning_with_others.inference.cluster_bootstrap import excluded
from learning_with_others.opportunity.contrast import (
    ROUNDING,
    contrasted,
    is_focal,
    obstacle,
    pooled_sd,
)
from learning_with_others.study import StudyDesign

QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
INTERVAL_KIND = "percentile, rescaled bootstrap over clusters"
FEWEST_DEGREES = 10  # clusters less strata, under which percentiles fall short of t quantiles
COLUMNS = (
    "measure label quantile children_focal children_reference estimate lower upper mcse flag"
).split()


def quantile_gaps(
    rows: pd.DataFrame, study: StudyDesign, measures: list[Measure], resamples: int
) -> pd.DataFrame:
    """Estimate focal minus reference at five quantiles of every score.

    In the unit of `opportunity_gaps`, pooled within-group standard deviations of the sample, and
    like it without sampling weights. Schools are resampled where there are ten, else classrooms
    within schools: one fewer than a stratum has, with weights that make up for it. As many as
    there are would understate the variance by the share 1 / clusters of it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups.
    study : StudyDesign
    measures : list of Measure
        A category has no quantiles, and no rows.
    resamples : int

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, quantile, children_focal, children_reference, estimate, lower,
        upper, mcse, flag`; `mcse` is the Monte Carlo error of the interval, the bootstrap's
        standard error over √(2 resamples). A quantile beyond which fewer students of a group lie
        than the minimum cell is not estimated.

    References
    ----------
    Ma, Y., Genton, M. G. and Parzen, E. (2011). Asymptotic properties of sample quantiles of
    discrete distributions. Annals of the Institute of Statistical Mathematics 63, 227-243.
    Rao, J. N. K., Wu, C. F. J. and Yue, K. (1992). Some recent work on resampling methods for
    complex surveys. Survey Methodology 18, 209-217 (rescaled weights).
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap methods and their application, sec. 5.3.1
    (percentile interval).
    """
    compared = contrasted(rows, study)
    out = [
        row
        for measure in measures
        if measure.kind != "category"
        for row in _gaps_of(compared, study, measure, resamples)
    ]
    return pd.DataFrame(out, columns=COLUMNS)


def weighted_quantiles(
    values: np.ndarray, weights: np.ndarray, probabilities: np.ndarray
) -> np.ndarray:
    """Mid-distribution quantiles of weighted values.

    The distribution function is taken at the middle of each of its steps and joined by straight
    lines between them. Scores of few items hold few values: their plain quantiles jump from one
    to the next, and a difference of two of them is a multiple of that step (Ma, Genton and Parzen
    2011, sec. 2, as in `quantile_gaps`).

    Parameters
    ----------
    values : ndarray, shape (u,)
        Different ones, in ascending order.
    weights : ndarray, shape (r, u)
        Zero or more, one row for each sample; a row of zeros has no quantiles.
    probabilities : ndarray, shape (q,)

    Returns
    -------
    ndarray, shape (r, q)
        With one student at each value NumPy's ``hazen``.
    """
    weights = np.asarray(weights, dtype=float)
    middle = np.cumsum(weights, axis=1) - weights / 2
    present, total, rows = weights > 0, weights.sum(axis=1), np.arange(len(weights))
    last = len(values) - 1
    lowest, highest = present.argmax(axis=1), last - present[:, ::-1].argmax(axis=1)
    out = np.empty((len(weights), len(probabilities)))
    for k, probability in enumerate(probabilities):
        wanted = np.clip(probability * total, middle[rows, lowest], middle[rows, highest])
        below = present & (middle <= wanted[:, None])
        above = present & (middle >= wanted[:, None])
        low, high = last - below[:, ::-1].argmax(axis=1), above.argmax(axis=1)
        start, width = middle[rows, low], middle[rows, high] - middle[rows, low]
        share = np.where(width > 0, (wanted - start) / np.where(width > 0, width, 1), 0)
        out[:, k] = values[low] + share * (values[high] - values[low])
    out[total == 0] = np.nan
    return out


def resampled_weights(design: ClusterDesign, resamples: int, seed: int) -> np.ndarray:
    """Draw each cluster's weight in each resample, stratum by stratum.

    Of the nₕ clusters of a stratum nₕ − 1 are drawn with replacement, and each draw weighs
    nₕ / (nₕ − 1): weighted sums then vary as much as the usual unbiased estimate says (Rao, Wu
    and Yue 1992, as in `quantile_gaps`).

    Returns
    -------
    ndarray, shape (resamples + 1, clusters)
        Row 0 is the sample itself. A stratum of one cluster keeps weight 1: `cluster_design` has
        none beside others, and its flag says that one alone cannot vary.
    """
    weights = np.ones((resamples + 1, design.clusters))
    rng = np.random.default_rng(seed)
    for mine in (np.flatnonzero(design.stratum == each) for each in np.unique(design.stratum)):
        n = len(mine)
        if n > 1:
            draws = rng.multinomial(n - 1, np.full(n, 1 / n), size=resamples)
            weights[1:, mine] = draws * n / (n - 1)
    return weights


def _gaps_of(
    compared: pd.DataFrame, study: StudyDesign, measure: Measure, resamples: int
) -> list[dict[str, object]]:
    values = raw_values(compared, measure, study)
    rows, values = compared[np.isfinite(values)], values[np.isfinite(values)]
    focal = is_focal(rows, study)
    smaller = int(min(focal.sum(), (~focal).sum()))
    reason = obstacle(values[None], focal, measure, study)
    about = {
        "measure": measure.name,
        "label": measure.label,
        "children_focal": int(focal.sum()),
        "children_reference": int((~focal).sum()),
    }
    if reason:
        return [about | {"quantile": q, "flag": reason} for q in QUANTILES]
    design = cluster_design(rows, study)
    gaps = _resampled_gaps(values / pooled_sd(values, focal), focal, design, resamples, study)
    minimum, out = study.analysis.minimum_cell, []
    for k, quantile in enumerate(QUANTILES):
        row = about | {"quantile": quantile}
        if round(smaller * min(quantile, 1 - quantile), 6) < minimum:
            beyond = f"fewer than {minimum} people of a group lie beyond it"
            out.append(row | {"flag": beyond})
            continue
        row["estimate"] = float(gaps[0, k])
        found = _interval(gaps[1:, k], design, study.analysis.interval_probability)
        if "lower" in found:
            words = [found["flag"], *excluded(row["estimate"], found["lower"], found["upper"])]
            found["flag"] = "; ".join(filter(None, words))
        out.append(row | found)
    return out


def _resampled_gaps(
    values: np.ndarray, focal: np.ndarray, design: ClusterDesign, resamples: int, study: StudyDesign
) -> np.ndarray:
    """Gaps at all quantiles, shape (resamples + 1, q), missing where a group is not drawn."""
    weights = resampled_weights(design, resamples, study.analysis.seed)
    quantiles = []
    for mine in (focal, ~focal):
        levels, place = np.unique(values[mine], return_inverse=True)
        students = np.zeros((design.clusters, len(levels)))
        np.add.at(students, (design.cluster[mine], place), 1)
        quantiles.append(weighted_quantiles(levels, weights @ students, np.array(QUANTILES)))
    return quantiles[0] - quantiles[1]


def _interval(
    resampled: np.ndarray, design: ClusterDesign, probability: float
) -> dict[str, object]:
    if design.flag:
        return {"flag": design.flag}
    if np.isnan(resampled).any():
        return {"flag": f"no interval: some resamples of {design.level} lack a group"}
    tail = (1 - probability) / 2
    lower, upper = np.quantile(resampled, [tail, 1 - tail])
    if upper - lower < ROUNDING:
        return {"flag": "no interval: the gap is the same in all resamples"}
    few = design.degrees < FEWEST_DEGREES
    flag = f"{design.clusters} {design.level}: the interval is too narrow" if few else ""
    mcse = float(resampled.std(ddof=1) / np.sqrt(2 * len(resampled)))
    return {"lower": float(lower), "upper": float(upper), "mcse": mcse, "flag": flag}
