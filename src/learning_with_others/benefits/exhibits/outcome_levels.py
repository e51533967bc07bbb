"""Expected outcomes of both groups, and the gap between them, where exposure is low and high."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.benefits.exhibits.sentences import (
    comparability,
    high,
    in_each_arm,
    low_and_high,
    qualified,
    relation,
)
from learning_with_others.benefits.exhibits.units import after as after_number
from learning_with_others.benefits.exhibits.units import axis_words, expected, subject, with_units
from learning_with_others.benefits.figures.gaps import draw_outcome_gaps
from learning_with_others.benefits.figures.slopes import draw_expected_outcomes
from learning_with_others.benefits.summaries import BenefitSummaries
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import group
from learning_with_others.exhibits.phrases import (
    Rows,
    after,
    by_finding,
    cautions,
    in_model,
    sentence_of,
    short,
    two_groups,
)
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import absent, direction, sign
from learning_with_others.models.comparability import Verdicts
from learning_with_others.study import Study

UNCLEAR = "does not clearly change"
COMPARED = {
    "rises": "higher",
    "falls": "lower",
    UNCLEAR: "not clearly different",
}


@exhibit
def outcome_gaps(table: pd.DataFrame, verdicts: Verdicts, study: Study) -> Exhibit:
    """The gap in each outcome where exposure is low and where it is high."""
    role, (low, then) = study.roles.group, low_and_high(study)
    outcomes = list(dict.fromkeys(table["outcome"]))
    title = partial(_outcome_title, study=study, outcomes=outcomes)
    return Exhibit(
        name="outcome-gaps",
        title=title,
        sentence=partial(_outcome_sentence, study=study, outcomes=outcomes),
        caption=f"Outcome of {role.focal} minus that of {role.reference} {study.people} {low} and"
        f" {then}, with {study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals,"
        f" {Population.POOLED.words}. {comparability(verdicts, study, outcomes)}{relation(study)}",
        figures=(
            Drawing(
                "outcome-gaps",
                partial(
                    draw_outcome_gaps,
                    groups=role.contrast,
                    unit=axis_words(study, outcomes, "({})"),
                    exposures=tuple(
                        place.removeprefix("where ").replace("after assignment", "assigned")
                        for place in low_and_high(study)
                    )
                    if study.roles.exposure.varies_by == "classroom"
                    else None,
                ),
                of=table.drop(columns="children"),
                alt=after(
                    title,
                    f"For each outcome, points with intervals for the gap {low} and {then}, joined"
                    " by a line.",
                ),
            ),
        ),
    )


@exhibit
def expected_outcomes(
    summaries: BenefitSummaries, rows: Rows, verdicts: Verdicts, study: Study
) -> Exhibit:
    """Expected outcome of each group from low to high exposure."""
    role, (low, then) = study.roles.group, low_and_high(study)
    outcomes = list(dict.fromkeys(summaries.ends["outcome"]))
    table, unit, plain = with_units(in_each_arm(summaries.ends, rows, study), study)
    exposure = study.roles.exposure.label
    if study.roles.exposure.assigned:
        exposure = "class type assigned at entry"
    over = "in each level" if study.roles.exposure.varies_by == "classroom" else "over the range"
    title = partial(_expected_title, study=study, outcomes=outcomes)
    notes = (
        f"{Population.POOLED.words} and everything else at its mean, with"
        f" {study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals."
        f" {comparability(verdicts, study, outcomes)}{relation(study)}"
    )
    return Exhibit(
        name="expected-outcomes",
        table=table,
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("children", in_model(rows) & group()),),
        numbers=(
            Number(
                "benefit.expected.{exposure}",
                "estimate",
                unit,
                interval=INTERVAL_KIND,
                mcse="mcse",
            ),
        ),
        plain=("exposure", *plain),
        title=title,
        sentence=partial(_expected_sentence, study=study, outcomes=outcomes),
        caption=f"Expected outcome {low} and {then} within the same cluster, {notes}",
        figures=(
            Drawing(
                "expected-outcomes",
                partial(
                    draw_expected_outcomes,
                    groups=role.contrast,
                    exposure=exposure,
                    unit=axis_words(study, outcomes, "{}"),
                ),
                of=summaries.curves,
                alt=after(
                    title,
                    f"Lines of the expected outcome {over} of {exposure},"
                    " one for each group, with bands.",
                ),
                caption=f"Expected outcome {over} of {exposure} within the same cluster, {notes}",
            ),
        ),
    )


def _outcome_title(records: Records, study: Study, outcomes: list[str]) -> str:
    where = high(study)
    between = f"gap between {two_groups(study)}"
    findings = {
        name: direction(
            records,
            f"benefit.narrowing/{name}",
            more=f"The {between} is narrower {where}",
            fewer=f"The {between} is wider {where}",
            same=f"Whether the {between} is narrower {where} remains open",
            unknown=f"The {between} is {absent(records, f'benefit.narrowing/{name}')}",
        )
        for name in outcomes
    }
    said = {
        name: qualified(finding, records, f"benefit.narrowing/{name}")
        for name, finding in findings.items()
    }
    return by_finding(said, study)


def _outcome_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    role, places = study.roles.group, low_and_high(study)
    clauses, whole = [], False  # once one clause is whole, the others are short
    for name in outcomes:
        ids = [f"benefit.outcome_gap.{end}/{name}" for end in ("low", "high")]
        if not any(id_ in records for id_ in ids):
            clauses.append(f"{short(study, name)} {absent(records, ids[0])}")
            continue
        if whole:
            ends = [
                f"{{{{size: {id_}}}}}{after_number(study, name)}"
                f" {sign(records, id_, more='higher', fewer='lower')} ({{{{range: {id_}}}}})"
                for id_ in ids
            ]
            clauses.append(f"{subject(study, name)} {' and '.join(ends)}")
            continue
        whole = True
        ends = [
            f"{{{{size: {id_}}}}}{after_number(study, name)}"
            f" {sign(records, id_, more='higher', fewer='lower')} {place}"
            f" ({{{{probability: {id_}}}}} interval {{{{range: {id_}}}}})"
            for id_, place in zip(ids, places, strict=True)
        ]
        clauses.append(
            f"{subject(study, name)} of {role.focal} {study.people} is {' and '.join(ends)} than"
            f" that of {role.reference} {study.people}"
        )
    low = {name: f"benefit.outcome_gap.low/{name}" for name in outcomes}
    return sentence_of(clauses) + cautions(records, low, study)


def _expected_title(records: Records, study: Study, outcomes: list[str]) -> str:
    groups, where = study.roles.group.contrast, high(study)
    findings = {}
    for name in outcomes:
        ways = [_way(records, name, group_) for group_ in groups]
        first, second = (COMPARED.get(way, way) for way in ways)
        unknown = [way for way in ways if way not in COMPARED]
        if unknown:
            findings[name] = f"Slopes are {unknown[0]}"
        elif first == second:
            findings[name] = f"For both {two_groups(study)}, outcomes are {first} {where}"
        else:
            findings[name] = (
                f"Outcomes {where} are {first} for {groups[0]} {study.people} and {second} for"
                f" {groups[1]} {study.people}"
            )
    return by_finding(findings, study)


def _way(records: Records, outcome: str, group_: str) -> str:
    id_ = f"benefit.slope/{outcome}/{group_}"
    return direction(records, id_, more="rises", fewer="falls", same=UNCLEAR)


def _expected_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    places = low_and_high(study)
    clauses, whole = [], False  # once one clause is whole, the others are short
    for name in outcomes:
        marks = {
            group_: [f"benefit.expected.{end}/{name}/{group_}" for end in ("low", "high")]
            for group_ in study.roles.group.contrast
        }
        if not any(id_ in records for ids in marks.values() for id_ in ids):
            clauses.append(f"{short(study, name)} {absent(records, next(iter(marks.values()))[0])}")
            continue
        if whole:
            ends = [
                f"from {{{{number: {low}}}}} to {{{{number: {then}}}}}{after_number(study, name)}"
                f" for {group_}"
                for group_, (low, then) in marks.items()
            ]
            clauses.append(f"{subject(study, name)} {' and '.join(ends)} {study.people}")
            continue
        whole = True
        ends = [
            f"of {group_} {study.people} {_way(records, name, group_)} from"
            f" {{{{number: benefit.expected.low/{name}/{group_}}}}}{after_number(study, name)}"
            f" {places[0]} to {{{{number: benefit.expected.high/{name}/{group_}}}}}"
            f"{after_number(study, name)} {places[1]}"
            for group_ in study.roles.group.contrast
        ]
        clauses.append(f"{expected(study, name)} {', and that '.join(ends)}")
    return sentence_of(clauses)
