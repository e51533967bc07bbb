"""Slopes, benefit gaps and outcome gaps: who benefits."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND, verdict
from learning_with_others.benefits.exhibits.sentences import (
    Rows,
    Verdicts,
    after,
    by_finding,
    cautions,
    comparability,
    found,
    in_model,
    low_and_high,
    opportunity,
    same_source,
    sentence_of,
    short,
    two_groups,
    with_more,
)
from learning_with_others.benefits.figures.gaps import draw_benefit_gaps, draw_outcome_gaps
from learning_with_others.benefits.figures.slopes import draw_cluster_slopes, draw_expected_outcomes
from learning_with_others.benefits.summaries import BenefitSummaries
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import group
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED, direction, sign
from learning_with_others.study import Study


@exhibit
def benefits(
    table: pd.DataFrame, bounds: pd.DataFrame, rows: Rows, verdicts: Verdicts, study: Study
) -> Exhibit:
    """Slopes, benefit gaps, outcome gaps and standard deviations.

    Parameters
    ----------
    table : pandas.DataFrame
        From `benefit_table`, with flags.
    bounds : pandas.DataFrame
        From `verdict_table`: the region of practical equivalence on the scale of the slopes.
    rows : mapping of str to pandas.DataFrame
        Rows of each model.
    verdicts : mapping
        On the comparability of measures.
    study : Study
    """
    role, exposure = study.roles.group, study.roles.exposure
    outcomes = list(dict.fromkeys(table["outcome"]))
    notes = comparability(verdicts, study, outcomes) + same_source(study, outcomes)
    title = partial(_benefit_title, study=study, outcomes=outcomes)
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND}"
    return Exhibit(
        name="benefits",
        table=table,
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("children", in_model(rows) & group()),),
        numbers=(
            Number(
                "{quantity}",
                "estimate",
                "{unit}",
                interval=INTERVAL_KIND,
                mcse="mcse",
                score="{score}",
            ),
            Number("{quantity}.missing_information", "missing_information", "share"),
        ),
        plain=("row", "unit", "quantity", "score"),
        title=title,
        sentence=partial(_benefit_sentence, study=study, outcomes=outcomes),
        caption="Slopes, benefit gaps, outcome gaps and standard deviations. A slope is the"
        f" difference in the outcome {with_more(study)}; the benefit gap is the slope of"
        f" {role.focal} minus that of {role.reference} {study.people}. Intervals: {likely}."
        f" {notes}",
        figures=(
            Drawing(
                "benefits",
                partial(
                    draw_benefit_gaps,
                    groups=role.contrast,
                    region=float(bounds["bound_of_slopes"].iloc[0]),
                ),
                alt=after(
                    title,
                    "For each outcome, points with intervals: the slope of"
                    f" {exposure.label} for {role.focal} and for {role.reference} {study.people},"
                    " the benefit gap within clusters and the total gap; a grey band marks the"
                    " region of practical equivalence.",
                ),
                caption=f"Slopes of {exposure.label} for {two_groups(study)}, and the difference"
                f" between the two (the benefit gap), with {likely} intervals. Grey: differences"
                f" too small to matter. {notes}",
            ),
        ),
    )


@exhibit
def outcome_gaps(table: pd.DataFrame, verdicts: Verdicts, study: Study) -> Exhibit:
    """The gap in each outcome where exposure is low and where it is high."""
    role, (low, high) = study.roles.group, low_and_high(study)
    outcomes = list(dict.fromkeys(table["outcome"]))
    title = partial(_outcome_title, study=study, outcomes=outcomes)
    return Exhibit(
        name="outcome-gaps",
        title=title,
        sentence=partial(_outcome_sentence, study=study, outcomes=outcomes),
        caption=f"Outcome of {role.focal} minus that of {role.reference} {study.people} {low} and"
        f" {high}, with {study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals."
        f" {comparability(verdicts, study, outcomes)}",
        figures=(
            Drawing(
                "outcome-gaps",
                partial(draw_outcome_gaps, groups=role.contrast),
                of=table.drop(columns="children"),
                alt=after(
                    title,
                    f"For each outcome, the gap {low} and {high}, with intervals and joined.",
                ),
            ),
        ),
    )


@exhibit
def expected_outcomes(
    summaries: BenefitSummaries, rows: Rows, verdicts: Verdicts, study: Study
) -> Exhibit:
    """Expected outcome of each group from low to high exposure."""
    role, (low, high) = study.roles.group, low_and_high(study)
    outcomes = list(dict.fromkeys(summaries.ends["outcome"]))
    title = partial(_expected_title, study=study, outcomes=outcomes)
    notes = (
        f"everything else at its mean, with {study.analysis.interval_probability:.0%}"
        f" {INTERVAL_KIND} intervals. {comparability(verdicts, study, outcomes)}"
    )
    return Exhibit(
        name="expected-outcomes",
        table=summaries.ends,
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("children", in_model(rows) & group()),),
        numbers=(
            Number(
                "benefit.expected.{exposure}",
                "estimate",
                "outcome sd",
                interval=INTERVAL_KIND,
                mcse="mcse",
            ),
        ),
        plain=("exposure",),
        title=title,
        sentence=partial(_expected_sentence, study=study, outcomes=outcomes),
        caption=f"Expected outcome {low} and {high} within the same cluster, {notes}",
        figures=(
            Drawing(
                "expected-outcomes",
                partial(
                    draw_expected_outcomes,
                    groups=role.contrast,
                    exposure=study.roles.exposure.label,
                ),
                of=summaries.curves,
                alt=after(
                    title,
                    "Lines of the expected outcome from low to high"
                    f" {study.roles.exposure.label}, one for each group, with bands.",
                ),
                caption=f"Expected outcome over the range of {study.roles.exposure.label} within"
                f" the same cluster, {notes}",
            ),
        ),
    )


@exhibit
def cluster_slopes(table: pd.DataFrame, study: Study) -> Exhibit:
    """Slope of every cluster: from its own students, and partially pooled."""
    level, exposure = table["level"].iloc[0], study.roles.exposure.label
    return Exhibit(
        name="cluster-slopes",
        caption=f"Slope of {exposure} in each {level}: from its own {study.people} only (least"
        f" squares, grey), and partially pooled, with {study.analysis.interval_probability:.0%}"
        f" {INTERVAL_KIND} intervals; {level}s under the minimum cell are left out.",
        figures=(
            Drawing(
                "cluster-slopes",
                draw_cluster_slopes,
                of=table,
                alt=f"Slopes differ less between {level}s than their own {study.people} alone"
                " suggest: in order of size, least-squares slopes beside partially pooled ones.",
            ),
        ),
    )


def _benefit_title(records: Records, study: Study, outcomes: list[str]) -> str:
    role, what = study.roles.group, opportunity(study)
    groups = f"{role.focal} {study.people} benefit", f"than {role.reference} {study.people}"
    either = f"{two_groups(study)} benefit equally from {what}"
    findings = {}
    for name in outcomes:
        decided = _verdict(records, name)
        more = sign(records, f"benefit.gap/{name}", more="more", fewer="less")
        findings[name] = {
            "supported": f"{groups[0]} {more} {groups[1]} from {what}",
            "practically none": either,
            "inconclusive": f"Whether {either} remains open",
        }.get(decided, f"Whether {either} is {SUPPRESSED}")
    return by_finding(findings, study)


def _verdict(records: Records, outcome: str) -> str:
    """Decide as the rule does; suppressed without its numbers."""
    likely = found(records, f"benefit.gap.direction/{outcome}")
    share = found(records, f"benefit.gap.rope_share/{outcome}")
    if likely is None or share is None:
        return SUPPRESSED
    return verdict(float(likely.estimate), float(share.estimate))


def _benefit_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    role = study.roles.group
    ids = {name: f"benefit.gap/{name}" for name in outcomes}
    clauses = []
    for name, id_ in ids.items():
        if id_ not in records:
            clauses.append(f"{short(study, name)} {SUPPRESSED}")
            continue
        more = sign(records, id_, more="more", fewer="less")
        compared = f" for {role.focal} than for {role.reference} {study.people}"
        clauses.append(
            f"{short(study, name)} rises {{{{size: {id_}}}}} SD {more}{compared}"
            f" ({{{{probability: {id_}}}}} interval {{{{range: {id_}}}}};"
            f" {_verdict(records, name)})"
        )
    first, *others = clauses
    said = sentence_of([f"{with_more(study)}, {first}", *others])
    return said + cautions(records, ids, study)


def _outcome_title(records: Records, study: Study, outcomes: list[str]) -> str:
    _, high = low_and_high(study)
    between = f"gap between {two_groups(study)}"
    findings = {
        name: direction(
            records,
            f"benefit.narrowing/{name}",
            more=f"The {between} is narrower {high}",
            fewer=f"The {between} is wider {high}",
            same=f"Whether the {between} is narrower {high} remains open",
            unknown=f"The {between} is {SUPPRESSED}",
        )
        for name in outcomes
    }
    return by_finding(findings, study)


def _outcome_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    role, places = study.roles.group, low_and_high(study)
    clauses = []
    for name in outcomes:
        ids = [f"benefit.outcome_gap.{end}/{name}" for end in ("low", "high")]
        ends = [
            f"{{{{size: {id_}}}}} SD {sign(records, id_, more='higher', fewer='lower')} {place}"
            f" ({{{{probability: {id_}}}}} interval {{{{range: {id_}}}}})"
            for id_, place in zip(ids, places, strict=True)
        ]
        clauses.append(
            f"{short(study, name)} of {role.focal} {study.people} is {' and '.join(ends)} than"
            f" that of {role.reference} {study.people}"
        )
    low = {name: f"benefit.outcome_gap.low/{name}" for name in outcomes}
    return sentence_of(clauses) + cautions(records, low, study)


def _expected_title(records: Records, study: Study, outcomes: list[str]) -> str:
    groups, (_, high) = study.roles.group.contrast, low_and_high(study)
    findings = {}
    for name in outcomes:
        ways = {_way(records, name, group_) for group_ in groups}
        if ways == {"rises"}:
            findings[name] = f"For both {two_groups(study)}, outcomes are higher {high}"
        elif ways == {"falls"}:
            findings[name] = f"For both {two_groups(study)}, outcomes are lower {high}"
        elif SUPPRESSED in ways:
            findings[name] = f"Slopes are {SUPPRESSED}"
        else:
            findings[name] = f"Not for both {two_groups(study)} do outcomes clearly differ {high}"
    return by_finding(findings, study)


def _way(records: Records, outcome: str, group_: str) -> str:
    id_ = f"benefit.slope/{outcome}/{group_}"
    return direction(records, id_, more="rises", fewer="falls", same="goes, not clearly,")


def _expected_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    places = low_and_high(study)
    clauses = []
    for name in outcomes:
        ends = [
            f"{_way(records, name, group_)} from"
            f" {{{{number: benefit.expected.low/{name}/{group_}}}}} to"
            f" {{{{number: benefit.expected.high/{name}/{group_}}}}} SD for {group_} {study.people}"
            for group_ in study.roles.group.contrast
        ]
        clauses.append(f"expected {short(study, name)} {' and '.join(ends)}")
    said = "; ".join(clauses)
    return f"From {places[0]} to {places[1]}, {said}."
