"""Exhibits of benefits.

Those with a title and a sentence say the findings: `published` (the anchor), `diagnosis` (do the
draws deserve belief?), `predictive` (does the model look like the data?), `reml` (does another
program agree?), `residual_ratios` and `classical_gaps` (what rests on errors of equal size?),
`alternatives`, `benefits` (slopes and gaps), `expected_outcomes`, `outcome_gaps`, `common_gap` and
`verdict`.
"""

from learning_with_others.benefits.exhibits.alternative_gaps import alternatives, common_gap
from learning_with_others.benefits.exhibits.attrition_bounds import attrition_bounds
from learning_with_others.benefits.exhibits.attrition_by_arm import attrition
from learning_with_others.benefits.exhibits.benefit_gaps import benefits, cluster_slopes
from learning_with_others.benefits.exhibits.convergence import (
    coefficients,
    diagnosis,
    nuts_check,
    ranks,
    traces,
)
from learning_with_others.benefits.exhibits.decision_rule import equivalence, verdict
from learning_with_others.benefits.exhibits.effects_by_place import effect_views
from learning_with_others.benefits.exhibits.error_checks import classical_gaps, residual_ratios
from learning_with_others.benefits.exhibits.fitted_models import (
    clusters,
    priors,
    rows,
    standard_deviations,
)
from learning_with_others.benefits.exhibits.model_checks import predictive, random_effects, reml
from learning_with_others.benefits.exhibits.outcome_levels import expected_outcomes, outcome_gaps
from learning_with_others.benefits.exhibits.predictive_density import interaction, left_out, pareto
from learning_with_others.benefits.exhibits.published_effects import published

__all__ = [
    "alternatives",
    "attrition",
    "attrition_bounds",
    "benefits",
    "classical_gaps",
    "cluster_slopes",
    "clusters",
    "coefficients",
    "common_gap",
    "diagnosis",
    "effect_views",
    "equivalence",
    "expected_outcomes",
    "interaction",
    "left_out",
    "nuts_check",
    "outcome_gaps",
    "pareto",
    "predictive",
    "priors",
    "published",
    "random_effects",
    "ranks",
    "reml",
    "residual_ratios",
    "rows",
    "standard_deviations",
    "traces",
    "verdict",
]
