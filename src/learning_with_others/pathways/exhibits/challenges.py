"""What speaks against a pathway: what could explain it away, other orders, and planted truth."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, short
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.models.pathway_estimands import ARROW
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import SD
from learning_with_others.pathways.exhibits.associations import KEYS, UNSHOWN
from learning_with_others.pathways.figures.indirect_paths import draw_planted
from learning_with_others.pathways.figures.sensitivity_curves import draw_sensitivity
from learning_with_others.pathways.sensitivity import VANISHES
from learning_with_others.study import Study

BENCHMARK = "pathway.sensitivity.covariate"
UNORDERED = (
    "Data from one time, most of them from one survey, cannot say which comes first: they agree"
    " with both orders, and only a reason from outside the data can choose"
)


@exhibit
def sensitivity(
    table: pd.DataFrame | None,
    curves: pd.DataFrame | None,
    marks: pd.DataFrame | None,
    fit: PathwayFit,
    study: Study,
) -> Exhibit | None:
    """The residual correlation at which an indirect association would vanish."""
    if table is None:
        return None
    labels = study.labels
    return Exhibit(
        name="pathway-sensitivity",
        table=table.drop(columns=UNSHOWN).assign(via=table["path"]),
        keys={"outcome": "outcome", "group": "group", "item": "path"},
        numbers=(
            Number("{quantity}", "estimate", "correlation", interval=INTERVAL_KIND, mcse="mcse"),
        ),
        plain=("via", "mediator", "of", "quantity"),
        title=_sensitivity_title,
        sentence=partial(_sensitivity_sentence, study=study),
        caption="For two links that follow one another: the correlation, within"
        f" {fit.design.cluster}s, between the residuals of mediator and outcome at which the"
        " association through both would vanish. Something unmeasured that goes along with both"
        " would have to bring about a correlation of this size. Where the interval of the first"
        " link holds zero, no association through both is clear, and the correlation is the one at"
        " which the second link alone would vanish (column *of*).",
        figures=(
            Drawing(
                "pathway-sensitivity",
                partial(
                    draw_sensitivity,
                    groups=study.roles.group.contrast,
                    benchmarks=_marks(marks, labels),
                ),
                of=curves.assign(
                    outcome=curves["outcome"].map(labels), via=curves["via"].map(labels)
                ),
                alt=after(
                    _sensitivity_title,
                    "Lines of the indirect association over the residual correlation of mediator"
                    " and outcome, one for each group, with bands; dotted lines mark what leaving"
                    " out an observed covariate would amount to.",
                ),
                caption=f"Association of {study.roles.exposure.label} with each final outcome"
                " through one mediator, if something unmeasured made the residuals of mediator and"
                " outcome correlate. Where a line meets zero, that correlation would explain the"
                " association away. Dotted: what leaving out an observed covariate would amount"
                " to.",
            ),
        ),
    )


def _marks(table: pd.DataFrame | None, labels: dict[str, str]) -> pd.DataFrame | None:
    if table is None or table.empty:
        return None
    return pd.DataFrame(
        {
            "outcome": table["outcome"].map(labels),
            "via": table["mediator"].map(labels),
            "covariate": table["covariate"].str.replace("_", " "),
            "correlation": table["estimate"].round(3),
        }
    )


@exhibit
def benchmarks(table: pd.DataFrame | None) -> Exhibit | None:
    """How strong the observed covariates are on the same scale."""
    if table is None or table.empty:
        return None
    return Exhibit(
        name="pathway-benchmarks",
        table=table.drop(columns=[*UNSHOWN, "mediator"]).assign(
            via=table["path"], item=table["path"] + ", " + table["covariate"]
        ),
        keys={"outcome": "outcome", "item": "item"},
        numbers=(
            Number(BENCHMARK, "estimate", "correlation", interval=INTERVAL_KIND, mcse="mcse"),
        ),
        plain=("via", "path", "covariate"),
        caption="Residual correlation of mediator and outcome that would appear if an observed"
        " covariate were left out: a yardstick for what is not observed.",
    )


@exhibit
def orders(table: pd.DataFrame | None, study: Study) -> Exhibit | None:
    """The same data with adjacent blocks in the other order."""
    if table is None:
        return None
    named = table.assign(item=table["order"] + ", " + table["path"], via=table["path"]).drop(
        columns=UNSHOWN
    )
    return Exhibit(
        name="pathway-orders",
        table=named,
        keys={"outcome": "outcome", "group": "group", "item": "item"},
        numbers=(Number("{quantity}.order", "estimate", SD, interval=INTERVAL_KIND, mcse="mcse"),),
        plain=("order", "quantity", "path", "via", "unit"),
        title="These data cannot tell which variables come first",
        sentence=f"{UNORDERED}.",
        caption="Links between the blocks that are exchanged, and associations with the final"
        " outcomes through all mediators, in the declared order and with adjacent blocks"
        f" exchanged. {UNORDERED}. By {study.roles.group.label}; rows without a group are the"
        " difference between the two.",
    )


@exhibit
def planted(table: pd.DataFrame | None, study: Study) -> Exhibit | None:
    """Estimates beside what the simulation planted."""
    if table is None:
        return None
    shown = table.assign(via=table["path"])
    final = list(study.roles.pathway.blocks[-1])
    drawn = shown[
        shown["outcome"].isin(final)
        & shown["quantity"].isin(["pathway.indirect", "pathway.indirect_gap", "pathway.total"])
        & ~shown["path"].str.contains("→")
    ]
    return Exhibit(
        name="pathway-planted",
        table=shown,
        keys=KEYS,
        numbers=(
            Number("{quantity}.planted", "planted", "{unit}"),
            Number(
                "{quantity}.beside_planted",
                "estimate",
                "{unit}",
                interval=INTERVAL_KIND,
                mcse="mcse",
            ),
        ),
        plain=("via", "quantity", "unit", "inside"),
        caption="Every association that was planted in this synthetic study, in standard"
        " deviations, beside its estimate, and whether the interval holds it. Some lie outside by"
        " chance, and the estimates of one study share its sampling error.",
        figures=(
            Drawing(
                "pathway-planted",
                partial(draw_planted, groups=study.roles.group.contrast, labels=study.labels),
                of=drawn.assign(
                    via=[
                        ARROW.join(study.labels.get(name, name) for name in path.split(ARROW))
                        for path in drawn["path"]
                    ]
                ),
                alt=f"{_how_many_inside(drawn)} planted associations lie inside the intervals. For"
                " both groups and their difference, points with intervals, and a cross at the"
                " planted value.",
                caption="Associations with the final outcomes through single mediators and through"
                " blocks, and in total: estimates with intervals, and the planted values"
                " (crosses).",
            ),
        ),
    )


def _how_many_inside(table: pd.DataFrame) -> str:
    share = (table["inside"] == "yes").mean()
    return "All" if share == 1 else "Most" if share > 0.5 else "Few"  # noqa: PLR2004 - half


def _weakest(records: Records) -> Result | None:
    """The association through a mediator that the smallest correlation would explain away."""
    clear = [
        one
        for one in records.of(VANISHES)
        if one.lower is not None and one.upper is not None and one.lower * one.upper > 0
    ]
    return min(clear, key=lambda one: abs(float(one.estimate)), default=None)


def _is_suppressed(records: Records) -> bool:
    return not records.of(VANISHES) and not records.of(f"{VANISHES}.second_link")


def _sensitivity_title(records: Records) -> str:
    if _is_suppressed(records):
        return f"What could explain the associations through mediators away is {SUPPRESSED}"
    weakest = _weakest(records)
    if weakest is None:
        return "No association through a mediator is clear enough to ask what could explain it away"
    return (
        f"A residual correlation of {{{{number: {weakest.id}}}}} would explain the weakest clear"
        " association away"
    )


def _sensitivity_sentence(records: Records, study: Study) -> str:
    if _is_suppressed(records):
        return f"The residual correlations at which associations would vanish are {SUPPRESSED}."
    weakest = _weakest(records)
    if weakest is None:
        return (
            "Where an association goes through a mediator, the residual correlation at which it"
            " would vanish may be zero."
        )
    path = ARROW.join(short(study, name) for name in str(weakest.item).split(ARROW))
    said = (
        f"Among the associations whose interval excludes zero, the weakest is {path} among"
        f" {weakest.group} {study.people}: it would vanish if the residuals of mediator and outcome"
        f" correlated by {{{{number: {weakest.id}}}}} ({{{{probability: {weakest.id}}}}} interval"
        f" {{{{interval: {weakest.id}}}}})"
    )
    known = sorted(records.of(BENCHMARK), key=lambda one: -abs(float(one.estimate)))
    if known:
        covariate = str(known[0].item).rpartition(", ")[2].replace("_", " ")
        said += (
            f"; leaving out {covariate}, the strongest observed covariate, would amount to a"
            f" correlation of {{{{number: {known[0].id}}}}} at most"
        )
    return f"{said}."
