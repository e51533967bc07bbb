"""The benefit gap under other models, and of all outcomes together."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.benefits.alternatives import MAIN
from learning_with_others.benefits.common_gap import BETWEEN, MEAN, POOLED, CommonGap
from learning_with_others.benefits.exhibits.sentences import (
    as_observed,
    comparability,
    in_every_model,
    opportunity,
    relation,
    with_more,
)
from learning_with_others.benefits.exhibits.units import after as after_number
from learning_with_others.benefits.exhibits.units import (
    equivalence_region,
    not_shown,
    subject,
    with_units,
)
from learning_with_others.benefits.figures.gaps import draw_pooled_gaps
from learning_with_others.benefits.flags import with_comparability
from learning_with_others.data.outcome_families import family_of
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import compared
from learning_with_others.exhibits.phrases import (
    Rows,
    after,
    by_finding,
    cautions,
    found,
    in_model,
    listed,
    sentence_of,
    short,
)
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import absent, direction, sign
from learning_with_others.models.comparability import Verdicts
from learning_with_others.study import Study

ALTERNATIVE, TOGETHER = "benefit.gap.alternative", "benefit.gap.pooled"
COMMON = f"{TOGETHER}/{MEAN}/{POOLED}"
SD, PROBABILITY = "outcome sd", "probability"


@exhibit
def alternatives(
    table: pd.DataFrame, rows: Rows, verdicts: Verdicts, study: Study
) -> Exhibit | None:
    """The benefit gap of each outcome under declared alternatives to the main model."""
    if table.empty:
        return None
    outcomes = list(dict.fromkeys(table["outcome"]))
    share, called = f"{ALTERNATIVE}.rope_share", f"{ALTERNATIVE}.false_call_rate"
    table, unit, plain = with_units(table, study)
    return Exhibit(
        name="alternatives",
        table=with_comparability(table, ALTERNATIVE, verdicts, study),
        keys={"outcome": "outcome", "item": "alternative"},
        counts=(Count("children", in_model(rows) & compared()),),
        numbers=(
            Number(ALTERNATIVE, "estimate", unit, interval=INTERVAL_KIND, mcse="mcse"),
            Number(f"{ALTERNATIVE}.direction", "direction", PROBABILITY, mcse="direction_mcse"),
            Number(share, "rope_share", PROBABILITY, mcse="rope_share_mcse"),
            Number(f"{ALTERNATIVE}.verdict", "verdict", "verdict"),
            Number(called, "false_call_rate", PROBABILITY, mcse="false_call_rate_mcse"),
        ),
        plain=plain,
        title=partial(_alternative_title, study=study, outcomes=outcomes),
        sentence=partial(_alternative_sentence, study=study, outcomes=outcomes),
        caption=f"The benefit gap {Population.POOLED.words}, in the main model and in alternatives"
        " that were declared in advance, each with all plausible values of the main one. Shares in"
        " the region of practical equivalence (rope_share) are of"
        f" {equivalence_region(study, outcomes)}. Intervals:"
        f" {study.analysis.interval_probability:.0%} {INTERVAL_KIND}. Reports of others on the"
        " exposure are one for each classroom, so they are compared between classrooms of"
        f" the same school. Numbers of {study.people} are not given where an alternative leaves"
        f" some out.{relation(study)}{as_observed(study)}"
        " How often a model would call a gap supported where there is none"
        " (false_call_rate) is for a normal posterior as wide as this one, and holds if the model's"
        " own assumptions do: normal errors that are alike for everyone, or, where the name says"
        " so, residual standard deviations that differ between groups, or with the exposure too."
        + not_shown(study, outcomes, "An alternative model", needs="collapses"),
    )


@exhibit
def common_gap(
    gaps: CommonGap | None, rows: Rows, verdicts: Verdicts, study: Study
) -> Exhibit | None:
    """Each outcome's benefit gap alone, and pulled towards those of the other outcomes.

    Parameters
    ----------
    gaps : CommonGap or None
        None for a single outcome.
    rows, verdicts, study
        As for `benefits`.
    """
    if gaps is None:
        return None
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals"
    left_out = not_shown(study, rows, "A model of all outcomes together", needs="collapses")
    rows = {name: mine for name, mine in rows.items() if name in set(gaps.table["outcome"])}
    notes = f"{comparability(verdicts, study, rows)}{left_out}{relation(study)}"
    title = partial(_common_title, study=study)
    return Exhibit(
        name="common-gap",
        table=with_comparability(gaps.table, TOGETHER, verdicts, study),
        keys={"outcome": "outcome", "item": "kind"},
        counts=(Count("children", in_every_model(rows) & compared()),),
        numbers=(Number(TOGETHER, "estimate", SD, interval=INTERVAL_KIND, mcse="mcse"),),
        title=title,
        sentence=partial(_common_sentence, study=study),
        caption=f"The benefit gap of every outcome {Population.POOLED.words}, alone and partially"
        f" pooled, with {likely}. {notes}",
        figures=(
            Drawing(
                "common-gap",
                partial(draw_gaps, region=study.analysis.practical_equivalence),
                alt=after(
                    title,
                    "Each outcome's benefit gap alone and partially pooled, with the mean of all.",
                ),
                caption=f"Each outcome's benefit gap {Population.POOLED.words}, alone (hollow) and"
                f" partially pooled with the others (filled), on the same rows, with {likely}."
                " Grey: the region of practical equivalence,"
                f" {equivalence_region(study)}. {notes}",
            ),
        ),
    )


def draw_gaps(table: pd.DataFrame, region: float) -> object:
    """Draw the gaps and their mean, without the standard deviation between outcomes."""
    return draw_pooled_gaps(table[table["outcome"] != BETWEEN], region)


def _changed(records: Records, outcome: str) -> list[str] | None:
    """Alternatives under which the gap has another sign or verdict; None without the main one."""
    main = found(records, f"{ALTERNATIVE}/{outcome}/{MAIN}")
    decided = found(records, f"{ALTERNATIVE}.verdict/{outcome}/{MAIN}")
    if main is None or decided is None:
        return None
    turned = {
        one.item
        for one in records.of(ALTERNATIVE, outcome=outcome)
        if (one.estimate > 0) != (main.estimate > 0)
    }
    turned |= {
        one.item
        for one in records.of(f"{ALTERNATIVE}.verdict", outcome=outcome)
        if one.estimate != decided.estimate
    }
    named = [one.item for one in records.of(ALTERNATIVE, outcome=outcome)]
    return [str(name) for name in named if name in turned]


def _absent(records: Records, outcome: str) -> str:
    return absent(records, f"{ALTERNATIVE}/{outcome}/{MAIN}")


def _quoted(names: list[str]) -> list[str]:
    return [f"“{name}”" for name in names]


def _alternative_title(records: Records, study: Study, outcomes: list[str]) -> str:
    findings = {}
    for name in outcomes:
        changed = _changed(records, name)
        if changed is None:
            findings[name] = f"The benefit gap under other models is {_absent(records, name)}"
        elif len(records.of(ALTERNATIVE, outcome=name)) == 1:
            findings[name] = "No other model of the benefit gap was fitted"
        elif changed:
            findings[name] = "The sign or verdict of the benefit gap depends on the model"
        else:
            findings[name] = "The benefit gap keeps its sign and verdict under every other model"
    return by_finding(findings, study)


def _alternative_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    clauses, whole = [], False  # once one clause is whole, the others are short
    for name in outcomes:
        gaps = sorted(records.of(ALTERNATIVE, outcome=name), key=lambda one: one.estimate)
        changed = _changed(records, name)
        if changed is None:
            clauses.append(f"{short(study, name)} {_absent(records, name)}")
            continue
        if len(gaps) == 1:
            only = f"{{{{number: {gaps[0].id}}}}}{after_number(study, name)} in the main model"
            clauses.append(f"the benefit gap in {subject(study, name)} is {only}")
            continue
        lead = f"{short(study, name)} between"
        if not whole:
            lead = f"the estimated benefit gap in {short(study, name)} lies between"
        whole = True
        ends = (
            f"{lead} {{{{number: {gaps[0].id}}}}} and {{{{number: {gaps[-1].id}}}}}"
            f"{after_number(study, name)} (main model: {{{{number: {ALTERNATIVE}/{name}/{MAIN}}}}})"
        )
        turned = ", with another sign or verdict in " + listed(_quoted(changed)) if changed else ""
        clauses.append(ends + turned)
    ids = {name: f"{ALTERNATIVE}/{name}/{MAIN}" for name in outcomes}
    return sentence_of([f"{Population.POOLED.words}, {'; '.join(clauses)}"]) + cautions(
        records, ids, study
    )


def _all(study: Study) -> str:
    """Name the outcomes that are modelled together."""
    whole = all(family_of(study, name).collapses for name in study.roles.outcomes)
    return "all outcomes" if whole else "all outcomes with normal errors"


def _common_title(records: Records, study: Study) -> str:
    role = study.roles.group
    compare = f"than {role.reference} {study.people} from {opportunity(study)}, over {_all(study)}"
    either = f"Whether {role.focal} {study.people} benefit more or less {compare},"
    return direction(
        records,
        COMMON,
        more=f"{role.focal} {study.people} benefit more {compare}",
        fewer=f"{role.focal} {study.people} benefit less {compare}",
        same=f"{either} remains open",
        unknown=f"{either} is {absent(records, COMMON)}",
    )


def _common_sentence(records: Records, study: Study) -> str:
    role = study.roles.group
    ids = {name: f"{TOGETHER}/{name}/{POOLED}" for name in study.roles.outcomes}
    more = sign(records, COMMON, more="larger", fewer="smaller")
    return (
        f"Averaged over {_all(study)}, the rise {with_more(study)} is {{{{size: {COMMON}}}}} SD"
        f" {more} for {role.focal} than for {role.reference} {study.people}"
        f" {Population.POOLED.words} ({{{{probability: {COMMON}}}}} interval"
        f" {{{{range: {COMMON}}}}})." + cautions(records, ids, study)
    )
