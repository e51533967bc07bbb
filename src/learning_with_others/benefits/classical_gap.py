"""The benefit gap by least squares, with standard errors that know of clusters and nothing else."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.bayes.summary import false_call_rate
from learning_with_others.benefits.alternatives import Inputs
from learning_with_others.benefits.table import summarized_gap
from learning_with_others.data.cluster_design import cluster_design
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.inference.plausible_pooling import pool_estimates
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.framed_values import framed_values

INTERVAL_KIND = "t, cluster-robust (CR2)"
COLUMNS = ["outcome", "estimate", "error", "lower", "upper", "mcse", "degrees"]
COLUMNS += ["clusters", "level", "false_call_rate", "flag"]


def classical_gap(
    outcome: str, fit: BenefitFit, rows: dict[str, pd.DataFrame], inputs: Inputs
) -> pd.DataFrame:
    """Estimate the gap from the columns of the main model, without its priors and its errors.

    Ordinary least squares of the same columns on the same plausible values, pooled by Rubin's
    rules. Residuals may have any variance, and any correlation within clusters: schools where
    there are ten, else classrooms.

    Parameters
    ----------
    outcome : str
    fit : BenefitFit
        The published one.
    rows : dict of str to pandas.DataFrame
        Rows of each outcome's model.
    inputs : Inputs

    Returns
    -------
    pandas.DataFrame
        One row: `outcome, estimate, error, lower, upper, mcse, degrees, clusters, level`,
        `false_call_rate` (of the published model, were its estimate to vary as the cluster-robust
        error says)`, flag`.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002), as `least_squares_cr2`; Rubin, D. B. (1987) and
    Barnard, J. and Rubin, D. B. (1999), as `pool_estimates`, with the mean of their degrees of
    freedom as those of complete data.
    """
    if not fit.design.family.linear:
        row = {"outcome": outcome, "flag": "not computed: least squares are for linear outcomes"}
        return pd.DataFrame([row]).reindex(columns=COLUMNS)
    study, mine = inputs.study, rows[outcome]
    sampled = cluster_design(mine, study.as_assigned)
    probability = study.analysis.interval_probability
    found = []
    for design, frame, _ in framed_values(mine, study, [outcome], inputs.values):
        robust = least_squares_cr2(frame.outcome, frame.columns, sampled.cluster)
        gap = frame.terms.index(design.interaction(design.focal))
        found.append([each[gap] for each in (robust.estimate, robust.standard_error)])
        found[-1].append(robust.degrees_of_freedom[gap])
    estimates, errors, degrees = np.array(found).T
    about = {"outcome": outcome, "clusters": sampled.clusters, "level": sampled.level, "flag": ""}
    if not (np.isfinite(errors).all() and np.isfinite(degrees).all()):
        flag = f"no interval: {sampled.clusters} {sampled.level} cannot tell of variation"
        row = about | {"estimate": estimates.mean(), "flag": flag}
        return pd.DataFrame([row]).reindex(columns=COLUMNS)
    if len(found) == 1:
        half = stats.t.ppf((1 + probability) / 2, degrees[0]) * errors[0]
        numbers = {"estimate": estimates[0], "error": errors[0], "degrees": degrees[0]}
        numbers |= {"lower": estimates[0] - half, "upper": estimates[0] + half}
    else:
        pooled = pool_estimates(estimates, errors, float(degrees.mean()), probability)
        numbers = {
            "estimate": pooled.estimate,
            "error": pooled.sd,
            "lower": pooled.lower,
            "upper": pooled.upper,
            "mcse": pooled.monte_carlo_error,
            "degrees": pooled.degrees,
        }
    if not fit.diagnosis.flag:
        numbers["false_call_rate"] = false_call_rate(
            summarized_gap(fit, study).sd,
            study.analysis.practical_equivalence,
            numbers["error"],
        )
    return pd.DataFrame([about | numbers]).reindex(columns=COLUMNS)
