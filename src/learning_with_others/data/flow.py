"""The flow of rows: how many, of which race, at every step, and why rows left."""

from dataclasses import dataclass

import pandas as pd

from learning_with_others.data.disclosure import reporting_groups
from learning_with_others.study import Study


@dataclass(frozen=True)
class Step:
    """One step of the flow: its name, why rows left at it, and which remain.

    Attributes
    ----------
    name, reason : str
    remaining : pandas.Series of bool
        Over the rows of the raw table.
    """

    name: str
    reason: str
    remaining: pd.Series


def analysis_steps(students: pd.DataFrame, study: Study, grade: str) -> list[Step]:
    """Steps from the raw file to the rows of the benefit model in one grade.

    Parameters
    ----------
    students : pandas.DataFrame
        The table as read.
    study : Study
    grade : str
        The grade analysed; never rows of several grades pooled, since a child has a row in each.

    Returns
    -------
    list of Step
        Each step's rows are among those of the step before.
    """
    roles = study.roles
    everyone = pd.Series(True, index=students.index)
    in_grade = students[roles.grade] == grade
    tested = in_grade & students[list(roles.outcomes)].notna().all(axis=1)
    contrast = tested & students[roles.race.column].isin([roles.race.focal, roles.race.reference])
    outcomes = " or ".join(roles.outcomes)
    return [
        Step("raw file", "", everyone),
        Step(f"grade {grade}", "row of another grade", in_grade),
        Step("all outcomes recorded", f"{outcomes} not recorded", tested),
        Step("benefit model", "in neither of the two groups compared", contrast),
    ]


def count_rows(students: pd.DataFrame, steps: list[Step], study: Study) -> pd.DataFrame:
    """Count the rows at each step by race, small groups pooled.

    Returns
    -------
    pandas.DataFrame
        Columns `step, reason, group, rows, left`: rows that remain, and that left at the step.
    """
    race = study.roles.race
    group = reporting_groups(students[race.column], (race.focal, race.reference))
    counted = pd.concat(
        [
            group[step.remaining]
            .value_counts(sort=False)
            .rename_axis("group")
            .reset_index(name="rows")
            .assign(step=step.name, reason=step.reason)
            for step in steps
        ],
        ignore_index=True,
    )
    before = counted.groupby("group", observed=False)["rows"].shift()
    counted["left"] = (before - counted["rows"]).fillna(0).astype(int)
    return counted[["step", "reason", "group", "rows", "left"]]


def publishable_flow(flow: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Thin the steps until no two neighbouring counts of a group differ by a small number.

    A step at which 1 to `minimum - 1` children of a group left would publish that small cell as
    a difference; the count before it is withheld, and the children are counted at the next step
    shown. The last step is always kept: it is the number of rows behind the estimates.

    Parameters
    ----------
    flow : pandas.DataFrame
        As `count_rows` returns it.
    minimum : int
        Smallest count that may be shown.

    Returns
    -------
    pandas.DataFrame
        The same columns; `rows` and `left` are missing where withheld.
    """
    shown = flow.astype({"rows": "Int64", "left": "Int64"})
    for _, group in flow.groupby("group", observed=True):
        following = None
        for index in reversed(group.index):
            rows = int(group.loc[index, "rows"])
            difference = 0 if following is None else rows - following
            if 0 < difference < minimum or 0 < rows < minimum:
                shown.loc[index, ["rows", "left"]] = pd.NA
            else:
                following = rows
        kept = shown.loc[group.index, "rows"].dropna()
        shown.loc[kept.index, "left"] = (-kept.diff()).fillna(0)
    return shown
