"""Whether a line through the predictors parts the categories of an outcome."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

if TYPE_CHECKING:
    from learning_with_others.bayes.model_frame import ModelFrame

NEGLIGIBLE = 1e-6  # of a direction whose entries reach 1


def separation(columns: np.ndarray, codes: np.ndarray) -> tuple[str | None, np.ndarray]:
    """Find complete or quasi-complete separation of ordered categories, two or more.

    A direction of coefficients b and thresholds t is sought in which no row's probability falls:
    x_i'b at least the threshold below the row's category and at most the one above. Where some
    row's margin is positive in it, likelihood alone has no maximum (quasi-complete); where every
    row's is, the categories are parted completely.

    Parameters
    ----------
    columns : ndarray, shape (n, p)
        Without a constant.
    codes : ndarray of int, shape (n,)

    Returns
    -------
    kind : {'complete', 'quasi-complete'} or None
    direction : ndarray, shape (p,)
        Of the coefficients, within ±1; zeros where there is none.

    References
    ----------
    Albert, A. and Anderson, J. A. (1984). On the existence of maximum likelihood estimates in
    logistic regression models. Biometrika 71, 1-10.
    Konis, K. (2007). Linear programming algorithms for detecting separated data in binary logistic
    regression models. DPhil thesis, University of Oxford.
    """
    found = np.unique(codes, return_inverse=True)[1]  # an empty category parts nothing
    rows, count = columns.shape
    thresholds = int(found.max())
    at = np.eye(thresholds)
    below, above = found > 0, found < thresholds
    # One line for each threshold beside a row's category: the margin to it.
    margins = np.vstack(
        [
            np.hstack([columns[below], -at[found[below] - 1]]),
            np.hstack([-columns[above], at[found[above]]]),
        ]
    )
    free = [(-1, 1)] * count + [(None, None)] * thresholds
    total = optimize.linprog(-margins.sum(axis=0), -margins, np.zeros(len(margins)), bounds=free)
    direction = total.x[:count] if total.success else np.zeros(count)
    if np.abs(direction).max(initial=0) < NEGLIGIBLE or -total.fun < NEGLIGIBLE * rows:
        return None, np.zeros(count)
    # The smallest margin m that all rows can have at once.
    least = optimize.linprog(
        np.append(np.zeros(count + thresholds), -1.0),
        np.column_stack([-margins, np.ones(len(margins))]),
        np.zeros(len(margins)),
        bounds=[*free, (None, None)],
    )
    complete = least.success and -least.fun > NEGLIGIBLE
    return ("complete" if complete else "quasi-complete"), direction


def separation_weaknesses(frame: "ModelFrame") -> list[str]:
    """Name separation by the fixed terms, and the prior that then speaks."""
    varying = [k for k in range(len(frame.terms)) if np.ptp(frame.columns[:, k]) > 0]
    kind, direction = separation(frame.columns[:, varying], frame.outcome)
    if kind is None:
        return []
    parting = [varying[k] for k in np.flatnonzero(np.abs(direction) > NEGLIGIBLE)]
    terms = ", ".join(repr(frame.terms[k]) for k in parting)
    priors = ", ".join(sorted({str(frame.priors.coefficient[k]) for k in parting}))
    weakness = (
        f"{kind} separation: {terms} together tell the answers of all rows or of some for sure; "
        f"how strongly they are associated rests on the prior {priors}"
    )
    return [weakness]
