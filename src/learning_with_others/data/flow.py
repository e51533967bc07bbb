"""The flow of rows: how many, of which group, at every step, and why rows left."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from learning_with_others.data.clusters import school_names
from learning_with_others.data.disclosure import reporting_groups
from learning_with_others.study import StudyDesign

ALL_GRADES = "all"
MODEL = "benefit model"


@dataclass(frozen=True)
class Step:
    """One step of the flow: its name, why rows left at it, and which remain.

    Attributes
    ----------
    name, reason : str
    remaining : pandas.Series of bool
        Over the rows of the table as read.
    after : str
        The step before it, empty for the first; the models of several outcomes branch off one.
    """

    name: str
    reason: str
    remaining: pd.Series
    after: str


def by_grade(students: pd.DataFrame, study: StudyDesign) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each grade, or all rows where a student has one row only."""
    if study.roles.grade is None:
        yield ALL_GRADES, students
        return
    yield from students.groupby(study.roles.grade, observed=True)


def rows_of_grade(students: pd.DataFrame, study: StudyDesign, grade: str) -> pd.DataFrame:
    """Rows of one grade, or of all where a student has one row only, that have their clusters.

    Rows without a school or classroom are counted in the flow and nowhere else: two tables whose
    numbers differed by them would show how few they are.
    """
    placed = students.dropna(subset=list(study.roles.clusters.values()))
    return placed if study.roles.grade is None else placed[placed[study.roles.grade] == grade]


def analysis_steps(students: pd.DataFrame, study: StudyDesign, grade: str) -> list[Step]:
    """Steps from the file to the rows of each benefit model, which holds students of every group.

    Parameters
    ----------
    students : pandas.DataFrame
        The table as read.
    study : StudyDesign
    grade : str
        The grade analysed, never rows of several grades pooled where a student has a row in
        each; `all` where the study has no such column.

    Returns
    -------
    list of Step
        Each step's rows are among those of the step it comes after. The last step, or the last
        of each outcome, holds the rows of its model.
    """
    roles = study.roles
    steps = [Step("raw file", "", pd.Series(True, index=students.index), "")]

    def add(name: str, reason: str, kept: pd.Series, after: Step) -> Step:
        steps.append(Step(name, reason, after.remaining & kept, after.name))
        return steps[-1]

    last = steps[0]
    if roles.grade is not None:
        last = add(f"grade {grade}", "row of another grade", students[roles.grade] == grade, last)
    placed = students[list(roles.clusters.values())].notna().all(axis=1)
    if not placed.all():
        levels = " or ".join(roles.clusters)
        last = add(f"{levels} recorded", f"no {levels} recorded", placed, last)
    predictors = [roles.exposure.name, *roles.covariates]
    if students[predictors].isna().any(axis=None):
        known = students[predictors].notna().all(axis=1)
        last = add("exposure and covariates recorded", "not recorded", known, last)
    if study.analysis.rows == "all_outcomes":
        recorded = students[[o.name for o in roles.outcomes.values()]].notna().all(axis=1)
        add(MODEL, f"{' or '.join(roles.outcomes)} not recorded", recorded, last)
        return steps
    for name, outcome in roles.outcomes.items():
        recorded = students[outcome.name].notna()
        add(f"{MODEL}: {name}", f"{name} not recorded", recorded, last)
    return steps


def rows_with_predictors(students: pd.DataFrame, study: StudyDesign, grade: str) -> pd.DataFrame:
    """Rows that every model of a grade starts from: clusters, exposure and covariates known."""
    steps = analysis_steps(students, study, grade)
    return students[[step for step in steps if not step.name.startswith(MODEL)][-1].remaining]


def model_rows(
    students: pd.DataFrame, study: StudyDesign, grade: str, outcome: str
) -> pd.DataFrame:
    """Rows of the benefit model of one outcome."""
    found = {step.name: step for step in analysis_steps(students, study, grade)}
    step = found.get(f"{MODEL}: {outcome}") or found[MODEL]
    return students[step.remaining]


def count_rows(students: pd.DataFrame, steps: list[Step], study: StudyDesign) -> pd.DataFrame:
    """Count the rows at each step by group, small groups pooled.

    Returns
    -------
    pandas.DataFrame
        Columns `step, after, reason, group, rows, left`: rows that remain, and that left since
        the step before.
    """
    group_role = study.roles.group
    group = reporting_groups(students[group_role.column], group_role.contrast)
    counts = {step.name: group[step.remaining].value_counts(sort=False) for step in steps}
    out = []
    for step in steps:
        for name, rows in counts[step.name].items():
            before = counts[step.after][name] if step.after else rows
            out.append((step.name, step.after, step.reason, name, int(rows), int(before - rows)))
    table = pd.DataFrame(out, columns=["step", "after", "reason", "group", "rows", "left"])
    return table.astype({"group": group.dtype})


def count_by_school(students: pd.DataFrame, steps: list[Step], study: StudyDesign) -> pd.DataFrame:
    """Count the rows at each step by school, schools named by their order only.

    Returns
    -------
    pandas.DataFrame
        Columns `step, group, rows`, `group` being ``school 1``, …
    """
    names = school_names(students, study)
    labels = students[study.roles.school].map(names)
    school = pd.Categorical(labels, categories=list(names.values()))
    return pd.DataFrame(
        [
            (step.name, name, int(rows))
            for step in steps
            for name, rows in school[step.remaining.to_numpy()].value_counts().items()
        ],
        columns=["step", "group", "rows"],
    ).astype({"group": school.dtype})
