"""Effect sizes of items that differ between two groups, from their parameters."""

import numpy as np

from learning_with_others.measurement.response_models.latent_density import normal_weights
from learning_with_others.measurement.response_models.likelihood import category_probabilities
from learning_with_others.measurement.response_models.problem import Problem

REFERENCE_GROUP, FOCAL_GROUP = 0, 1


def expected_scores(problem: Problem, vector: np.ndarray) -> np.ndarray:
    """Expected answer, 0 to C − 1, to each item at each node, shape (k, Q).

    Parameters
    ----------
    problem : Problem
    vector : ndarray, shape (k C + 2,)
        One group's full parameters.
    """
    probability = category_probabilities(problem.unpack(vector), problem.grid)
    return np.einsum("kcq,c->kq", probability, np.arange(probability.shape[1]))


def parameter_differences(problem: Problem, full: np.ndarray) -> np.ndarray:
    """Mean threshold shift, slope ratio and slope difference, focal against reference group.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (2, k C + 2)

    Returns
    -------
    ndarray, shape (3, k)
        The shift in SDs of the reference group, positive where an item is harder for the focal
        group; the logarithm of the slope ratio; the difference of the slopes.
    """
    reference, focal = (problem.unpack(vector) for vector in full)
    shift = np.nanmean(focal.thresholds - reference.thresholds, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # slopes of different signs have no ratio
        ratio = np.log(focal.slopes / reference.slopes)
    return np.array([shift, ratio, focal.slopes - reference.slopes])


def score_differences(problem: Problem, full: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signed and unsigned difference of expected item scores over the focal group's trait.

    What the focal group scores by its own parameters, minus what it would score by the
    reference group's.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (2, k C + 2)

    Returns
    -------
    signed, unsigned : ndarray, shape (k + 1,)
        In points; the items, then the whole scale.

    References
    ----------
    Meade, A. W. (2010). A taxonomy of effect size measures for the differential functioning of
    items and scales. Journal of Applied Psychology 95, 728-743 (SIDS, UIDS, STDS, UETSDS), with
    the estimated latent density in place of estimated trait values.
    """
    weights = normal_weights(*full[FOCAL_GROUP, -2:], problem.grid)
    reference = expected_scores(problem, full[REFERENCE_GROUP])
    focal = expected_scores(problem, full[FOCAL_GROUP])
    difference = focal - reference
    difference = np.vstack([difference, difference.sum(axis=0)])
    return difference @ weights, np.abs(difference) @ weights


def standardized_differences(problem: Problem, full: np.ndarray) -> np.ndarray:
    """Signed differences over the pooled sd of the expected scores, shape (k + 1,).

    The items' ESSD, then the scale's ETSSD; read like Cohen's d.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (2, k C + 2)

    References
    ----------
    Meade, A. W. (2010), as in `score_differences`, eqs. 17 and 18.
    """
    weights = normal_weights(*full[FOCAL_GROUP, -2:], problem.grid)
    variances = []
    for vector in full:
        scores = expected_scores(problem, vector)
        scores = np.vstack([scores, scores.sum(axis=0)])
        variances.append(weights @ ((scores.T - scores @ weights) ** 2))
    signed, _ = score_differences(problem, full)
    return signed / np.sqrt(np.mean(variances, axis=0))
