"""Expected a posteriori scores, their standard errors and their reliability."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.curves import log_likelihood_on_grid
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters

REACH, POINTS = 6.0, 121  # standard deviations to each side of the mean, and points between


@dataclass(frozen=True)
class Scores:
    """Scores on the latent scale; NaN for rows without an answer.

    Attributes
    ----------
    score, error : ndarray, shape (n,)
        Mean and sd of each posterior.
    answered : ndarray of int, shape (n,)
        Items answered.
    """

    score: np.ndarray
    error: np.ndarray
    answered: np.ndarray


def expected_a_posteriori(
    answers: Answers, parameters: ItemParameters, mean: float = 0.0, sd: float = 1.0
) -> Scores:
    """Posterior mean and sd of each row's trait, the trait normal in the population.

    Rows with some items missing keep a score, with a larger error; rows without any answer would
    only repeat the population's mean and get none.

    Parameters
    ----------
    answers : Answers
        n rows.
    parameters : ItemParameters
        Of the same items.
    mean, sd : float
        Of the trait in the population, on the latent scale.

    References
    ----------
    Bock, R. D. and Mislevy, R. J. (1982). Adaptive EAP estimation of ability in a microcomputer
    environment. Applied Psychological Measurement 6, 431-444, eq. 3 and 4.
    """
    grid = mean + sd * np.linspace(-REACH, REACH, POINTS)
    logarithm = log_likelihood_on_grid(answers, parameters, grid) - ((grid - mean) / sd) ** 2 / 2
    weight = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    score = weight @ grid
    error = np.sqrt((weight * (grid - score[:, None]) ** 2).sum(axis=1))
    answered = (answers.codes >= 0).sum(axis=1)
    none = answered == 0
    return Scores(np.where(none, np.nan, score), np.where(none, np.nan, error), answered)


def marginal_reliability(scores: Scores) -> float:
    """1 − mean posterior variance / variance, over the rows with a score.

    The variance of the trait is taken as that of the scores plus the mean posterior variance.
    NaN with fewer than two scores.

    References
    ----------
    Green, B. F., Bock, R. D., Humphreys, L. G., Linn, R. L. and Reckase, M. D. (1984). Technical
    guidelines for assessing computerized adaptive tests. Journal of Educational Measurement 21,
    347-360, eq. 6.
    """
    known = ~np.isnan(scores.score)
    if known.sum() < 2:  # noqa: PLR2004 - one score has no variance
        return float("nan")
    unexplained = float((scores.error[known] ** 2).mean())
    return 1 - unexplained / (float(scores.score[known].var()) + unexplained)
