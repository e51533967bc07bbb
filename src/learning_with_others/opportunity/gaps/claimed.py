"""The claimed gap in every opportunity: focal minus reference, overall and within schools."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.measures.opportunities import Measure, scored_ways
from learning_with_others.inference.cluster_robust import ClusterRobustFit, least_squares_cr2
from learning_with_others.inference.plausible_pooling import pool_estimates
from learning_with_others.opportunity.contrast import (
    FEWEST_DEGREES,
    ROUNDING,
    contrasted,
    is_focal,
    obstacle,
    pooled_sd,
)
from learning_with_others.study import StudyDesign

OVERALL, WITHIN = "overall", "within schools"
SD, SHARE = "SD", "share points"
INTERVAL_KIND = "CR2 t (schools if ten or more, else classrooms; within schools: lowest cluster)"
COLUMNS = (
    "measure label kind score scope children_focal children_reference clusters estimate lower "
    "upper p p_holm mcse p_mcse p_holm_mcse unit flag"
).split()


def opportunity_gaps(
    rows: pd.DataFrame,
    study: StudyDesign,
    measures: list[Measure],
    plausible: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Estimate focal minus reference on each measure, as scored and latent where drawn.

    In pooled within-group standard deviations of the same values, taken as known; a category in
    share points. Sampling weights are left out: estimates with them, and intervals that follow
    from the sampling design, are another analysis.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups.
    study : StudyDesign
    measures : list of Measure
    plausible : pandas.DataFrame, optional
        Plausible values, as the measurement stage writes them; one fit for each, pooled.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, kind, score, scope, children_focal, children_reference, clusters,
        estimate, lower, upper, p, p_holm, mcse, p_mcse, p_holm_mcse, unit, flag`; the `mcse` come
        from a finite number of plausible values. Scope ``within schools`` has a fixed effect
        for every school. `p_holm` is adjusted over the elements (without any, over all measures),
        separately for each score and scope, and missing elsewhere. Clusters are those of
        `sampled_cluster`; within schools, which are then given, the lowest level in schools with
        students of both groups, as others tell nothing.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear
    regression with multi-stage samples. Survey Methodology 28, 169-181 (CR2, degrees of freedom).
    Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for cluster-robust variance
    estimation. JBES 36, 672-683.
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys, eq. 3.1.2 to 3.1.10.
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6, 65-70.
    Tipton, E. (2015). Small sample adjustments for robust variance estimation with
    meta-regression. Psychological Methods 20, 375-393 (tests under 4 degrees of freedom).
    """
    compared = contrasted(rows, study)
    out = [
        _one_gap(compared, study, measure, score, values, scope)
        for measure in measures
        for score, values in scored_ways(compared, measure, study, plausible)
        for scope in (OVERALL, WITHIN)
    ]
    table = pd.DataFrame(out, columns=COLUMNS)
    holm = _holm(table)
    return table.assign(p_holm=holm, p_holm_mcse=table["p_mcse"] * holm / table["p"])


def _one_gap(
    compared: pd.DataFrame,
    study: StudyDesign,
    measure: Measure,
    score: str,
    values: np.ndarray,
    scope: str,
) -> dict[str, object]:
    known = np.isfinite(values).all(axis=0)
    rows, values = compared[known], values[:, known]
    focal = is_focal(rows, study)
    category = measure.kind == "category"
    found = {
        "measure": measure.name,
        "label": measure.label,
        "kind": measure.kind,
        "score": score,
        "scope": scope,
        "children_focal": int(focal.sum()),
        "children_reference": int((~focal).sum()),
        "unit": SHARE if category else SD,
        "flag": obstacle(values, focal, measure, study),
    }
    if found["flag"]:
        return found
    units = [1.0 if category else pooled_sd(each, focal) for each in values]
    values = values / np.array(units)[:, None]
    cluster = sampled_cluster(rows, study).to_numpy()
    columns = np.column_stack([focal, np.ones(len(rows))])
    if scope == WITHIN:
        schools = rows[study.roles.school].to_numpy()
        told = _with_both(focal, schools)
        if not told.any():
            return found | {"flag": f"no school has {study.people} of both groups"}
        lowest = rows[study.roles.lowest_cluster].to_numpy()
        values, focal, cluster, schools = values[:, told], focal[told], lowest[told], schools[told]
        reason = obstacle(values, focal, measure, study)
        if reason:
            return found | {"flag": f"{reason} in schools with both groups"}
        if study.roles.classroom is None:
            # Schools are the clusters: taking their means out is the same and quicker
            # (Pustejovsky and Tipton 2018, theorem 2).
            columns, values = _centred(focal[:, None], schools), _centred(values.T, schools).T
        else:
            columns = np.column_stack([focal, pd.get_dummies(schools, dtype=float)])
    fits = [least_squares_cr2(each, columns, cluster) for each in values]
    holding = min(len(pd.unique(cluster[mine])) for mine in (focal, ~focal))
    found["clusters"] = len(pd.unique(cluster))
    return found | _inference(fits, holding, study)


def _with_both(focal: np.ndarray, schools: np.ndarray) -> np.ndarray:
    """True in schools that have students of both groups: the others tell nothing of a gap."""
    share = pd.Series(focal.astype(float)).groupby(schools).transform("mean").to_numpy()
    return (share > 0) & (share < 1)


def _centred(values: np.ndarray, schools: np.ndarray) -> np.ndarray:
    """Deviations from the school's mean, shape (n, k)."""
    frame = pd.DataFrame(values.astype(float))
    return (frame - frame.groupby(schools).transform("mean")).to_numpy()


def _inference(
    fits: list[ClusterRobustFit], clusters: int, study: StudyDesign
) -> dict[str, object]:
    """Estimate of the first coefficient; interval and p where clusters can vary."""
    probability = study.analysis.interval_probability
    estimates = np.array([fit.estimate[0] for fit in fits])
    errors = np.array([fit.standard_error[0] for fit in fits])
    degrees = float(fits[0].degrees_of_freedom[0])  # of the columns alone: the same in every fit
    found: dict[str, object] = {"estimate": float(estimates.mean())}
    if clusters < 2 or not (errors > ROUNDING).all() or not degrees > 0:  # noqa: PLR2004 - to vary
        return found | {"flag": f"no interval: a group's {study.people} are in one cluster"}
    if len(fits) == 1:
        lower, upper = (float(limit[0]) for limit in fits[0].interval(probability))
        error = float(errors[0])
    else:
        pooled = pool_estimates(estimates, errors, degrees, probability)
        lower, upper, error, degrees = pooled.lower, pooled.upper, pooled.sd, pooled.degrees
        found["mcse"] = pooled.monte_carlo_error
        steepness = 2 * stats.t.pdf(found["estimate"] / error, degrees) / error
        found["p_mcse"] = float(steepness * pooled.monte_carlo_error)
    p = float(2 * stats.t.sf(abs(found["estimate"]) / error, degrees))
    few = degrees < FEWEST_DEGREES
    flag = f"{degrees:.1f} degrees of freedom: interval and p are unreliable" if few else ""
    return found | {"lower": lower, "upper": upper, "p": p, "flag": flag}


def _holm(table: pd.DataFrame) -> pd.Series:
    adjusted = pd.Series(np.nan, index=table.index)
    elements = table["kind"] == "element"
    family = table[elements | (not elements.any())].dropna(subset="p")
    for _, part in family.groupby(["score", "scope"]):
        adjusted[part.index] = multipletests(part["p"], method="holm")[1]
    return adjusted
