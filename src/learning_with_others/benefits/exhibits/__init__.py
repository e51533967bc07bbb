"""Exhibits of benefits.

Those with a title and a sentence say the findings: `published` (the anchor), `diagnosis` (do the
draws deserve belief?), `predictive` (does the model look like the data?), `reml` (does another
program agree?), `alternatives`, `benefits` (slopes and gaps), `expected_outcomes`, `outcome_gaps`,
`common_gap` and `verdict`.
"""

from learning_with_others.benefits.exhibits.alternative_gaps import alternatives, common_gap
from learning_with_others.benefits.exhibits.benefit_gaps import benefits, cluster_slopes
from learning_with_others.benefits.exhibits.convergence import (
    coefficients,
    diagnosis,
    nuts_check,
    ranks,
    traces,
)
from learning_with_others.benefits.exhibits.decision_rule import equivalence, verdict
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
    "benefits",
    "cluster_slopes",
    "clusters",
    "coefficients",
    "common_gap",
    "diagnosis",
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
    "rows",
    "standard_deviations",
    "traces",
    "verdict",
]
