"""Verdicts on every measure by groups that the study does not contrast."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom
from learning_with_others.exhibits.records import Records
from learning_with_others.measurement.exhibits.comparable_scales import CHANGE
from learning_with_others.measurement.exhibits.counted_people import answered
from learning_with_others.measurement.exhibits.finding_phrases import labels_of
from learning_with_others.measurement.figures.comparisons import draw_comparability
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import Study

QUANTITY = "invariance.by_others"


@exhibit
def comparability_by_others(
    table: pd.DataFrame, in_grade: pd.DataFrame, study: Study
) -> list[Exhibit]:
    """What each measure can bear between groups of another kind, one exhibit for each kind.

    Parameters
    ----------
    table : pandas.DataFrame
        From `verdicts_by_other_groupings`.
    in_grade : pandas.DataFrame
        Students of all groups.
    study : Study
    """
    return [
        _of_one(part.reset_index(drop=True), str(by), in_grade, study)
        for by, part in table.groupby("by", sort=False)
    ]


def _of_one(table: pd.DataFrame, by: str, in_grade: pd.DataFrame, study: Study) -> Exhibit:
    pair = (table["focal"].iloc[0], table["reference"].iloc[0])
    rows = in_grade[in_grade[by].isin(pair)]
    plain, role = by.replace("_", " "), study.roles.group
    said = partial(_verdicts, by=by, pair=pair, study=study)
    people = f"{study.people} by {plain}, {pair[0]} and {pair[1]} (the two largest groups)"
    return Exhibit(
        name=f"comparability-{by}",
        title=partial(said, sentence=False),
        sentence=said,
        table=table.rename(columns={"reason": "flag"}),
        keys={"outcome": "scale", "item": "{comparison}, {by}"},
        counts=(Count("children", answered(rows) & _one_of_two()),),
        numbers=(
            Number(f"{QUANTITY}.verdict", "verdict", "verdict", score="items"),
            Number(f"{QUANTITY}.change", "change", CHANGE),
            Number(f"{QUANTITY}.change.lowest", "change_lowest", CHANGE),
            Number(f"{QUANTITY}.change.highest", "change_highest", CHANGE),
            Number(f"{QUANTITY}.needed", "needed", f"{study.people} a group"),
        ),
        plain=("by", "focal", "reference", "released"),
        caption=f"Whether slopes and levels of each measure can be compared between {people}, by"
        f" the same ladder and rule as between {role.focal} and {role.reference} {study.people}."
        f" These verdicts flag no number: flags go by {role.label}, whose groups are compared.",
        figures=(
            Drawing(
                f"comparability-{by}",
                draw_comparability,
                alt=lambda records: (
                    f"{said(records)} A grid of scales by kind of comparison; the colour and the"
                    " words of each cell give its verdict."
                ),
                caption=f"Verdict on every measure for {people}; items named were released.",
            ),
        ),
    )


def _one_of_two() -> Whom:
    """Those of the two groups that the row names."""
    return Whom(lambda row, t, _: t[row["by"]].isin([row["focal"], row["reference"]]))


def _verdicts(
    records: Records, by: str, pair: tuple[str, str], study: Study, *, sentence: bool = True
) -> str:
    """List the verdicts on levels."""
    item = f"{Comparison.LEVELS}, {by}"
    found = {each.outcome: each.estimate for each in records.of(f"{QUANTITY}.verdict", item=item)}
    by_verdict = {verdict: [k for k, v in found.items() if v == verdict] for verdict in Verdict}
    parts = {verdict: scales for verdict, scales in by_verdict.items() if scales}
    where = f"By {by.replace('_', ' ')} ({pair[0]} and {pair[1]})"
    if not parts:
        return f"{where}, every verdict is (suppressed)" + "." * sentence
    if sentence:
        said = "; ".join(f"{verdict} for {labels_of(k, study)}" for verdict, k in parts.items())
        return f"{where}, levels are {said}."
    counts = ", ".join(f"{len(scales)} {verdict}" for verdict, scales in parts.items())
    return f"{where}, levels of {len(found)} measures: {counts}"
