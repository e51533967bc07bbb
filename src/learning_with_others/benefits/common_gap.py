"""The benefit gaps of all outcomes in one fit, partially pooled."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import Diagnosis, worst_of
from learning_with_others.bayes.stacked.pooled import fit_pooled
from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.data.outcome_families import family_of
from learning_with_others.inference.parallel import side_by_side
from learning_with_others.models import estimands
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.drawn import draw_fit, draw_posterior, sampler_of
from learning_with_others.models.framed_values import FramedValue, framed_values
from learning_with_others.study import StudyDesign

ALONE, POOLED = "alone", "partially pooled"
MEAN, BETWEEN = "mean of all outcomes", "sd between outcomes"
GAP = "benefit.gap"

Drawn = dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class CommonGap:
    """Every outcome's benefit gap, alone and partially pooled.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `outcome, kind, estimate, lower, upper, mcse, children, flag`; the last two rows
        are the mean of the outcomes' gaps and their standard deviation.
    diagnosis : Diagnosis
        Of the joint fits, the worst.
    """

    table: pd.DataFrame
    diagnosis: Diagnosis


def common_gap(
    rows: dict[str, pd.DataFrame],
    study: StudyDesign,
    values: pd.DataFrame | None,
    most: int,
) -> CommonGap | None:
    """Fit all outcomes together, their benefit gaps drawn from one normal distribution.

    Residuals of one student are correlated between outcomes, so that outcomes of other families
    than the normal are left out. Rows are those complete on every outcome, and each gap alone is
    re-estimated on the same rows.

    Parameters
    ----------
    rows : dict of str to pandas.DataFrame
        Rows of each outcome's model.
    study : StudyDesign
    values : pandas.DataFrame, optional
        Plausible values.
    most : int
        Plausible values to use, the first ones; they run side by side.

    Returns
    -------
    CommonGap or None
        None with fewer than two outcomes of normal errors.

    References
    ----------
    Gelman, A., Hill, J. and Yajima, M. (2012). Why we (usually) don't have to worry about multiple
    comparisons. Journal of Research on Educational Effectiveness 5, 189-211.
    """
    rows = {name: mine for name, mine in rows.items() if family_of(study, name).collapses}
    if len(rows) < 2:  # noqa: PLR2004 - nothing to pool
        return None
    shared = pd.concat([mine.index.to_series() for mine in rows.values()]).value_counts()
    complete = next(iter(rows.values())).loc[lambda r: shared[r.index] == len(rows)]
    framed = list(framed_values(complete, study, list(rows), values, most=most))
    fits = side_by_side(
        *(
            partial(_fit_value, each, study, number, plausible=values is not None)
            for number, each in enumerate(framed)
        )
    )
    diagnosis = worst_of([judged for _, judged in fits])
    design = framed[-1].design
    children = sum(design.sizes[group] for group in (design.focal, design.reference))
    found = [drawn for drawn, _ in fits]
    return CommonGap(_table(found, study, children, diagnosis.flag or ""), diagnosis)


def _fit_value(
    framed: FramedValue, study: StudyDesign, number: int, *, plausible: bool
) -> tuple[Drawn, Diagnosis]:
    """Draws by outcome and kind, with their weights, and the diagnosis of the joint fit."""
    design, frame, outcomes = framed
    term = design.interaction(design.focal)
    together = draw_fit(
        partial(fit_pooled, frame, outcomes, term),
        sampler_of(study, POOLED, many=plausible)(number),
        partial(_pooled_gaps, term=term),
    )
    found: Drawn = {
        (name, POOLED): (draws, together.weights) for name, draws in together.estimands.items()
    }
    for name, outcome in outcomes.items():
        alone = draw_posterior(
            replace(frame, outcome=outcome),
            sampler_of(study, name, many=plausible)(number),
            partial(_gap, design=design),
        )
        found[name, ALONE] = (alone.estimands[GAP], alone.weights)
    return found, together.diagnosis


def _pooled_gaps(posterior: xr.Dataset, term: str) -> dict[str, np.ndarray]:
    gaps = posterior["coefficient"].sel(term=term)
    found = {str(name): gaps.sel(outcome=name).to_numpy() for name in gaps["outcome"].to_numpy()}
    both = {MEAN: "pooled_mean", BETWEEN: "pooled_sd"}
    return found | {name: posterior[source].to_numpy() for name, source in both.items()}


def _gap(posterior: xr.Dataset, design: BenefitDesign) -> dict[str, np.ndarray]:
    return {GAP: estimands.benefit_gap(posterior, design, design.focal)}


def _table(found: list[Drawn], study: StudyDesign, children: int, flag: str) -> pd.DataFrame:
    out = []
    for outcome, kind in found[0]:
        draws, weights = zip(*(each[outcome, kind] for each in found), strict=True)
        probability = study.analysis.interval_probability
        summary = summarize_pooled(np.stack(draws), probability, np.stack(weights)).summary
        out.append(
            {
                "outcome": outcome,
                "kind": kind,
                "estimate": summary.mean,
                "lower": summary.lower,
                "upper": summary.upper,
                "mcse": summary.mcse,
                "children": children,
                "flag": flag if kind == POOLED else "",
            }
        )
    return pd.DataFrame(out)
