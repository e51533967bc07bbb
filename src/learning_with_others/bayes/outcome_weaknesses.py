"""What a model's outcome holds that a reader of its fit must know of."""

import numpy as np

from learning_with_others.bayes.outcomes import Outcome
from learning_with_others.inference.far_values import far_values


def outcome_weaknesses(outcome: Outcome) -> list[str]:
    """Name outliers, and an outcome of two values taken for a number."""
    if outcome.categories:
        return []
    found = far_values("the outcome", outcome.values)
    values = np.unique(outcome.values)
    if len(values) == 2:  # noqa: PLR2004 - yes or no
        low, high = (f"{value:.3g}" for value in values)
        found.append(
            f"the outcome is {low} or {high} and modelled as a normal number: its slopes are"
            " differences in the share of the higher value, and its errors are not normal; for"
            " changes in its probability, write family: bernoulli under this outcome"
        )
    return found
