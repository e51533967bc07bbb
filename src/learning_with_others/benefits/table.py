"""The benefit estimands of every outcome as one table, and their verdicts."""

from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.bayes.families.family import OUTCOME_SD, Family
from learning_with_others.bayes.outcome_weaknesses import outcome_weaknesses
from learning_with_others.bayes.outcomes import Outcome
from learning_with_others.bayes.summary import (
    Summary,
    equivalence_share,
    error_through,
    false_call_rate,
    probability_error,
    reachable_equivalence_share,
    summarize_pooled,
    verdict,
)
from learning_with_others.bayes.verdicts_within_reach import (
    end_error,
    none_probability,
    support_probability,
    supported_gap,
)
from learning_with_others.errors import NO_VERDICT
from learning_with_others.models import estimands
from learning_with_others.models.average_slopes import LATENT
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit, with_attenuation
from learning_with_others.models.flagged import with_flags_added
from learning_with_others.study import StudyDesign

ROPE_WIDTHS = np.arange(0.05, 0.201, 0.025)


def benefit_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Summarize every estimand of every outcome, and the probabilities behind the verdict.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, row, group, estimate, lower, upper, mcse, missing_information, unit,
        children, quantity, score`; `row` is the estimand in words. Probabilities have no
        interval.
    """
    out = []
    for outcome, found in fits.items():
        design = found.design
        for key, values in found.draws.items():
            quantity, _, group = key.partition("/")
            pooled = summarize_pooled(values, study.analysis.interval_probability, found.weights)
            out.append(
                {
                    "outcome": outcome,
                    "row": row_words(quantity, group, design),
                    "group": group,
                    "estimate": pooled.summary.mean,
                    "lower": pooled.summary.lower,
                    "upper": pooled.summary.upper,
                    "mcse": pooled.summary.mcse,
                    "missing_information": pooled.missing_information,
                    "unit": unit_of(quantity, found.design.family),
                    "children": _children(group, design),
                    "quantity": quantity,
                    "score": found.score,
                }
            )
        out.extend(_probabilities(outcome, found, study))
    numbers = ["mcse", "lower", "upper", "missing_information", "children"]
    return pd.DataFrame(out).astype(dict.fromkeys(numbers, float))


def diagnosis_table(fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Worst diagnostics of each outcome's fits, the engine and what the rows leave to priors."""
    return pd.DataFrame(
        [
            {
                "outcome": outcome,
                "engine": found.about["engine"],
                "method": found.about["method"],
                "because": found.about["engine_reason"],
                "score": found.score,
                "fits": len(found.draws["benefit.gap"]),
                **{name: value for name, value, _ in found.diagnosis.as_records()},
                "weaknesses": found.about["weaknesses"],
                "flag": found.diagnosis.flag or "",
            }
            for outcome, found in fits.items()
        ]
    )


def equivalence_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Share of the benefit gap in regions of practical equivalence from half to twice as wide.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, bound` (outcome SD for one SD of the exposure, or for the contrast of one
        that has two values)`, share, share_mcse, reachable, reachable_mcse`: the largest share that
        a posterior this wide can have.
    """
    rows = []
    for outcome, found in fits.items():
        gap = summarized_gap(found, study)
        size = gap.effective_size
        for bound in ROPE_WIDTHS * (
            bound_of(found.design.family, study) / study.analysis.practical_equivalence
        ):
            share = equivalence_share(found.draws["benefit.gap"], bound, found.weights)
            reachable = partial(reachable_equivalence_share, bound=bound)
            rows.append(
                {
                    "outcome": outcome,
                    "bound": round(float(bound), 4),
                    "share": share,
                    "share_mcse": probability_error(share, size),
                    "reachable": reachable(gap.sd),
                    "reachable_mcse": error_through(reachable, gap.sd, size),
                }
            )
    return with_attenuation(pd.DataFrame(rows), fits)


def verdict_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Verdict on the benefit gap of each outcome by the declared rule, and which were in reach.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, verdict, bound` (half-width of the region of practical equivalence)`,
        allowed` (the largest gap that the interval holds, in either direction)`, sd` (of the
        posterior)`, supported_at` (probability of *supported* at a true gap of twice the bound)`,
        supported_gap` (the true gap for which it is .8)`, none_at_zero` (probability of
        *practically none* without a gap)`, score`, and the Monte Carlo errors of all of these.
    """
    likely = study.analysis.interval_probability
    rows = []
    for outcome, found in fits.items():
        gap, bound = summarized_gap(found, study), bound_of(found.design.family, study)
        share = equivalence_share(found.draws["benefit.gap"], bound, found.weights)
        size = gap.effective_size
        within_reach = {
            "sd": lambda sd: sd,
            "supported_at": partial(support_probability, 2 * bound, bound=bound),
            "supported_gap": partial(supported_gap, bound=bound),
            "none_at_zero": partial(none_probability, bound=bound),
        }
        rows.append(
            {
                "outcome": outcome,
                "verdict": NO_VERDICT if found.diagnosis.flag else verdict(gap.direction, share),
                "bound": bound,
                "allowed": max(abs(gap.lower), abs(gap.upper)),
                "allowed_mcse": end_error(gap.sd, size, likely),
                **{name: of(gap.sd) for name, of in within_reach.items()},
                **{
                    f"{name}_mcse": error_through(of, gap.sd, size)
                    for name, of in within_reach.items()
                },
                "score": found.score,
            }
        )
    return pd.DataFrame(rows)


def with_failures(table: pd.DataFrame, fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Add to each row's flag that the fit of its outcome failed; unchanged where none did."""
    failures = {name: fit.diagnosis.flag for name, fit in fits.items()}
    return with_flags_added(table, map(failures.get, table["outcome"]))


def model_sizes(fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Rows of the two groups in each outcome's model: columns `outcome, group, rows`."""
    return pd.DataFrame(
        [
            {"outcome": outcome, "group": group, "rows": found.design.sizes[group]}
            for outcome, found in fits.items()
            for group in (found.design.focal, found.design.reference)
        ]
    )


def model_clusters(fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Clusters of each model: columns `outcome, level, clusters, both_groups`."""
    return pd.DataFrame(
        [
            {"outcome": outcome, "level": level, "clusters": clusters, "both_groups": both}
            for outcome, found in fits.items()
            for level, (both, clusters) in found.design.clusters_with_both.items()
        ]
    )


def summarized_gap(found: BenefitFit, study: StudyDesign) -> Summary:
    """Summarize the gap: for one sd of the exposure, or for its contrast."""
    likely = study.analysis.interval_probability
    return summarize_pooled(found.draws["benefit.gap"], likely, found.weights).summary


def outcome_flag(found: BenefitFit) -> str:
    """Name outliers, yes or no taken for a number, and separation, in a fit's outcome."""
    frame = found.frame
    odd = outcome_weaknesses(Outcome(frame.outcome, frame.categories))
    return "; ".join([*odd, *frame.family.weaknesses(frame)])


def unit_of(quantity: str, family: Family) -> str:
    """Name the unit of an estimand: that of the expected outcome, or of the linear predictor."""
    latent = quantity in LATENT or quantity.startswith("benefit.sd.")
    return family.latent_unit if latent else family.scale_unit


def bound_of(family: Family, study: StudyDesign) -> float:
    """Half-width of the region of practical equivalence for one sd of the exposure."""
    own = family.practical_equivalence
    return study.analysis.practical_equivalence if own is None else own


def _children(group: str, design: BenefitDesign) -> int:
    groups = (group,) if group else (design.focal, design.reference)
    return sum(design.sizes[each] for each in groups)


def row_words(quantity: str, group: str, design: BenefitDesign) -> str:
    """Name an estimand."""
    cluster = design.place
    words = {
        "benefit.slope": f"slope, {group}",
        "benefit.slope.own": f"slope, {group}",
        "benefit.gap": f"benefit gap, within {cluster}",
        "benefit.gap.total": f"total benefit gap, within {cluster}",
        "benefit.gap.shared": f"benefit gap, within {cluster}",
        "benefit.latent.slope": f"slope in {design.family.latent_unit}, {group}",
        "benefit.latent.gap": f"benefit gap in {design.family.latent_unit}, within {cluster}",
        "benefit.contextual": f"contextual effect of the {cluster} mean",
        "benefit.outcome_gap.low": "outcome gap at low exposure",
        "benefit.outcome_gap.high": "outcome gap at high exposure",
        "benefit.narrowing": "narrowing of the outcome gap",
        "benefit.sd.classroom": "sd between classrooms",
        "benefit.sd.school": "sd between schools",
        "benefit.sd.slope": f"sd of the slope between {design.cluster}s",
        "benefit.sd.residual": "residual sd",
    }[quantity]
    if quantity == "benefit.gap" and group:
        words = f"{words}, {group}"
    return words


def _probabilities(outcome: str, found: BenefitFit, study: StudyDesign) -> list[dict[str, object]]:
    gap, bound = summarized_gap(found, study), bound_of(found.design.family, study)
    own = found.design.family.scale_unit
    unit = "SD" if own == OUTCOME_SD else own
    size, region = gap.effective_size, f"±{bound:.2f} {unit}, the region of practical equivalence"
    reachable = partial(reachable_equivalence_share, bound=bound)
    false_calls = partial(false_call_rate, bound=bound)
    share = equivalence_share(found.draws["benefit.gap"], bound, found.weights)
    turned = estimands.sign_change(
        found.draws["benefit.outcome_gap.low"],
        found.draws["benefit.outcome_gap.high"],
        found.weights,
    )
    values = {
        "benefit.gap.direction": (
            "probability of the gap's direction",
            gap.direction,
            probability_error(gap.direction, size),
        ),
        "benefit.gap.rope_share": (
            f"share of the gap within {region}",
            share,
            probability_error(share, size),
        ),
        "benefit.gap.rope_reachable": (
            f"largest share within ±{bound:.2f} {unit} that a posterior this wide can reach",
            reachable(gap.sd),
            error_through(reachable, gap.sd, size),
        ),
        "benefit.gap.false_call_rate": (
            "rate of calling a gap supported where there is none, if errors are normal and alike",
            false_calls(gap.sd),
            error_through(false_calls, gap.sd, size),
        ),
        "benefit.sign_change": (
            "probability that the outcome gap changes sign",
            turned,
            probability_error(turned, size),
        ),
    }
    return [
        {
            "outcome": outcome,
            "row": label,
            "group": "",
            "estimate": value,
            "mcse": error,
            "unit": "probability",
            "children": _children("", found.design),
            "quantity": quantity,
            "score": found.score,
        }
        for quantity, (label, value, error) in values.items()
    ]
