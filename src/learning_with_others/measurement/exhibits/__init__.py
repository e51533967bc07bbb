"""Exhibits of measurement: whether scores measure what they should, alike for both groups.

Lead exhibits, with a title and a sentence: `reliability`, `comparability`, `differential-items`,
`score-gaps`, `answers`, `convergence`, `raters-profile`, `parallel-analysis` and `structure`.
"""

from learning_with_others.measurement.exhibits.comparable_scales import (
    comparability,
    differential_items,
)
from learning_with_others.measurement.exhibits.declared_structure import (
    factor_invariance,
    loadings,
    partial_invariance,
    structure,
)
from learning_with_others.measurement.exhibits.dimensions import (
    adequacy,
    exploratory_factors,
    parallel_analysis,
)
from learning_with_others.measurement.exhibits.item_exhibits import (
    answers,
    construct_maps,
    inter_item,
    item_rest,
    item_statistics,
)
from learning_with_others.measurement.exhibits.item_releases import single_releases
from learning_with_others.measurement.exhibits.kinds_of_scores import (
    score_errors,
    score_gaps,
    scores,
)
from learning_with_others.measurement.exhibits.other_groups import comparability_by_others
from learning_with_others.measurement.exhibits.response_model_exhibits import (
    bayesian_items,
    information,
    item_fit,
    item_parameters,
    response_models,
)
from learning_with_others.measurement.exhibits.response_steps import response_ladder
from learning_with_others.measurement.exhibits.scale_reliability import (
    dropped_items,
    multilevel_reliability,
    reliability,
    teacher_reliability,
)
from learning_with_others.measurement.exhibits.scores_without_items import (
    floor_and_ceiling,
    spread,
    wave_reliability,
)
from learning_with_others.measurement.exhibits.source_agreement import convergence, raters

__all__ = [
    "adequacy", "answers", "bayesian_items", "comparability", "comparability_by_others",
    "construct_maps", "convergence", "differential_items", "dropped_items", "exploratory_factors",
    "factor_invariance", "floor_and_ceiling", "information", "inter_item", "item_fit",
    "item_parameters", "item_rest", "item_statistics", "loadings", "multilevel_reliability",
    "parallel_analysis", "partial_invariance", "raters", "reliability", "response_ladder",
    "response_models", "score_errors", "score_gaps", "scores", "single_releases", "spread",
    "structure", "teacher_reliability", "wave_reliability",
]  # fmt: skip
