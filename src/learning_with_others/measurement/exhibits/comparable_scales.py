"""Exhibits of comparability: items that differ between groups, and verdicts."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import sign
from learning_with_others.measurement.exhibits.counted_people import answered
from learning_with_others.measurement.exhibits.finding_phrases import labels_of, listed
from learning_with_others.measurement.exhibits.response_steps import TESTS, Ladders, group_counts
from learning_with_others.measurement.figures.comparisons import draw_comparability
from learning_with_others.measurement.figures.item_differences import (
    draw_differential_items,
    draw_item_curves,
)
from learning_with_others.measurement.response_model_tables import (
    item_curve_table,
    ladders_with_releases,
)
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import Study

MANY = 4  # measures, from which on a title counts them
ROBUST = "t, cluster-robust"
CHANGE = "SD of the gap for levels, share of the focal sd for slopes"
GAP_CHANGE = "invariance.response.gap_change"


@exhibit
def differential_items(
    ladders: tuple[Ladders, pd.DataFrame], rows: pd.DataFrame, study: Study
) -> Exhibit | None:
    """How much each item differs between the groups at the same trait."""
    climbed, table = ladders
    if table.empty:
        return None
    role = study.roles.group
    interval = f"{study.analysis.interval_probability:.0%} {ROBUST}"
    released = table["released"].fillna("").ne("")
    by_scale = {
        scale: list(part["item"])
        for scale, part in table[released].groupby("scale", sort=False)
        if scale in study.constructs
    }
    title = partial(_differing_items, released=by_scale, study=study)
    curves = ladders_with_releases(climbed)
    return Exhibit(
        name="differential-items",
        title=title,
        sentence=partial(_moved_gap, released=by_scale, study=study),
        table=table,
        keys={"outcome": "scale", "item": "item"},
        counts=(Count("children", answered(rows)), *group_counts(rows, study, "dif")),
        numbers=(
            *_effect("dif.effect", "threshold_shift", "latent SD"),
            *_effect("dif.slope_ratio", "slope_ratio", "ratio"),
            *_effect("dif.slope_difference", "slope_difference", "logistic metric"),
            *_effect("dif.score_difference", "essd", "sd of expected scores"),
            *(
                Number(f"dif.{name}", name, "latent SD")
                for name in ("gap_change", "gap_equal", "gap_alone")
            ),
            *(
                Number(f"dif.points.{kind}", name, "answer points")
                for kind, name in (
                    ("signed", "score_difference"),
                    ("unsigned", "score_difference_unsigned"),
                )
            ),
            *(Number(f"dif.{name}", name, unit) for name, unit in TESTS.items()),
            *(
                Number(f"dif.df_{kind}", f"df_{kind}", "degrees of freedom")
                for kind in ("uniform", "nonuniform")
            ),
            Number("dif.p_holm", "p_holm", "p"),
            Number("dif.p_bh", "p_bh", "p"),
        ),
        plain=("released", "direction"),
        caption=f"How differently each item works for {role.focal} {study.people} at the same trait"
        " value, compared with the anchor items, and how far holding it equal moves the latent gap."
        " Intervals:"
        f" {interval}.",
        figures=(
            Drawing(
                "differential-items",
                partial(draw_differential_items, groups=role.contrast),
                alt=lambda r: (
                    f"{title(r)}. Points with intervals for how much harder each item is"
                    " for one group at the same trait value, with released items marked."
                ),
                caption=f"Shift of each item's thresholds for {role.focal} {study.people} at the"
                f" same trait value, in latent SD, with {interval} intervals. Above zero, the item"
                " is harder to agree with. Marked items were released by purification, which tests"
                " thresholds and slopes together; verdicts and factor models may release others.",
            ),
            *(
                Drawing(
                    f"item-curves-{scale}",
                    partial(draw_item_curves, groups=role.contrast),
                    alt=f"Curves of the expected answer to the released items of"
                    f" {study.labels[scale]} along the trait, one for each group.",
                    caption=f"Expected answers to the items of {study.labels[scale]} that differ"
                    " between the groups.",
                    of=item_curve_table(ladder),
                )
                for scale, ladder in curves.items()
            ),
        ),
    )


def _effect(quantity: str, column: str, unit: str) -> tuple[Number, Number]:
    """An effect with its interval, and its standard error."""
    ends = {"lower": f"{column}_lower", "upper": f"{column}_upper"}
    return (
        Number(quantity, column, unit, interval=ROBUST, **ends),
        Number(f"{quantity}.error", f"{column}_se", unit),
    )


def _differing_items(records: Records, released: dict[str, list[str]], study: Study) -> str:
    """Say in which constructs items work differently."""
    role = study.roles.group
    pair = f"{role.focal} and {role.reference} {study.people}"
    if not records.of("dif.effect"):
        return "Differences between items are suppressed"
    if not released:
        return f"No item works differently for {pair}"
    return f"Some items of {labels_of(released, study)} work differently for {pair}"


def _moved_gap(records: Records, released: dict[str, list[str]], study: Study) -> str:
    """Say how far releasing the items that differ moves the gap, where it moves furthest."""
    role = study.roles.group
    found = [each for each in records.of(GAP_CHANGE) if each.outcome in released]
    if not found:
        if not released:
            return "No gap changes, because no item was released."
        return "How far items that differ move the gap is (suppressed)."
    most = max(found, key=lambda each: abs(each.estimate))
    moves = sign(records, most.id, more="raises", fewer="lowers")
    others = " No other construct's gap changes more." if len(found) > 1 else ""
    items = listed(released[most.outcome])
    return (
        f"Releasing the items of {study.labels[most.outcome]} that work differently ({items})"
        f" {moves} the scores of {role.focal} {study.people}, relative to {role.reference}"
        f" {study.people}, by {{{{size: {most.id}}}}} SD.{others}"
    )


@exhibit
def comparability(
    table: pd.DataFrame, rows: pd.DataFrame, study: Study, steps: pd.DataFrame | None = None
) -> Exhibit | None:
    """What each measure can bear between the groups.

    Parameters
    ----------
    table : pandas.DataFrame
        From `comparability_table`.
    rows : pandas.DataFrame
    study : Study
    steps : pandas.DataFrame, optional
        Steps of the factor models, which stand beside the verdicts and do not decide them.
    """
    if table.empty:
        return None
    if steps is not None:
        table = table.assign(linear=failing_steps(table, steps))
    role = study.roles.group
    title = partial(_comparable_scales, study=study)
    return Exhibit(
        name="comparability",
        title=title,
        sentence=partial(_verdicts, study=study),
        table=table.rename(columns={"reason": "flag"}),
        keys={"outcome": "scale", "item": "comparison"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number("invariance.verdict", "verdict", "verdict", score="items"),
            Number("invariance.change", "change", CHANGE),
            Number("invariance.change.lowest", "change_lowest", CHANGE),
            Number("invariance.change.highest", "change_highest", CHANGE),
            Number("invariance.needed", "needed", f"{study.people} a group"),
        ),
        plain=("released", *(["linear"] if "linear" in table else [])),
        caption=f"Whether slopes and levels of each measure can be compared between {role.focal}"
        f" and {role.reference} {study.people}, and why. Comparable: the 90% interval of the change"
        " that any release brings lies within"
        f" ±{study.analysis.comparable_levels:.2f} SD of the latent gap (levels) or"
        f" ±{study.analysis.comparable_slopes:.0%} of the focal group's latent sd (slopes). A shift"
        " that all items share cannot be seen. Change: by the items that purification released;"
        " lowest and highest: by any single item; needed: how large each group would have to be to"
        " show that nothing changes, with probability .8 if no item differs. A change is judged"
        " before it is rounded. The items named, those that move most alone, and those that the"
        " factor models free come from different methods and need not be the same.",
        figures=(
            Drawing(
                "comparability",
                draw_comparability,
                alt=lambda r: (
                    f"{title(r)}. A grid of scales by kind of comparison; the colour and"
                    " the words of each cell give its verdict."
                ),
                caption="Verdict on every measure, for comparisons of slopes and of levels"
                + (
                    "."
                    if table["verdict"].eq(Verdict.UNTESTABLE).all()
                    else "; items named were released. A cell is green only where the factor models"
                    " agree."
                ),
            ),
        ),
    )


# Comparison: steps of the factor models that it needs, and what each holds equal.
NEEDS = {
    Comparison.SLOPES: {"metric": "loadings"},
    Comparison.LEVELS: {"metric": "loadings", "scalar": "intercepts"},
}


def failing_steps(table: pd.DataFrame, steps: pd.DataFrame) -> list[str]:
    """Say for each verdict which step of the factor models fails; empty where none does."""
    failed = {
        (row.scale, row.step) for row in steps.itertuples() if pd.notna(row.holds) and not row.holds
    }
    return [
        next(
            (
                f"factor model: equal {equal} fail"
                for step, equal in NEEDS[Comparison(row.comparison)].items()
                if (row.scale, step) in failed
            ),
            "",
        )
        for row in table.itertuples()
    ]


def _by_verdict(records: Records, study: Study) -> dict[str, list[str]]:
    """Constructs and outcomes by the verdict on their levels, from the best to the worst."""
    found = {
        each.outcome: each.estimate
        for each in records.of("invariance.verdict", item=str(Comparison.LEVELS))
        if each.outcome in study.constructs or each.outcome in study.roles.outcomes
    }
    sorted_by = {verdict: [k for k, v in found.items() if v == verdict] for verdict in Verdict}
    return {verdict: scales for verdict, scales in sorted_by.items() if scales}


def _comparable_scales(records: Records, study: Study) -> str:
    """Say of which measures levels can be compared."""
    verdicts, role = _by_verdict(records, study), study.roles.group
    pair = f"{role.focal} and {role.reference} {study.people}"
    bad = verdicts.get(Verdict.NOT_COMPARABLE, [])
    tested = [k for v, scales in verdicts.items() if v != Verdict.UNTESTABLE for k in scales]
    few = verdicts.get(Verdict.TOO_FEW, [])
    if few and not bad:
        some = labels_of(few, study) if len(few) < MANY else f"{len(few)} measures"
        if len(few) == len(tested):
            some = "any scale"
        return f"This sample cannot tell whether levels of {some} are comparable between {pair}"
    if not tested:
        return f"Whether scores are comparable between {pair} cannot be tested with these data"
    if bad:
        return f"Levels of {labels_of(bad, study)} cannot be compared between {pair}"
    partly = verdicts.get(Verdict.PARTIAL)
    exception = f", but only partially for {labels_of(partly, study)}" if partly else ""
    return f"All scales that could be tested can be compared between {pair}{exception}"


def _verdicts(records: Records, study: Study) -> str:
    """List the verdicts on levels."""
    verdicts = _by_verdict(records, study)
    if not verdicts:
        return "Every verdict is (suppressed)."
    said = [f"{verdict} for {labels_of(scales, study)}" for verdict, scales in verdicts.items()]
    return f"Between groups, levels are {'; '.join(said)}."
