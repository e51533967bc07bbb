"""Whether residual standard deviations differ between groups, or with the exposure."""

from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.collapsed.cell_fit import BY_CELL
from learning_with_others.bayes.diagnosis import worst_of
from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.benefits.alternatives import Inputs
from learning_with_others.data.outcome_families import family_of
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.drawn import draw_posterior, sampler_of
from learning_with_others.models.framed_values import framed_values
from learning_with_others.models.model_rows import PLAUSIBLE, score_of
from learning_with_others.models.residual_groups import (
    HIGH,
    LOW,
    MIDDLE,
    cell_name,
    cells_by_group_and_exposure,
)

COLUMNS = ["outcome", "comparison", "estimate", "lower", "upper", "mcse", "differ", "flag"]
DIFFER, ALIKE = "differ", "may be equal"


def residual_sd_table(outcome: str, rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Compare residual standard deviations between groups and along the exposure.

    From the model with one for each group and third of the exposure, on all plausible values.

    Parameters
    ----------
    outcome : str
    rows : pandas.DataFrame
        Rows of its model.
    inputs : Inputs

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, comparison, estimate` (a ratio of standard deviations)`, lower, upper,
        mcse, differ` (whether the interval leaves out 1)`, flag`.

    References
    ----------
    Gelman, A. and Hill, J. (2007). Data Analysis Using Regression and Multilevel/Hierarchical
    Models, sec. 17.4 (residual variances by group).
    """
    study = inputs.study
    if not family_of(study, outcome).collapses:
        why = "not computed: only normal errors have a standard deviation for each group"
        row = {"outcome": outcome, "comparison": "all", "flag": why}
        return pd.DataFrame([row], columns=COLUMNS)
    sampler = sampler_of(study, outcome, many=score_of(study, outcome, inputs.values) == PLAUSIBLE)
    two_valued = study.roles.exposure.varies_by != "student"
    drawn = []
    try:
        for number, (design, frame, _) in enumerate(
            framed_values(rows, study, [outcome], inputs.values)
        ):
            cells = cells_by_group_and_exposure(design, two_valued=two_valued)
            estimate = partial(sd_ratios, design=design)
            drawn.append(draw_posterior(frame, sampler(number), estimate, cells=cells))
    except CompendiumError as error:
        failed = {"outcome": outcome, "comparison": "all", "flag": f"not computed: {error.problem}"}
        return pd.DataFrame([failed], columns=COLUMNS)
    flag = worst_of([each.diagnosis for each in drawn]).flag
    weights = np.stack([each.weights for each in drawn])
    out = []
    for comparison in drawn[0].estimands:
        row: dict[str, object] = {"comparison": comparison, "flag": ""}
        if flag:
            row["flag"] = f"not shown: {flag}"
        else:
            ratios = np.stack([each.estimands[comparison] for each in drawn])
            found = summarize_pooled(ratios, study.analysis.interval_probability, weights).summary
            apart = found.lower > 1 or found.upper < 1
            row |= {"estimate": found.mean, "lower": found.lower, "upper": found.upper}
            row |= {"mcse": found.mcse, "differ": DIFFER if apart else ALIKE}
        out.append(row)
    return pd.DataFrame(out, columns=COLUMNS).assign(outcome=outcome)


def sd_ratios(posterior: xr.Dataset, design: BenefitDesign) -> dict[str, np.ndarray]:
    """Ratios of residual standard deviations, draw by draw.

    Of the groups, as the geometric mean over parts of the exposure where both have rows; of high
    to low exposure in each group; and how much steeper the latter is in the focal group.
    """
    logs = np.log(posterior[BY_CELL].to_numpy())
    places = {str(name): k for k, name in enumerate(posterior["cell"].to_numpy())}

    def log_sd(group: str, part: str) -> np.ndarray | None:
        place = places.get(cell_name(group, part))
        return None if place is None else logs[..., place]

    focal, reference = design.focal, design.reference
    pairs = [(log_sd(focal, part), log_sd(reference, part)) for part in (LOW, MIDDLE, HIGH)]
    apart = [one - other for one, other in pairs if one is not None and other is not None]
    found = {f"{focal} to {reference}": np.exp(np.mean(apart, axis=0))} if apart else {}
    rises = {}
    for group in (focal, reference):
        high, low = log_sd(group, HIGH), log_sd(group, LOW)
        if high is not None and low is not None:
            rises[group] = high - low
            found[f"high to low exposure, {group}"] = np.exp(high - low)
    if len(rises) == 2:  # noqa: PLR2004 - both groups
        steeper = f"rise with exposure, {focal} to {reference}"
        found[steeper] = np.exp(rises[focal] - rises[reference])
    return found
