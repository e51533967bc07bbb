"""Whether schools whose teachers report more support show more collaboration: described."""

from functools import partial

import pandas as pd

from learning_with_others.context.figures.teacher_items import draw_profiles
from learning_with_others.context.school_profiles import SOURCES
from learning_with_others.context.teacher_survey import SUPPORTS, TEACHERS, ContextItems
from learning_with_others.data.coding import mean_score
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import called, has, index_of
from learning_with_others.exhibits.phrases import after, sentence_of
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

QUANTITY = "context.school_{}"
SUPPORT, COLLABORATION, RATED = (QUANTITY.format(name) for name in SOURCES)


@exhibit
def school_profiles(
    table: pd.DataFrame | None, items: ContextItems, places: dict[object, str], study: Study
) -> Exhibit | None:
    """Every school's support, collaboration and rubric beside each other."""
    if table is None:
        return None
    shown = table.assign(place=table["school"].map(places)).drop(columns="school")
    known = ["classrooms", *(c for c in shown if c.startswith("rubric"))]
    if not shown["classrooms"].any():  # nobody observed
        shown = shown.drop(columns=known)
    scale, role = study.roles.exposure.scale, study.roles
    asked = [item for item, name in items.construct.items() if name == SUPPORTS]
    answered = index_of(mean_score(items.keyed[asked]).dropna().index)
    here = called(role.school, places, "place")
    mean = partial(Number, unit="points of the source's scale", interval="t")
    words = partial(profile_title, study=study)
    label = study.roles.exposure.label
    numbers = [
        _number(mean, SUPPORT, "support", "teachers"),
        _number(mean, COLLABORATION, "collaboration", "students"),
    ]
    if "classrooms" in shown:
        numbers += [
            _number(mean, RATED, "rubric", None),
            Number(f"{RATED}.classrooms", "classrooms", "classrooms"),
        ]
    read = (
        f"Mean support that teachers report, mean {label} that {study.people} report, and mean"
        " rating of the observed classrooms, by school, with t intervals"
    )
    described = "Schools differ in much else: this describes them, and nothing is tested"
    return Exhibit(
        name="school-profiles",
        table=shown,
        keys={"item": "place"},
        counts=(
            Count("teachers", answered & here, of=TEACHERS, unit=TEACHERS, gates=False),
            Count("students", has(scale) & here, gates=False),
        ),
        numbers=tuple(numbers),
        title=words,
        sentence=partial(profile_sentence, study=study),
        caption=f"{read}. {described}.",
        figures=(
            Drawing(
                "school-profiles",
                partial(draw_profiles, label=label),
                alt=after(words, "Points with intervals for every school, a panel each source."),
                caption=f"{read}; each source on its own scale. {described}.",
            ),
        ),
    )


def _number(mean: partial, quantity: str, column: str, n: str | None) -> Number:
    ends = {"lower": f"{column}_lower", "upper": f"{column}_upper"}
    return mean(quantity, column, n=n, closed_form="mean" if n else "", **ends)


def _first(records: Records, quantity: str) -> Result | None:
    return max(records.of(quantity), key=lambda one: float(one.estimate), default=None)


def profile_title(records: Records, study: Study) -> str:
    """Say whether the school with most support is the one with most collaboration."""
    most, students = _first(records, SUPPORT), _first(records, COLLABORATION)
    label = study.roles.exposure.label
    if most is None or students is None:
        return f"Whether schools with more support show more {label} is {SUPPRESSED}"
    which = "also has" if most.item == students.item else "is not the one with"
    return (
        f"The school whose teachers report most support {which} the most {label} in the"
        f" {study.people}' reports"
    )


def profile_sentence(records: Records, study: Study) -> str:
    """Give both means of the school with the most and of the one with the least support."""
    found = sorted(records.of(SUPPORT), key=lambda one: -float(one.estimate))
    if not found:
        return f"The means of schools are {SUPPRESSED}."
    label = study.roles.exposure.label
    ends = {"most": found[0], "least": found[-1]} if len(found) > 1 else {"": found[0]}
    clauses = [
        f"in {one.item}, whose teachers report{f' {which}' if which else ''} support"
        f" ({{{{number: {one.id}}}}} points), {study.people} report"
        f" {{{{number: {COLLABORATION}/{one.item}}}}} points of {label}"
        for which, one in ends.items()
    ]
    return f"{sentence_of(clauses)} This describes these schools and tests nothing."
