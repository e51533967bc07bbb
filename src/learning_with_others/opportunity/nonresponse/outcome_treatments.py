"""The gap in an outcome that is partly missing, under several treatments of the missing."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import jackknife
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.inference.response_probability import (
    answer_coefficients,
    answer_probability,
    inverse_weights,
    predictor_columns,
    response_design,
    trim_limits,
)
from learning_with_others.opportunity.contrast import pooled_sd
from learning_with_others.opportunity.nonresponse.partly_missing import (
    PartlyMissing,
    completed_outcomes,
    partly_missing,
)
from learning_with_others.opportunity.nonresponse.shifted_gaps import (
    FARTHEST,
    ShiftedGap,
    shifted_gaps,
    weighted_gap,
)
from learning_with_others.study import StudyDesign

COMPLETE, WEIGHTED, IMPUTED = "complete cases", "response-weighted", "imputed"
SHIFTED, TIPPING = "delta-shifted", "tipping point"
DELTAS = (-0.5, -0.25, 0.0, 0.25, 0.5)
TABLES = 20
LEAST_PROBABLE = 0.001
COLUMNS = (
    "outcome treatment delta shifted children missing estimate lower upper mcse delta_mcse flag"
).split()
Found = tuple[float, float, float, float]


def outcome_gaps_by_treatment(
    rows: pd.DataFrame,
    study: StudyDesign,
    outcome: str,
    *,
    tables: int = TABLES,
    deltas: tuple[float, ...] = DELTAS,
    seed: int | None = None,
) -> pd.DataFrame:
    """Estimate focal minus reference by each treatment of the students without the outcome.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade; those of other groups or without a school or classroom are left
        out.
    study : StudyDesign
    outcome : str
        A name under `roles.outcomes`.
    tables : int
        M, how many completed tables.
    deltas : tuple of float
        Shifts of the imputed values, in SD.
    seed : int, optional
        Without it, one that the study's seed gives each outcome.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, treatment, delta, shifted, children, missing, estimate, lower, upper,
        mcse, delta_mcse, flag`, gaps in pooled within-group SD of the observed values.
        ``complete cases``: students with the outcome. ``response-weighted``: these by the inverse
        probability to have it (logistic, race × exposure, covariates and other outcomes, fitted
        anew in every replicate).
        ``imputed``: see `imputation.impute`. ``delta-shifted``: imputed values plus `delta` SD in
        the group or groups `shifted` names. ``tipping point``: the smallest shift (up to 2 SD) at
        which the interval begins, or ceases, to hold zero. `children` are those whose values, seen
        or imputed, enter. Intervals are from the jackknife over clusters, over imputations pooled
        by Rubin's rules; `mcse`, and `delta_mcse` of a tipping point, come from their finite
        number.

    References
    ----------
    Seaman, S. R. and White, I. R. (2013). Review of inverse probability weighting for dealing
    with missing data. Statistical Methods in Medical Research 22, 278-295.
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys, eq. 3.1.2 to 3.1.10 and
    section 6.2.
    Rust, K. F. and Rao, J. N. K. (1996). Variance estimation for complex surveys using
    replication techniques. Statistical Methods in Medical Research 5, 283-310 (JKn).
    """
    case = partly_missing(rows, study, study.roles.outcomes[outcome].name)
    if case.obstacle:
        return _table(outcome, [_row(case, COMPLETE, flag=case.obstacle)])
    out = [_row(case, COMPLETE, _complete(case))]
    if case.seen.all():
        out[0]["flag"] = out[0]["flag"] or "nothing is missing: no other treatment is needed"
        return _table(outcome, out)
    weighted, flag = _response_weighted(case)
    out.append(_row(case, WEIGHTED, weighted, flag=flag))
    seed = seed_of(study.analysis.seed, outcome) if seed is None else seed
    completed = completed_outcomes(case, tables, seed)
    if completed is None:
        flag = "too few observed values, or too few that differ, to impute"
        return _table(outcome, [*out, _row(case, IMPUTED, flag=flag)])
    probability = study.analysis.interval_probability
    lines = shifted_gaps(case.design, completed, ~case.seen, case.focal, probability)
    out.append(_row(case, IMPUTED, lines["both"].at(0)))
    for shifted, line in lines.items():
        out += [_row(case, SHIFTED, line.at(d), delta=d, shifted=shifted) for d in deltas]
    out += [_tipping_row(case, shifted, line) for shifted, line in lines.items()]
    return _table(outcome, out)


def _gap(case: PartlyMissing, weights: np.ndarray, design_weights: np.ndarray) -> np.ndarray:
    """Weighted gap of the observed in SD of the observed."""
    values, focal = case.outcome[case.seen], case.focal[case.seen]
    unit = pooled_sd(values, focal, design_weights[case.seen])
    return np.array([weighted_gap(values, focal, weights[case.seen]) / unit])


def _complete(case: PartlyMissing) -> Found:
    return _limits(case, lambda w: _gap(case, w, w))


def _response_weighted(case: PartlyMissing) -> tuple[Found, str]:
    minimum = case.study.analysis.minimum_cell
    columns = predictor_columns(case.rows, case.predictors, minimum)
    nobody = np.zeros(len(case.rows), dtype=bool)
    model = response_design(columns, case.focal, nobody, case.seen, minimum)
    start = answer_coefficients(case.seen, model, case.design.weights)
    fitted = answer_probability(model, start)
    limits = trim_limits(fitted, case.seen)
    hopeless = fitted[~case.seen].min() < LEAST_PROBABLE
    words = f"some had a probability under {LEAST_PROBABLE:g} to have the outcome: no weight helps"

    def statistic(w: np.ndarray) -> np.ndarray:
        probability = answer_probability(model, answer_coefficients(case.seen, model, w, start))
        return _gap(case, w * inverse_weights(probability, case.seen, limits), w)

    return _limits(case, statistic), words if hopeless else ""


def _limits(case: PartlyMissing, statistic: Callable[[np.ndarray], np.ndarray]) -> Found:
    found = jackknife(case.design, statistic, case.study.analysis.interval_probability)
    return float(found.estimate[0]), float(found.lower[0]), float(found.upper[0]), np.nan


def _row(
    case: PartlyMissing,
    treatment: str,
    found: Found | None = None,
    *,
    delta: float = np.nan,
    shifted: str = "",
    flag: str = "",
) -> dict[str, object]:
    seen = int(case.seen.sum())
    row = {"treatment": treatment, "delta": delta, "shifted": shifted, "flag": flag}
    row |= {"children": seen if treatment in (COMPLETE, WEIGHTED) else len(case.rows)}
    row |= {"missing": len(case.rows) - seen}
    if found is not None:
        row |= dict(zip(("estimate", "lower", "upper", "mcse"), found, strict=True))
        if not np.isfinite(found[0]):
            row["flag"] = "no estimate: all weights of a group are zero"
        elif not np.isfinite(found[1]):
            row["flag"] = case.design.flag or "no interval: a group is in too few clusters"
    return row


def _tipping_row(case: PartlyMissing, shifted: str, line: ShiftedGap) -> dict[str, object]:
    delta = line.tipping()
    if np.isfinite(delta):
        found = line.at(delta)
        row = _row(case, TIPPING, found, delta=delta, shifted=shifted)
        return row | {"delta_mcse": found[-1] / abs(line.share)}
    flag = f"no shift up to {FARTHEST:g} SD changes whether the interval holds zero"
    if not np.isfinite(line.at(0)[1]):
        flag = case.design.flag or "no interval: a group is in too few clusters"
    return _row(case, TIPPING, shifted=shifted, flag=flag)


def _table(outcome: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS).assign(outcome=outcome)
    return table.astype({"children": "Int64", "missing": "Int64"})
