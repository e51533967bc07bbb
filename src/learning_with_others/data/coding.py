"""From answers to what is analysed: groups as coded, items keyed, and scores."""

from collections.abc import Sequence

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.study.constructs import Construct
from learning_with_others.study.roles import Group

MULTIRACIAL = "Multiracial"


def code_race(selected: pd.DataFrame, group_role: Group, coding: str | None = None) -> pd.Series:
    """Put every student into one group.

    Parameters
    ----------
    selected : pandas.DataFrame of bool
        One column for each of `group.select`; true where the student chose it.
    group_role : Group
    coding : str, optional
        One of the codings of the question; the study's own if not given.

    Returns
    -------
    pandas.Series
        Categorical with the groups of the question and, where needed, Multiracial. Missing only
        where a student chose nothing.
    """
    coding = coding or group_role.coding
    groups = selected.rename(columns=group_role.select)
    chosen = groups.sum(axis=1)
    coded = groups.idxmax(axis=1).astype(object).where(chosen > 0)
    coded = coded.mask(chosen > 1, MULTIRACIAL)
    if coding == "alone_or_in_combination":
        coded = coded.mask(groups[group_role.focal], group_role.focal)
    labels = [*dict.fromkeys((group_role.select or {}).values()), MULTIRACIAL]
    return pd.Series(pd.Categorical(coded, categories=labels), index=selected.index)


FEWEST_ANSWERED = 0.5


def key_items(
    students: pd.DataFrame,
    construct: Construct,
    columns: dict[str, Column],
    items: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Turn reversed items round, so that a higher answer is more of the construct.

    A reversed answer x becomes lowest + highest − x, of the codes of its own response scale.

    Parameters
    ----------
    students : pandas.DataFrame
        Items as numbers.
    construct : Construct
    columns : dict of str to Column
        The codebook, for the ends of each response scale.
    items : sequence of str, optional
        Some of the construct's items; all of them if absent.
    """
    wanted = list(construct.all_items if items is None else items)
    keyed = students[wanted].copy()
    for item in set(construct.all_reversed).intersection(wanted):
        codes = [float(code) for code in columns[item].codes]
        keyed[item] = min(codes) + max(codes) - keyed[item]
    return keyed


def mean_score(keyed: pd.DataFrame) -> pd.Series:
    """Mean of the answered items, where at least half of them were answered."""
    answered = keyed.notna().mean(axis=1)
    return keyed.mean(axis=1).where(answered >= FEWEST_ANSWERED)


def add_scores(
    students: pd.DataFrame, constructs: dict[str, Construct], columns: dict[str, Column]
) -> pd.DataFrame:
    """Add a column for every construct and every element of one, with its mean score."""
    scores = {}
    for name, construct in constructs.items():
        keyed = key_items(students, construct, columns)
        scores[name] = mean_score(keyed)
        for element_name, element in (construct.elements or {}).items():
            scores[element_name] = mean_score(keyed[element.items])
    return pd.concat([students, pd.DataFrame(scores, index=students.index)], axis=1)
