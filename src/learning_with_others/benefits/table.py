"""The benefit estimands of every outcome as one table, and their verdicts."""

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.summary import (
    equivalence_share,
    reachable_equivalence_share,
    summarize,
    verdict,
)
from learning_with_others.benefits import estimands
from learning_with_others.benefits.design import BenefitDesign
from learning_with_others.study import Study

OUTCOME_SD = "outcome sd"


def benefit_draws(
    posterior: xr.Dataset, design: BenefitDesign, study: Study
) -> dict[str, np.ndarray]:
    """Draws of every estimand of one outcome.

    Returns
    -------
    dict of str to ndarray, shape (chains, draws)
        Keys are names of results; slopes end in ``/group``.
    """
    race, exposure = study.roles.race, study.roles.exposure
    low = estimands.outcome_gap(posterior, design, study, exposure.reference)
    high = estimands.outcome_gap(posterior, design, study, exposure.focal)
    slopes = {
        f"benefit.slope/{group}": estimands.slope(posterior, study, group)
        for group in (race.focal, race.reference)
    }
    return {
        **slopes,
        "benefit.gap": estimands.benefit_gap(posterior, study),
        "benefit.gap.total": estimands.total_benefit_gap(posterior, design, study),
        "benefit.outcome_gap.low": low,
        "benefit.outcome_gap.high": high,
        "benefit.narrowing": estimands.narrowing(low, high),
        "benefit.sd.classroom": posterior["sd_classroom"].to_numpy(),
        "benefit.sd.school": posterior["sd_school"].to_numpy(),
        "benefit.sd.slope_between_schools": posterior["sd_school_slope_0"].to_numpy(),
        "benefit.sd.residual": posterior["sd_residual"].to_numpy(),
    }


def benefit_table(
    draws: dict[str, dict[str, np.ndarray]], design: BenefitDesign, study: Study
) -> pd.DataFrame:
    """Summarize every estimand of every outcome, and the probabilities behind the verdict.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, row, group, estimate, lower, upper, mcse, unit, children, quantity`;
        `row` is the estimand in words. Probabilities have no interval.
    """
    labels = _labels(study)
    sizes = design.rows
    out = []
    for outcome, named in draws.items():
        for key, values in named.items():
            quantity, _, group = key.partition("/")
            found = summarize(values, study.analysis.interval_probability)
            out.append(
                {
                    "outcome": outcome,
                    "row": labels[key],
                    "group": group,
                    "estimate": found.mean,
                    "lower": found.lower,
                    "upper": found.upper,
                    "mcse": found.mcse,
                    "unit": OUTCOME_SD,
                    "children": sizes[group] if group else sum(sizes.values()),
                    "quantity": quantity,
                }
            )
        out.extend(_probabilities(outcome, named, design, study))
    return pd.DataFrame(out).astype({"mcse": float, "lower": float, "upper": float})


def benefit_verdicts(
    draws: dict[str, dict[str, np.ndarray]], design: BenefitDesign, study: Study
) -> dict[str, str]:
    """Verdict on the benefit gap of each outcome, by the declared rule."""
    decided = {}
    for outcome, named in draws.items():
        scaled = named["benefit.gap"] * design.exposure_sd
        direction = summarize(scaled, study.analysis.interval_probability).direction
        share = equivalence_share(scaled, study.analysis.practical_equivalence)
        decided[outcome] = verdict(direction, share)
    return decided


def _labels(study: Study) -> dict[str, str]:
    race, exposure = study.roles.race, study.roles.exposure
    return {
        f"benefit.slope/{race.focal}": f"slope, {race.focal}",
        f"benefit.slope/{race.reference}": f"slope, {race.reference}",
        "benefit.gap": "benefit gap, within schools",
        "benefit.gap.total": "benefit gap, total",
        "benefit.outcome_gap.low": f"outcome gap, {exposure.reference}",
        "benefit.outcome_gap.high": f"outcome gap, {exposure.focal}",
        "benefit.narrowing": "narrowing of the outcome gap",
        "benefit.sd.classroom": "sd between classes",
        "benefit.sd.school": "sd between schools",
        "benefit.sd.slope_between_schools": "sd of the slope between schools",
        "benefit.sd.residual": "sd within classes",
    }


def _probabilities(
    outcome: str, named: dict[str, np.ndarray], design: BenefitDesign, study: Study
) -> list[dict[str, object]]:
    gap = summarize(named["benefit.gap"], study.analysis.interval_probability)
    bound = study.analysis.practical_equivalence
    scaled = named["benefit.gap"] * design.exposure_sd
    values = {
        "benefit.gap.direction": ("probability of the gap's direction", gap.direction),
        "benefit.gap.rope_share": (
            "share of the gap in the region of practical equivalence",
            equivalence_share(scaled, bound),
        ),
        "benefit.gap.rope_reachable": (
            "largest share in that region that a posterior this wide can reach",
            reachable_equivalence_share(gap.sd * design.exposure_sd, bound),
        ),
        "benefit.sign_change": (
            "probability that the outcome gap changes sign",
            estimands.sign_change(
                named["benefit.outcome_gap.low"], named["benefit.outcome_gap.high"]
            ),
        ),
    }
    return [
        {
            "outcome": outcome,
            "row": label,
            "group": "",
            "estimate": value,
            "unit": "probability",
            "children": sum(design.rows.values()),
            "quantity": quantity,
        }
        for quantity, (label, value) in values.items()
    ]
