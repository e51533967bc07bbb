"""Who entered and is seen with an outcome: by arm and group, and by grade of entry."""

from functools import partial

import pandas as pd

from learning_with_others.benefits.attrition import (
    DIFFERENCE,
    EVERY,
    RATE_KIND,
    SEEN,
    SHARE,
    Attrition,
    entrants,
    seen_of,
)
from learning_with_others.benefits.exhibits.sentences import in_every_model, opportunity
from learning_with_others.benefits.figures.arms import draw_entries, draw_rates
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Row, Whom, either, group_or_both, index_of, where
from learning_with_others.exhibits.phrases import (
    Rows,
    after,
    listed,
    sentence_of,
    short,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

RATE = "benefit.attrition"
ENTRY = f"{RATE}.entry"
QUANTITIES = {SHARE: f"{RATE}.share", "effect": f"{RATE}.effect", DIFFERENCE: f"{RATE}.difference"}


@exhibit
def attrition(
    shown: Attrition | None, students: pd.DataFrame, rows: Rows, study: Study, grade: str
) -> list[Exhibit] | None:
    """Who is seen by arm and group, and by grade of entry.

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
    title = partial(_rate_title, study=study)
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
        f"{{{{points: {one.id}}}}} percentage points ({one.group} {study.people} who entered in"
        f" grade {one.grade}; interval {{{{points_interval: {one.id}}}}})"
        for one in (found[0], found[-1])
    ]
    return (
        f" By grade of entry, the share seen of those assigned to {opportunity(study)} differs by"
        f" {' to '.join(ends)}."
    )


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
