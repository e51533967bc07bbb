"""Exhibits of schools: teachers' support beside collaboration, described and not tested."""

from functools import partial

from learning_with_others.context.figures.teacher_items import draw_strands
from learning_with_others.context.school_strands import RUBRIC_MEAN
from learning_with_others.context.schools import BOOTSTRAP, INTERVAL_KIND, SchoolComparison
from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import listed, with_interval
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED, direction
from learning_with_others.study import Study

MEAN = "context.school.mean"
ALIKE, PAIRS, CORRELATION = (
    f"context.school.{name}" for name in ("pairs_alike", "pairs", "correlation")
)
# Decimals of protected studies: with more, or with ranks, a school could be found in another table
# by its mean, and from widths of intervals how many answered.
DIGITS = 1


@exhibit
def school_strands(found: SchoolComparison, study: Study) -> Exhibit:
    """Every school's mean in every strand, from the mean of schools."""
    if found.schools.empty:
        return Exhibit("school-strands", f"no comparison of schools: {found.reason}", found.schools)
    names = found.schools["strand"].replace(study.labels | {RUBRIC_MEAN: "Mean of all elements"})
    table = found.schools.assign(label=names + " (" + found.schools["source"] + ")")
    if study.disclosure.protected:
        shown = ["estimate", "lower", "upper"]
        table[shown] = table[shown].round(DIGITS) + 0.0  # no number is less than zero and zero
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND}"
    return Exhibit(
        name="school-strands",
        table=table,
        keys={"outcome": "strand", "item": "place"},
        numbers=(Number(MEAN, "estimate", "SD within schools", interval=INTERVAL_KIND),),
        plain=("label", "source", "place"),
        caption="What each source says of each school: distance of the school's mean from the mean"
        " of all schools, in standard deviations within schools (of teachers,"
        f" {study.people} or classrooms). Schools have the same numbers as in all other tables and"
        " are in the order of the first of the teachers' scales."
        f" Intervals: {likely}; they treat these schools as given.",
        figures=(
            Drawing(
                "school-strands",
                draw_strands,
                "Points with intervals: schools in rows, one panel for each of teachers' scales,"
                f" the survey of {study.people} and the rubric.",
            ),
        ),
    )


@exhibit
def school_order(found: SchoolComparison, study: Study) -> Exhibit | None:
    """Whether schools stand in the same order in teachers' support and in collaboration."""
    if found.pairs.empty:
        return None
    return Exhibit(
        name="school-order",
        table=found.pairs,
        keys={"outcome": "strand", "item": "context"},
        numbers=(
            Number(ALIKE, "alike", "pairs of schools"),
            Number(PAIRS, "pairs", "pairs of schools"),
            Number("context.school.schools", "schools", "schools"),
            Number(CORRELATION, "correlation", "correlation", interval=BOOTSTRAP, mcse="mcse"),
        ),
        plain=("context", "source"),
        title=partial(_same_order, study=study),
        sentence=partial(_pairs_said, study=study),
        caption="In how many pairs of schools the one whose teachers report more support, or fewer"
        " hindrances, has more collaboration (*alike*); by chance alone it would be half of them."
        f" Correlations ({study.analysis.interval_probability:.0%} intervals, {BOOTSTRAP}) are"
        f" given for {FEWEST_SCHOOLS} schools or more; fewer schools are described, not tested.",
    )


def _reported(context: str, study: Study) -> str:
    label = study.labels.get(context, context)
    how = "fewer" if study.constructs[context].hinders else "more"
    return f"{how} {label[:1].lower()}{label[1:]}"


def _beside(one: Result, quantity: str) -> str:
    return f"{quantity}/{one.outcome}/{one.item}"


def _where(one: Result) -> str:
    return "the rubric" if one.outcome == RUBRIC_MEAN else "the student survey"


def _same_order(records: Records, study: Study) -> str:
    """Say whether more support goes along with more collaboration."""
    found = records.of(ALIKE)
    found = [one for one in found if one.item == found[0].item]  # by the teachers' first scale
    if not found:
        return f"Whether schools with more support have more collaboration is {SUPPRESSED}"
    places: dict[str, list[str]] = {}
    for one in found:
        places.setdefault(_how(records, one, study), []).append(f"in {_where(one)}")
    said = [f"{how} {listed(where)}" for how, where in places.items()]
    schools = _beside(found[0], "context.school.schools")
    return (
        f"In these {{{{number: {schools}}}}} schools, where teachers report"
        f" {_reported(str(found[0].item), study)}, there is {listed(said)}"
    )


def _how(records: Records, one: Result, study: Study) -> str:
    """More or less collaboration: by a correlation's interval, or by most of the pairs."""
    words = {"more": "more collaboration", "fewer": "less collaboration"}
    words["same"] = "no clear difference in collaboration"
    correlation = _beside(one, CORRELATION)
    if correlation in records:
        if study.constructs[str(one.item)].hinders:
            words["more"], words["fewer"] = words["fewer"], words["more"]
        return direction(records, correlation, **words)
    excess = 2 * float(one.estimate) - float(records[_beside(one, PAIRS)].estimate)
    return words["more" if excess > 0 else "fewer" if excess < 0 else "same"]


def _pairs_said(records: Records, study: Study) -> str:
    """Give the pairs in the expected order for each strand, and what they are worth."""
    if not records.of(ALIKE):
        return f"The order of schools is {SUPPRESSED}."
    contexts: dict[str, list[str]] = {}
    for one in records.of(ALIKE):
        words = (
            f"in {{{{number: {one.id}}}}} of {{{{number: {_beside(one, PAIRS)}}}}} pairs in"
            f" {_where(one)}{_correlated(records, _beside(one, CORRELATION))}"
        )
        contexts.setdefault(str(one.item), []).append(words)
    said = [
        f"the one whose teachers report {_reported(context, study)} has more collaboration"
        f" {listed(words)}"
        for context, words in contexts.items()
    ]
    few = not records.of(CORRELATION)
    worth = " With so few schools, this is a description and not a test." if few else ""
    return f"Of two schools, {'; '.join(said)}.{worth}"


def _correlated(records: Records, id_: str) -> str:
    if id_ not in records:
        return ""
    return f" (correlation {{{{number: {id_}}}}}{with_interval(records[id_])})"
