"""How far coders agree on each theme."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, Look

LOOKS = {"alpha": Look(MARK, "o"), "kappa": Look(NEUTRAL, "s", filled=False)}


def draw_agreement(
    table: pd.DataFrame, thresholds: tuple[float, float], last: str
) -> Figure | None:
    """Draw alpha and kappa of each theme by falling alpha, `last` at the end.

    `thresholds` are where agreement is tentative and where it is reliable. `table` has columns
    `theme`, `alpha, kappa`, each with `_lower` and `_upper`, and `reason` for what is missing.
    """
    whole = table["theme"] == last
    ordered = table.assign(whole=whole).sort_values(["whole", "alpha"], ascending=[True, False])
    names = ["estimate", "lower", "upper"]
    long = pd.concat(
        ordered[["theme", which, f"{which}_lower", f"{which}_upper"]]
        .set_axis(["theme", *names], axis=1)
        .assign(coefficient=which, missing=ordered["reason"] if which == "alpha" else "")
        for which in LOOKS
    )
    if long["estimate"].isna().all():
        return None
    return forest(
        long.assign(missing=long["missing"].where(long["estimate"].isna(), "")),
        row="theme",
        hue="coefficient",
        looks=LOOKS,
        missing="missing",
        lines=thresholds,
        label="agreement of coders (dotted: tentative from {:g}, reliable from {:g})".format(
            *thresholds
        ),
    )
