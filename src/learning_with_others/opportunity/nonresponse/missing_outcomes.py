"""Outcomes that are missing: for whom, and which of them need more than complete cases."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.outcome_families import numeric_outcomes
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.opportunity.contrast import FEWEST_DEGREES, contrasted, is_focal
from learning_with_others.opportunity.nonresponse.outcome_treatments import COLUMNS as GAP_COLUMNS
from learning_with_others.opportunity.nonresponse.outcome_treatments import (
    outcome_gaps_by_treatment,
)
from learning_with_others.study import StudyDesign

MOST_MISSING = 0.10
MOST_UNEQUAL = 0.05  # difference of the shares
SIGNIFICANT = 0.05
SHARE, DIFFERENCE = "share missing", "difference"
INTERVAL_KIND = "CR2 t (schools if ten or more, else classrooms)"
ESTIMATED = ["estimate", "lower", "upper", "p", "degrees"]
COLUMNS = (
    "outcome label quantity group children missing estimate lower upper p treated flag"
).split()


def missing_outcomes(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Count the missing in every outcome by group, and say which need other treatments.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade; those of other groups or without a school or classroom are left
        out.
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, label, quantity, group, children, missing, estimate, lower, upper, p,
        treated, flag`: `share missing` of each group, then the `difference`, focal minus
        reference, with CR2 intervals by `sampled_cluster` and its p. `treated` is true if the share
        is over .10 in either group, or differs by more than .05, or at p < .05, however little:
        the further treatments cost nothing but time. They are of numbers: never true of categories.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear
    regression with multi-stage samples. Survey Methodology 28, 169-181 (CR2).
    Tipton, E. (2015). Small sample adjustments for robust variance estimation with
    meta-regression. Psychological Methods 20, 375-393 (tests under 4 degrees of freedom).
    """
    compared, numeric = contrasted(rows, study), numeric_outcomes(study)
    out = []
    for key, outcome in study.roles.outcomes.items():
        missing = compared[outcome.name].isna().to_numpy(float)
        about = {"outcome": key, "label": outcome.label}
        found = _rows_of_one(missing, compared, study)
        out += [about | row | {"treated": row["treated"] and key in numeric} for row in found]
    table = pd.DataFrame(out, columns=COLUMNS)
    return table.astype({"children": "Int64", "missing": "Int64", "treated": bool})


def treated_outcomes(rows: pd.DataFrame, study: StudyDesign, missing: pd.DataFrame) -> pd.DataFrame:
    """Estimate the gap by every treatment, in each outcome that needs it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade.
    study : StudyDesign
    missing : pandas.DataFrame
        From `missing_outcomes` of the same rows.

    Returns
    -------
    pandas.DataFrame
        As `outcome_gaps_by_treatment` gives it.
    """
    treated = dict.fromkeys(missing.loc[missing["treated"], "outcome"])
    found = [outcome_gaps_by_treatment(rows, study, outcome) for outcome in treated]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=GAP_COLUMNS)


def _rows_of_one(
    missing: np.ndarray, compared: pd.DataFrame, study: StudyDesign
) -> list[dict[str, object]]:
    group_role = study.roles.group
    focal = is_focal(compared, study)
    cluster = sampled_cluster(compared, study).to_numpy()
    masks = [focal, ~focal, np.ones(len(focal), dtype=bool)]
    names = [*group_role.contrast, group_role.difference]
    minimum = study.analysis.minimum_cell
    few = f"fewer than {minimum} people"
    flags = [few if mine.sum() < minimum else "" for mine in masks[:2]]
    flags.append(next(filter(None, flags), ""))
    found = _shares(missing, focal, cluster, study.analysis.interval_probability)
    treated = (found["estimate"][:2] > MOST_MISSING).any()
    treated |= abs(found["estimate"][2]) > MOST_UNEQUAL
    treated |= found["p"].iloc[2] < SIGNIFICANT
    out = []
    for k, (name, mine, flag) in enumerate(zip(names, masks, flags, strict=True)):
        quantity = SHARE if k < len(names) - 1 else DIFFERENCE
        row = {"quantity": quantity, "group": name, "treated": bool(treated), "flag": flag}
        row |= {"children": int(mine.sum()), "missing": int(missing[mine].sum())}
        if not flag:
            row |= found.iloc[k].drop("degrees").to_dict()
            row["flag"] = _caution(found.iloc[k], missing[mine], study)
        out.append(row)
    return out


def _caution(found: pd.Series, missing: np.ndarray, study: StudyDesign) -> str:
    if np.ptp(missing) == 0:
        return f"no interval: {'all are' if missing[0] else 'nothing is'} missing"
    if not np.isfinite(found["lower"]):
        return f"no interval: a group's {study.people} are in one cluster"
    few = found["degrees"] < FEWEST_DEGREES
    words = f"{found['degrees']:.1f} degrees of freedom: interval and p are unreliable"
    return words if few else ""


def _shares(
    missing: np.ndarray, focal: np.ndarray, cluster: np.ndarray, probability: float
) -> pd.DataFrame:
    """Both shares and their difference, with p of the difference; NaN where not estimable."""
    found = pd.DataFrame(np.nan, index=range(3), columns=ESTIMATED)
    for k, mine in enumerate((focal, ~focal)):
        found.loc[k, "estimate"] = missing[mine].mean() if mine.any() else np.nan
    found.loc[2, "estimate"] = found.loc[0, "estimate"] - found.loc[1, "estimate"]
    clusters = [len(pd.unique(cluster[mine])) for mine in (focal, ~focal)]
    if min(clusters) < 2:  # noqa: PLR2004 - to vary
        return found
    apart = least_squares_cr2(missing, np.column_stack([focal, ~focal]).astype(float), cluster)
    both = np.column_stack([focal, np.ones(len(focal))]).astype(float)
    together = least_squares_cr2(missing, both, cluster)
    for k, fit, at in ((0, apart, 0), (1, apart, 1), (2, together, 0)):
        error, degrees = fit.standard_error[at], fit.degrees_of_freedom[at]
        if error > 0:
            lower, upper = (limit[at] for limit in fit.interval(probability))
            if k < 2:  # noqa: PLR2004 - the shares
                lower, upper = np.clip([lower, upper], 0, 1)
            found.loc[k, ["lower", "upper", "degrees"]] = lower, upper, degrees
            p = 2 * stats.t.sf(abs(fit.estimate[at]) / error, degrees)
            found.loc[k, "p"] = p if k == 2 else np.nan  # noqa: PLR2004 - the difference
    return found
