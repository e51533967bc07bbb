"""Slopes and benefit gaps: who benefits."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import (
    DIRECTION_SHOWN,
    INCONCLUSIVE,
    INTERVAL_KIND,
    NONE,
    SUPPORTED,
    verdict,
)
from learning_with_others.benefits.exhibits.sentences import (
    comparability,
    in_each_arm,
    in_plan,
    opportunity,
    plan_words,
    planned_finding,
    planned_sentence,
    qualified,
    relation,
    same_source,
    these_schools,
    with_more,
)
from learning_with_others.benefits.exhibits.units import after as after_number
from learning_with_others.benefits.exhibits.units import (
    axis_words,
    equivalence_region,
    not_shown,
    regions,
    subject,
)
from learning_with_others.benefits.figures.gaps import draw_benefit_gaps, draw_group_slopes
from learning_with_others.benefits.figures.slopes import draw_cluster_slopes
from learning_with_others.data.measures.release_columns import ENDS
from learning_with_others.data.measures.release_columns import WORDS as RELEASES
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import group
from learning_with_others.exhibits.phrases import (
    Rows,
    after,
    cautions,
    found,
    in_model,
    short,
    two_groups,
)
from learning_with_others.exhibits.populations import BOTH_PAIRS, Population, with_populations
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import absent, sign
from learning_with_others.models.comparability import Verdicts
from learning_with_others.study import Study

GAPS = ("benefit.gap", "benefit.gap.total", "benefit.gap.shared")


@exhibit
def benefits(table: pd.DataFrame, rows: Rows, verdicts: Verdicts, study: Study) -> Exhibit:
    """Slopes, benefit gaps, outcome gaps and standard deviations.

    Parameters
    ----------
    table : pandas.DataFrame
        From `benefit_table`, with flags.
    rows : mapping of str to pandas.DataFrame
        Rows of each model.
    verdicts : mapping
        On the comparability of measures.
    study : Study
    """
    role, exposure = study.roles.group, study.roles.exposure
    table = in_each_arm(table, rows, study)
    outcomes = in_plan(study, dict.fromkeys(table["outcome"]))
    gaps = int(table["quantity"].isin(GAPS).sum())
    notes = comparability(verdicts, study, outcomes) + same_source(study, outcomes)
    notes += relation(study)
    title = partial(_benefit_title, study=study, outcomes=outcomes)
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND}"
    arms = " in both classes compared" if exposure.varies_by == "classroom" else ""
    return Exhibit(
        name="benefits",
        table=with_populations(table),
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
            *(Number(f"{{quantity}}.{end}", end, "{unit}") for end in ENDS if end in table),
        ),
        plain=("row", "unit", "quantity", "score"),
        title=title,
        sentence=partial(_benefit_sentence, study=study, outcomes=outcomes),
        caption="Slopes, benefit gaps, outcome gaps and standard deviations. A slope is the"
        f" difference in the outcome {with_more(study)}; the benefit gap is the slope of"
        f" {role.focal} minus that of {role.reference} {study.people}, or of another group minus"
        f" that of {role.reference} {study.people}. {BOTH_PAIRS}; it is estimated on the"
        f" {study.people} of these clusters.{plan_words(study, gaps)} Intervals: {likely}."
        f"{RELEASES if ENDS[0] in table else ''}{these_schools(rows, study)} {notes}"
        f"{_limits(rows, study)}",
        figures=(
            Drawing(
                "benefits",
                partial(
                    draw_benefit_gaps,
                    groups=role.contrast,
                    region=regions(study, outcomes),
                    label=axis_words(study, outcomes, "{}"),
                ),
                alt=after(
                    title,
                    "For each outcome, points with intervals: slopes of"
                    f" {exposure.label} for {role.focal} and for {role.reference} {study.people}"
                    f" and their difference, {Population.POOLED.words} and"
                    f" {Population.OWN.words}, and the gap {Population.SHARED.words}; behind the"
                    " gaps, a grey band marks the region of practical equivalence.",
                ),
                caption=f"Slopes of {exposure.label} for {two_groups(study)}, and the difference"
                f" between the two (the benefit gap), with {likely} intervals. {BOTH_PAIRS}. Grey,"
                " behind the gaps only: the region of practical equivalence,"
                f" {equivalence_region(study, outcomes)}. {notes}",
            ),
            Drawing(
                "benefits-by-group",
                partial(
                    draw_group_slopes,
                    groups=role.contrast,
                    label=axis_words(study, outcomes, f"slope, {Population.POOLED.label}, {{}}"),
                ),
                alt=f"For each outcome, points with intervals: the slope of {exposure.label}"
                f" {Population.POOLED.words}, in every group that is large enough to be shown.",
                caption=f"Slopes of {exposure.label} {Population.POOLED.words} compared, in every"
                f" group at or above the minimum cell{arms}, with {likely} intervals. Smaller"
                " groups are in the models and are not shown.",
            ),
        ),
    )


@exhibit
def cluster_slopes(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Slope of every cluster: from its own students, and partially pooled."""
    if table.empty:
        return None
    level, exposure = table["level"].iloc[0], study.roles.exposure.label
    assigned = f", as assigned, by {level} of entry," if study.roles.exposure.assigned else ""
    return Exhibit(
        name="cluster-slopes",
        caption=f"Slope of {exposure}{assigned} in each {level}, at its own shares: from its own"
        f" {study.people} only (least squares, grey), and partially pooled, with"
        f" {study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals; {level}s under the"
        " minimum cell are left out."
        + not_shown(study, study.roles.outcomes, "A slope by least squares", needs="linear"),
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


def _limits(rows: Rows, study: Study) -> str:
    """Say what an assignment's slopes extrapolate to, and which errors they do not know."""
    role, version = study.roles.group, study.as_assigned
    if not study.roles.exposure.assigned:
        return ""
    parts = list(rows.values())
    both = pd.concat(parts)
    both = both.assign(focal=both[role.column].eq(role.focal).astype(float))
    strata = [version.roles.school, study.roles.at_entry[str(study.roles.grade)]]
    share = both["focal"].groupby([both[name] for name in strata], observed=True).transform("mean")
    own = [f"{share[both[role.column] == name].mean():.0%} for {name}" for name in role.contrast]
    return (
        f" The mean share of {role.focal} {study.people} among those who entered together is"
        f" {' and '.join(own)} {study.people}, so that slopes {Population.POOLED.words} say for"
        f" both groups what few of their cohorts are like: they rest on the form of the model, and"
        f" the total gap, {Population.OWN.words}, answers another question and may have another"
        f" verdict. Classes in the model are those of entry: that {study.people} share a later"
        " class is not modelled, and intervals may be too narrow; least squares with errors by"
        " school of entry, which allow for it within schools, stand beside (classical-gaps)."
    )


def _benefit_title(records: Records, study: Study, outcomes: list[str]) -> str:
    role, what = study.roles.group, opportunity(study)
    groups = f"{role.focal} {study.people} benefit", f"than {role.reference} {study.people}"
    either = f"{two_groups(study)} benefit equally from {what}"
    findings = {}
    for name in outcomes:
        decided = _verdict(records, name)
        more = sign(records, f"benefit.gap/{name}", more="more", fewer="less")
        finding = {
            SUPPORTED: f"{groups[0]} {more} {groups[1]} from {what}",
            DIRECTION_SHOWN: f"{groups[0]} {more} {groups[1]} from {what}; by how much is open",
            NONE: either,
            INCONCLUSIVE: f"Whether {either} remains open",
        }.get(decided, f"Whether {either} is {decided}")
        findings[name] = qualified(finding, records, f"benefit.gap/{name}")
    return planned_finding(findings, study)


def _verdict(records: Records, outcome: str) -> str:
    """Decide as the rule does; say why where its numbers are not there."""
    likely = found(records, f"benefit.gap.direction/{outcome}")
    share = found(records, f"benefit.gap.rope_share/{outcome}")
    if likely is None or share is None:
        return absent(records, f"benefit.gap.direction/{outcome}")
    return verdict(float(likely.estimate), float(share.estimate))


def _benefit_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    role = study.roles.group
    ids = {name: f"benefit.gap/{name}" for name in outcomes}
    clauses, whole = {}, False  # once one clause is whole, the others are short
    for name, id_ in ids.items():
        if id_ not in records:
            clauses[name] = f"{short(study, name)} {absent(records, id_)}"
            continue
        more = sign(records, id_, more="more", fewer="less")
        size = f"{{{{size: {id_}}}}}{after_number(study, name)} {more}"
        ends = f"{{{{range: {id_}}}}}"
        decided = _verdict(records, name)
        if whole:
            clauses[name] = f"{subject(study, name)} {size} ({ends}; {decided})"
            continue
        whole = True
        clauses[name] = (
            f"{with_more(study)}, {subject(study, name)} rises {size} for {role.focal} than for"
            f" {role.reference} {study.people} ({{{{probability: {id_}}}}} interval {ends};"
            f" {decided})"
        )
    return planned_sentence(clauses, study, Population.POOLED) + cautions(records, ids, study)
