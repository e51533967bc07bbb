"""Gaps in opportunity: a forest of every estimate, quantiles, and the parts of both splits."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, Look
from learning_with_others.opportunity.gaps.decomposition import TOTAL

SCORES = {"raw": "as scored", "latent": "latent"}
POOLED, CATEGORY = "partially pooled", "category"
# From top to bottom within a row.
LOOKS = {
    "overall, as scored": Look(MARK, "o"),
    "overall, latent": Look(MARK, "o", filled=False),
    "within schools, as scored": Look(NEUTRAL, "s"),
    "within schools, latent": Look(NEUTRAL, "s", filled=False),
    POOLED: Look(MARK, "D"),
}
CONTRAST = "focal minus reference group"


def draw_gaps(
    gaps: pd.DataFrame, pooled: pd.DataFrame | None = None, contrast: str = CONTRAST
) -> Figure | None:
    """Draw focal minus reference on every measure, each estimate with its interval.

    Shares and scores stand in panels of their own, as their units differ. Rows without any
    estimate say why; verdicts on comparability stand at the right.

    Parameters
    ----------
    gaps : pandas.DataFrame
        As `opportunity_gaps` makes it, with the column `verdict` if known.
    pooled : pandas.DataFrame, optional
        As in `PooledGap.table`: its partially pooled gaps are drawn.
    contrast : str
        Which group minus which.

    Returns
    -------
    Figure or None
        None without an estimate.
    """
    if gaps.empty:
        return None
    parts = [gaps.assign(look=gaps["scope"] + ", " + gaps["score"].map(SCORES))]
    if pooled is not None:
        mine = pooled[(pooled["kind"] == POOLED) & pooled["measure"].isin(gaps["measure"])]
        about = gaps.drop_duplicates("measure").set_index("measure")
        same = {name: mine["measure"].map(about[name]) for name in ("unit", "label")}
        parts.append(mine.assign(look=POOLED, **same))
    table = pd.concat(parts, ignore_index=True)
    # Where a teacher's class is observed there is no scale: neither a score nor levels to compare.
    observed = (gaps["kind"] == CATEGORY).all()
    looks = LOOKS
    if observed:
        table = table.assign(look=table["look"].str.removesuffix(f", {SCORES['raw']}"))
        looks = {name.removesuffix(f", {SCORES['raw']}"): look for name, look in LOOKS.items()}
    known = table["estimate"].notna().groupby(table["measure"]).transform("any")
    first = ~table.duplicated("measure")
    return forest(
        table.assign(why=table["flag"].where(first & ~known, ""), title="gap in " + table["unit"]),
        row="label",
        panel="title",
        hue="look",
        looks=looks,
        label=f"gap, {contrast}",
        missing="why",
        note="verdict" if "verdict" in gaps and not observed else None,
        note_title="levels comparable?",
        own_rows=True,
        sharex=False,
        across=1,
    )


def draw_quantile_gaps(table: pd.DataFrame, contrast: str = CONTRAST) -> Figure | None:
    """Draw the gap at each quantile, a panel for each measure.

    Parameters
    ----------
    table : pandas.DataFrame
        As `quantile_gaps` makes it.
    contrast : str
        Which group minus which.

    Returns
    -------
    Figure or None
        None without an estimate.
    """
    if table.empty:
        return None
    return forest(
        table.assign(place=(100 * table["quantile"]).map("{:.0f}th percentile".format)),
        row="place",
        panel="label",
        label=f"gap, {contrast} (SD)",
    )


WHOLE = "the whole gap"
SPLITS = {
    TOTAL: (WHOLE, Look(MARK, "D")),
    "additive": ("additive split", Look(MARK, "o")),
    "fixed effects": ("fixed effects split", Look(MARK, "s", filled=False)),
}
COMPARABLE = ("comparable", "observed")


def draw_decomposition(table: pd.DataFrame, contrast: str = CONTRAST) -> Figure | None:
    """Draw the gap and its parts in each opportunity, one panel each.

    Parameters
    ----------
    table : pandas.DataFrame
        From `decomposition_table`, with the column `verdict` if known. Latent gaps take the place
        of raw ones where there are both.
    contrast : str
        Which group minus which.

    Returns
    -------
    Figure or None
        None without estimates.
    """
    known = table[table["estimate"].notna() & table["split"].isin(SPLITS)]
    if known.empty:
        return None
    best = known.groupby("measure")["score"].transform("min")  # latent before raw
    known = known[known["score"] == best]
    latent = known["score"].map({"raw": "", "latent": ", latent"})
    known = known.assign(
        part=known["part"].replace(TOTAL, WHOLE),
        split=known["split"].map({split: words for split, (words, _) in SPLITS.items()}),
        title=known["label"] + latent + _reserves(known),
    )
    units = known.drop_duplicates("title").set_index("title")["unit"]
    units = units.replace("SD", "pooled within-group SD")
    labels = {title: f"gap, {contrast} ({unit})" for title, unit in units.items()}
    return forest(
        known,
        row="part",
        panel="title",
        hue="split",
        looks=dict(SPLITS.values()),
        label=labels if len(set(units)) > 1 else f"gap, {contrast} ({units.iloc[0]})",
    )


def _reserves(table: pd.DataFrame) -> pd.Series:
    """Say for each row what the comparison lacks, if anything."""
    verdict = table.get("verdict", pd.Series(COMPARABLE[0], table.index))
    return (" (levels " + verdict + ")").where(~verdict.isin(COMPARABLE), "")
