"""Exhibits of scores: of each kind, the gaps they show, and scores that came without items."""

from functools import partial

import pandas as pd

from learning_with_others.data.measures.scale_scores import INTERVAL_KIND as BOOTSTRAP
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    compared,
    group,
    has,
    named_group,
    recorded,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import direction
from learning_with_others.measurement.exhibits.phrases import labels_of, level_caution
from learning_with_others.measurement.exhibits.whom import (
    answered_share,
    in_three_waves,
    members,
    sample,
)
from learning_with_others.measurement.figures.comparisons import draw_score_comparison
from learning_with_others.measurement.figures.reshaped import draw_waves
from learning_with_others.measurement.score_kinds import PLAUSIBLE
from learning_with_others.measurement.score_table import INTERVAL_KIND as RUBIN
from learning_with_others.measurement.study_scores import StudyScores
from learning_with_others.study import Study


@exhibit
def scores(found: StudyScores, in_grade: pd.DataFrame, study: Study) -> Exhibit:
    """Scores of each kind, by group."""
    role, unit = study.roles.group, "as its score"
    return Exhibit(
        name="scores",
        table=found.table,
        keys={"outcome": "construct", "group": "group", "item": "score"},
        counts=(Count("children", members(in_grade) & recorded("construct")),),
        numbers=(
            Number("score.mean", "mean", unit, interval=RUBIN, mcse="mcse"),
            Number("score.sd", "sd", unit, mcse="sd_mcse"),
            Number("score.reliability", "reliability", "share of variance"),
        ),
        plain=("unit",),
        caption=f"Scores of each kind by {role.label}, of {study.people} who have all of them."
        f" Intervals of the mean: {study.analysis.interval_probability:.0%} {RUBIN}.",
    )


@exhibit
def score_gaps(found: StudyScores, in_grade: pd.DataFrame, study: Study) -> Exhibit | None:
    """Gaps between the groups in each kind of score."""
    if found.gaps.empty:
        return None
    role, scored = study.roles.group, sample(in_grade) & recorded("construct")
    interval = f"{study.analysis.interval_probability:.0%} {RUBIN}"
    title = partial(_clear_gaps, study=study)
    return Exhibit(
        name="score-gaps",
        title=title,
        sentence=partial(_gaps, study=study),
        table=found.gaps,
        keys={"outcome": "construct", "item": "score"},
        counts=(
            Count("children_focal", scored & named_group(role.focal)),
            Count(
                "children_reference",
                scored & named_group(role.reference),
                quantity="score.gap.reference_n",
            ),
        ),
        numbers=(
            Number("score.gap", "estimate", "SD", interval=RUBIN, mcse="monte_carlo_error"),
            Number(
                "score.gap.missing_information",
                "missing_information",
                "share of information",
                mcse="missing_information_mcse",
            ),
        ),
        caption=f"{role.focal} minus {role.reference} {study.people} in each kind of score, in SD"
        f" of the {role.reference} group. Intervals: {interval}.",
        figures=(
            Drawing(
                "score-gaps",
                partial(draw_score_comparison, groups=role.contrast, labels=study.labels),
                alt=lambda r: (
                    f"{title(r)}. Points with intervals for the gap between {role.focal}"
                    f" and {role.reference} {study.people} on each construct, by kind of score."
                ),
                caption=f"{role.focal} minus {role.reference} {study.people} by kind of score, in"
                f" SD of the {role.reference} group, with {interval} intervals.",
            ),
        ),
    )


def _directions(records: Records) -> dict[str, str]:
    """Word for the direction of each construct's gap in plausible values; `similarly` for none."""
    return {
        each.outcome: direction(records, each.id, more="higher", fewer="lower", same="similarly")
        for each in records.of("score.gap", item=PLAUSIBLE)
    }


def _clear_gaps(records: Records, study: Study) -> str:
    """Say on which constructs one group scores higher or lower."""
    found, role = _directions(records), study.roles.group
    if not found:
        return "Gaps in scores are suppressed"
    said = [
        f"{word} on {labels_of(names, study)}"
        for word in ("lower", "higher")
        if (names := [name for name, each in found.items() if each == word])
    ]
    if not said:
        pair = f"{role.focal} and {role.reference} {study.people}"
        return f"No clear difference between the scores of {pair}"
    who, others = f"{role.focal} {study.people}", f"{role.reference} {study.people}"
    return f"{who} score {', '.join(said)} than {others}"


def _gaps(records: Records, study: Study) -> str:
    """Give every gap in plausible values: direction, size, interval, and what it can bear."""
    found, role = _directions(records), study.roles.group
    if not found:
        return "The gaps are (suppressed)."
    said = []
    for name, word in found.items():
        id_, caution = f"score.gap/{name}/{PLAUSIBLE}", level_caution(records, name)
        label = study.labels[name]
        if word == "similarly":
            said.append(
                f"on {label} {{{{number: {id_}}}}} ({{{{interval: {id_}}}}}), inconclusive{caution}"
            )
        else:
            said.append(f"on {label} {{{{size: {id_}}}}} {word} ({{{{range: {id_}}}}}){caution}")
    first = f"score.gap/{next(iter(found))}/{PLAUSIBLE}"
    ending = (
        " An inconclusive interval reaches zero; one wholly on one side would have been conclusive."
        if "similarly" in found.values()
        else ""
    )
    return (
        f"{role.focal} {study.people} score, compared with {role.reference} {study.people}, in SD"
        f" ({{{{probability: {first}}}}} intervals): {'; '.join(said)}.{ending}"
    )


@exhibit
def score_errors(found: StudyScores, in_grade: pd.DataFrame) -> Exhibit:
    """How uncertain scores are that rest on few answers."""
    return Exhibit(
        name="score-errors",
        table=found.standard_errors,
        keys={"outcome": "construct", "group": "group", "item": "answered"},
        counts=(Count("children", members(in_grade) & answered_share()),),
        numbers=(Number("score.standard_error", "standard_error", "latent SD"),),
        caption="Mean standard error of expected a posteriori scores by how many items were"
        " answered.",
    )


@exhibit
def wave_reliability(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Reliability of scores that came without items, from three waves."""
    if table.empty:
        return None
    role = study.roles.group
    interval = f"{study.analysis.interval_probability:.0%} {BOOTSTRAP}"
    return Exhibit(
        name="wave-reliability",
        table=table,
        keys={"outcome": "outcome", "group": "group", "grade": "grade"},
        counts=(Count("children", group() & in_three_waves(study)),),
        numbers=(
            Number(
                "reliability.middle_wave",
                "reliability",
                "share of variance",
                interval=BOOTSTRAP,
                mcse="mcse",
                score="scale score",
            ),
            Number("reliability.sem", "sem", "score points", score="scale score"),
        ),
        caption="Reliability of the middle of three grades and standard error of measurement, by"
        f" {role.label}. Intervals: {interval}.",
        figures=(
            Drawing(
                "wave-reliability",
                partial(draw_waves, groups=role.contrast),
                alt="Points with intervals for the reliability of each outcome in each middle"
                f" grade, {role.focal} beside {role.reference} {study.people}.",
                caption=f"Reliability of each outcome by {role.label}, from three neighbouring"
                f" grades (Heise 1969), with {interval} intervals.",
            ),
        ),
    )


@exhibit
def spread(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit:
    """Spread and correlation of the outcomes, by group."""
    role = study.roles.group
    complete = sample(rows) & has(*(o.name for o in role_outcomes(study)))
    units = {"sd": "score points"}
    return Exhibit(
        name="spread",
        table=table.assign(unit=table["quantity"].map(lambda name: units.get(name, "ratio"))),
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("children", complete & _group_or_both(study)),),
        numbers=(
            Number(
                "scale_score.{quantity}",
                "estimate",
                "{unit}",
                interval=BOOTSTRAP,
                mcse="mcse",
                score="scale score",
            ),
        ),
        plain=("quantity", "unit"),
        caption=f"Correlation of the first two outcomes, and spread of all, by {role.label};"
        f" {study.people} with all outcomes recorded. Intervals:"
        f" {study.analysis.interval_probability:.0%} {BOOTSTRAP}.",
    )


def role_outcomes(study: Study) -> list:
    """Outcomes in the order of the study."""
    return list(study.roles.outcomes.values())


def _group_or_both(study: Study) -> Whom:
    """The group that the row names; both where it names a ratio of them."""
    one, both, contrast = group(), compared(), study.roles.group.contrast
    return Whom(
        lambda row, t, people: (one if row["group"] in contrast else both).rule(row, t, people)
    )


@exhibit
def floor_and_ceiling(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit:
    """How many reach the lowest and the highest score seen."""
    scored = members(rows) & recorded("outcome")

    def at(end: str) -> Whom:
        return Whom(lambda row, t, _: t[row["outcome"]].eq(getattr(rows[row["outcome"]], end)()))

    return Exhibit(
        name="floor-and-ceiling",
        table=table,
        keys={"outcome": "outcome", "group": "group"},
        counts=(
            Count("children", scored, quantity="scale_score.n"),
            Count("at_floor", scored & at("min"), quantity="scale_score.at_floor", gates=False),
            Count("at_ceiling", scored & at("max"), quantity="scale_score.at_ceiling", gates=False),
        ),
        caption=f"{study.people.capitalize()} at the lowest and the highest score seen, by"
        f" {study.roles.group.label}.",
    )
