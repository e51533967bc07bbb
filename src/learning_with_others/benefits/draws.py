"""Draws of every estimand of one fit, by the name of its result."""

import numpy as np
import xarray as xr

from learning_with_others.benefits import estimands
from learning_with_others.benefits.design import BenefitDesign


def benefit_draws(posterior: xr.Dataset, design: BenefitDesign) -> dict[str, np.ndarray]:
    """Draws of every estimand of one outcome.

    Returns
    -------
    dict of str to ndarray, shape (chains, draws)
        Keys are names of results; those of one group end in ``/group``. The gap without a group
        is that of the focal group.
    """
    focal = design.focal
    low = estimands.outcome_gap(posterior, design, focal, estimands.low_exposure(design))
    high = estimands.outcome_gap(posterior, design, focal, estimands.high_exposure(design))
    contextual = estimands.contextual_effect(posterior, design)
    groups = (focal, design.reference, *design.others)
    found = {
        **{f"benefit.slope/{g}": estimands.slope(posterior, design, g) for g in groups},
        "benefit.gap": estimands.benefit_gap(posterior, design, focal),
        "benefit.gap.total": estimands.total_benefit_gap(posterior, design, focal),
        **{f"benefit.gap/{g}": estimands.benefit_gap(posterior, design, g) for g in design.others},
        **({} if contextual is None else {"benefit.contextual": contextual}),
        "benefit.outcome_gap.low": low,
        "benefit.outcome_gap.high": high,
        "benefit.narrowing": estimands.narrowing(low, high),
    }
    for level in design.specification.groupings:
        found[f"benefit.sd.{level.name}"] = posterior[f"sd_{level.name}"].to_numpy()
    found["benefit.sd.slope"] = posterior[f"sd_{design.cluster}_slope_0"].to_numpy()
    found["benefit.sd.residual"] = posterior["sd_residual"].to_numpy()
    return found
