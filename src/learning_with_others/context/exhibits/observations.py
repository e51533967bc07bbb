"""Exhibits of the observation rubric: what was seen, and how far raters agree on it."""

from functools import partial

import pandas as pd

from learning_with_others.context.figures.rubric_figures import (
    draw_elements,
    draw_reliability,
    draw_variance_shares,
)
from learning_with_others.context.rubric import (
    ABSOLUTE,
    ALL,
    CLASSROOMS,
    MOST_RATERS,
    RATERS,
    RELATIVE,
    REST,
    RubricTables,
)
from learning_with_others.data.measures.sources import OBSERVERS, STUDENTS
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.inference.cluster_bootstrap import INTERVAL_KIND as BOOTSTRAP
from learning_with_others.psychometrics.agreement.rating_components import (
    INTERVAL_KIND as PROFILE,
)
from learning_with_others.study import Study

POINTS = "points of the rubric"
MEAN, SHARE, RELIABILITY = (
    f"context.rubric.{name}" for name in ("mean", "variance_share", "reliability")
)
CORRELATION = "context.rubric.correlation"
# Nunnally, J. C. (1978), Psychometric theory, 2nd ed., 245-246: early research; basic research.
SUFFICIENT, GOOD = 0.70, 0.80
CORRELATED = {
    "correlation": "correlation",
    "correlation_lower": "lower",
    "correlation_upper": "upper",
    "correlation_mcse": "mcse",
}


@exhibit
def rubric_elements(
    found: RubricTables, convergence: pd.DataFrame | None, study: Study
) -> Exhibit | None:
    """Mean of each element, its reliability, and its correlation with students' reports."""
    if found.means.empty:
        return None
    title, likely = partial(_seen, study=study), f"{study.analysis.interval_probability:.0%}"
    table = found.means.merge(_with_students(convergence), on="element", how="left")
    return Exhibit(
        name="rubric-elements",
        table=table,
        keys={"outcome": "element"},
        numbers=(
            Number(MEAN, "estimate", POINTS, interval="{interval}"),
            *(
                Number(f"context.rubric.sd_{part}", f"sd_{part}", POINTS)
                for part in (CLASSROOMS, RATERS, REST)
            ),
            Number(
                f"{RELIABILITY}.as_rated",
                "reliability",
                "coefficient",
                interval=PROFILE,
                lower="reliability_lower",
                upper="reliability_upper",
            ),
            Number(
                CORRELATION,
                "correlation",
                "correlation",
                interval=BOOTSTRAP,
                lower="correlation_lower",
                upper="correlation_upper",
                mcse="correlation_mcse",
            ),
            *(
                Number(f"context.rubric.{name}", name, name)
                for name in (CLASSROOMS, RATERS, "ratings")
            ),
        ),
        plain=("label", "interval"),
        title=title,
        sentence=partial(_seen_sizes, study=study),
        caption=f"Mean rating of each element, in {POINTS}; standard deviations of classrooms, of"
        " raters' severity and of what is left; reliability of a classroom's mean rating with as"
        " many raters as classrooms had; and correlation over classrooms with what"
        f" {study.people} of the classroom report (from the measurement stage). Intervals"
        f" ({likely}): of means, {_kinds(found)}, with both classrooms and raters as samples where"
        f" the ratings allow it; of reliability, {PROFILE}; of correlations, {BOOTSTRAP}.",
        figures=(
            Drawing(
                "rubric-elements",
                partial(draw_elements, people=study.people),
                alt=after(
                    title,
                    "Points with intervals for each element of the rubric: mean rating, reliability"
                    f" of a classroom's score, and correlation with {study.people}' reports.",
                ),
                caption="Mean rating of each element, reliability of a classroom's score with as"
                f" many raters as it had, and correlation with what {study.people} of the classroom"
                f" report. Lines: {likely} intervals.",
            ),
        ),
    )


def _with_students(convergence: pd.DataFrame | None) -> pd.DataFrame:
    """Correlation of each element with students' reports, as handed over."""
    if convergence is None or convergence.empty:
        return pd.DataFrame(columns=["element", *CORRELATED])
    pair = (convergence["first"] == STUDENTS) & (convergence["second"] == OBSERVERS)
    mine = convergence.loc[pair, ["element", *CORRELATED.values()]]
    return mine.rename(columns={old: new for new, old in CORRELATED.items()})


def _kinds(found: RubricTables) -> str:
    return " or ".join(kind for kind in dict.fromkeys(found.means["interval"]) if kind)


def _extremes(records: Records) -> tuple[list[Result], list[Result]] | None:
    """Highest and lowest elements; several where they are alike."""
    means = [one for one in records.of(MEAN) if one.outcome != ALL]
    if not means:
        return None
    ends = (pick(float(one.estimate) for one in means) for pick in (max, min))
    high, low = ([one for one in means if one.estimate == end] for end in ends)
    return high, low


def _labels(study: Study, found: list[Result]) -> str:
    labels = [study.labels.get(str(one.outcome), str(one.outcome)) for one in found]
    return listed(label[:1].lower() + label[1:] for label in labels)


def _seen(records: Records, study: Study) -> str:
    """Name the element that observers rated highest, and the lowest."""
    ends = _extremes(records)
    if ends is None:
        return f"What observers saw is {SUPPRESSED}"
    high, low = ends
    if high == low:
        return f"Observers rated {_labels(study, high)} {{{{number: {high[0].id}}}}}"
    words = f"Observers rated {_labels(study, high)} highest and {_labels(study, low)} lowest"
    top, bottom = high[0].lower, low[0].upper
    overlap = top is None or bottom is None or top <= bottom
    return words + ", but their intervals overlap" * overlap


def _seen_sizes(records: Records, study: Study) -> str:
    """Give the lowest and the highest mean, and the range of correlations."""
    ends = _extremes(records)
    if ends is None:
        return f"Mean ratings are {SUPPRESSED}."
    high, low = ends
    said = [_sized(one, study) for one in (high if high == low else [*high, *low])]
    text = f"The mean rating is {listed(said)}"
    related = sorted(records.of(CORRELATION), key=lambda one: float(one.estimate))
    if related:
        clear = sum(one.lower is not None and one.lower > 0 for one in related)
        how = "all" if clear == len(related) else "none" if clear == 0 else "some"
        text += (
            f"; over classrooms, ratings correlate with what {study.people} report from"
            f" {{{{number: {related[0].id}}}}} to {{{{number: {related[-1].id}}}}}, {how} of them"
            " clearly above zero"
        )
    return f"{text}."


def _sized(found: Result, study: Study) -> str:
    id_ = found.id
    text = f"{{{{number: {id_}}}}} for {_labels(study, [found])}"
    if found.interval is None:
        return text
    return f"{text} ({{{{probability: {id_}}}}} interval {{{{interval: {id_}}}}})"


@exhibit
def rubric_variance(found: RubricTables, study: Study) -> Exhibit | None:
    """Shares of the variance of a single rating."""
    if found.shares.empty:
        return None
    likely = f"{study.analysis.interval_probability:.0%} {PROFILE}"
    return Exhibit(
        name="rubric-variance",
        table=found.shares,
        keys={"outcome": "element", "item": "part"},
        numbers=(Number(SHARE, "share", "share of variance", interval=PROFILE),),
        plain=("label", "part"),
        title=_largest,
        sentence=_shares_said,
        caption="Shares of the variance of a single rating: between classrooms (what is to be"
        " measured), between raters (how severe they are), and the rest (raters who see different"
        f" things in the same classroom, and chance). Intervals: {likely}; with few raters, their"
        " share is known poorly.",
        figures=(
            Drawing(
                "rubric-variance",
                draw_variance_shares,
                alt=after(
                    _largest,
                    "Stacked bars, one for each element of the rubric: shares of classrooms,"
                    " raters and rest.",
                ),
                caption="Shares of the variance of a single rating, by element: between"
                " classrooms, between raters, and the rest.",
            ),
        ),
    )


def _whole(records: Records, quantity: str) -> str:
    """The mean of all elements, or the only one there is."""
    outcomes = [one.outcome for one in records.of(quantity)]
    return ALL if ALL in outcomes else str(outcomes[-1]) if outcomes else ""


AT = {
    CLASSROOMS: "between classrooms",
    RATERS: "between raters",
    REST: "neither between classrooms nor between raters",
}


def _largest(records: Records) -> str:
    """Name the largest share of the variance of the mean of all elements."""
    parts = records.of(SHARE, outcome=_whole(records, SHARE))
    if not parts:
        return f"How far raters and classrooms differ is {SUPPRESSED}"
    largest = max(parts, key=lambda one: float(one.estimate))
    half = float(largest.estimate) > 0.5  # noqa: PLR2004 - the greater part
    how = "Most" if half else "The largest part"
    of = "the mean of all elements" if largest.outcome == ALL else "ratings"
    return f"{how} of the variance of {of} lies {AT[str(largest.item)]}"


def _shares_said(records: Records) -> str:
    """Give the three shares."""
    parts = {one.item: one.id for one in records.of(SHARE, outcome=_whole(records, SHARE))}
    if not parts:
        return f"Shares of the variance are {SUPPRESSED}."
    of_all = "on the mean of all elements" if _whole(records, SHARE) == ALL else "on one element"
    said = [
        f"{{{{percent: {parts[part]}}}}} ({{{{percents: {parts[part]}}}}}) {words}"
        for part, words in (
            (CLASSROOMS, "lies between classrooms"),
            (RATERS, "between raters"),
        )
        if part in parts
    ]
    probability = next(iter(parts.values()))
    return (
        f"Of the variance of a single rater's score {of_all}, {' and '.join(said)}"
        f" ({{{{probability: {probability}}}}} intervals in brackets)."
    )


@exhibit
def rubric_reliability(found: RubricTables, study: Study) -> Exhibit | None:
    """Reliability of a classroom's score by number of raters."""
    if found.reliability.empty:
        return None
    likely = f"{study.analysis.interval_probability:.0%} {PROFILE}, stepped up"
    return Exhibit(
        name="rubric-reliability",
        table=found.reliability.assign(raters=found.reliability["raters"].astype(str)),
        keys={"outcome": "element", "item": "{kind} {raters}"},
        numbers=(Number(RELIABILITY, "estimate", "coefficient", interval=PROFILE),),
        plain=("label", "kind", "raters"),
        title=_needed,
        sentence=_by_raters,
        caption="Reliability of a classroom's mean rating by number of raters. Absolute: the"
        " severity of raters counts as error, as where classrooms have different raters. Relative:"
        " all classrooms have the same raters. It does not tell how a classroom varies from lesson"
        f" to lesson. Intervals: {likely}. Benchmarks: {SUFFICIENT:.2f} for early and {GOOD:.2f}"
        " for basic research (Nunnally 1978).",
        figures=(
            Drawing(
                "rubric-reliability",
                partial(draw_reliability, kinds=(ABSOLUTE, RELATIVE), lines=(SUFFICIENT, GOOD)),
                alt=after(
                    _needed,
                    "Lines of reliability over one to six raters, a panel for each element;"
                    f" dotted lines at {SUFFICIENT:.2f} and {GOOD:.2f}.",
                ),
                caption="Reliability of a classroom's mean rating over the number of raters:"
                f" absolute with its interval ({likely}) as a band, relative dashed. Dotted:"
                f" {SUFFICIENT:.2f} and {GOOD:.2f} (Nunnally 1978).",
            ),
        ),
    )


def _curve(records: Records, outcome: str) -> list[Result]:
    """Absolute reliability of an element, by number of raters."""
    whole = records.of(RELIABILITY, outcome=outcome)
    return [one for one in whole if str(one.item).startswith(ABSOLUTE)]


def _raters(one: Result) -> int:
    return int(str(one.item).rpartition(" ")[2])


WORDS = ("one", "two", "three", "four", "five", "six")


def _count(number: int) -> str:
    return f"{WORDS[number - 1]} rater{'s' * (number > 1)}"


def _enough(curve: list[Result]) -> int:
    """Fewest raters with the higher benchmark; one more than there are if none has it."""
    return min(
        (_raters(one) for one in curve if float(one.estimate) >= GOOD), default=len(curve) + 1
    )


def _needed(records: Records) -> str:
    """Say how many raters of each classroom give the higher benchmark."""
    whole = _whole(records, RELIABILITY)
    if not whole:
        return f"How reliable ratings of classrooms are is {SUPPRESSED}"
    outcomes = dict.fromkeys(str(one.outcome) for one in records.of(RELIABILITY))
    needed = {outcome: _enough(_curve(records, outcome)) for outcome in outcomes}

    def words(number: int) -> str:
        return WORDS[number - 1] if number <= MOST_RATERS else f"more than {WORDS[-1]}"

    of_whole = needed.pop(whole)
    text = f"A reliability of {GOOD:.2f} takes {words(of_whole)} rater{'s' * (of_whole > 1)}"
    if not needed:
        return f"{text} of each classroom"
    least, most = min(needed.values()), max(needed.values())
    range_ = words(least) if least == most else f"{words(least)} to {words(most)}"
    return f"{text} for the mean of all elements, and {range_} for single elements"


def _by_raters(records: Records) -> str:
    """Give the reliability of one, two and the most raters."""
    curve = _curve(records, _whole(records, RELIABILITY))
    if not curve:
        return f"Reliabilities are {SUPPRESSED}."
    shown = dict.fromkeys([curve[0], curve[min(1, len(curve) - 1)], curve[-1]])
    said = [
        f"{{{{number: {one.id}}}}} ({{{{interval: {one.id}}}}}) with {_count(_raters(one))}"
        for one in shown
    ]
    of_all = " on the mean of all elements" if curve[0].outcome == ALL else ""
    return (
        f"A classroom's rating{of_all} has a reliability of {', '.join(said[:-1])} and {said[-1]}"
        f" ({{{{probability: {curve[0].id}}}}} intervals in brackets; raters' severity counts as"
        " error)."
    )
