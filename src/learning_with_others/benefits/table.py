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
    race = study.roles.race
    groups = (race.focal, race.reference)
    low = estimands.outcome_gap(posterior, design, race.focal, design.low)
    high = estimands.outcome_gap(posterior, design, race.focal, design.high)
    spreads = {
        f"benefit.sd.{level}": posterior[f"sd_{level}"].to_numpy() for level in study.roles.clusters
    }
    return {
        f"benefit.slope/{race.focal}": estimands.slope(posterior, design, focal=True),
        f"benefit.slope/{race.reference}": estimands.slope(posterior, design, focal=False),
        "benefit.gap": estimands.benefit_gap(posterior, design),
        "benefit.gap.total": estimands.total_benefit_gap(posterior, design, groups),
        "benefit.outcome_gap.low": low,
        "benefit.outcome_gap.high": high,
        "benefit.narrowing": estimands.narrowing(low, high),
        **spreads,
        "benefit.sd.slope": posterior[f"sd_{design.cluster}_slope_0"].to_numpy(),
        "benefit.sd.residual": posterior["sd_residual"].to_numpy(),
    }


def benefit_table(
    draws: dict[str, dict[str, np.ndarray]], designs: dict[str, BenefitDesign], study: Study
) -> pd.DataFrame:
    """Summarize every estimand of every outcome, and the probabilities behind the verdict.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, row, group, estimate, lower, upper, mcse, unit, children, quantity`;
        `row` is the estimand in words. Probabilities have no interval.
    """
    out = []
    for outcome, named in draws.items():
        design = designs[outcome]
        labels, sizes = _labels(study, design), design.rows
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
    draws: dict[str, dict[str, np.ndarray]], designs: dict[str, BenefitDesign], study: Study
) -> dict[str, str]:
    """Verdict on the benefit gap of each outcome, by the declared rule."""
    decided = {}
    for outcome, named in draws.items():
        scaled = named["benefit.gap"] * designs[outcome].exposure_sd
        direction = summarize(scaled, study.analysis.interval_probability).direction
        share = equivalence_share(scaled, study.analysis.practical_equivalence)
        decided[outcome] = verdict(direction, share)
    return decided


def _labels(study: Study, design: BenefitDesign) -> dict[str, str]:
    race = study.roles.race
    return {
        f"benefit.slope/{race.focal}": f"slope, {race.focal}",
        f"benefit.slope/{race.reference}": f"slope, {race.reference}",
        "benefit.gap": f"benefit gap, within {design.cluster}",
        "benefit.gap.total": "benefit gap, total",
        "benefit.outcome_gap.low": "outcome gap at low exposure",
        "benefit.outcome_gap.high": "outcome gap at high exposure",
        "benefit.narrowing": "narrowing of the outcome gap",
        "benefit.sd.classroom": "sd between classrooms",
        "benefit.sd.school": "sd between schools",
        "benefit.sd.slope": f"sd of the slope between {design.cluster}s",
        "benefit.sd.residual": "residual sd",
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
