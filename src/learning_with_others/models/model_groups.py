"""Race groups as a benefit model holds them: everyone, small groups pooled."""

import pandas as pd

from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign


def model_groups(rows: pd.DataFrame, study: StudyDesign) -> pd.Series:
    """Give each row its group: reference first, focal second, then the others by size.

    Groups under the minimum cell, and students whose race was not recorded, enter as one group
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
    race = study.roles.race
    sizes = rows[race.column].value_counts()
    for group in race.contrast:
        if not sizes.get(group, 0):
            raise CompendiumError(
                f"no rows of the group {group!r} remain",
                where="benefit model",
                remedy="see the flow of rows in notebook 01",
            )
    contrasted = [race.reference, race.focal]
    named = sizes[sizes >= study.analysis.minimum_cell].index
    shown = contrasted + [name for name in named if name not in contrasted]
    labels = rows[race.column].astype(object).where(rows[race.column].isin(shown), OTHER_GROUPS)
    present = [*shown, *([OTHER_GROUPS] if (labels == OTHER_GROUPS).any() else [])]
    return pd.Series(pd.Categorical(labels, categories=present), index=rows.index)
