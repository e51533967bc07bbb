"""Expected outcomes over the range of the exposure, by group."""

import numpy as np
import pandas as pd

from learning_with_others.models import estimands
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.study import StudyDesign

STEPS = 21


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
        class-level exposure, else empty)`, estimate, lower, upper`, in outcome sd.
    """
    tail = (1 - study.analysis.interval_probability) / 2
    rows = []
    for outcome, fit in fits.items():
        design = fit.design
        for group in (design.focal, design.reference, *design.others):
            for level, at in _places(design, study):
                drawn = estimands.expected_outcome(fit.mixture, design, group, at)
                lower, upper = np.quantile(drawn, [tail, 1 - tail])
                rows.append(
                    {
                        "outcome": outcome,
                        "group": group,
                        "deviation": at[design.slope],
                        "level": level,
                        "estimate": float(drawn.mean()),
                        "lower": float(lower),
                        "upper": float(upper),
                    }
                )
    return pd.DataFrame(rows)


def _places(design: BenefitDesign, study: StudyDesign) -> list[tuple[str, dict[str, float]]]:
    exposure, main = study.roles.exposure, design.contrasts.main
    if exposure.varies_by == "classroom":
        return [
            (str(exposure.reference), estimands.low_exposure(design)),
            (str(exposure.focal), estimands.high_exposure(design)),
        ]
    return [("", {main.within: float(at)}) for at in np.linspace(main.low, main.high, STEPS)]
