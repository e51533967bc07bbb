"""What weights for non-response do: their size, and how like everybody they make respondents."""

import numpy as np
import pandas as pd

from learning_with_others.data.disclosure.suppression import OTHER_GROUPS
from learning_with_others.opportunity.nonresponse.weighted_means import (
    effective_size,
    weighted_mean,
)

EVERYBODY = "all"


def weight_diagnosis(weights: np.ndarray, group: pd.Series, minimum: int) -> pd.DataFrame:
    """Say how unequal the weights are.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        0 for those who did not answer.
    group : pandas.Series
        As `reporting_groups` makes it, of n rows.
    minimum : int

    Returns
    -------
    pandas.DataFrame
        Columns `group, respondents, largest_weight, effective_size, flag`: all, then each group.
        `largest_weight` is the mean of the `minimum` largest, as one child's is not shown.
        Missing where fewer than `minimum` of the group answered.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 11.7.
    """
    out = []
    names = list(group.cat.categories)
    inside = {EVERYBODY: np.ones(len(group), dtype=bool)}
    inside |= {name: (group == name).to_numpy(bool) for name in names}
    for name, mine in inside.items():
        theirs = np.sort(weights[mine & (weights > 0)])
        row: dict[str, object] = {"group": name, "respondents": len(theirs), "flag": ""}
        if len(theirs) >= minimum:
            row |= {
                "largest_weight": float(theirs[-minimum:].mean()),
                "effective_size": effective_size(theirs),
            }
        else:
            row["flag"] = f"fewer than {minimum} answered" if len(theirs) else "nobody answered"
        out.append(row)
    columns = ["group", "respondents", "largest_weight", "effective_size", "flag"]
    return pd.DataFrame(out, columns=columns).astype({"respondents": "Int64"})


def response_balance(
    columns: pd.DataFrame, weights: np.ndarray, sampled: np.ndarray, group: pd.Series, minimum: int
) -> pd.DataFrame:
    """Compare those who answered with everybody, before and after weighting.

    Parameters
    ----------
    columns : pandas.DataFrame
        From `predictor_columns`, of n rows.
    weights : ndarray, shape (n,)
        Response weights, 0 for those who did not answer.
    sampled : ndarray, shape (n,)
        Sampling weights; they multiply the response weights.
    group : pandas.Series
        As `reporting_groups` makes it; groups other than the two named are left out.
    minimum : int

    Returns
    -------
    pandas.DataFrame
        Columns `variable, group, before, after, flag`: the mean of those who answered minus that
        of the whole group, in standard deviations of the whole group. Missing where an indicator
        counts fewer than `minimum` children of the group, answered or not, with it or without.

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline
    covariates between treatment groups in propensity-score matched samples. Statistics in
    Medicine 28, 3083-3107 (standardized difference).
    """
    out = []
    answered = weights > 0
    for variable in columns:
        values = columns[variable].to_numpy(float)
        for name in [label for label in group.cat.categories if label != OTHER_GROUPS]:
            mine = (group == name).to_numpy(bool)
            row = {"variable": variable, "group": name}
            row["flag"] = _obstacle(values[mine], answered[mine], minimum)
            if not row["flag"]:
                x, w, a = values[mine], sampled[mine], answered[mine]
                mean = weighted_mean(x, w)
                standard_deviation = np.sqrt(weighted_mean((x - mean) ** 2, w))
                row["before"] = (weighted_mean(x, w * a) - mean) / standard_deviation
                row["after"] = (weighted_mean(x, w * weights[mine]) - mean) / standard_deviation
            out.append(row)
    return pd.DataFrame(out, columns=["variable", "group", "before", "after", "flag"])


def _obstacle(values: np.ndarray, answered: np.ndarray, minimum: int) -> str:
    """Say why no difference can be estimated; empty if one can."""
    cells = [int(answered.sum()), int((~answered).sum())]
    if np.isin(values, (0, 1)).all():
        cells = [int((answered == a)[values == x].sum()) for a in (True, False) for x in (0, 1)]
    if min(cells) < minimum:
        return f"fewer than {minimum} with it or without, answered or not"
    return "" if np.ptp(values) > 0 else "does not vary in this group"
