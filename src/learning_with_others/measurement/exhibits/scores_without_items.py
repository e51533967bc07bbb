"""Exhibits of scores that came without items: reliability from waves, spread, floor and ceiling."""

from functools import partial

import pandas as pd

from learning_with_others.data.measures.scale_scores import INTERVAL_KIND as BOOTSTRAP
from learning_with_others.data.outcome_families import numeric_outcomes
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom, compared, group, has, recorded
from learning_with_others.exhibits.phrases import categories_left_out
from learning_with_others.measurement.exhibits.counted_people import in_three_waves, members, sample
from learning_with_others.measurement.figures.reshaped import draw_waves
from learning_with_others.study import Study


@exhibit
def wave_reliability(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Reliability of scores that came without items, from three waves."""
    if table.empty:
        return None
    role = study.roles.group
    interval = f"{study.analysis.interval_probability:.0%} {BOOTSTRAP}"
    return Exhibit(
        name="wave-reliability",
        table=table,
        keys={"outcome": "outcome", "group": "group", "grade": "grade"},
        counts=(Count("children", group() & in_three_waves(study)),),
        numbers=(
            Number(
                "reliability.middle_wave",
                "reliability",
                "share of variance",
                interval=BOOTSTRAP,
                mcse="mcse",
                score="scale score",
            ),
            Number("reliability.sem", "sem", "score points", score="scale score"),
        ),
        caption="Reliability of each outcome in the middle of three neighbouring grades (Heise"
        f" 1969) and standard error of measurement, by {role.label}. Intervals: {interval}.",
        figures=(
            Drawing(
                "wave-reliability",
                partial(draw_waves, groups=role.contrast),
                alt="Points with intervals for the reliability of each outcome in each middle"
                f" grade, {role.focal} beside {role.reference} {study.people}.",
                caption=f"Reliability of each outcome by {role.label}, from three neighbouring"
                f" grades (Heise 1969), with {interval} intervals.",
            ),
        ),
    )


@exhibit
def spread(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit:
    """Spread and correlation of the outcomes, by group."""
    role = study.roles.group
    complete = sample(rows) & has(*(o.name for o in numeric_outcomes(study).values()))
    units = {"sd": "score points"}
    return Exhibit(
        name="spread",
        table=table.assign(unit=table["quantity"].map(lambda name: units.get(name, "ratio"))),
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("children", complete & _group_or_both(study)),),
        numbers=(
            Number(
                "scale_score.{quantity}",
                "estimate",
                "{unit}",
                interval=BOOTSTRAP,
                mcse="mcse",
                score="scale score",
            ),
        ),
        plain=("quantity", "unit"),
        caption="Correlation of the first two outcomes, and standard deviation of all, by"
        f" {role.label}, among {study.people} with all outcomes recorded. Intervals:"
        f" {study.analysis.interval_probability:.0%} {BOOTSTRAP}."
        f"{categories_left_out(study, 'Standard deviations')}",
    )


def _group_or_both(study: Study) -> Whom:
    """The group that the row names; both where it names a ratio of them."""
    one, both, contrast = group(), compared(), study.roles.group.contrast
    return Whom(
        lambda row, t, people: (one if row["group"] in contrast else both).rule(row, t, people)
    )


@exhibit
def floor_and_ceiling(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit:
    """How many reach the lowest and the highest score seen."""
    scored = members(rows) & recorded("outcome")

    def at(end: str) -> Whom:
        return Whom(lambda row, t, _: t[row["outcome"]].eq(getattr(rows[row["outcome"]], end)()))

    return Exhibit(
        name="floor-and-ceiling",
        table=table,
        keys={"outcome": "outcome", "group": "group"},
        counts=(
            Count("children", scored, quantity="scale_score.n"),
            Count("at_floor", scored & at("min"), quantity="scale_score.at_floor", gates=False),
            Count("at_ceiling", scored & at("max"), quantity="scale_score.at_ceiling", gates=False),
        ),
        caption=f"{study.people.capitalize()} at the lowest and the highest observed score, by"
        f" {study.roles.group.label}.{categories_left_out(study, 'Lowest and highest scores')}",
    )
