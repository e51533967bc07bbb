"""The effect by grade, as assigned and as observed, and by share of the focal group."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.benefits.effect_views import (
    ASSIGNED,
    EVERYWHERE,
    OBSERVED,
    THIRDS,
    thirds,
)
from learning_with_others.benefits.exhibits.sentences import opportunity
from learning_with_others.benefits.exhibits.units import not_shown
from learning_with_others.benefits.figures.arms import draw_views
from learning_with_others.data.flow import by_grade
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Row, Whom, group_or_both, index_of
from learning_with_others.exhibits.phrases import after, by_finding, sentence_of, short
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.models.benefit_fit import benefit_rows
from learning_with_others.study import Study

EFFECT = "benefit.effect"
QUANTITIES = {ASSIGNED: EFFECT, OBSERVED: "benefit.association"}


@exhibit
def effect_views(
    table: pd.DataFrame | None, students: pd.DataFrame, study: Study
) -> Exhibit | None:
    """The effect in every grade and in schools of different composition.

    Parameters
    ----------
    table : pandas.DataFrame or None
        From `effect_views`; None where nothing was assigned at entry.
    students : pandas.DataFrame
        Rows of all grades.
    study : Study
    """
    if table is None:
        return None
    role, outcomes = study.roles.group, list(dict.fromkeys(table["outcome"]))
    title = partial(_title, study=study, outcomes=outcomes)
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals"
    views = (
        "As assigned: by the class type in which each child was first seen, among those who"
        " entered the same school in the same grade; an effect, since class types were assigned"
        " at random there. As observed: by the class type of the grade, within schools; an"
        " association. In the first grade the two are one."
    )
    return Exhibit(
        name="effect-views",
        table=table.assign(record=table["exposure"].map(QUANTITIES)),
        keys={"outcome": "outcome", "group": "group", "item": "part", "grade": "grade"},
        counts=(Count("children", _in_part(students, study, outcomes)),),
        numbers=(
            Number("{record}", "estimate", "outcome sd", interval=INTERVAL_KIND, mcse="mcse"),
        ),
        plain=("exposure", "record"),
        title=title,
        sentence=partial(_sentence, study=study, outcomes=outcomes),
        caption=f"Difference in outcomes with {opportunity(study)}, in SD of the outcome in the"
        f" grade, with {likely}: in every grade {Population.OWN.words}, and in the grade"
        f" analysed for all {study.people} of schools with few, some and many {role.focal}"
        f" {study.people} (thirds of {study.people}). {views} The difference between the groups is"
        f" heterogeneity of the effect, not an effect of {role.label}."
        + not_shown(study, study.roles.outcomes, "This", needs="collapses"),
        figures=(
            Drawing(
                "effect-views",
                partial(draw_views, groups=role.contrast),
                alt=after(
                    title,
                    "Points with intervals by grade and by third of schools: a panel for each"
                    " outcome, as assigned and as observed.",
                ),
                caption=f"Difference in outcomes with {opportunity(study)}, by group"
                f" {Population.OWN.words}, with {likely}."
                f" {views} Thirds: of {study.people}, by the share of {role.focal} {study.people}"
                " in their school.",
            ),
        ),
    )


def _in_part(students: pd.DataFrame, study: Study, outcomes: list[str]) -> Whom:
    """Those of the row's grade, and of its third of schools, in the model of its outcome."""
    inside = {}
    for grade, in_grade in by_grade(students, study):
        for name in outcomes:
            rows = benefit_rows(in_grade, study, str(grade), name)[name]
            inside[name, str(grade), EVERYWHERE] = index_of(rows.index) & group_or_both()
            for view, version in ((ASSIGNED, study), (OBSERVED, study.as_observed)):
                place = thirds(rows, version)
                for part in THIRDS:
                    index = rows.index[(place == part).to_numpy()]
                    inside[name, str(grade), part, view] = index_of(index)

    def rule(row: Row, table: pd.DataFrame, people: object) -> pd.Series:
        key = row["outcome"], str(row["grade"]), row["part"]
        key = key if row["part"] == EVERYWHERE else (*key, row["exposure"])
        return inside[key].rule(row, table, people)

    return Whom(rule)


def _by_grade(records: Records, quantity: str, outcome: str, group: str) -> list[Result]:
    return records.of(quantity, outcome=outcome, group=group, item=EVERYWHERE)


def _title(records: Records, study: Study, outcomes: list[str]) -> str:
    findings, what = {}, opportunity(study)
    for name in outcomes:
        clear = {}
        for group in study.roles.group.contrast:
            found = _by_grade(records, EFFECT, name, group)
            above = sum(one.lower is not None and one.lower > 0 for one in found)
            every = "every grade" if above == len(found) else f"{above} of {len(found)} grades"
            clear[group] = every if found else SUPPRESSED
        said = " and ".join(f"in {where} for {group}" for group, where in clear.items())
        if len(set(clear.values())) == 1:
            said = f"in {next(iter(clear.values()))} for both groups of"
        findings[name] = f"The effect of {what} is clearly above zero {said} {study.people}"
    return by_finding(findings, study)


def _sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    clauses = []
    for name in outcomes:
        for group in study.roles.group.contrast:
            found = sorted(
                _by_grade(records, EFFECT, name, group), key=lambda one: float(one.estimate)
            )
            if not found:
                clauses.append(f"{short(study, name)} of {group} {study.people} {SUPPRESSED}")
                continue
            ends = " to ".join(
                f"{{{{number: {one.id}}}}} SD (grade {_grade(one)})"
                for one in (found[0], found[-1])
            )
            lead = f"{short(study, name)} of {group} {study.people}"
            whole = f"over the grades and {Population.OWN.words}, the effect on {lead} ranges from"
            lead = lead if clauses else whole
            clauses.append(f"{lead} {ends}")
    return sentence_of(clauses)


def _grade(one: Result) -> str:
    return str(one.grade or "analysed")
