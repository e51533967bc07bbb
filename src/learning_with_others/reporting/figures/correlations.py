"""Correlations between the items of each construct, as heat maps."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns  # noqa: F401 - brings the colour map
from matplotlib.figure import Figure

ACROSS = 3
CELL, MARGIN = 0.27, 1.3  # inches
SMALLEST = 5  # items a panel makes room for


def draw_correlations(table: pd.DataFrame) -> Figure | None:
    """Draw the polychoric correlations of each construct's items; nothing without any.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `construct, item, other, polychoric`, as `inter_item_table` makes them; a
        correlation that is withheld or could not be computed leaves its cell empty.
    """
    table = table.dropna(subset="polychoric") if "polychoric" in table else table[:0]
    if table.empty:
        return None
    parts = {name: _matrix(part) for name, part in table.groupby("construct", sort=False)}
    # The largest construct has a row to itself; the others share rows.
    names = sorted(parts, key=lambda name: -len(parts[name]))
    wide = names[:1]
    rows = [wide] + [names[k : k + ACROSS] for k in range(1, len(names), ACROSS)]
    heights = [CELL * max(SMALLEST, len(parts[row[0]])) + MARGIN for row in rows]
    figure = plt.figure(figsize=(9.5, sum(heights)))
    grid = figure.add_gridspec(len(rows), ACROSS, height_ratios=heights)
    for place, row in enumerate(rows):
        for column, name in enumerate(row):
            span = grid[place, :] if row is wide else grid[place, column]
            axis = figure.add_subplot(span)
            # Not seaborn's heat map: it lays the whole figure out again for each panel.
            cells = axis.imshow(parts[name], cmap="vlag", vmin=-1, vmax=1)
            items = list(parts[name])
            axis.set_xticks(range(len(items)), items, fontsize=8, rotation=90)
            axis.set_yticks(range(len(items)), items, fontsize=8)
            axis.set_title(name.replace("_", " "))
            axis.grid(visible=False)
            if row is wide:
                figure.colorbar(cells, ax=axis, label="polychoric correlation", shrink=0.7)
    return figure


def _matrix(part: pd.DataFrame) -> pd.DataFrame:
    """Square matrix of one construct, its diagonal left empty."""
    items = list(dict.fromkeys([*part["item"], *part["other"]]))
    matrix = pd.DataFrame(np.nan, items, items)
    for row in part.itertuples():
        matrix.loc[row.item, row.other] = matrix.loc[row.other, row.item] = row.polychoric
    return matrix
