"""Schools across strands of evidence, as small multiples."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest

MOST = 40  # schools: more rows are no longer read


def draw_schools(table: pd.DataFrame) -> Figure | None:
    """Draw each school's distance from the mean of schools, a panel for each strand.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label, place, estimate, lower, upper`; schools keep their row in every panel.

    Returns
    -------
    Figure or None
        None without an estimate, and for more schools than a page holds.
    """
    if table["place"].nunique() > MOST:
        return None
    return forest(
        table,
        row="place",
        panel="label",
        label="from the mean of schools, in SD within schools",
    )
