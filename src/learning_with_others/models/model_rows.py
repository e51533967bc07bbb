"""Rows of a model: the groups that it holds, and plausible values in place of scores."""

from collections.abc import Iterator

import pandas as pd

from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign

PLAUSIBLE, OBSERVED = "plausible values", "scale score"


def model_groups(rows: pd.DataFrame, study: StudyDesign) -> pd.Series:
    """Give each row its group: reference first, focal second, then the others by size.

    Groups under the minimum cell, and students whose group was not recorded, enter as one group
    that is never reported by itself.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one model.
    study : StudyDesign

    Returns
    -------
    pandas.Series
        Categorical; every category has rows.

    Raises
    ------
    CompendiumError
        If the focal or the reference group has no rows.
    """
    group_role = study.roles.group
    sizes = rows[group_role.column].value_counts()
    for group in group_role.contrast:
        if not sizes.get(group, 0):
            raise CompendiumError(
                f"no rows of the group {group!r} remain",
                where="benefit model",
                remedy="see the flow of rows in notebook 01",
            )
    contrasted = [group_role.reference, group_role.focal]
    named = sizes[sizes >= study.analysis.minimum_cell].index
    shown = contrasted + [name for name in named if name not in contrasted]
    labels = (
        rows[group_role.column]
        .astype(object)
        .where(rows[group_role.column].isin(shown), OTHER_GROUPS)
    )
    present = [*shown, *([OTHER_GROUPS] if (labels == OTHER_GROUPS).any() else [])]
    return pd.Series(pd.Categorical(labels, categories=present), index=rows.index)


def rows_with_values(
    rows: pd.DataFrame, study: StudyDesign, values: pd.DataFrame | None, most: int | None = None
) -> Iterator[pd.DataFrame]:
    """Give the rows once for each plausible value, or once as they are without any.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one model, one for each student.
    study : StudyDesign
    values : pandas.DataFrame, optional
        Columns: the student, `plausible_value`, and one for each construct that was drawn.
    most : int, optional
        Values to use, the first ones; all of them if absent.
    """
    roles = study.roles
    outcomes = [outcome.name for outcome in roles.outcomes.values()]
    used = [roles.exposure.name, *outcomes, *study.pathway_columns.values()]
    drawn = [] if values is None else [name for name in dict.fromkeys(used) if name in values]
    if not drawn:
        yield rows
        return
    by_student = values.set_index([roles.student, NUMBER])[drawn].unstack(NUMBER)  # noqa: PD010
    mine = by_student.loc[rows[roles.student]]
    for number in mine.columns.levels[1][:most]:
        yield rows.assign(**{name: mine[name, number].to_numpy() for name in drawn})


def score_of(study: StudyDesign, outcome: str, values: pd.DataFrame | None) -> str:
    """Say what an estimate of the benefit of an outcome rests on."""
    names = (study.roles.exposure.name, study.roles.outcomes[outcome].name)
    drawn = values is not None and any(name in values for name in names)
    return PLAUSIBLE if drawn else OBSERVED
