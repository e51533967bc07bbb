"""Exhibits of data quality: which rows, of whom, and what is missing.

Lead exhibits: `sample` (who is in it, and what was not recorded?), `flow` (are rows of one group
lost more often?) and `missing` (is anything missing more often in one group?).
"""

from functools import partial

import pandas as pd

from learning_with_others.data.clusters import cluster_sizes, missing_shares, school_names
from learning_with_others.data.flow import Step, count_by_school, count_rows
from learning_with_others.data.reading import codebook_of
from learning_with_others.data.validation.findings import Finding, count_by_rule
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom, called, group, of_grade, recorded
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.quality.figures.row_counts import (
    draw_flow,
    draw_flow_by_school,
    draw_missingness,
)
from learning_with_others.quality.sample import sample
from learning_with_others.study import Study

__all__ = ["clusters", "flagged", "missing", "rows_by_group", "rows_by_school", "sample"]

ANOTHER_GRADE = "row of another grade"  # as `analysis_steps` says
ALIKE = 0.02  # of shares; a difference below it is not worth a heading


@exhibit
def flagged(warnings: list[Finding]) -> Exhibit:
    """Rows that were flagged and kept."""
    return Exhibit(
        name="flagged",
        table=count_by_rule(warnings),
        keys={"outcome": "column", "item": "rule"},
        counts=(Count("rows", quantity="flow.flagged", unit="rows"),),
        caption="Number of suspicious rows that were flagged and kept, by rule.",
    )


@exhibit
def rows_by_group(students: pd.DataFrame, steps: list[Step], study: Study) -> Exhibit:
    """Rows at every step, by group."""
    role = study.roles.group
    # Rows of other grades are rows of the same people: nobody is lost where they are left out.
    first = next((step.name for step in steps if step.reason == ANOTHER_GRADE), steps[0].name)
    words = partial(flow_words, last=_fewest(steps), study=study, first=first)
    return Exhibit(
        name="flow",
        table=count_rows(students, steps, study),
        keys={"group": "group", "item": "step"},
        counts=(
            Count("rows", _remaining(steps) & group(), quantity="flow.rows", unit="rows"),
            Count("left", _left(steps) & group(), quantity="flow.left", unit="rows", gates=False),
        ),
        plain=("after", "reason"),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"Rows at every step from the file to the benefit models, by {role.label}."
        + (
            f" Of one of the {study.people}, the file has a row in each grade attended; whoever"
            f" left before {first} has none there, and is not among those lost here."
            if first != steps[0].name
            else ""
        ),
        figures=(
            Drawing(
                "flow",
                partial(draw_flow, focal=role.focal, reference=role.reference, labels=study.labels),
                alt="Bars of the rows that remain at each step from the file to the benefit"
                f" models, one panel for {role.focal}, one for {role.reference} {study.people} and"
                " one for all others together.",
                caption=f"Rows that remain at each step, by {role.label}.",
            ),
        ),
    )


@exhibit
def rows_by_school(students: pd.DataFrame, steps: list[Step], study: Study) -> Exhibit:
    """Rows at every step, by school."""
    at_school = called(study.roles.school, school_names(students, study), "group")
    return Exhibit(
        name="flow-by-school",
        table=count_by_school(students, steps, study),
        keys={"group": "group", "item": "step"},
        counts=(Count("rows", _remaining(steps) & at_school, quantity="flow.rows", unit="rows"),),
        caption=f"Rows that remain at each step, by school; schools are numbered, not"
        f" named{of_grade_rows(study)}.",
        figures=(
            Drawing(
                "flow-by-school",
                partial(draw_flow_by_school, labels=study.labels),
                alt="For each school, in order of its size, dots for the rows that remain at each"
                " step from the file to the benefit models.",
            ),
        ),
    )


@exhibit
def clusters(in_grade: pd.DataFrame, study: Study) -> Exhibit:
    """How many classrooms and schools there are, and how many hold both groups."""
    focal, reference = study.roles.group.contrast
    sizes = ("median_size", "quartile_low", "quartile_high")
    return Exhibit(
        name="clusters",
        table=cluster_sizes(in_grade, study),
        keys={"item": "level"},
        numbers=(
            *(Number(f"flow.clusters.{name}", name, study.people, size=True) for name in sizes),
            Number("flow.clusters", "clusters", "{level}"),
            Number("flow.clusters.both_groups", "both_groups", "{level}"),
        ),
        caption=f"Number of classrooms and schools, their size in {study.people} (median and"
        f" quartiles), and how many have both {focal} and {reference} {study.people}"
        f"{of_grade_rows(study)}.",
    )


@exhibit
def missing(in_grade: pd.DataFrame, study: Study, grade: str) -> Exhibit:
    """Values missing, by column and group."""
    role = study.roles.group
    whom = of_grade(grade) & group()
    named = {name: column.label for name, column in codebook_of(study)["students"].items()}
    words = partial(missing_words, study=study, labels=named | study.labels)
    return Exhibit(
        name="missing",
        table=missing_shares(in_grade, study),
        keys={"group": "group", "item": "column"},
        counts=(
            Count("rows", whom),
            Count("missing", whom & ~recorded("column"), quantity="flow.missing", gates=False),
        ),
        numbers=(Number("flow.missing_share", "share", "share", share_of="rows", part="missing"),),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"Missing values, by variable and {role.label}.",
        figures=(
            Drawing(
                "missing",
                partial(
                    draw_missingness,
                    focal=role.focal,
                    reference=role.reference,
                    labels=named | study.labels,
                ),
                alt=f"Bars of the share of values missing in each variable, {role.focal} beside"
                f" {role.reference} {study.people}.",
                caption=f"Share of values missing, by {role.label}.",
            ),
        ),
    )


def of_grade_rows(study: Study) -> str:
    """Say whose classroom and school are meant where people have a row in each grade."""
    return "" if study.roles.grade is None else "; those of the row's own grade, not of entry"


def flow_words(
    records: Records, last: str, study: Study, *, first: str = "raw file", sentence: bool = False
) -> str:
    """Say whether more rows of one group are lost before a step."""
    people, groups = study.people, study.roles.group.contrast
    ids = {name: (f"flow.rows/{name}/{first}", f"flow.rows/{name}/{last}") for name in groups}
    if any(id_ not in records for pair in ids.values() for id_ in pair):
        return f"How many {people} reach the models is suppressed"
    there = "" if first == "raw file" else f" in {first}"
    if sentence:
        return (
            "Of "
            + ", and of ".join(
                f"{{{{number: {whole}}}}} rows of {name} {people}{there},"
                f" {{{{number: {part}}}}} reach the step “{last}”"
                for name, (whole, part) in ids.items()
            )
            + "."
        )
    kept = {
        name: records[part].estimate / records[whole].estimate
        for name, (whole, part) in ids.items()
    }
    low, high = sorted(groups, key=kept.__getitem__)
    if kept[high] - kept[low] < ALIKE:
        both = f"{groups[0]} and {groups[1]} {people}"
        return f"About the same share of rows of {both}{there} is lost before the models"
    return (
        f"A larger share of rows{there} is lost for {low} than for {high} {people} before the"
        " models"
    )


def missing_words(
    records: Records, study: Study, labels: dict[str, str], *, sentence: bool = False
) -> str:
    """Say in which column, by its label, values are missing most unequally."""
    people, (focal, reference) = study.people, study.roles.group.contrast
    shares = {
        column: {r.group: r for r in records.of("flow.missing_share", item=column)}
        for column in dict.fromkeys(r.item for r in records.of("flow.missing_share"))
    }
    shown = {
        c: (of[focal], of[reference]) for c, of in shares.items() if {focal, reference} <= set(of)
    }
    if not shown:
        return f"How often values are missing is suppressed for {focal} or {reference} {people}"
    column, pair = max(shown.items(), key=lambda item: abs(_difference(item[1])))
    label = labels.get(column, column)
    if sentence:
        return (
            f"{label} is missing for {{{{percent: {pair[0].id}}}}} of {focal} and for"
            f" {{{{percent: {pair[1].id}}}}} of {reference} {people}; no variable differs more."
        )
    if abs(_difference(pair)) < ALIKE:
        return f"Values are missing about as often for {focal} as for {reference} {people}"
    more, fewer = (focal, reference) if _difference(pair) > 0 else (reference, focal)
    return f"{label} is missing more often for {more} than for {fewer} {people}"


def _difference(pair: tuple[Result, Result]) -> float:
    return pair[0].estimate - pair[1].estimate


def _fewest(steps: list[Step]) -> str:
    """Name of the last step with the fewest rows."""
    before = {step.after for step in steps}
    ends = [step for step in steps if step.name not in before]
    return min(ends, key=lambda step: step.remaining.sum()).name


def _remaining(steps: list[Step]) -> Whom:
    """Those who remain at the step that the row names."""
    found = {step.name: step.remaining for step in steps}
    return Whom(lambda row, _, __: found[row["step"]])


def _left(steps: list[Step]) -> Whom:
    """Those who left at the step that the row names."""
    found = {step.name: step for step in steps}

    def rule(row, _, __):  # noqa: ANN001, ANN202 - a rule of Whom
        step = found[row["step"]]
        before = found[step.after].remaining if step.after else step.remaining
        return before & ~step.remaining

    return Whom(rule)
