"""The models: their rows and clusters, their priors, and what the data add to these."""

from functools import partial

import pandas as pd

from learning_with_others.benefits.exhibits.units import equivalence_region
from learning_with_others.benefits.figures.prior_draws import (
    draw_prior_predictive,
    draw_standard_deviation_priors,
)
from learning_with_others.benefits.table import model_clusters, model_sizes
from learning_with_others.data.outcome_families import family_of
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import group
from learning_with_others.exhibits.phrases import Rows, in_model, listed, short
from learning_with_others.exhibits.populations import Population
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.study import Study


@exhibit
def rows(fits: dict[str, BenefitFit], model_rows: Rows, study: Study) -> Exhibit:
    """How many of each group are in each model."""
    whom = in_model(model_rows) & group()
    orders = [
        f"{short(study, name)}: {', '.join(fit.frame.categories)}"
        for name, fit in fits.items()
        if fit.frame.categories
    ]
    order = f" Categories, from the lowest to the highest: {'; '.join(orders)}." if orders else ""
    return Exhibit(
        name="model-rows",
        table=model_sizes(fits),
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("rows", whom, quantity="benefit.rows", unit="rows"),),
        caption=f"{study.people.capitalize()} of the two groups in the model of each outcome."
        f"{order}",
    )


@exhibit
def clusters(fits: dict[str, BenefitFit], study: Study) -> Exhibit:
    """How many clusters are in each model, and how many hold both groups."""
    role = study.roles.group
    return Exhibit(
        name="model-clusters",
        table=model_clusters(fits),
        keys={"outcome": "outcome", "item": "level"},
        numbers=(
            Number("benefit.clusters", "clusters", "{level}"),
            Number("benefit.clusters.both_groups", "both_groups", "{level}"),
        ),
        caption="Classrooms and schools in the model of each outcome, and how many have both"
        f" {role.focal} and {role.reference} {study.people}: only those allow comparisons within.",
    )


@exhibit
def priors(draws: pd.DataFrame, study: Study) -> Exhibit:
    """What each set of priors says before the data."""
    return Exhibit(
        name="priors",
        caption=f"Slopes and benefit gap {Population.POOLED.words}, intraclass correlations and the"
        " outcome's standard deviation drawn from each set of priors, before any data. Bars:"
        " equal-tailed 95% intervals. Grey,"
        f" behind the gap only: the region of practical equivalence, {equivalence_region(study)}."
        + _on_the_predictor(study, ", to which the region does not apply"),
        figures=(
            Drawing(
                "priors",
                partial(
                    draw_prior_predictive,
                    region=study.analysis.practical_equivalence,
                    groups=study.roles.group.contrast,
                ),
                of=draws,
                alt="Every set of priors allows slopes and gaps of either sign. Densities of"
                " slopes, benefit gap, intraclass correlations and outcome standard deviation, one"
                " row for each set.",
            ),
        ),
    )


def _on_the_predictor(study: Study, also: str = "") -> str:
    """Say on which scale the priors of other families are, if there are any."""
    scales: dict[str, list[str]] = {}
    for name in study.roles.outcomes:
        family = family_of(study, name)
        if not family.linear:
            scale = family.latent_unit + (f" / {family.unit:.2f}" if family.unit != 1 else "")
            scales.setdefault(scale, []).append(short(study, name))
    return "".join(
        f" For {listed(names)}, the scale is that of the linear predictor ({scale}){also}."
        for scale, names in scales.items()
    )


@exhibit
def standard_deviations(densities: pd.DataFrame, study: Study) -> Exhibit:
    """How much the data changed the priors of standard deviations between clusters."""
    between = "between schools and " if "sd between schools" in set(densities["parameter"]) else ""
    return Exhibit(
        name="spreads",
        caption=f"Standard deviations {between}of slopes between clusters: posterior (filled) over"
        " prior (dashed). Where the two coincide, the data say little." + _on_the_predictor(study),
        figures=(
            Drawing(
                "spreads",
                draw_standard_deviation_priors,
                of=densities,
                alt=f"Posterior densities of the standard deviations {between}of slopes, over their"
                " prior densities, one panel for each outcome.",
            ),
        ),
    )
