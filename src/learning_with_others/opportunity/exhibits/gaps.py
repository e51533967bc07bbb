"""Exhibits of gaps in opportunity: how large, for whom, and where they arise."""

from functools import partial

import pandas as pd

from learning_with_others.data.measures.opportunities import (
    LATENT,
    NUMBER,
    RAW,
    Measure,
    opportunity_measures,
)
from learning_with_others.data.measures.release_columns import ENDS
from learning_with_others.data.measures.release_columns import WORDS as RELEASES
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    compared,
    group,
    has,
    has_any,
    named_group,
    of_grade,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.opportunity.exhibits.answers_and_places import design_interval
from learning_with_others.opportunity.exhibits.differences import (
    POINTS,
    Difference,
    attended,
    caution,
    in_sentence,
    mark,
    within,
)
from learning_with_others.opportunity.figures.gaps import (
    draw_decomposition,
    draw_gaps,
    draw_quantile_gaps,
)
from learning_with_others.opportunity.gaps.claimed import INTERVAL_KIND, OVERALL
from learning_with_others.opportunity.gaps.decomposition import ADDITIVE, TOTAL
from learning_with_others.opportunity.gaps.pairwise import INTERVAL_KIND as PAIR_INTERVAL
from learning_with_others.opportunity.gaps.partially_pooled import pooled_measures
from learning_with_others.opportunity.gaps.quantiles import INTERVAL_KIND as QUANTILE_INTERVAL
from learning_with_others.study import Study

CREDIBLE = "equal-tailed credible"


def with_value(values: pd.DataFrame, study: Study) -> Whom:
    """Those with the measure that the row names, scored as it says."""
    student = study.roles.student
    drawn = values.set_index(student).drop(columns=NUMBER).notna().groupby(level=0).all()

    def rule(row, table, _):  # noqa: ANN001, ANN202 - a rule of Whom
        if row.get("score", RAW) == LATENT:
            return table[student].map(drawn[row["measure"]]).eq(other=True)
        return table[row["measure"]].notna()

    return Whom(rule)


def _both_groups(values: pd.DataFrame, study: Study, grade: str) -> tuple[Count, Count]:
    """Counts of the focal and the reference group with a value."""
    focal, reference = study.roles.group.contrast
    whom = of_grade(grade) & with_value(values, study)
    return (
        Count("children_focal", whom & named_group(focal)),
        Count("children_reference", whom & named_group(reference)),
    )


def _gap_of_exposure(gaps: pd.DataFrame, study: Study) -> Difference:
    """The main gap: in the exposure, latent where it was drawn."""
    exposure = study.roles.exposure
    mine = gaps.loc[gaps["measure"] == exposure.name, "score"]
    score = LATENT if (mine == LATENT).any() else RAW
    category, label = exposure.varies_by == "classroom", in_sentence(exposure.label)
    return Difference(
        study,
        f"opportunity.gap/{exposure.name}/{score}, {OVERALL}",
        more=f"are more often in a {exposure.label}"
        if category
        else f"report more {exposure.label}",
        fewer=f"are less often in a {exposure.label}"
        if category
        else f"report less {exposure.label}",
        about=f"how often they are in a {label}" if category else label,
        unit=POINTS if category else "SD",
    )


@exhibit
def opportunity_gaps(
    gaps: pd.DataFrame, pooled: pd.DataFrame, values: pd.DataFrame, study: Study, grade: str
) -> list[Exhibit]:
    """Gaps in every opportunity, overall, within schools and partially pooled."""
    contrast = study.roles.group.difference
    main = _gap_of_exposure(gaps, study)
    of_shares = study.roles.exposure.varies_by == "classroom"
    observed_only = (gaps["kind"] == "category").all()
    chosen = [measure.name for measure in pooled_measures(opportunity_measures(study))]
    return [
        Exhibit(
            name="opportunity-gaps",
            table=gaps,
            keys={"outcome": "measure", "item": "{score}, {scope}"},
            counts=_both_groups(values, study, grade),
            numbers=(
                Number(
                    "opportunity.gap",
                    "estimate",
                    "SD or share points",
                    interval=INTERVAL_KIND,
                    mcse="mcse",
                    closed_form="ratio" if of_shares else "",
                ),
                Number("opportunity.gap.p", "p", "p-value", mcse="p_mcse"),
                Number("opportunity.gap.p_holm", "p_holm", "p-value", mcse="p_holm_mcse"),
                Number("opportunity.gap.clusters", "clusters", "clusters"),
                *(Number(f"opportunity.gap.{end}", end, "SD") for end in ENDS if end in gaps),
            ),
            plain=("label", "kind", "unit", "verdict"),
            title=main.title,
            sentence=main.sentence,
            caption=f"{contrast} in every opportunity, in pooled within-group SD (for a category,"
            " as a difference between shares), overall and within schools. Holm's p-values are"
            " adjusted for the number of elements, separately for each scope and score; latent"
            " gaps rest on plausible values."
            f" Intervals: {INTERVAL_KIND}.{RELEASES if ENDS[0] in gaps else ''}{attended(study)}",
            figures=(
                Drawing(
                    "opportunity-gaps",
                    partial(draw_gaps, pooled=pooled, contrast=contrast),
                    alt=partial(_gaps_alt, main=main),
                    caption=f"{contrast} in every opportunity"
                    + ("" if observed_only else ", and whether its levels can be compared between")
                    + ("" if observed_only else " groups")
                    + f". Intervals: {INTERVAL_KIND}"
                    + (f"; partially pooled: {CREDIBLE}" if len(pooled) else "")
                    + f".{attended(study)}",
                ),
            ),
        ),
        Exhibit(
            name="opportunity-gaps-pooled",
            table=pooled,
            keys={"outcome": "measure", "item": "kind"},
            counts=(Count("children", compared() & of_grade(grade) & has(*chosen)),),
            numbers=(
                Number("opportunity.gap.pooled", "estimate", "SD", interval=CREDIBLE, mcse="mcse"),
            ),
            plain=("label", "score", "verdict"),
            caption=f"{contrast} in every element, estimated alone and partially pooled (in one"
            " multilevel model of all elements), in pooled within-group SD. The model has random"
            " intercepts of classrooms and schools, so the pooled gap is close to the gap within"
            " classrooms. Intervals:"
            f" {CREDIBLE}.",
        ),
    ]


def _gaps_alt(records: Records, main: Difference) -> str:
    return (
        f"{main.title(records)}. Points with intervals for the gap in every opportunity: overall,"
        " within schools, latent and partially pooled, with verdicts on comparability."
    )


@exhibit
def quantile_gaps(
    gaps: pd.DataFrame, values: pd.DataFrame, study: Study, grade: str
) -> Exhibit | None:
    """Gaps at the low, the middle and the high end of every opportunity."""
    if gaps.empty:
        return None
    contrast = study.roles.group.difference
    return Exhibit(
        name="quantile-gaps",
        table=gaps,
        keys={"outcome": "measure", "item": "quantile {quantile:.2f}"},
        counts=_both_groups(values, study, grade),
        numbers=(
            Number(
                "opportunity.gap.quantile",
                "estimate",
                "SD",
                interval=QUANTILE_INTERVAL,
                mcse="mcse",
            ),
        ),
        plain=("label", "verdict"),
        caption=f"{contrast} at five quantiles of every opportunity, in pooled within-group SD."
        f" Intervals: {QUANTILE_INTERVAL}.",
        figures=(
            Drawing(
                "quantile-gaps",
                partial(draw_quantile_gaps, contrast=contrast),
                alt="Points with intervals for the gap at five quantiles, a panel for each"
                " opportunity.",
                caption=f"{contrast} at the low, middle and high end of every opportunity, in"
                f" pooled within-group SD. Intervals: {QUANTILE_INTERVAL}.",
            ),
        ),
    )


@exhibit
def pairwise_gaps(
    gaps: pd.DataFrame, measures: list[Measure], study: Study, grade: str
) -> Exhibit | None:
    """Every pair of groups, as description."""
    if gaps.empty:
        return None
    whom = of_grade(grade) & has_any(*(measure.name for measure in measures))
    closed = partial(Number, closed_form="ratio")
    return Exhibit(
        name="pairwise-gaps",
        table=gaps,
        keys={"outcome": "measure", "item": "{first} minus {second}"},
        counts=(
            Count("children_first", whom & group("first")),
            Count("children_second", whom & group("second")),
        ),
        numbers=(
            closed(
                "opportunity.gap.pairwise",
                "hedges_g",
                "Hedges g",
                interval=PAIR_INTERVAL,
                lower="g_lower",
                upper="g_upper",
            ),
            closed("opportunity.gap.pairwise.difference", "difference", "score points or share"),
            closed("opportunity.gap.pairwise.welch_t", "welch_t", "t"),
            closed("opportunity.gap.pairwise.welch_df", "welch_df", "degrees of freedom"),
            closed("opportunity.gap.pairwise.welch_p", "welch_p", "p-value"),
            closed("opportunity.gap.pairwise.games_howell_p", "games_howell_p", "p-value"),
        ),
        plain=("label", "role", "verdict"),
        caption="Difference between every pair of groups. All pairs but the first are exploratory;"
        f" {study.people} are treated as independent, so that intervals are too narrow. Intervals"
        f" of Hedges' g: {study.in_words(PAIR_INTERVAL)}.",
    )


@exhibit
def decomposition(
    split: pd.DataFrame, values: pd.DataFrame, in_grade: pd.DataFrame, study: Study, grade: str
) -> Exhibit:
    """Where the gap arises: between schools, between classrooms, or within them."""
    contrast, interval = study.roles.group.difference, design_interval(in_grade, study)
    of_shares = study.roles.exposure.varies_by == "classroom"
    unit = "pooled within-group SD" + (" (a category: share points)" if of_shares else "")
    named = "opportunity.gap." + split["split"].str.replace(" ", "_") + "."
    named = named.str.replace(f".{ADDITIVE}.", ".", regex=False)
    named = (named + split["part"].str.replace(" ", "_")).str.replace("total.total", TOTAL)
    words = partial(_split_words, main=_gap_of_exposure(split, study), split=split)
    return Exhibit(
        name="decomposition",
        table=split.assign(record=named),
        keys={"outcome": "measure", "item": "score"},
        counts=_both_groups(values, study, grade),
        numbers=(
            Number(
                "{record}",
                "estimate",
                "{unit}",
                interval=interval,
                mcse="mcse",
                closed_form="ratio" if of_shares else "",
            ),
            Number("{record}.units_with_both", "units_with_both", "schools or classrooms"),
        ),
        plain=("label", "split", "part", "unit", "verdict", "record"),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"{contrast} in every opportunity, split in two ways, in {unit}, and the number"
        f" of schools or classrooms with {study.people} of both groups. Intervals: {interval}."
        f"{attended(study)}",
        figures=(
            Drawing(
                "decomposition",
                partial(draw_decomposition, contrast=contrast),
                alt=words,
                caption=f"{contrast}: the whole gap and its parts between schools, between"
                " classrooms and within, by the additive and the fixed-effects split, in"
                f" {unit}. Intervals: {interval}.",
            ),
        ),
    )


def _split_words(
    records: Records, main: Difference, split: pd.DataFrame, *, sentence: bool = False
) -> str:
    """Say where most of the gap in the exposure arises, as far as there is one."""
    exposure, score = main.id.split("/")[1], main.id.split("/")[2].split(",")[0]
    parts = {
        part: f"opportunity.gap.{part.replace(' ', '_')}/{exposure}/{score}"
        for part in dict.fromkeys(split.loc[split["split"] == ADDITIVE, "part"])
    }
    total = f"opportunity.gap.total/{exposure}/{score}"
    role = main.study.roles.exposure
    label = in_sentence(role.label)
    name = f"access to a {label}" if role.varies_by == "classroom" else label
    if not all(id_ in records for id_ in (total, *parts.values())):
        return f"Where the gap in {name} arises is (suppressed)" + "." * sentence
    whole = records[total]
    clear = whole.lower is not None and whole.lower * whole.upper > 0
    largest = max(parts, key=lambda part: abs(records[parts[part]].estimate))
    if not sentence:
        if not clear:
            return f"The gap in {name} is not clear enough to say where it arises"
        return f"The gap in {name} arises mostly {largest}"
    kind, ends = ("points", "points_interval") if main.unit == POINTS else ("number", "interval")
    places = [
        f"{mark(kind, id_)} {main.unit} {part} ({within(id_, ends)})" for part, id_ in parts.items()
    ]
    return (
        f"The gap in {name} ({main.study.roles.group.difference}) is {mark(kind, total)}"
        f" {main.unit}. It is the sum of {', '.join(places[:-1])} and {places[-1]}."
        f"{caution(records, total)}"
    )
