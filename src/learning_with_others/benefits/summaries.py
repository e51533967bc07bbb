"""All that a stage shows of its fits, computed at once: each of them is read but once."""

from dataclasses import dataclass

import pandas as pd

from learning_with_others.bayes.collapsed.frame import design_of
from learning_with_others.bayes.prior_predictive import prior_quantities
from learning_with_others.bayes.restricted_likelihood import REML_COLUMNS, compare_with_reml
from learning_with_others.benefits.cluster_effects import (
    cluster_effect_quantiles,
    cluster_effect_table,
)
from learning_with_others.benefits.cluster_slopes import cluster_slope_table
from learning_with_others.benefits.cluster_standard_deviations import standard_deviation_table
from learning_with_others.benefits.table import (
    benefit_table,
    equivalence_table,
    verdict_table,
    with_failures,
)
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.expected_outcomes import expected_ends, expected_outcome_table
from learning_with_others.models.predictive import predictive_table, with_closed_form
from learning_with_others.study import StudyDesign

PRIOR_DRAWS = 4000


@dataclass(frozen=True)
class FitChecks:
    """How the models fit their rows, from `check_fits`.

    Attributes
    ----------
    predictive : pandas.DataFrame
        From `predictive_table`.
    effects, effect_quantiles : pandas.DataFrame
        From `cluster_effect_table` and `cluster_effect_quantiles`.
    reml : pandas.DataFrame
        From `compare_with_reml`, with the column `outcome`; without the terms of pooled groups.
    """

    predictive: pd.DataFrame
    effects: pd.DataFrame
    effect_quantiles: pd.DataFrame
    reml: pd.DataFrame


@dataclass(frozen=True)
class BenefitSummaries:
    """What the fits say of benefits, from `summarize_benefits`.

    Attributes
    ----------
    table, equivalence, verdicts : pandas.DataFrame
        From `benefit_table`, `equivalence_table` and `verdict_table`.
    curves, ends : pandas.DataFrame
        From `expected_outcome_table` and `expected_ends`.
    cluster_slopes, standard_deviations : pandas.DataFrame
        From `cluster_slope_table` and `standard_deviation_table`.
    """

    table: pd.DataFrame
    equivalence: pd.DataFrame
    verdicts: pd.DataFrame
    curves: pd.DataFrame
    ends: pd.DataFrame
    cluster_slopes: pd.DataFrame
    standard_deviations: pd.DataFrame


def check_fits(fits: dict[str, BenefitFit], study: StudyDesign) -> FitChecks:
    """Set the fits beside their rows, the normal distribution and REML."""
    return FitChecks(
        predictive=with_failures(predictive_table(fits, study), fits),
        effects=with_failures(cluster_effect_table(fits, study), fits),
        effect_quantiles=with_failures(cluster_effect_quantiles(fits, study), fits),
        reml=_agreement(fits),
    )


def summarize_benefits(fits: dict[str, BenefitFit], study: StudyDesign) -> BenefitSummaries:
    """Summarize every estimand, the verdicts, and what the figures draw."""
    curves = with_failures(expected_outcome_table(fits, study), fits)
    return BenefitSummaries(
        table=benefit_table(fits, study),
        equivalence=with_failures(equivalence_table(fits, study), fits),
        verdicts=verdict_table(fits, study),
        curves=curves,
        ends=with_failures(expected_ends(curves, fits), fits),
        cluster_slopes=with_failures(cluster_slope_table(fits, study), fits),
        standard_deviations=with_failures(standard_deviation_table(fits), fits),
    )


def prior_draws(fit: BenefitFit, study: StudyDesign) -> pd.DataFrame:
    """Draw slopes, gap and shares of variance from each declared set of priors; the main first."""
    design = fit.design
    alternatives = (fit.frame.with_priors(name) for name in study.analysis.priors.alternatives)
    return pd.concat(
        prior_quantities(
            frame,
            PRIOR_DRAWS,
            study.analysis.seed,
            slope=design.slope,
            gap=design.interaction(design.focal),
        )
        for frame in (fit.frame, *alternatives)
    )


def mermaid_graph(fit: BenefitFit) -> str:
    """Draw the model in plain PyMC as a Mermaid diagram."""
    # The model language takes seconds to import, and a graph that is kept does without it.
    from learning_with_others.bayes.explicit.explicit_model import (  # noqa: PLC0415
        explicit_model,
        model_graph,
    )

    return model_graph(explicit_model(fit.frame))


def _agreement(fits: dict[str, BenefitFit]) -> pd.DataFrame:
    compared = [
        compare_with_reml(fit.posterior, design_of(fit.frame), fit.frame.outcome).assign(
            outcome=name
        )
        for name, fit in with_closed_form(fits).items()
    ]
    if not compared:
        return pd.DataFrame(columns=[*REML_COLUMNS, "outcome"])
    whole = pd.concat(compared, ignore_index=True)
    return whole[~whole["term"].str.contains(OTHER_GROUPS, regex=False)]
