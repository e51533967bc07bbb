"""Scale scores without items: what waves and spreads can show of their quality, by group."""

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.outcome_families import numeric_outcomes
from learning_with_others.inference.cluster_bootstrap import (
    bootstrap_error,
    correlations,
    excluded,
    percentile_interval,
    resample_clusters,
    resampled_covariances,
)
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "percentile bootstrap (clusters)"
SPREAD_COLUMNS = [
    "quantity",
    "outcome",
    "group",
    "children",
    "estimate",
    "lower",
    "upper",
    "mcse",
    "flag",
]
WAVE_COLUMNS = "outcome group grade children reliability lower upper mcse sem flag".split()


def middle_wave_reliability(correlation: np.ndarray) -> np.ndarray:
    """Reliability of the middle of three waves, r₁₂ r₂₃ / r₁₃.

    Holds if true scores change as a first-order process and errors are independent between
    waves; a lasting component specific to the test counts as true score.

    Parameters
    ----------
    correlation : ndarray, shape (r, 3, 3)
        Correlations of the three waves, in order of time.

    Returns
    -------
    ndarray, shape (r,)

    References
    ----------
    Heise, D. R. (1969). Separating reliability and stability in test-retest correlation.
    American Sociological Review 34, 93-101, eq. 9.
    """
    return correlation[:, 0, 1] * correlation[:, 1, 2] / correlation[:, 0, 2]


def wave_reliability(students: pd.DataFrame, study: StudyDesign, resamples: int) -> pd.DataFrame:
    """Middle-wave reliability of each outcome by group, for every three neighbouring grades.

    Only children with all three scores enter; clusters are those of the middle grade. Groups under
    the minimum cell are left out.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, group, grade, children, reliability, lower, upper, mcse, sem, flag`;
        `sem` is the standard error of measurement in the outcome's unit, sd √(1 − reliability).
    """
    roles = study.roles
    grades = [] if roles.grade is None else list(students[roles.grade].cat.categories)
    out = []
    for outcome in _scale_scores(study) if roles.grade is not None else ():
        wide = students.pivot_table(
            index=roles.student, columns=roles.grade, values=outcome, observed=False
        )
        for waves in zip(grades, grades[1:], grades[2:], strict=False):
            complete = wide[list(waves)].dropna()
            middle = students[students[roles.grade] == waves[1]].set_index(roles.student)
            for group in roles.group.contrast:
                chosen = complete.index[middle.loc[complete.index, roles.group.column] == group]
                if len(chosen) < study.analysis.minimum_cell:
                    continue
                scores = complete.loc[chosen].to_numpy()
                codes, schools = pd.factorize(sampled_cluster(middle.loc[chosen], study))
                counts = resample_clusters(len(schools), resamples, study.analysis.seed)
                covariances = resampled_covariances(scores, codes, counts)
                reliability = middle_wave_reliability(correlations(covariances))
                estimate, lower, upper = percentile_interval(
                    reliability, study.analysis.interval_probability
                )
                error = np.sqrt(covariances[0, 1, 1] * max(0.0, 1 - estimate))
                out.append(
                    {
                        "outcome": outcome,
                        "group": group,
                        "grade": waves[1],
                        "children": len(chosen),
                        "reliability": estimate,
                        "lower": lower,
                        "upper": upper,
                        "mcse": bootstrap_error(reliability),
                        "sem": float(error),
                        "flag": "; ".join(excluded(estimate, lower, upper)),
                    }
                )
    return pd.DataFrame(out, columns=WAVE_COLUMNS)


def _scale_scores(study: StudyDesign) -> list[str]:
    """Outcomes that came as scores, without items."""
    return [outcome.column for outcome in numeric_outcomes(study).values() if outcome.column]


def score_comparability(rows: pd.DataFrame, study: StudyDesign, resamples: int) -> pd.DataFrame:
    """Correlation of the outcomes, spread and floor and ceiling, by group, in one grade.

    Parameters
    ----------
    rows : pandas.DataFrame
        Complete rows of one grade.

    Returns
    -------
    pandas.DataFrame
        Columns `quantity, outcome, group, children, estimate, lower, upper, mcse, flag`.
        `quantity` is `correlation` of the first two outcomes, `sd` in the outcome's unit, or
        `sd_ratio`, focal over reference group. `children` are those behind the estimate. No rows
        if a group is under the minimum cell.
    """
    roles = study.roles
    outcomes = [outcome.name for outcome in numeric_outcomes(study).values()]
    if not outcomes:
        return pd.DataFrame(columns=SPREAD_COLUMNS)
    rows = rows.dropna(subset=outcomes)
    codes, schools = pd.factorize(sampled_cluster(rows, study))
    counts = resample_clusters(len(schools), resamples, study.analysis.seed)
    probability = study.analysis.interval_probability
    out, standard_deviations, sizes = [], {}, {}
    for group in roles.group.contrast:
        chosen = (rows[roles.group.column] == group).to_numpy()
        if chosen.sum() < study.analysis.minimum_cell:
            return pd.DataFrame(columns=SPREAD_COLUMNS)
        covariances = resampled_covariances(
            rows.loc[chosen, outcomes].to_numpy(), codes[chosen], counts
        )
        standard_deviations[group] = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
        sizes[group] = int(chosen.sum())
        if len(outcomes) > 1:
            pair = f"{outcomes[0]} with {outcomes[1]}"
            values = correlations(covariances)[:, 0, 1]
            out.append(("correlation", pair, group, sizes[group], values))
        for k, outcome in enumerate(outcomes):
            out.append(("sd", outcome, group, sizes[group], standard_deviations[group][:, k]))
    for k, outcome in enumerate(outcomes):
        ratio = (
            standard_deviations[roles.group.focal][:, k]
            / standard_deviations[roles.group.reference][:, k]
        )
        both = f"{roles.group.focal} over {roles.group.reference}"
        out.append(("sd_ratio", outcome, both, sum(sizes.values()), ratio))
    lines = []
    for quantity, outcome, group, n, values in out:
        found = percentile_interval(values, probability)
        flag = "; ".join(excluded(*found))
        lines.append((quantity, outcome, group, n, *found, bootstrap_error(values), flag))
    return pd.DataFrame(lines, columns=SPREAD_COLUMNS)


def floor_and_ceiling(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Children at the lowest and at the highest score seen in a grade, by group.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, group, children, at_floor, at_ceiling`; the last two are counts.
    """
    roles = study.roles
    out = []
    for outcome in (o.name for o in numeric_outcomes(study).values()):
        lowest, highest = rows[outcome].min(), rows[outcome].max()
        for group in roles.group.contrast:
            scores = rows.loc[rows[roles.group.column] == group, outcome]
            scores = scores.dropna()
            at = {
                "at_floor": int((scores == lowest).sum()),
                "at_ceiling": int((scores == highest).sum()),
            }
            out.append({"outcome": outcome, "group": group, "children": len(scores), **at})
    return pd.DataFrame(out, columns="outcome group children at_floor at_ceiling".split())
