"""The decision rule: regions of practical equivalence, and the verdicts."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import (
    DIRECTION_SHOWN,
    INCONCLUSIVE,
    LARGEST_INSIDE,
    LEAST_DIRECTION,
    LEAST_INSIDE,
    NONE,
    SUPPORTED,
)
from learning_with_others.bayes.verdicts_within_reach import POWER
from learning_with_others.benefits.exhibits.sentences import (
    in_plan,
    plan_words,
    planned_finding,
    planned_sentence,
    relation,
    step_unit,
)
from learning_with_others.benefits.exhibits.units import (
    after,
    equivalence_region,
    in_each,
    regions,
    with_units,
)
from learning_with_others.benefits.figures.gaps import draw_equivalence
from learning_with_others.benefits.table import bound_of
from learning_with_others.data.outcome_families import family_of
from learning_with_others.errors import NO_VERDICT
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import (
    cautions,
    found,
    listed,
    short,
)
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED, absent
from learning_with_others.study import Study

OPEN = (DIRECTION_SHOWN, INCONCLUSIVE)
FINDINGS = {
    SUPPORTED: "A benefit gap is supported",
    DIRECTION_SHOWN: "The direction of the benefit gap is shown, its size is open",
    NONE: "The benefit gap is practically none",
    INCONCLUSIVE: "The data do not settle whether there is a benefit gap",
    NO_VERDICT: NO_VERDICT[0].upper() + NO_VERDICT[1:],
}
PROBABILITY = "probability"
REACH = "benefit.verdict"
WITHIN_REACH = ("allowed", "sd", "supported_at", "supported_gap", "none_at_zero")
PROBABILITIES = ("supported_at", "none_at_zero")


@exhibit
def equivalence(table: pd.DataFrame, study: Study) -> Exhibit:
    """Share of the benefit gap in regions of practical equivalence of several widths."""
    outcomes = list(dict.fromkeys(table["outcome"]))
    region = regions(study, outcomes)
    unit = step_unit(study) if isinstance(region, float) else "in the unit of the outcome"
    return Exhibit(
        name="equivalence",
        table=table,
        keys={"outcome": "outcome", "item": "within {bound:g}"},
        numbers=(
            Number("benefit.gap.equivalence", "share", PROBABILITY, mcse="share_mcse"),
            Number(
                "benefit.gap.equivalence.reachable", "reachable", PROBABILITY, mcse="reachable_mcse"
            ),
        ),
        caption=f"Probability that the benefit gap {Population.POOLED.words} lies in the region of"
        " practical equivalence, for several widths of the region, and the largest probability that"
        f" a posterior as wide could reach. Declared: {equivalence_region(study, outcomes)}.",
        figures=(
            Drawing(
                "equivalence",
                partial(draw_equivalence, bound=region, unit=unit),
                alt="Lines of the probability that each benefit gap lies in the region of practical"
                " equivalence, by the region's width, beside the largest probability that could be"
                " reached.",
                caption=f"Probability that the benefit gap {Population.POOLED.words} lies in the"
                " region of practical equivalence, by the region's width (line), and the largest"
                " probability that a posterior as wide could reach (dashed).",
            ),
        ),
    )


@exhibit
def verdict(table: pd.DataFrame, benefits: pd.DataFrame, study: Study) -> Exhibit:
    """The verdict on each benefit gap, with the flags of the gap."""
    gaps = benefits[(benefits["quantity"] == "benefit.gap") & (benefits["group"] == "")]
    flags = gaps.set_index("outcome")["flag"]
    outcomes = in_plan(study, table["outcome"])
    table, unit, plain = with_units(table.assign(flag=table["outcome"].map(flags)), study)
    return Exhibit(
        name="verdict",
        table=table,
        keys={"outcome": "outcome"},
        numbers=(
            Number("benefit.verdict", "verdict", "verdict", score="{score}"),
            Number("benefit.equivalence.bound", "bound", unit),
            *(
                Number(
                    f"{REACH}.{column}",
                    column,
                    PROBABILITY if column in PROBABILITIES else unit,
                    mcse=f"{column}_mcse",
                )
                for column in WITHIN_REACH
            ),
        ),
        plain=("score", *plain),
        title=partial(_title, study=study, outcomes=outcomes),
        sentence=partial(_sentence, study=study, outcomes=outcomes),
        caption=f"Verdict on each benefit gap {Population.POOLED.words}, by the rule fixed before"
        " the data were seen, with the region of practical equivalence"
        f" {equivalence_region(study, outcomes)} (bound); the"
        " largest gap that the interval allows (allowed); and what a posterior of this standard"
        " deviation could have concluded: the probability that a true gap of twice the bound is"
        f" called supported (supported_at), the true gap for which it is {POWER:.0%}"
        " (supported_gap), and the probability that no gap at all is called practically none"
        " (none_at_zero)."
        f"{plan_words(study, len(table))}{relation(study)}",
    )


def _title(records: Records, study: Study, outcomes: list[str]) -> str:
    verdicts = {name: found(records, f"benefit.verdict/{name}") for name in outcomes}
    findings = {
        name: FINDINGS[str(one.estimate)] if one else f"The verdict is {SUPPRESSED}"
        for name, one in verdicts.items()
    }
    return planned_finding(findings, study)


def _sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    shown = [name for name in outcomes if f"benefit.gap.direction/{name}" in records]
    clauses = {
        name: f"{short(study, name)} {absent(records, f'benefit.gap.direction/{name}')}"
        for name in outcomes
    }
    clauses |= {name: _clause(records, name, study, whole=name == shown[0]) for name in shown}
    said = planned_sentence(clauses, study, Population.POOLED)
    caution = cautions(records, {name: f"benefit.verdict/{name}" for name in outcomes}, study)
    unsettled = [name for name in outcomes if _is_open(records, name)]
    if not unsettled:
        return said + caution
    return (
        f"{said} A gap would have been supported with a probability of at least"
        f" {LEAST_DIRECTION:.1%} for its direction and under {LARGEST_INSIDE:.0%} for being too"
        f" small to matter, and practically none with at least {LEAST_INSIDE:.0%} for being too"
        f" small. {_within_reach(_in_front(unsettled, study), study)}{caution}"
    )


def _in_front(outcomes: list[str], study: Study) -> list[str]:
    """Take the primary comparison alone where one was named: the table has the others."""
    primary = study.analysis.primary
    return [primary] if primary in outcomes else outcomes


def _within_reach(outcomes: list[str], study: Study) -> str:
    """Say the largest gaps that remain possible, and what this design could have concluded."""

    def each(kind: str, column: str) -> str:
        units = {name: "" if kind == "percent" else after(study, name) for name in outcomes}
        return listed(
            f"{{{{{kind}: {REACH}.{column}/{name}}}}}{units[name]} ({short(study, name)})"
            for name in outcomes
        )

    double = {name: 2 * bound_of(family_of(study, name), study) for name in outcomes}
    return (
        "In either direction, intervals allow gaps at these shares of up to"
        f" {each('number', 'allowed')}. With this design, a true gap at these shares of"
        f" {in_each(study, double)} would be called supported with a probability of"
        f" {each('percent', 'supported_at')}; {POWER:.0%} needs a gap of"
        f" {each('number', 'supported_gap')}. No gap at these shares would be called practically"
        f" none with a probability of {each('percent', 'none_at_zero')}."
    )


def _is_open(records: Records, outcome: str) -> bool:
    verdict = found(records, f"benefit.verdict/{outcome}")
    return verdict is not None and verdict.estimate in OPEN


def _clause(records: Records, outcome: str, study: Study, *, whole: bool) -> str:
    """Give both probabilities; in words, or as short as they are after a whole clause."""
    if not whole:
        reach = f" (at most {{{{percent: benefit.gap.rope_reachable/{outcome}}}}})"
        return (
            f"{short(study, outcome)}: {{{{percent: benefit.gap.direction/{outcome}}}}} and"
            f" {{{{percent: benefit.gap.rope_share/{outcome}}}}}"
            + (reach if _is_open(records, outcome) else "")
        )
    said = (
        f"{short(study, outcome)}: the probability that the gap has the estimated direction is"
        f" {{{{percent: benefit.gap.direction/{outcome}}}}}, and the probability that it is too"
        " small to matter (within"
        f" ±{{{{number: benefit.equivalence.bound/{outcome}}}}}{after(study, outcome)}) is"
        f" {{{{percent: benefit.gap.rope_share/{outcome}}}}}"
    )
    reach = f" (at most {{{{percent: benefit.gap.rope_reachable/{outcome}}}}} was within reach)"
    return said + (reach if _is_open(records, outcome) else "")
