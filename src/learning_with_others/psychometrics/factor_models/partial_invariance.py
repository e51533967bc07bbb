"""Partial invariance by release of the items that differ, and the latent means that follow."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.psychometrics.comparability.decision import FEWEST_ANCHORS
from learning_with_others.psychometrics.factor_models.data import Data
from learning_with_others.psychometrics.factor_models.factor_model import FactorModel
from learning_with_others.psychometrics.factor_models.fitting import FactorFit, fit_data
from learning_with_others.psychometrics.factor_models.invariance import (
    changes,
    read_groups,
    step_holds,
)
from learning_with_others.psychometrics.factor_models.modification import release_tests
from learning_with_others.psychometrics.factor_models.parameter_table import Released
from learning_with_others.psychometrics.factor_models.solution import complex_step_derivative

HELD_EQUAL = {"configural": set(), "metric": {"loading"}, "scalar": {"loading", "intercept"}}
STEPS = {"metric": ("configural", "loading"), "scalar": ("metric", "intercept")}


@dataclass(frozen=True)
class PartialInvariance:
    """What had to be released for the groups to be comparable.

    Attributes
    ----------
    releases : pandas.DataFrame
        Every round on record: columns `step, round, item, kind, score, score_df, score_p`
        (empty in round 0, before any release), `cfi, rmsea, delta_cfi, delta_rmsea,
        difference_chisq, difference_df, difference_p, holds, rows`. Changes are against the
        step below with the same releases. `rows` counts people.
    released : dict of str to set of str
        Item to what differs in the end.
    fits : dict of str to FactorFit
        Metric and scalar model in the end.
    holds : dict of str to bool
        Whether each step holds with these releases; it does not if fewer than two anchor items
        would have been left.
    """

    releases: pd.DataFrame
    released: Released
    fits: dict[str, FactorFit]
    holds: dict[str, bool]


def partial_invariance(
    values: pd.DataFrame,
    model: FactorModel,
    group: np.ndarray,
    *,
    cluster: np.ndarray | None = None,
    missing: str = "fiml",
    reference: str | None = None,
) -> PartialInvariance:
    """Release items one at a time, by the largest score test, until metric and scalar hold.

    First loadings, then intercepts. An item whose loading differs enters the scalar step with
    its intercept released too: where lines have different slopes, equal intercepts are equality
    at one arbitrary level. Each factor keeps two items equal in all that the step compares.
    Factors have unit variance in the reference group, so that every item can be tested.

    Parameters
    ----------
    values, model, group, cluster, missing, reference
        As for `fit_factor_model`.

    References
    ----------
    Byrne, B. M., Shavelson, R. J. and Muthén, B. (1989). Testing for the equivalence of factor
    covariance and mean structures. Psychological Bulletin 105, 456-466.
    """
    model = replace(model, identification="unit_variance")
    data = read_groups(
        values, model, group=group, missing=missing, cluster=cluster, reference=reference
    )
    fit_step = _fit_once(data, model)
    released: Released = {}
    rows, fits, holds = [], {}, {}
    for step in STEPS:
        if step == "scalar":
            released = {item: kinds | {"intercept"} for item, kinds in released.items()}
        released, fit, held, record = _purify(fit_step, model, step, released)
        rows += record
        fits[step], holds[step] = fit, held
    return PartialInvariance(pd.DataFrame(rows), released, fits, holds)


def _fit_once(data: Data, model: FactorModel) -> Callable[[str, Released], FactorFit]:
    """Fit a step with releases; those of what the step leaves free anyway change nothing."""
    fits: dict[tuple, FactorFit] = {}

    def fit_step(step: str, released: Released) -> FactorFit:
        binding = {item: kinds & HELD_EQUAL[step] for item, kinds in released.items()}
        key = (step, frozenset((item, kind) for item in binding for kind in binding[item]))
        if key not in fits:
            fits[key] = fit_data(data, model, step, released)
        return fits[key]

    return fit_step


def _purify(
    fit_step: Callable[[str, Released], FactorFit],
    model: FactorModel,
    step: str,
    released: Released,
) -> tuple[Released, FactorFit, bool, list[dict]]:
    below, kind = STEPS[step]
    record: list[dict] = []
    chosen = {"item": "", "score": np.nan, "score_df": pd.NA, "score_p": np.nan}
    while True:
        before = fit_step(below, released)
        fit = fit_step(step, released)
        held = step_holds(fit, before)
        found = {"cfi": fit.measures.cfi, "rmsea": fit.measures.rmsea}
        tested = changes(fit, before)
        del tested["delta_srmr"]
        head = {"step": step, "round": len(record), "kind": kind if chosen["item"] else ""}
        record.append(head | chosen | found | tested | {"rows": fit.measures.rows})
        if held:
            return released, fit, True, record
        tests = release_tests(fit, kind)
        tests = tests[[_anchors_remain(model, released, item) for item in tests["item"]]]
        if tests.empty:
            return released, fit, False, record
        worst = tests.iloc[0]
        released = released | {worst["item"]: released.get(worst["item"], set()) | {kind}}
        chosen = {
            "item": worst["item"],
            "score": worst["score"],
            "score_df": worst["df"],
            "score_p": worst["p"],
        }


def _anchors_remain(model: FactorModel, released: Released, item: str) -> bool:
    """Whether every factor of the item would keep two items without any release."""
    gone = set(released) | {item}
    return all(
        sum(name not in gone for name in indicators) >= FEWEST_ANCHORS
        for indicators in model.factors.values()
        if item in indicators
    )


def latent_mean_differences(fit: FactorFit, probability: float = 0.95) -> pd.DataFrame:
    """Latent mean of each group minus that of the reference group, in its latent SD.

    Parameters
    ----------
    fit : FactorFit
        Fitted as scalar or strict (with releases: partial scalar), where means can be compared.
    probability : float
        Of the interval, normal theory.

    Returns
    -------
    pandas.DataFrame
        Columns `factor, group, reference, difference, standard_error, lower, upper, rows`; `rows`
        counts the people of `group`. Standard errors by the delta method, so they hold the
        uncertainty of the SD.
    """
    groups = fit.structure.table.groups
    rows = fit.structure.table.rows
    names = list(fit.model.factors)
    reach = stats.norm.ppf((1 + probability) / 2)
    out = []
    for group, label in enumerate(groups):
        free = rows[(rows["group"] == label) & (rows["kind"] == "mean") & (rows["free"] >= 0)]
        for factor in free["lhs"]:
            place = names.index(factor)
            estimate, error = _difference(fit, group, place)
            out.append(
                {
                    "factor": factor,
                    "group": label,
                    "reference": groups[0],
                    "difference": estimate,
                    "standard_error": error,
                    "lower": estimate - reach * error,
                    "upper": estimate + reach * error,
                    "rows": fit.rows[label],
                }
            )
    names = ["factor", "group", "reference", "difference", "standard_error"]
    return pd.DataFrame(out, columns=[*names, "lower", "upper", "rows"])


def _difference(fit: FactorFit, group: int, place: int) -> tuple[float, float]:
    def value(parameters: np.ndarray) -> complex:
        mean = fit.structure.matrices(parameters, group)["means"][place, 0]
        variance = fit.structure.factor_covariance(parameters, 0)[place, place]
        return mean / np.sqrt(variance)

    parameters = fit.point.parameters
    with np.errstate(invalid="ignore"):
        estimate = value(parameters)
    if not np.isfinite(estimate):
        return np.nan, np.nan  # a Heywood case: no SD to measure in
    slope = complex_step_derivative(value, parameters)
    return float(estimate), float(np.sqrt(slope @ fit.covariance @ slope))
