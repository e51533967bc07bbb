"""Exhibits of the response models: fit, items, information, and the Bayesian check."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import answered_all
from learning_with_others.measurement.exhibits.counted_people import answered, answered_item, sample
from learning_with_others.measurement.figures.reshaped import (
    draw_information_of,
    draw_wright_map_of,
)
from learning_with_others.measurement.response_model_tables import ResponseTables
from learning_with_others.psychometrics.response_models.bayesian_graded import (
    INTERVAL_KIND as CREDIBLE,
)
from learning_with_others.study import Study

ROBUST = "t, cluster-robust"


@exhibit
def response_models(found: ResponseTables, rows: pd.DataFrame) -> Exhibit:
    """Families of response models, side by side."""
    return Exhibit(
        name="response-models",
        table=found.comparison,
        keys={"outcome": "scale", "item": "family"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number("irt.loglik", "log_likelihood", "log likelihood"),
            Number("irt.parameters", "parameters", "parameters"),
            Number("irt.aic", "aic", "information criterion"),
            Number("irt.bic", "bic", "information criterion", closed_form="none"),
            Number("irt.largest_q3", "largest_q3", "correlation"),
            Number("irt.items", "items", "items"),
        ),
        plain=("q3_items",),
        caption="Fit of the response models of every scale, both groups together, and the largest"
        " residual correlation (Q3) under the graded model.",
    )


def parameter_table(found: ResponseTables) -> pd.DataFrame:
    """Slopes and thresholds with their units; a slope belongs to no category."""
    table, slope = found.parameters, found.parameters["quantity"].eq("slope")
    category = table["category"].astype("Int64").astype(str).mask(slope, "")
    unit = table["quantity"].map({"slope": "logistic metric", "threshold": "latent SD"})
    return table.assign(category=category, unit=unit)


@exhibit
def item_parameters(
    found: ResponseTables, moments: pd.DataFrame, rows: pd.DataFrame, study: Study
) -> Exhibit:
    """Slopes and thresholds of the graded model, and Wright maps."""
    groups = study.roles.group.contrast
    return Exhibit(
        name="item-parameters",
        table=parameter_table(found),
        keys={"outcome": "scale", "item": "{item} {category}"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number("irt.{quantity}", "estimate", "{unit}", interval=ROBUST),
            Number("irt.{quantity}.error", "se", "{unit}"),
        ),
        plain=("group", "quantity", "unit"),
        caption="Slopes and thresholds of the graded model, both groups together. Threshold k"
        " lies between the k-th answer from below, keyed, and the next. Intervals:"
        f" {study.analysis.interval_probability:.0%} {ROBUST}.",
        figures=tuple(
            Drawing(
                f"wright-map-{scale}",
                partial(
                    draw_wright_map_of,
                    moments=moments,
                    groups=groups,
                    scale=scale,
                    title=study.labels[scale],
                ),
                alt=f"Thresholds of the items of {study.labels[scale]} beside the distribution of"
                f" the trait among {groups[0]} and {groups[1]} {study.people}.",
                caption=f"Wright map of {study.labels[scale]}: the thresholds of each item beside"
                " the distribution of the trait in each group, as the model estimates it. Threshold"
                " 1|2 lies between the lowest answer and the next, keyed.",
            )
            for scale in study.constructs
        ),
    )


@exhibit
def item_fit(found: ResponseTables, rows: pd.DataFrame) -> Exhibit:
    """How well each item follows the graded model."""
    sampled, complete = sample(rows), {"n": "children_complete"}
    return Exhibit(
        name="item-fit",
        table=found.item_fit,
        keys={"outcome": "scale", "item": "item"},
        counts=(
            Count("children", sampled & answered_item()),
            Count("children_complete", sampled & answered_all()),
        ),
        numbers=(
            Number("irt.item_rmsea", "rmsea", "index", closed_form="root", **complete),
            Number("irt.item_rmsd", "rmsd", "share of the answer scale"),
            Number("irt.item_chisq", "statistic", "chi-squared", **complete),
            Number("irt.item_chisq.df", "df", "degrees of freedom", **complete),
            Number("irt.item_chisq.p", "p", "p", **complete),
            Number("irt.item_chisq.p_holm", "p_holm", "p", **complete),
            Number("irt.infit", "infit", "mean square"),
            Number("irt.outfit", "outfit", "mean square"),
        ),
        caption="Fit of each item to the graded model: S-X² with its RMSEA (complete rows), and the"
        " root mean squared deviance of expected answers, infit and outfit (all rows).",
    )


@exhibit
def information(
    table: pd.DataFrame, moments: pd.DataFrame, rows: pd.DataFrame, study: Study
) -> Exhibit | None:
    """Where along the trait each scale measures well."""
    if table.empty:
        return None
    role = study.roles.group
    labels = {name: construct.label for name, construct in study.constructs.items()}
    return Exhibit(
        name="information",
        table=table,
        keys={"outcome": "scale", "item": "{trait:.1f}"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number("irt.information", "information", "information"),
            Number("irt.standard_error", "standard_error", "latent SD"),
        ),
        caption=f"Test information and standard error along the trait, with the item parameters of"
        f" {role.reference} {study.people}.",
        figures=(
            Drawing(
                "information",
                partial(draw_information_of, moments=moments, groups=role.contrast, labels=labels),
                alt="Curves of test information and standard error along the trait, with the"
                " distribution of the trait in each group.",
                caption="Test information and standard error of every scale, and the distribution"
                " of the trait in each group, as the model estimates it.",
            ),
        ),
    )


@exhibit
def bayesian_items(table: pd.DataFrame | None, rows: pd.DataFrame, study: Study) -> Exhibit | None:
    """The graded model of one scale, Bayesian."""
    if table is None:
        return None
    scale, unit = table["scale"].iloc[0], "as its parameter"
    return Exhibit(
        name="bayesian-items",
        table=table,
        keys={"item": "{parameter} {item} {threshold}"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number("irt.bayesian", "mean", unit, interval=CREDIBLE, mcse="mcse"),
            Number("irt.bayesian.sd", "sd", unit, mcse="sd_mcse"),
            Number("diagnosis.rhat", "rhat", "ratio"),
            Number("diagnosis.ess_bulk", "ess_bulk", "draws"),
            Number("diagnosis.ess_tail", "ess_tail", "draws"),
        ),
        plain=("scale",),
        caption=f"Bayesian graded response model of {study.labels[scale]}, both groups together."
        f" Intervals: {study.analysis.interval_probability:.0%} {CREDIBLE}.",
    )
