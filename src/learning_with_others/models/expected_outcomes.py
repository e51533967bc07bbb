"""Expected outcomes over the range of the exposure, by group."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.models import estimands
from learning_with_others.models.average_slopes import averaged_outcome
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit, with_attenuation
from learning_with_others.study import StudyDesign

STEPS = 21
THINNED = 4  # averages over all students are taken of every fourth draw


def expected_outcome_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Expected outcome of each reported group from low to high exposure.

    All plausible values together. A student-level exposure runs from its 10th to its 90th
    percentile of deviations within the cluster, all else at its mean; a class-level exposure has
    its reference and its focal level.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    study : StudyDesign
        Its probability of intervals.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, group, deviation` (of the first contrast, in its unit)`, level` (of a
        class-level exposure, else empty)`, estimate, lower, upper, mcse`, in the unit of
        the family (outcome sd, probability); where that is no line in the predictors, averaged over
        the covariates of all students.
    """
    rows = []
    for outcome, fit in fits.items():
        design, values = fit.design, len(fit.draws["benefit.gap"])
        for group in (design.focal, design.reference, *design.others):
            for level, at in _places(design, study):
                drawn = _expected(fit, group, at)
                by_value = drawn.reshape(values, -1, drawn.shape[1])
                found = summarize_pooled(by_value, study.analysis.interval_probability).summary
                rows.append(
                    {
                        "outcome": outcome,
                        "group": group,
                        "deviation": at[design.slope],
                        "level": level,
                        "estimate": found.mean,
                        "lower": found.lower,
                        "upper": found.upper,
                        "mcse": found.mcse,
                    }
                )
    return pd.DataFrame(rows)


def _expected(fit: BenefitFit, group: str, at: dict[str, float]) -> np.ndarray:
    family = fit.frame.family
    if family.linear:
        return estimands.expected_outcome(fit.mixture, fit.design, group, at)
    mixture = fit.mixture.isel(draw=slice(None, None, THINNED))
    return averaged_outcome(mixture, fit.design, group, at, family.scale(fit.frame.outcome))


def expected_ends(curves: pd.DataFrame, fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Take the two ends of every curve, and count the students behind it.

    Parameters
    ----------
    curves : pandas.DataFrame
        From `expected_outcome_table`.
    fits : dict of str to BenefitFit

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, group, exposure` (low or high)`, estimate, lower, upper, mcse, children`.
    """
    by_curve = curves.groupby(["outcome", "group"], sort=False)
    low, high = by_curve.head(1), by_curve.tail(1)
    ends = pd.concat([low.assign(exposure="low"), high.assign(exposure="high")]).sort_index()
    children = [fits[row.outcome].design.sizes[row.group] for row in ends.itertuples()]
    columns = ["outcome", "group", "exposure", "estimate", "lower", "upper", "mcse"]
    return with_attenuation(ends[columns].assign(children=children).reset_index(drop=True), fits)


def _places(design: BenefitDesign, study: StudyDesign) -> list[tuple[str, dict[str, float]]]:
    exposure, main = study.roles.exposure, design.contrasts.main
    if exposure.varies_by == "classroom":
        return [
            (str(exposure.reference), estimands.low_exposure(design)),
            (str(exposure.focal), estimands.high_exposure(design)),
        ]
    return [("", {main.within: float(at)}) for at in np.linspace(main.low, main.high, STEPS)]
