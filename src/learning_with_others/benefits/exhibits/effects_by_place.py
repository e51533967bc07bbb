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
THIRDS_OF = (
    " Thirds: of {people} in the model, by the share of {focal} {people} in the school of entry (as"
    " assigned) or in that of the grade (as observed), so that a third holds other {people} in the"
    " two views."
)
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
    analysed = next(iter(table.loc[table["part"] != EVERYWHERE, "grade"]), "analysed")
    title = partial(_title, study=study, outcomes=outcomes)
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND} intervals"
    views = (
        "As assigned: by the class type in which each child was first seen, among those who"
        " entered the same school in the same grade; an effect, since class types were assigned"
        " at random there. As observed: by the class type of the grade, within schools; an"
        f" association. {_one_view(table)}"
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
        sentence=partial(_sentence, study=study, outcomes=outcomes, analysed=analysed),
        caption=f"Difference in outcomes with {opportunity(study)}, in SD of the outcome in the"
        f" grade, with {likely}: in every grade {Population.OWN.words}, and in the grade"
        f" analysed for all {study.people} of schools with few, some and many {role.focal}"
        f" {study.people}. {views}{THIRDS_OF.format(people=study.people, focal=role.focal)} The"
        f" difference between the groups is"
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
                f" {views}{THIRDS_OF.format(people=study.people, focal=role.focal)}",
            ),
        ),
    )


def _one_view(table: pd.DataFrame) -> str:
    """Say in which grades nothing can be observed but what was assigned."""
    both = set(table.loc[table["exposure"] == OBSERVED, "grade"])
    alone = [str(grade) for grade in dict.fromkeys(table["grade"]) if grade not in both]
    if not alone:
        return ""
    return (
        f"In grade {', '.join(alone)}, where all had just entered, the two are one, and are given"
        " as assigned only."
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
    # Signs of estimates, not of limits: one limit near zero would turn a count of grades.
    findings, what = {}, opportunity(study)
    for name in outcomes:
        ways = {}
        for group in study.roles.group.contrast:
            signs = {one.estimate > 0 for one in _by_grade(records, EFFECT, name, group)}
            way = "are above zero" if signs == {True} else "are below zero"
            way = "change direction" if len(signs) > 1 else way
            ways[group] = f"{way} {'over' if len(signs) > 1 else 'in'} all grades"
            if not signs:
                ways[group] = f"are {SUPPRESSED}"
        said = " and ".join(f"{way} for {group}" for group, way in ways.items())
        if len(set(ways.values())) == 1:
            said = f"{next(iter(ways.values()))} for both groups of"
        findings[name] = f"Estimated effects of {what} {said} {study.people}"
    return by_finding(findings, study)


def _sentence(records: Records, study: Study, outcomes: list[str], analysed: str) -> str:
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
                f"{{{{number: {one.id}}}}} SD (grade {one.grade or analysed})"
                for one in (found[0], found[-1])
            )
            lead = f"{short(study, name)} of {group} {study.people}"
            whole = f"over the grades and {Population.OWN.words}, the effect on {lead} ranges from"
            lead = lead if clauses else whole
            clauses.append(f"{lead} {ends}")
    return sentence_of(clauses)
