"""The benefit gap in clusters that hold both groups: no composition to adjust for."""

from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import worst_of
from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.benefits.alternatives import Inputs
from learning_with_others.benefits.table import row_words, unit_of
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.drawn import draw_posterior, sampler_of
from learning_with_others.models.estimands import benefit_gap
from learning_with_others.models.model_rows import PLAUSIBLE, rows_with_values
from learning_with_others.models.variants import in_shared_clusters
from learning_with_others.study import StudyDesign

QUANTITY = "benefit.gap.shared"


def shared_cluster_gap(
    outcome: str, fit: BenefitFit, rows: dict[str, pd.DataFrame], inputs: Inputs
) -> pd.DataFrame:
    """Estimate the gap of an outcome on the rows of clusters that hold both groups.

    Without terms of composition, with the plausible values and the random numbers of the published
    fit, and in its units.

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
        A row of `benefit_table`, without numbers of students, and a `flag` where a fit failed its
        diagnosis. None where a group is under the minimum cell there, or where the family is
        sampled by chains.
    """
    study, mine = inputs.study, rows[outcome]
    if not fit.design.family.collapses:
        return pd.DataFrame()
    sampler = sampler_of(study, outcome, many=fit.score == PLAUSIBLE)
    drawn = []
    for number, version in enumerate(rows_with_values(mine, study, inputs.values)):
        built = in_shared_clusters(version, study)
        if built is None:
            return pd.DataFrame()
        kept, design = built
        whole = standardized_outcome(version, study, outcome)
        frame = design.frame(whole[version.index.get_indexer(kept.index)])
        estimate = partial(_gap, design=design, unit=_unit(version, kept, study))
        drawn.append(draw_posterior(frame, sampler(number), estimate))
    pooled = summarize_pooled(
        np.stack([each.estimands[QUANTITY] for each in drawn]),
        study.analysis.interval_probability,
        np.stack([each.weights for each in drawn]),
    )
    summary = pooled.summary
    return pd.DataFrame(
        [
            {
                "outcome": outcome,
                "row": row_words(QUANTITY, "", fit.design),
                "group": "",
                "estimate": summary.mean,
                "lower": summary.lower,
                "upper": summary.upper,
                "mcse": summary.mcse,
                "missing_information": pooled.missing_information,
                "unit": unit_of(QUANTITY, fit.design.family),
                "children": np.nan,
                "quantity": QUANTITY,
                "score": fit.score,
                "flag": worst_of([each.diagnosis for each in drawn]).flag or "",
            }
        ]
    )


def with_shared_clusters(table: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Put the gaps of `shared_cluster_gap` below the total gaps of a `benefit_table`."""
    if shared.empty:
        return table
    total = table[table["quantity"] == "benefit.gap.total"]
    below = pd.Series(total.index + 0.5, index=total["outcome"])
    placed = shared.set_index(shared["outcome"].map(below).to_numpy()).astype(table.dtypes)
    return pd.concat([table.assign(flag=""), placed]).sort_index().reset_index(drop=True)


def _unit(whole: pd.DataFrame, kept: pd.DataFrame, study: StudyDesign) -> float:
    """One sd of a student-level exposure over all rows, in those over the rows kept."""
    if study.roles.exposure.varies_by == "classroom":
        return 1.0
    name = study.roles.exposure.name
    return float(whole[name].std(ddof=0) / kept[name].std(ddof=0))


def _gap(posterior: xr.Dataset, design: BenefitDesign, unit: float) -> dict[str, np.ndarray]:
    return {QUANTITY: unit * benefit_gap(posterior, design, design.focal)}
