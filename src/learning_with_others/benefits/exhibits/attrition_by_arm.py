"""Who entered and is seen with an outcome, by arm and group, and bounds of the effect."""

from functools import partial

import pandas as pd

from learning_with_others.benefits.attrition import (
    BOUND_KIND,
    DIFFERENCE,
    EVERY,
    RATE_KIND,
    SEEN,
    SHARE,
    Attrition,
    entrants,
    offered,
    seen_of,
)
from learning_with_others.benefits.exhibits.sentences import in_every_model, opportunity
from learning_with_others.benefits.exhibits.units import not_shown
from learning_with_others.benefits.figures.arms import draw_bounds, draw_entries, draw_rates
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Row, Whom, either, group_or_both, index_of, where
from learning_with_others.exhibits.phrases import (
    Rows,
    after,
    by_finding,
    listed,
    sentence_of,
    short,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED, direction
from learning_with_others.study import Study

SD = "outcome sd"
RATE, BOUNDS = "benefit.attrition", "benefit.bounds"
ENTRY = f"{RATE}.entry"
QUANTITIES = {SHARE: f"{RATE}.share", "effect": f"{RATE}.effect", DIFFERENCE: f"{RATE}.difference"}


@exhibit
def attrition(
    shown: Attrition | None, students: pd.DataFrame, rows: Rows, study: Study, grade: str
) -> list[Exhibit] | None:
    """Who is seen by arm and group, and what the effect may be given that.

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
    came = index_of(entered.index) & group_or_both()
    seen = _seen(entered, rows, study)
    in_arm = where(study.roles.exposure.name, "arm")
    likely = f"{study.analysis.interval_probability:.0%}"
    arms = f"those assigned to {opportunity(study)}"
    title = partial(_rate_title, study=study)
    bound_title = partial(_bound_title, study=study)
    table = shown.rates.assign(record=shown.rates["row"].map(QUANTITIES))
    return [
        Exhibit(
            name="attrition",
            table=table,
            keys={"outcome": "outcome", "group": "group", "item": "arm"},
            counts=(
                Count("entered", either("row", SHARE, came & in_arm, came)),
                Count("seen", either("row", SHARE, came & seen & in_arm, came & seen), gates=False),
            ),
            numbers=(
                Number("{record}", "share", "share of students", interval=RATE_KIND),
                Number("{record}.p_value", "p_value", "p-value"),
            ),
            plain=("row", "record"),
            title=title,
            sentence=partial(_rate_sentence, study=study),
            caption=f"Of {study.people} who entered until grade {grade}, the share that is seen"
            f" there with {_outcomes(study)}, by the class type first assigned (share seen); how"
            f" much larger it is than in {study.roles.exposure.reference} classes among those of a"
            " group who entered the same school in the same grade (effect); and how much more so"
            f" for {role.focal} than for {role.reference} {study.people} (difference between"
            f" groups). Intervals: {likely} {RATE_KIND}; p-values of the same t"
            " tests, of which the title speaks if one is clear for all of them together (Holm).",
            figures=(
                Drawing(
                    "attrition",
                    partial(draw_rates, groups=role.contrast),
                    alt=after(
                        title,
                        "Points with intervals: the share seen of each group, one row for each"
                        " class type.",
                    ),
                    caption=f"Share of those who entered until grade {grade} that is seen there,"
                    f" by group and class type first assigned. Intervals: {likely} {RATE_KIND}.",
                ),
            ),
        ),
        _by_entry(shown.by_entry, came, study, grade),
        Exhibit(
            name="attrition-bounds",
            table=shown.bounds,
            keys={"outcome": "outcome", "group": "group"},
            counts=(Count("entered", came & index_of(entered.index[offered(entered, study)])),),
            numbers=(
                Number(f"{BOUNDS}.seen_alike", "seen_alike", SD, interval=BOUND_KIND, mcse="mcse"),
                Number(f"{BOUNDS}.lower", "lower_bound", SD),
                Number(f"{BOUNDS}.upper", "upper_bound", SD),
            ),
            title=bound_title,
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
            f" the effect itself ({BOUND_KIND})."
            + not_shown(study, rows, "Trimming", needs="linear"),
            figures=(
                Drawing(
                    "attrition-bounds",
                    partial(draw_bounds, groups=role.contrast),
                    alt=after(
                        bound_title,
                        "For each outcome, points with intervals of the effect in each group and"
                        " of the difference, with the bounds in numbers.",
                    ),
                    caption="The effect if nobody left for a reason (point); bounds of the effect"
                    f" (numbers); and the {likely} interval of the effect itself, which the bounds"
                    f" allow ({BOUND_KIND}).",
                ),
            ),
        ),
    ]


def _by_entry(table: pd.DataFrame, came: Whom, study: Study, grade: str) -> Exhibit:
    role, likely = study.roles.group, f"{study.analysis.interval_probability:.0%}"
    said = (
        f"How much more of those assigned to {opportunity(study)} are in grade {grade} at all, and"
        f" are seen there with {_outcomes(study)}, by grade of entry and group, within schools. A"
        f" difference in the first only is of who left; beyond it, of who was not tested."
        f" Intervals: {likely} {RATE_KIND}, each by itself."
    )
    return Exhibit(
        name="attrition-by-entry",
        table=table,
        keys={"outcome": "outcome", "group": "group", "item": "kind", "grade": "entry"},
        counts=(Count("entered", came & where(str(study.roles.grade), "entry")),),
        numbers=(Number(ENTRY, "effect", "share of students", interval=RATE_KIND),),
        caption=said,
        figures=(
            Drawing(
                "attrition-by-entry",
                partial(draw_entries, groups=role.contrast),
                alt="Points with intervals: the difference between the two class types in who is"
                " seen, one row for each grade of entry, by group.",
                caption=said,
            ),
        ),
    )


def _entry_words(records: Records, study: Study) -> str:
    """Say how far the differences reach over grades of entry."""
    found = sorted(records.of(ENTRY, item=SEEN), key=lambda one: float(one.estimate))
    if not found:
        return ""
    ends = [
        f"{{{{points: {one.id}}}}} (interval {{{{interval: {one.id}}}}}; {one.group}"
        f" {study.people} who entered in grade {one.grade})"
        for one in (found[0], found[-1])
    ]
    return (
        f" By grade of entry, the difference in the share seen between {opportunity(study)} ranges"
        f" from {' to '.join(ends)}."
    ).replace("points:", "number:")


def _seen(entered: pd.DataFrame, rows: Rows, study: Study) -> Whom:
    """Those who entered and are in the model of the row's outcome."""
    by_outcome = {
        name: index_of(entered.index[seen_of(entered, mine, study)]) for name, mine in rows.items()
    }
    every = in_every_model(
        {name: entered[seen_of(entered, mine, study)] for name, mine in rows.items()}
    )

    def rule(row: Row, table: pd.DataFrame, people: object) -> pd.Series:
        return by_outcome.get(row["outcome"], every).rule(row, table, people)

    return Whom(rule, ("outcome",))


def _outcomes(study: Study) -> str:
    together = study.analysis.rows == "all_outcomes"
    return "all outcomes" if together else "the outcome"


def _rate_title(records: Records, study: Study) -> str:
    p_values = [
        one
        for quantity in (QUANTITIES["effect"], QUANTITIES[DIFFERENCE])
        for one in records.of(f"{quantity}.p_value")
    ]
    if not p_values:
        return f"Whether as many {study.people} are seen of every class type is {SUPPRESSED}"
    # Holm: the smallest of several p-values is as unusual as so many times itself.
    least = min(one.estimate for one in p_values) * len(p_values)
    if least < 1 - study.analysis.interval_probability:
        return f"Some class types lose more {study.people} than others"
    found = records.of(ENTRY, item=SEEN)
    more = any(one.lower is not None and one.lower > 0 for one in found)
    fewer = any(one.upper is not None and one.upper < 0 for one in found)
    if more and fewer:
        return f"Which class type loses more {study.people} may depend on the grade of entry"
    if more or fewer:
        return f"In some grades of entry, one class type loses more {study.people}"
    return "No clear difference between class types in who is lost, in any grade of entry"


def _rate_sentence(records: Records, study: Study) -> str:
    exposure, clauses = study.roles.exposure, []
    for name in study.roles.group.contrast:
        shares = [
            one
            for arm in (exposure.focal, exposure.reference)
            for one in records.of(QUANTITIES[SHARE], group=name, item=arm)
        ]
        if not shares[1:]:
            clauses.append(f"the share of {name} {study.people} that is seen is {SUPPRESSED}")
            continue
        for first, second in zip(shares[::2], shares[1::2], strict=False):
            of = "" if first.outcome in (None, EVERY) else f" ({short(study, first.outcome)})"
            clauses.append(
                f"of {name} {study.people} who entered {exposure.focal} classes"
                f" {{{{percent: {first.id}}}}} are seen{of}, of those who entered"
                f" {exposure.reference} classes {{{{percent: {second.id}}}}}"
            )
    tests = [
        f"p = {{{{number: {one.id}}}}}"
        for one in records.of(f"{QUANTITIES[DIFFERENCE]}.p_value", item=exposure.focal)
    ]
    asked = f" Whether this differs between the groups: {listed(tests)}." if tests else ""
    return sentence_of(clauses) + asked + _entry_words(records, study)


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
