"""Partial invariance: release the items that differ, the worst first."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.measurement.factor_models.data import Data, read_data
from learning_with_others.measurement.factor_models.fitting import FactorFit, fit_data
from learning_with_others.measurement.factor_models.invariance import (
    changes,
    refuse_one_group,
    step_holds,
)
from learning_with_others.measurement.factor_models.modification import release_tests
from learning_with_others.measurement.factor_models.parameters import Released
from learning_with_others.measurement.factor_models.specification import FactorModel

FEWEST_ANCHORS = 2
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
    data = read_data(
        values, model, group=group, missing=missing, cluster=cluster, reference=reference
    )
    refuse_one_group(data)
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
