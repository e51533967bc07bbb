"""Cronbach's alpha of every construct and element, by group."""

import pandas as pd
import pingouin as pg

from learning_with_others.data.codebook import Column
from learning_with_others.data.scoring import key_items
from learning_with_others.study import Study

FEWEST_ROWS = 30
EVERYONE = "both groups"


def construct_alpha(
    students: pd.DataFrame, study: Study, columns: dict[str, Column]
) -> pd.DataFrame:
    """Alpha of the keyed items with Feldt's interval, complete rows only.

    Incomplete rows are dropped first: the interval must rest on the rows that alpha rests on.

    Parameters
    ----------
    students : pandas.DataFrame
        Rows of the two groups compared.
    study : Study
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, group, items, children, alpha, lower, upper`.

    References
    ----------
    Feldt, L. S., Woodruff, D. J. and Salih, F. A. (1987). Statistical inference for coefficient
    alpha. Applied Psychological Measurement 11, 93-103 (through pingouin).
    """
    race, probability = study.roles.race, study.analysis.interval_probability
    out = []
    for name, construct in study.constructs.items():
        if construct.table != "students":
            continue
        keyed = key_items(students, construct, columns)
        scales = {name: construct.all_items}
        scales |= {key: element.items for key, element in (construct.elements or {}).items()}
        for scale, items in scales.items():
            for group in (EVERYONE, race.focal, race.reference):
                mine = slice(None) if group == EVERYONE else students[race.column] == group
                complete = keyed.loc[mine, items].dropna()
                if len(complete) < FEWEST_ROWS:
                    continue
                alpha, (lower, upper) = pg.cronbach_alpha(complete, ci=probability)
                out.append((scale, group, len(items), len(complete), alpha, lower, upper))
    names = ["construct", "group", "items", "children", "alpha", "lower", "upper"]
    return pd.DataFrame(out, columns=names)
