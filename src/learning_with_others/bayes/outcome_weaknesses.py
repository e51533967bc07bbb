"""What a model's outcome holds that a reader of its fit must know of."""

import numpy as np
from scipy.optimize import linprog

from learning_with_others.bayes.design import Design
from learning_with_others.bayes.outcomes import Outcome
from learning_with_others.inference.far_values import far_values

SEPARATED = 1e-6  # of the largest coefficient in the linear program
MOST_ROWS = 50_000  # beyond, the linear program takes minutes


def outcome_weaknesses(design: Design, outcome: Outcome) -> list[str]:
    """Name outliers, an outcome of two values taken for a number, and complete separation."""
    found = far_values("the outcome", outcome.values) if not outcome.categories else []
    values = np.unique(outcome.values)
    if not outcome.categories and len(values) == 2:  # noqa: PLR2004 - yes or no
        low, high = (f"{value:.3g}" for value in values)
        remedy = "choose the family bernoulli"
        found.append(f"the outcome is {low} or {high} and modelled as a normal number: {remedy}")
    return found + separation(design, outcome)


def separation(design: Design, outcome: Outcome) -> list[str]:
    """Name the terms that tell an outcome's categories apart without error, wholly or in part.

    Their coefficients have no finite maximum of the likelihood: the prior alone bounds them. A
    linear program looks for a combination of the columns that never contradicts a split of the
    categories and follows it at least once; random effects are left aside.

    References
    ----------
    Albert, A. and Anderson, J. A. (1984). On the existence of maximum likelihood estimates in
    logistic regression models. Biometrika 71, 1-10. Konis, K. (2007). Linear programming
    algorithms for detecting separated data in binary logistic regression models. DPhil thesis,
    University of Oxford, ch. 3.
    """
    rows = len(outcome.values)
    if not outcome.categories or rows > MOST_ROWS:
        return []
    size = np.abs(design.columns).max(axis=0)
    own = [k for k, column in enumerate(design.columns.T) if np.ptp(column) > 0]
    columns = np.column_stack([np.ones(rows), design.columns[:, own] / size[own]])
    for split in range(1, len(outcome.categories)):
        above = outcome.values >= split
        if above.all() or not above.any():
            continue
        signed = np.where(above, 1.0, -1.0)[:, None] * columns
        found = linprog(
            -signed.mean(axis=0), A_ub=-signed, b_ub=np.zeros(rows), bounds=(-1, 1), method="highs"
        )
        if found.status == 0 and -found.fun > SEPARATED:
            named = [
                repr(design.terms[k])
                for k, weight in zip(own, found.x[1:], strict=True)
                if abs(weight) > SEPARATED
            ]
            kind = "completely" if _margin(signed) > SEPARATED else "partly"
            whom = f"who answered {outcome.categories[split]!r} (or more)"
            remedy = "the likelihood sets no bound to their coefficients, the prior alone does"
            return [f"{', '.join(named)} separate {kind} {whom}: {remedy}"]
    return []


def _margin(signed: np.ndarray) -> float:
    """Distance that a combination of the columns keeps from every row at best."""
    rows, width = signed.shape
    widened = np.column_stack([-signed, np.ones(rows)])
    cost = np.append(np.zeros(width), -1.0)
    found = linprog(cost, A_ub=widened, b_ub=np.zeros(rows), bounds=(-1, 1), method="highs")
    return float(-found.fun) if found.status == 0 else 0.0
