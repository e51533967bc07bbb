"""The decision rule: regions of practical equivalence, and the verdicts."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import LARGEST_INSIDE, LEAST_DIRECTION, LEAST_INSIDE
from learning_with_others.benefits.figures.gaps import draw_equivalence
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import by_finding, cautions, found, sentence_of, short
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

OPEN = "inconclusive"
FINDINGS = {
    "supported": "A benefit gap is supported",
    "practically none": "The benefit gap is practically none",
    OPEN: "The data do not settle whether there is a benefit gap",
}
SD_PER_SD = "outcome sd per exposure sd"


@exhibit
def equivalence(table: pd.DataFrame, study: Study) -> Exhibit:
    """Share of the benefit gap in regions of practical equivalence of several widths."""
    region = study.analysis.practical_equivalence
    probability = "probability"
    return Exhibit(
        name="equivalence",
        table=table,
        keys={"outcome": "outcome", "item": "within {bound:g}"},
        numbers=(
            Number("benefit.gap.equivalence", "share", probability, mcse="share_mcse"),
            Number(
                "benefit.gap.equivalence.reachable", "reachable", probability, mcse="reachable_mcse"
            ),
        ),
        caption="Probability that the benefit gap lies in the region of practical equivalence, for"
        " several widths of the region (outcome SD for one SD of the exposure), and the largest"
        " probability that a posterior as wide could reach.",
        figures=(
            Drawing(
                "equivalence",
                partial(draw_equivalence, bound=region),
                alt="Lines of the probability that each benefit gap lies in the region of practical"
                " equivalence, by the region's width, beside the largest probability that could be"
                " reached.",
                caption="Probability that the benefit gap lies in the region of practical"
                " equivalence, by the region's width (line), and the largest probability that a"
                " posterior as wide could reach (dashed).",
            ),
        ),
    )


@exhibit
def verdict(table: pd.DataFrame, benefits: pd.DataFrame, study: Study) -> Exhibit:
    """The verdict on each benefit gap, with the flags of the gap."""
    gaps = benefits[(benefits["quantity"] == "benefit.gap") & (benefits["group"] == "")]
    flags = gaps.set_index("outcome")["flag"]
    outcomes = list(table["outcome"])
    return Exhibit(
        name="verdict",
        table=table.assign(flag=table["outcome"].map(flags)),
        keys={"outcome": "outcome"},
        numbers=(
            Number("benefit.verdict", "verdict", "verdict", score="{score}"),
            Number("benefit.equivalence.bound", "bound", SD_PER_SD),
            Number("benefit.equivalence.bound_of_slopes", "bound_of_slopes", "outcome sd"),
        ),
        plain=("score",),
        title=partial(_title, study=study, outcomes=outcomes),
        sentence=partial(_sentence, study=study, outcomes=outcomes),
        caption="Verdict on each benefit gap by the rule fixed before the data were seen. The"
        " half-width of the region of practical equivalence is given for one standard deviation of"
        " the exposure, as declared, and on the scale of the slopes.",
    )


def _title(records: Records, study: Study, outcomes: list[str]) -> str:
    verdicts = {name: found(records, f"benefit.verdict/{name}") for name in outcomes}
    return by_finding(
        {
            name: FINDINGS[str(one.estimate)] if one else f"The verdict is {SUPPRESSED}"
            for name, one in verdicts.items()
        },
        study,
    )


def _sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    shown = [name for name in outcomes if f"benefit.gap.direction/{name}" in records]
    clauses = {name: f"{short(study, name)} {SUPPRESSED}" for name in outcomes}
    clauses |= {name: _clause(records, name, study, whole=name == shown[0]) for name in shown}
    said = sentence_of(clauses.values())
    caution = cautions(records, {name: f"benefit.verdict/{name}" for name in outcomes}, study)
    if not any(_is_open(records, name) for name in outcomes):
        return said + caution
    return (
        f"{said} A gap would have been supported with a probability of at least"
        f" {LEAST_DIRECTION:.1%} for its direction and under {LARGEST_INSIDE:.0%} for being too"
        f" small to matter, and practically none with at least {LEAST_INSIDE:.0%} for being too"
        f" small.{caution}"
    )


def _is_open(records: Records, outcome: str) -> bool:
    verdict = found(records, f"benefit.verdict/{outcome}")
    return verdict is not None and verdict.estimate == OPEN


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
        f" ±{{{{number: benefit.equivalence.bound_of_slopes/{outcome}}}}} SD) is"
        f" {{{{percent: benefit.gap.rope_share/{outcome}}}}}"
    )
    reach = f" (at most {{{{percent: benefit.gap.rope_reachable/{outcome}}}}} was within reach)"
    return said + (reach if _is_open(records, outcome) else "")
