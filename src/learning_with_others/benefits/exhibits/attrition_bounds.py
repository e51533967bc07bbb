"""What the effect may be, given that some of those who entered are not seen with an outcome."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.families.family import OUTCOME_SD
from learning_with_others.benefits.attrition import BOUND_KIND, Attrition, entrants, offered
from learning_with_others.benefits.exhibits.sentences import opportunity
from learning_with_others.benefits.exhibits.units import not_shown
from learning_with_others.benefits.figures.arms import draw_bounds
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import group_or_both, index_of
from learning_with_others.exhibits.phrases import Rows, after, by_finding, sentence_of, short
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED, direction
from learning_with_others.study import Study

BOUNDS = "benefit.bounds"


@exhibit
def attrition_bounds(
    shown: Attrition | None, students: pd.DataFrame, rows: Rows, study: Study, grade: str
) -> Exhibit | None:
    """Bounds of the effect on those who would be seen in either arm.

    Parameters
    ----------
    shown : Attrition or None
        None where nothing was assigned at entry.
    students : pandas.DataFrame
        Rows of all grades.
    rows : mapping of str to pandas.DataFrame
        Rows of each model.
    study : Study
    grade : str
        The grade analysed.
    """
    if shown is None:
        return None
    entered, role = entrants(students, study, grade), study.roles.group
    compared = index_of(entered.index[offered(entered, study)]) & group_or_both()
    likely = f"{study.analysis.interval_probability:.0%}"
    arms = f"those assigned to {opportunity(study)}"
    title = partial(_bound_title, study=study)
    return Exhibit(
        name="attrition-bounds",
        table=shown.bounds,
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("entered", compared),),
        numbers=(
            Number(
                f"{BOUNDS}.seen_alike", "seen_alike", OUTCOME_SD, interval=BOUND_KIND, mcse="mcse"
            ),
            Number(f"{BOUNDS}.lower", "lower_bound", OUTCOME_SD),
            Number(f"{BOUNDS}.upper", "upper_bound", OUTCOME_SD),
        ),
        title=title,
        sentence=partial(_bound_sentence, study=study),
        caption=f"Bounds of the effect of {opportunity(study)} on {study.people} who would be"
        f" seen in grade {grade} after either: outcomes of the arm that is seen more often are"
        " trimmed from the top or from the bottom until as few are left (Lee 2009). This"
        f" holds if assignment moves who is seen one way only: if {arms} never leave because of"
        " it while others stay because of it. Where signs differ between grades of entry"
        " (attrition-by-entry), that is in doubt, and so are the bounds. Entered: those of"
        " cohorts (a school and a grade of entry) in which both classes compared were"
        " assigned; others are left out."
        " Seen alike: the effect if nobody left for a reason. The difference is"
        f" heterogeneity of the effect, not an effect of {role.label}. Interval: {likely}, of"
        f" the effect itself ({BOUND_KIND})." + not_shown(study, rows, "Trimming", needs="linear"),
        figures=(
            Drawing(
                "attrition-bounds",
                partial(draw_bounds, groups=role.contrast),
                alt=after(
                    title,
                    "For each outcome, points with intervals of the effect in each group and"
                    " of the difference, with the bounds in numbers.",
                ),
                caption="The effect if nobody left for a reason (point); bounds of the effect"
                f" (numbers); and the {likely} interval of the effect itself, which the bounds"
                f" allow ({BOUND_KIND}).",
            ),
        ),
    )


def _bound_title(records: Records, study: Study) -> str:
    findings = {}
    for outcome in dict.fromkeys(one.outcome for one in records.of(f"{BOUNDS}.seen_alike")):
        ways = {
            one.group: direction(records, one.id, more="+", fewer="-", same="")
            for one in records.of(f"{BOUNDS}.seen_alike", outcome=outcome)
            if one.group in study.roles.group.contrast
        }
        kept = [name for name, way in ways.items() if way in {"+", "-"}]
        if len(kept) == len(ways):
            said = "intervals of the bounded effect exclude zero in both groups"
        elif kept:
            said = f"intervals of the bounded effect exclude zero for {kept[0]} {study.people} only"
        else:
            said = "intervals of the bounded effect hold zero in both groups"
        findings[str(outcome)] = said
    if not findings:
        return f"What the effect may be, given who left, is {SUPPRESSED}"
    said = by_finding(findings, study)
    return said[0].upper() + said[1:]


def _bound_sentence(records: Records, study: Study) -> str:
    role, clauses = study.roles.group, []
    for one in records.of(f"{BOUNDS}.seen_alike"):
        if one.group == role.difference:
            continue
        tail = one.id.removeprefix(f"{BOUNDS}.seen_alike/")
        low, high = (f"{{{{number: {BOUNDS}.{end}/{tail}}}}}" for end in ("lower", "upper"))
        lead = "" if clauses else "the bounds of the effect are, on "
        clauses.append(
            f"{lead}{short(study, str(one.outcome))} for {one.group} {study.people}, {low} and"
            f" {high} SD ({{{{probability: {one.id}}}}} interval of the effect {{{{interval:"
            f" {one.id}}}}})"
        )
    groups, clauses = sentence_of(clauses) + " " if clauses else "", []
    for one in records.of(f"{BOUNDS}.seen_alike", group=role.difference):
        tail = one.id.removeprefix(f"{BOUNDS}.seen_alike/")
        ends = (f"{{{{number: {BOUNDS}.{end}/{tail}}}}}" for end in ("lower", "upper"))
        lead = f"{short(study, str(one.outcome))} between"
        if not clauses:
            lead = f"the difference in effects on {short(study, str(one.outcome))}"
            lead += f" ({role.difference}) lies between"
        clauses.append(
            f"{lead} {' and '.join(ends)} SD ({{{{probability: {one.id}}}}} interval"
            f" {{{{interval: {one.id}}}}})"
        )
    if not clauses:
        return f"{groups}Bounds of the difference in effects are {SUPPRESSED}."
    return groups + sentence_of(clauses)
