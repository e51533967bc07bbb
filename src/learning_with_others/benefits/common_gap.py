"""The benefit gaps of all outcomes in one fit, partially pooled."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import Diagnosis, diagnose, worst_of
from learning_with_others.bayes.multivariate.fit import fit_multivariate
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.models import estimands
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.drawn import draw_posterior, sampler_of
from learning_with_others.models.framed_values import framed_values
from learning_with_others.models.model_rows import PLAUSIBLE, score_of
from learning_with_others.study import StudyDesign

ALONE, POOLED = "alone", "partially pooled"
MEAN, BETWEEN = "mean of all outcomes", "sd between outcomes"
TUNE, DRAWS = 300, 1000
GAP = "benefit.gap"


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

    Residuals of one student are correlated between outcomes. Rows are those complete on every
    outcome, and each gap alone is re-estimated on the same rows.

    Parameters
    ----------
    rows : dict of str to pandas.DataFrame
        Rows of each outcome's model.
    study : StudyDesign
    values : pandas.DataFrame, optional
        Plausible values.
    most : int
        Plausible values to use, the first ones.

    Returns
    -------
    CommonGap or None
        None for a single outcome.

    References
    ----------
    Gelman, A., Hill, J. and Yajima, M. (2012). Why we (usually) don't have to worry about multiple
    comparisons. Journal of Research on Educational Effectiveness 5, 189-211.
    """
    if len(rows) < 2:  # noqa: PLR2004 - nothing to pool
        return None
    shared = pd.concat([mine.index.to_series() for mine in rows.values()]).value_counts()
    complete = next(iter(rows.values())).loc[lambda r: shared[r.index] == len(rows)]
    draws: dict[tuple[str, str], list[np.ndarray]] = {}
    weights: dict[tuple[str, str], list[np.ndarray]] = {}
    diagnoses = []
    framed = framed_values(complete, study, list(rows), values, most=most)
    for number, (design, frame, outcomes) in enumerate(framed):
        term = design.interaction(design.focal)
        seed = study.analysis.seed + number
        together = fit_multivariate(frame, outcomes, term, Sampler(seed, tune=TUNE, draws=DRAWS))
        diagnoses.append(diagnose(together))
        posterior = together["posterior"].to_dataset()
        for name, outcome in outcomes.items():
            alone = draw_posterior(
                replace(frame, outcome=outcome),
                sampler_of(study, name, many=score_of(study, name, values) == PLAUSIBLE)(number),
                partial(_gap, design=design),
            )
            draws.setdefault((name, ALONE), []).append(alone.estimands[GAP])
            weights.setdefault((name, ALONE), []).append(alone.weights)
            pooled = posterior["coefficient"].sel(outcome=name, term=term).to_numpy()
            draws.setdefault((name, POOLED), []).append(pooled)
        draws.setdefault((MEAN, POOLED), []).append(posterior["pooled_mean"].to_numpy())
        draws.setdefault((BETWEEN, POOLED), []).append(posterior["pooled_sd"].to_numpy())
    diagnosis = worst_of(diagnoses)
    children = sum(design.sizes[group] for group in (design.focal, design.reference))
    return CommonGap(_table(draws, weights, study, children, diagnosis.flag or ""), diagnosis)


def _gap(posterior: xr.Dataset, design: BenefitDesign) -> dict[str, np.ndarray]:
    return {GAP: estimands.benefit_gap(posterior, design, design.focal)}


def _table(
    draws: dict[tuple[str, str], list[np.ndarray]],
    weights: dict[tuple[str, str], list[np.ndarray]],
    study: StudyDesign,
    children: int,
    flag: str,
) -> pd.DataFrame:
    out = []
    for key, found in draws.items():
        outcome, kind = key
        own = np.stack(weights[key]) if key in weights else None
        summary = summarize_pooled(
            np.stack(found), study.analysis.interval_probability, own
        ).summary
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
