"""How well the models predict those whom they have not seen."""

import pandas as pd

from learning_with_others.benefits.exhibits.units import not_shown
from learning_with_others.benefits.figures.checks import draw_pareto_k
from learning_with_others.benefits.leave_one_out import STUDENT
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import Rows, in_model
from learning_with_others.study import Study

ELPD = "benefit.elpd"


@exhibit
def left_out(table: pd.DataFrame, rows: Rows, study: Study) -> Exhibit | None:
    """Expected log predictive density of those left out."""
    if table.empty:
        return None
    of_people = table["left_out"] == STUDENT
    split = {
        "children": table["units"].where(of_people),
        "clusters": table["units"].mask(of_people),
        "children_high_k": table["high_pareto_k"].where(of_people),
        "clusters_high_k": table["high_pareto_k"].mask(of_people),
    }
    schools = (
        ""
        if "school" in set(table["left_out"])
        else " No school is left out: its level, a fixed effect, cannot be predicted from others."
    )
    return Exhibit(
        name="left-out",
        table=table.drop(columns=["units", "high_pareto_k"]).assign(**split),
        keys={"outcome": "outcome", "item": "left_out"},
        counts=(
            Count("children", in_model(rows)),
            Count("children_high_k", quantity=f"{ELPD}.high_k", gates=False),
        ),
        numbers=(
            Number(ELPD, "elpd", "nats"),
            Number(f"{ELPD}.se", "se", "nats"),
            Number(f"{ELPD}.p_loo", "p_loo", "parameters"),
            Number(f"{ELPD}.clusters", "clusters", "clusters"),
            Number(f"{ELPD}.high_k", "clusters_high_k", "clusters"),
            Number(f"{ELPD}.refitted", "refitted", "clusters"),
        ),
        caption=f"Expected log predictive density of {study.people} and clusters left out, and how"
        " many had a Pareto k over .7. The standard error is rough, because clusters are few and"
        f" unequal.{schools}"
        + not_shown(study, rows, "Leaving out in closed form", needs="collapses"),
    )


@exhibit
def interaction(table: pd.DataFrame, rows: Rows, study: Study) -> Exhibit | None:
    """What the terms of group times exposure add to prediction."""
    if table.empty:
        return None
    return Exhibit(
        name="interaction",
        table=table.rename(columns={"students": "children"}),
        keys={"outcome": "outcome"},
        counts=(
            Count("children", in_model(rows)),
            Count("high_pareto_k", quantity=f"{ELPD}.difference.high_k", gates=False),
        ),
        numbers=(
            Number(f"{ELPD}.difference", "difference", "nats"),
            Number(f"{ELPD}.difference.se", "se", "nats"),
        ),
        caption="Difference in expected log predictive density between the models with and without"
        f" the interaction of {study.roles.group.label} and exposure, in nats, on the same rows and"
        " plausible value. Above zero, the interaction helps to predict."
        + not_shown(study, rows, "Leaving out in closed form", needs="collapses"),
    )


@exhibit
def pareto(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """How reliable leaving one student out was."""
    of_people = table[table["left_out"] == STUDENT]
    if of_people.empty:
        return None
    return Exhibit(
        name="pareto",
        table=of_people.drop(columns="left_out").rename(columns={"units": "children"}),
        keys={"outcome": "outcome", "item": "{from_k:g} to {to_k:g}"},
        counts=(Count("children", quantity=f"{ELPD}.pareto_k", gates=False),),
        caption=f"Number of {study.people} by Pareto k. Leaving one out by importance sampling is"
        " reliable where k is not over .7.",
        figures=(
            Drawing(
                "pareto",
                draw_counts,
                alt=f"Bars of the number of {study.people} by range of Pareto k, those over .7 in"
                " another colour.",
            ),
        ),
    )


def draw_counts(table: pd.DataFrame) -> object:
    """Draw how many have a Pareto k in each range; suppressed numbers leave a gap."""
    return draw_pareto_k(table.assign(left_out=STUDENT, units=table["children"]))
