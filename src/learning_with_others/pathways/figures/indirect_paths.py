"""Indirect associations: by group beside their difference, and beside what was planted."""

from collections.abc import Collection, Mapping

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, Look, group_looks
from learning_with_others.pathways.figures.labels import labelled_outcomes

DIFFERENCE = "difference between the groups"
DRAWN = ("pathway.indirect", "pathway.indirect_gap")


def draw_indirect(
    table: pd.DataFrame,
    groups: tuple[str, str],
    labels: Mapping[str, str] | None = None,
    outcomes: Collection[str] | None = None,
) -> Figure | None:
    """Draw each indirect association by group, and the difference, a panel for each outcome.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `quantity, outcome, via, group, estimate, lower, upper, unit`. The rows
        ``pathway.indirect`` and ``pathway.indirect_gap`` are drawn.
    groups : (str, str)
        Focal and reference group; others are not drawn.
    labels : mapping of str to str, optional
        Of outcomes.
    outcomes : collection of str, optional
        Those to draw; all without it.

    Returns
    -------
    Figure or None
        None without an indirect association.
    """
    table = table if outcomes is None else table[table["outcome"].isin(outcomes)]
    table = labelled_outcomes(table, labels)
    shown = table[table["quantity"].isin(DRAWN) & table["group"].isin(["", *groups])]
    if shown.empty:
        return None
    return forest(
        shown.assign(of=shown["group"].replace("", DIFFERENCE), row=_whole(shown["via"])),
        row="row",
        panel="outcome",
        hue="of",
        looks=group_looks(groups),
        label=f"indirect association ({shown['unit'].iloc[0]})",
    )


ROWS = {
    "pathway.link": "{via} → {outcome}",
    "pathway.direct": "{outcome}, direct",
    "pathway.indirect": "{outcome} through {via}",
    "pathway.indirect_gap": "{outcome} through {via}",
    "pathway.total": "{outcome}, total",
}
ESTIMATE, PLANTED = "estimate with interval", "planted"
LOOKS = {ESTIMATE: Look(MARK, "o"), PLANTED: Look(NEUTRAL, "X", filled=False)}


def draw_planted(
    table: pd.DataFrame, groups: tuple[str, str], labels: Mapping[str, str] | None = None
) -> Figure | None:
    """Draw the estimates above the values that a simulation planted, a panel for each group.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `draw_indirect`, and `planted`.
    groups : (str, str)
        Focal and reference group; others are not drawn.
    labels : mapping of str to str, optional
        Of outcomes.

    Returns
    -------
    Figure or None
        None where nothing was planted.
    """
    table = labelled_outcomes(table, labels)
    known = table[table["planted"].notna() & table["quantity"].isin(ROWS)]
    known = known[known["group"].isin(["", *groups])]
    if known.empty:
        return None
    names = [
        ROWS[row.quantity].format(via=row.via, outcome=row.outcome) for row in known.itertuples()
    ]
    of = known["group"].replace("", DIFFERENCE)
    known = known.assign(of=of, row=_whole(pd.Series(names, known.index)))
    truth = known.assign(estimate=known["planted"], lower=float("nan"), upper=float("nan"))
    return forest(
        pd.concat([known.assign(kind=ESTIMATE), truth.assign(kind=PLANTED)], ignore_index=True),
        row="row",
        panel="of",
        hue="kind",
        looks=LOOKS,
        label=f"association ({known['unit'].iloc[0]})",
    )


def _whole(names: pd.Series) -> pd.Series:
    """Keep names from breaking at a hyphen or before an arrow."""
    return names.str.replace("-", "\N{NON-BREAKING HYPHEN}").str.replace(
        " →", "\N{NO-BREAK SPACE}→"
    )
