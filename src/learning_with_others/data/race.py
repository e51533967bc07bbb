"""Race from one answer or several, under named codings; nobody becomes missing in silence."""

import pandas as pd

from learning_with_others.study.roles import Race

MULTIRACIAL = "Multiracial"
CHOSEN = "selected"


def code_race(selected: pd.DataFrame, race: Race, coding: str | None = None) -> pd.Series:
    """Put every student into one group.

    Parameters
    ----------
    selected : pandas.DataFrame of bool
        One column for each of `race.select`; true where the student chose it.
    race : Race
    coding : str, optional
        One of the codings of the question; the study's own if not given.

    Returns
    -------
    pandas.Series
        Categorical with the groups of the question and, where needed, Multiracial. Missing only
        where a student chose nothing.
    """
    coding = coding or race.coding
    groups = selected.rename(columns=race.select)
    chosen = groups.sum(axis=1)
    coded = groups.idxmax(axis=1).astype(object).where(chosen > 0)
    coded = coded.mask(chosen > 1, MULTIRACIAL)
    if coding == "alone_or_in_combination":
        coded = coded.mask(groups[race.focal], race.focal)
    labels = [*dict.fromkeys((race.select or {}).values()), MULTIRACIAL]
    return pd.Series(pd.Categorical(coded, categories=labels), index=selected.index)
