"""Whether measures work alike for groups of another kind than those that the study contrasts."""

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.measurement.comparability_verdicts import (
    GATE_COLUMNS,
    comparability_table,
)
from learning_with_others.measurement.response_invariance import ladders
from learning_with_others.measurement.scoring_inputs import scales_in_scope
from learning_with_others.study import StudyDesign
from learning_with_others.study.roles import Group

GROUPING = ["by", "focal", "reference"]
NO_STEPS = pd.DataFrame(columns=["scale", "step", "cfi", "rmsea"])


def regrouped(rows: pd.DataFrame, study: StudyDesign, column: str) -> StudyDesign:
    """Give the design with the two largest groups of another column in the group role.

    The largest is the reference group. Smaller groups are not compared: the rule needs hundreds in
    each, and every pair costs a whole set of ladders.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of all groups.
    study : StudyDesign
    column : str
    """
    reference, focal = rows[column].value_counts().index[:2]
    group = Group(label=column, column=column, focal=str(focal), reference=str(reference))
    return study.model_copy(update={"roles": study.roles.model_copy(update={"group": group})})


def verdicts_by_other_groupings(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], scope: str
) -> pd.DataFrame:
    """Climb every ladder by each column under `analysis.also_compare`, and judge it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of all groups, of one grade.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    scope : {'all', 'roles'}
        All scales, or only those that are the exposure, an outcome or on the pathway.

    Returns
    -------
    pandas.DataFrame
        Columns `by, focal, reference`, then those of `comparability_table`.
    """
    only, out = scales_in_scope(study, scope), []
    for column in study.analysis.also_compare:
        design = regrouped(rows, study, column)
        climbed = ladders(rows, design, columns, only)
        verdicts = comparability_table(climbed, design, NO_STEPS)
        group = design.roles.group
        tested = verdicts[verdicts["scale"].isin(list(climbed))]
        out.append(tested.assign(by=column, focal=group.focal, reference=group.reference))
    if not out:
        return pd.DataFrame(columns=[*GROUPING, *GATE_COLUMNS])
    return pd.concat(out, ignore_index=True)[[*GROUPING, *GATE_COLUMNS]]
