"""How far coders agree on each theme."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, Look

LOOKS = {"alpha": Look(MARK, "o"), "kappa": Look(NEUTRAL, "s", filled=False)}


def draw_agreement(
    table: pd.DataFrame, thresholds: tuple[float, float], last: str
) -> Figure | None:
    """Draw alpha and kappa of each theme, with lines at the values to read them against.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `theme`, `alpha, kappa`, each with `_lower` and `_upper`, and `reason`.
    thresholds : (float, float)
        Where agreement is tentative, and where it is reliable.
    last : str
        Row of all themes together; the others stand by falling alpha.

    Returns
    -------
    Figure or None
        None without a coefficient.
    """
    alone = table[table["theme"] != last].sort_values("alpha", ascending=False, kind="stable")
    ordered = pd.concat([alone, table[table["theme"] == last]])
    parts = [
        pd.DataFrame(
            {
                "theme": ordered["theme"],
                "coefficient": name,
                "estimate": ordered[name],
                "lower": ordered[f"{name}_lower"],
                "upper": ordered[f"{name}_upper"],
                # Said once a row.
                "missing": ordered["reason"].where(ordered[name].isna() & (name == "alpha"), ""),
            }
        )
        for name in LOOKS
    ]
    long = pd.concat(parts).sort_index(kind="stable").loc[list(ordered.index)]
    if long["estimate"].isna().all():
        return None
    return forest(
        long,
        row="theme",
        hue="coefficient",
        looks=LOOKS,
        missing="missing",
        lines=thresholds,
        label=f"agreement of coders (dotted: tentative from {thresholds[0]:g}, reliable from"
        f" {thresholds[1]:g})",
    )
