"""Exhibits of how schools differ in the teacher survey, and of supports against hindrances."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.context.exhibits.teacher_words import (
    AGAINST,
    SCHOOL_MEAN,
    SCHOOL_SD,
    Wordings,
    about_schools,
    against_sentence,
    against_title,
    schools_sentence,
    schools_title,
)
from learning_with_others.context.exhibits.teachers import UNIT, Columns, answered, counted, worded
from learning_with_others.context.figures.teacher_items import (
    NAMED,
    draw_against,
    draw_school_means,
)
from learning_with_others.context.teacher_schools import (
    BETWEEN,
    DIFFERENCE,
    MEAN,
    OVERALL,
    scale_difference,
)
from learning_with_others.context.teacher_survey import ContextItems
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import called, either, index_of
from learning_with_others.exhibits.phrases import after
from learning_with_others.study import Study

T = "t"


@exhibit
def teacher_schools(
    table: pd.DataFrame | None,
    items: ContextItems,
    places: dict[object, str],
    columns: Columns,
    study: Study,
) -> list[Exhibit] | None:
    """How far schools differ in each item, and every school's mean."""
    if table is None or table["estimate"].isna().all():
        return None
    words, role = Wordings(columns, study), study.roles
    spread = table[table["kind"] == BETWEEN].drop(columns=["kind", "school"])
    means = table[(table["kind"] == MEAN) & (table["item"] != DIFFERENCE)]
    means = means.assign(place=means["school"].map(places)).drop(columns=["kind", "school"])
    title = partial(schools_title, words=words)
    credible = {"unit": UNIT, "interval": INTERVAL_KIND, "mcse": "mcse"}
    here = answered(items) & called(role.school, places, "place")
    everywhere, both = answered(items), scale_difference(items)
    if both is not None:
        whole = index_of(both.dropna().index)
        everywhere = either("item", DIFFERENCE, whole, everywhere)
    few = "With so few schools the means describe; nothing is tested. "
    few *= not items.schools_are_sampled
    return [
        Exhibit(
            name="teacher-school-differences",
            table=worded(spread, words),
            keys={"outcome": "construct", "item": "item"},
            counts=counted(everywhere),
            numbers=(Number(SCHOOL_SD, "estimate", **credible),),
            plain=("label", "wording"),
            title=title,
            sentence=partial(schools_sentence, items=items, words=words),
            caption="Standard deviation between schools of the mean answer to each item, from a"
            f" multilevel model of teachers in schools. {few}Intervals: {INTERVAL_KIND}.",
        ),
        Exhibit(
            name="teacher-school-means",
            table=worded(means, words),
            keys={"outcome": "item", "item": "place"},
            counts=counted(here),
            numbers=(Number(SCHOOL_MEAN, "estimate", **credible),),
            plain=("label", "wording", "construct"),
            caption="Partially pooled mean answer of each school's teachers to each item. Schools"
            f" have the same numbers as in all other tables. {few}Intervals: {INTERVAL_KIND}."
            f" With more than {NAMED} schools, the figure has a mark for each and the median.",
            figures=(
                Drawing(
                    "teacher-school-means",
                    draw_school_means,
                    after(title, "For each item, a mark for every school."),
                ),
            ),
        ),
    ]


@exhibit
def teacher_balance(
    table: pd.DataFrame | None,
    items: ContextItems,
    places: dict[object, str],
    columns: Columns,
    study: Study,
) -> Exhibit | None:
    """Supports less hindrances within teachers, over all and by school."""
    both = None if items is None else scale_difference(items)
    if table is None or both is None:
        return None
    words = Wordings(columns, study)
    title = partial(against_title, words=words)
    known = index_of(both.dropna().index)
    here = known & called(study.roles.school, places, "place")
    shown = table.assign(place=table["school"].map(lambda name: places.get(name, name)))
    kinds = shown["kind"].map({OVERALL: T}).fillna(INTERVAL_KIND)
    return Exhibit(
        name="teacher-balance",
        table=shown.drop(columns="school").assign(interval=kinds),
        keys={"item": "place"},
        counts=counted(either("kind", OVERALL, known, here)),
        numbers=(Number(AGAINST, "estimate", UNIT, interval="{interval}", mcse="mcse"),),
        plain=("kind", "interval"),
        title=title,
        sentence=partial(against_sentence, words=words),
        caption="Teachers' mean answer to the supports less that to the hindrances: above zero,"
        " teachers report more supports. Of teachers who answered at least half of both; by school"
        f" partially pooled. {about_schools(items)}. Intervals: {T} over all schools,"
        f" {INTERVAL_KIND} by school.",
        figures=(
            Drawing(
                "teacher-balance",
                draw_against,
                alt=after(title, "Points with intervals, over all schools and for each school."),
            ),
        ),
    )
