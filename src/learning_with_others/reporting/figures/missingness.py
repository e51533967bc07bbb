"""Missing values by column and group."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.style import FOCAL, REFERENCE


def draw_missingness(missing: pd.DataFrame, focal: str, reference: str) -> Figure:
    """Draw the share missing in each column, focal beside reference group.

    Parameters
    ----------
    missing : pandas.DataFrame
        `column, group, share`; a missing share is withheld and drawn as a cross at zero.
    """
    columns = list(dict.fromkeys(missing["column"]))
    figure, axis = plt.subplots(figsize=(8, 0.9 + 0.42 * len(columns)))
    for group, colour, offset in ((focal, FOCAL, -0.18), (reference, REFERENCE, 0.18)):
        part = missing[missing["group"] == group].set_index("column")["share"].reindex(columns)
        place = [k + offset for k in range(len(columns))]
        axis.barh(place, part.fillna(0), height=0.34, color=colour, label=group)
        for spot, value in zip(place, part, strict=True):
            if pd.isna(value):
                axis.plot(0.002, spot, "x", color=colour)
    axis.set_yticks(range(len(columns)), columns)
    axis.invert_yaxis()
    axis.xaxis.set_major_formatter("{x:.0%}")
    axis.set(xlabel="share missing (×: withheld, fewer than the minimum cell)")
    axis.grid(visible=False, axis="y")
    axis.legend(frameon=False)
    return figure
