"""The exhibit of single releases: what letting one item differ would move."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import listed, short
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.measurement.exhibits.counted_people import answered
from learning_with_others.measurement.figures.item_differences import draw_single_releases
from learning_with_others.psychometrics.comparability.decision import Comparison
from learning_with_others.study import Study

CHANGE = "SD of the gap for levels, share of the focal sd for slopes"
QUANTITY, INTERVAL_KIND, PROBABILITY = "invariance.release", "t, cluster-robust", 0.90


@exhibit
def single_releases(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit | None:
    """Change of the gap, and of the focal group's sd, by the release of each item.

    Parameters
    ----------
    table : pandas.DataFrame
        From `single_releases`.
    rows : pandas.DataFrame
    study : Study
    """
    if table.empty:
        return None
    role, plan = study.roles.group, study.analysis
    title = partial(_title, study=study)
    margins = (
        f"±{plan.comparable_levels:.2f} SD (levels) and ±{plan.comparable_slopes:.0%} (slopes)"
    )
    read = (
        f"What it would move to let one item differ between {role.focal} and {role.reference}"
        f" {study.people} while all others are held equal: the latent gap (levels), or the focal"
        f" group's latent sd, in proportion to which its slopes move (slopes). Margins: {margins}."
        f" Intervals: {PROBABILITY:.0%} {INTERVAL_KIND}."
    )
    return Exhibit(
        name="single-releases",
        title=title,
        sentence=partial(_sentence, study=study),
        table=table,
        keys={"outcome": "scale", "item": "{item}, {comparison}"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number(QUANTITY, "change", CHANGE, interval=INTERVAL_KIND, probability=PROBABILITY),
            Number(f"{QUANTITY}.p_holm", "p_holm", "p"),
            Number(f"{QUANTITY}.margin", "margin", CHANGE),
            *(
                Number(f"{QUANTITY}.{moves}", moves, "pooled SD for levels, share for slopes")
                for moves in ("moves_mean", "moves_latent")
            ),
        ),
        plain=(),
        caption=f"{read} Moves: by how much numbers would move that rest on mean scores, or on"
        " latent scores, which may have some items released already; later tables give their range"
        " over all items.",
        figures=(
            Drawing(
                "single-releases",
                draw_single_releases,
                alt=lambda records: (
                    f"{title(records)}. For each item of each scale, points with intervals for the"
                    " change of levels and of slopes by its release, against the margins."
                ),
                caption=f"{read} Changes are divided by their margin, so that dotted lines at ±1"
                " are the margins of both. Marked: beyond its margin, and different from 0 (p <"
                " .05 by Holm's method).",
            ),
        ),
    )


def _within_margin(records: Records, study: Study) -> dict[str, bool]:
    """Whether the intervals of all items of each scale keep levels within the margin."""
    inside: dict[str, bool] = {}
    margin = study.analysis.comparable_levels
    for each in records.of(QUANTITY):
        if each.item.endswith(f", {Comparison.LEVELS}"):
            fine = each.lower > -margin and each.upper < margin
            inside[each.outcome] = inside.get(each.outcome, True) and fine
    return inside


def _sentence(records: Records, study: Study) -> str:
    """Name the scales, and the item that moves levels most."""
    levels = [each for each in records.of(QUANTITY) if each.item.endswith(f", {Comparison.LEVELS}")]
    if not levels:
        return f"How far single items move gaps is {SUPPRESSED}."
    most = max(levels, key=lambda each: abs(each.estimate))
    sure = [short(study, name) for name, fine in _within_margin(records, study).items() if fine]
    held = f"No item can for {listed(sure)}. " if sure else ""
    return (
        f"{held}The largest estimate is {{{{number: {most.id}}}}} SD, for"
        f" {most.item.removesuffix(f', {Comparison.LEVELS}')} of {short(study, most.outcome)}."
    )


def _title(records: Records, study: Study) -> str:
    """Say for how many scales no single item can move levels beyond the margin."""
    inside, margin = _within_margin(records, study), study.analysis.comparable_levels
    role = study.roles.group
    between = f"between {role.focal} and {role.reference} {study.people}"
    if not inside:
        return f"How far single items move gaps {between} is {SUPPRESSED}"
    sure = sum(inside.values())
    many = {0: "no scale", len(inside): "every scale"}.get(sure, f"{sure} of {len(inside)} scales")
    return (
        f"For {many}, the {PROBABILITY:.0%} intervals exclude that a single item moves the"
        f" latent gap {between} by more than {margin:.2f} SD"
    )
