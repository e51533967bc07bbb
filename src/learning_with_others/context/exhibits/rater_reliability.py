"""Exhibits of the rubric's raters: shares of variance, and reliability by number of raters."""

from functools import partial

from learning_with_others.context.figures.rubric_figures import (
    draw_reliability,
    draw_variance_shares,
)
from learning_with_others.context.rubric import (
    ABSOLUTE,
    ALL,
    CLASSROOMS,
    RATERS,
    RELATIVE,
    REST,
    RubricTables,
)
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed, with_interval
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.psychometrics.agreement.rating_components import INTERVAL_KIND as PROFILE
from learning_with_others.study import Study

SHARE, RELIABILITY = "context.rubric.variance_share", "context.rubric.reliability"
# Nunnally, J. C. (1978), Psychometric theory, 2nd ed., 245-246: early research; basic research.
SUFFICIENT, GOOD = 0.70, 0.80
WORDS = ("one", "two", "three", "four", "five", "six", "more than six")
AT = {
    CLASSROOMS: "between classrooms",
    RATERS: "between raters",
    REST: "neither between classrooms nor between raters",
}


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
            ),
        ),
    )


def _whole(records: Records, quantity: str) -> str:
    """The mean of all elements, or the only one there is."""
    outcomes = [one.outcome for one in records.of(quantity)]
    return ALL if ALL in outcomes else str(outcomes[-1]) if outcomes else ""


def _largest(records: Records) -> str:
    """Name the largest share of the variance of the mean of all elements."""
    parts = records.of(SHARE, outcome=_whole(records, SHARE))
    if not parts:
        return f"How far raters and classrooms differ is {SUPPRESSED}"
    largest = max(parts, key=lambda one: float(one.estimate))
    how = "Most" if float(largest.estimate) > 1 / 2 else "The largest part"
    of = "the mean of all elements" if largest.outcome == ALL else "ratings"
    return f"{how} of the variance of {of} lies {AT[str(largest.item)]}"


def _shares_said(records: Records) -> str:
    """Give the three shares."""
    parts = records.of(SHARE, outcome=_whole(records, SHARE))
    if not parts:
        return f"Shares of the variance are {SUPPRESSED}."
    of = "the mean of all elements" if parts[0].outcome == ALL else "one element"
    said = listed(
        f"{{{{percent: {one.id}}}}} lies {AT[str(one.item)]}{with_interval(one, 'percents')}"
        for one in parts
        if one.item != REST
    )
    return f"Of the variance of a single rater's score on {of}, {said}."


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
        caption="Reliability of a classroom's mean rating by number of raters. Absolute (solid,"
        " with a band): the severity of raters counts as error, as where classrooms have different"
        " raters. Relative (dashed): all classrooms have the same raters. How a classroom varies"
        " from lesson to lesson is not in it. Dotted benchmarks:"
        f" {SUFFICIENT:.2f} for early and {GOOD:.2f} for basic research (Nunnally 1978). Intervals:"
        f" {likely}.",
        figures=(
            Drawing(
                "rubric-reliability",
                partial(draw_reliability, kinds=(ABSOLUTE, RELATIVE), lines=(SUFFICIENT, GOOD)),
                alt=after(
                    _needed,
                    "Lines of reliability over one to six raters, a panel for each element;"
                    f" dotted lines at {SUFFICIENT:.2f} and {GOOD:.2f}.",
                ),
            ),
        ),
    )


def _curve(records: Records, outcome: str) -> list[Result]:
    """Absolute reliability of an element, of one rater and of more."""
    whole = records.of(RELIABILITY, outcome=outcome)
    return [one for one in whole if str(one.item).startswith(ABSOLUTE)]


def _enough(curve: list[Result]) -> int:
    """Fewest raters with the higher benchmark, as a place in `WORDS`."""
    enough = (k for k, one in enumerate(curve) if float(one.estimate) >= GOOD)
    return next(enough, len(WORDS) - 1)


def _needed(records: Records) -> str:
    """Say how many raters of each classroom give the higher benchmark."""
    whole = _whole(records, RELIABILITY)
    if not whole:
        return f"How reliable ratings of classrooms are is {SUPPRESSED}"
    outcomes = dict.fromkeys(str(one.outcome) for one in records.of(RELIABILITY))
    needed = {outcome: _enough(_curve(records, outcome)) for outcome in outcomes}
    of_whole = needed.pop(whole)
    text = f"A reliability of .80 takes {WORDS[of_whole]} rater{'s' * (of_whole > 0)}"
    if not needed:
        return f"{text} of each classroom"
    ends = dict.fromkeys(WORDS[end(needed.values())] for end in (min, max))
    return f"{text} for the mean of all elements, and {' to '.join(ends)} for single elements"


def _by_raters(records: Records) -> str:
    """Give the reliability of one, two and the most raters."""
    curve = _curve(records, _whole(records, RELIABILITY))
    if not curve:
        return f"Reliabilities are {SUPPRESSED}."
    said = [
        f"{{{{number: {one.id}}}}} ({{{{interval: {one.id}}}}}) with {WORDS[k]}"
        for k, one in enumerate(curve)
        if k in (0, 1, len(curve) - 1)
    ]
    of_all = " on the mean of all elements" if curve[0].outcome == ALL else ""
    return (
        f"A classroom's rating{of_all} has a reliability of {listed(said)} raters"
        f" ({{{{probability: {curve[0].id}}}}} intervals in brackets; raters' severity counts as"
        " error)."
    )
