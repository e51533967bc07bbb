"""Exhibit of the observation rubric: what was seen, beside what students report."""

from functools import partial

import pandas as pd

from learning_with_others.context.figures.rubric_figures import draw_elements
from learning_with_others.context.rubric import ALL, CLASSROOMS, RATERS, REST, RubricTables
from learning_with_others.data.measures.sources import OBSERVERS, STUDENTS
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed, with_interval
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.inference.cluster_bootstrap import INTERVAL_KIND as BOOTSTRAP
from learning_with_others.psychometrics.agreement.rating_components import INTERVAL_KIND as PROFILE
from learning_with_others.study import Study

POINTS = "points of the rubric"
MEAN, CORRELATION = "context.rubric.mean", "context.rubric.correlation"
ENDS = {end: f"correlation_{end}" for end in ("lower", "upper", "mcse")}


@exhibit
def rubric_elements(found: RubricTables, convergence: pd.DataFrame | None, study: Study) -> Exhibit:
    """Mean of each element, its reliability, and its correlation with students' reports."""
    if found.means.empty:
        return Exhibit("rubric-elements", "this study observed no classrooms.", found.means)
    title, likely = partial(_seen, study=study), f"{study.analysis.interval_probability:.0%}"
    kinds = filter(None, dict.fromkeys(found.means["interval"]))
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
                "context.rubric.reliability.as_rated",
                "reliability",
                "coefficient",
                interval=PROFILE,
                lower="reliability_lower",
                upper="reliability_upper",
            ),
            Number(CORRELATION, *["correlation"] * 2, interval=BOOTSTRAP, **ENDS),
            *(
                Number(f"context.rubric.{name}", name, name)
                for name in (CLASSROOMS, RATERS, "ratings")
            ),
        ),
        plain=("label", "interval"),
        title=title,
        sentence=partial(_seen_sizes, study=study),
        caption=f"Mean rating of each element, in {POINTS}; standard deviations (*sd*) of"
        " classrooms, of raters' severity and of the rest; reliability of a classroom's mean rating"
        f" with as many raters as it had; and correlation with what {study.people} of the classroom"
        f" report. Intervals ({likely}): of means, {' or '.join(kinds)}, with classrooms and raters"
        f" as samples where possible; of reliability, {PROFILE}; of correlations, {BOOTSTRAP}.",
        figures=(
            Drawing(
                "rubric-elements",
                partial(draw_elements, people=study.people),
                alt=after(
                    title,
                    "Points with intervals for each element of the rubric: mean rating, reliability"
                    f" of a classroom's score, and correlation with {study.people}' reports.",
                ),
            ),
        ),
    )


def _with_students(convergence: pd.DataFrame | None) -> pd.DataFrame:
    """Correlation of each element with students' reports, as handed over."""
    if convergence is None or convergence.empty:
        return pd.DataFrame(columns=["element", "correlation", *ENDS.values()])
    pair = (convergence["first"] == STUDENTS) & (convergence["second"] == OBSERVERS)
    return convergence.loc[pair, ["element", "correlation", *ENDS]].rename(columns=ENDS)


def _extremes(records: Records) -> tuple[list[Result], list[Result]] | None:
    """Highest and lowest elements; several where they are alike."""
    means = [one for one in records.of(MEAN) if one.outcome != ALL]
    if not means:
        return None
    ends = (pick(float(one.estimate) for one in means) for pick in (max, min))
    high, low = ([one for one in means if one.estimate == end] for end in ends)
    return high, low


def _labels(study: Study, found: list[Result]) -> str:
    return listed(f"“{study.labels.get(str(one.outcome), one.outcome)}”" for one in found)


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
    said = listed(
        f"{{{{number: {one.id}}}}} for {_labels(study, [one])}{with_interval(one)}"
        for one in dict.fromkeys([*high, *low])
    )
    text = f"The mean rating is {said}"
    related = sorted(records.of(CORRELATION), key=lambda one: float(one.estimate))
    if related:
        clear = sum(one.lower is not None and one.lower > 0 for one in related)
        how = "all" if clear == len(related) else "none" if clear == 0 else "some"
        text += (
            f"; correlations of ratings with what {study.people} of the classroom report go from"
            f" {{{{number: {related[0].id}}}}} to {{{{number: {related[-1].id}}}}}, {how} of them"
            " clearly above zero"
        )
    return f"{text}."
