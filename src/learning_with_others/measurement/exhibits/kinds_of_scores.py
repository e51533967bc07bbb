"""Exhibits of scores: of each kind, and the gaps they show."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import named_group, recorded
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import direction
from learning_with_others.measurement.exhibits.counted_people import answered_share, members, sample
from learning_with_others.measurement.exhibits.finding_phrases import (
    labels_of,
    level_caution,
    listed,
)
from learning_with_others.measurement.figures.comparisons import draw_score_comparison
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
                f" SD of the {role.reference} group. Intervals: {interval}.",
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
    return f"{who} score {' and '.join(said)} than {others}"


def _gaps(records: Records, study: Study) -> str:
    """Give every gap in plausible values: direction, size, interval, and what it can bear."""
    found, role = _directions(records), study.roles.group
    if not found:
        return "The gaps are (suppressed)."
    clear, unclear = [], []
    for name, word in found.items():
        id_, caution = f"score.gap/{name}/{PLAUSIBLE}", level_caution(records, name)
        label = study.labels[name]
        if word == "similarly":
            unclear.append(f"{label} ({{{{interval: {id_}}}}}{caution})")
        else:
            size = f"{{{{size: {id_}}}}} SD {word} on {label}"
            clear.append(f"{size} ({{{{range: {id_}}}}}{caution})")
    kind = f"{{{{probability: score.gap/{next(iter(found))}/{PLAUSIBLE}}}}} intervals in brackets"
    compared = f"{role.focal} {study.people} score"
    than = f"than {role.reference} {study.people}"
    said = f"{compared} {listed(clear)} {than} ({kind})." if clear else ""
    if unclear:
        also = f"The difference is inconclusive for {listed(unclear)}"
        why = "an interval that excludes zero would have been conclusive"
        said += f"{' ' if said else ''}{also}: {why}{'' if clear else f' ({kind})'}."
    return said


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
