"""Item fit by summed score: the generalized S-X² statistic."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from learning_with_others.measurement.answers import MISSING, Answers
from learning_with_others.measurement.response_models.latent_density import (
    even_grid,
    normal_weights,
)
from learning_with_others.measurement.response_models.likelihood import (
    SMALLEST_PROBABILITY,
    category_probabilities,
    check_same_items,
)
from learning_with_others.measurement.response_models.parameters import (
    GRADED,
    PARTIAL_CREDIT,
    ItemParameters,
)
from learning_with_others.measurement.response_models.summed_scores import (
    summed_score_probabilities,
)

FEWEST_EXPECTED = 1.0  # in a cell, as Orlando and Thissen


@dataclass(frozen=True)
class ScoreFit:
    """Generalized S-X² of one item.

    Attributes
    ----------
    statistic : float
    df : int
    p : float
        NaN if no degree of freedom is left.
    rmsea : float
        √(max(0, S-X² − df) / (df (n − 1))): misfit per degree of freedom, whatever the number
        of rows.
    """

    statistic: float
    df: int
    p: float
    rmsea: float


def score_fit(answers: Answers, parameters: ItemParameters) -> list[ScoreFit]:
    """Compare observed and expected answers at each summed score: generalized S-X².

    Complete rows only. Sums that leave one possible answer (all lowest, all highest) say nothing
    and are left out. Where fewer than one answer is expected, neighbouring categories are joined;
    where a sum then has a single cell left, it is joined with the next sum. Joining looks at
    expected numbers only.

    Parameters
    ----------
    answers : Answers
    parameters : ItemParameters
        Trait standard normal in the rows.

    Returns
    -------
    list of ScoreFit
        One per item. Degrees of freedom are cells minus one for each (joined) sum, minus the
        item's own parameters: slope and thresholds if graded, its step parameters in partial
        credit, its location in the rating scale model.

    References
    ----------
    Orlando, M. and Thissen, D. (2000). Likelihood-based item-fit indices for dichotomous item
    response theory models. Applied Psychological Measurement 24, 50-64, eq. 5 and 7.
    Kang, T. and Chen, T. T. (2008). Performance of the generalized S-X² item fit index for
    polytomous IRT models. Journal of Educational Measurement 45, 391-406, eq. 6.
    """
    check_same_items(answers, parameters)
    complete = answers.codes[(answers.codes != MISSING).all(axis=1)].astype(int)
    grid = even_grid()
    weights = normal_weights(0.0, 0.0, grid)
    probability = category_probabilities(parameters, grid)
    categories = parameters.categories
    total = complete.sum(axis=1)
    highest = int((categories - 1).sum())
    at_score = np.bincount(total, minlength=highest + 1)
    chance = summed_score_probabilities(probability, categories) @ weights
    out = []
    for item, number in enumerate(categories):
        rest = summed_score_probabilities(probability, categories, item)
        expected = np.zeros((highest + 1, number))
        for answer in range(number):
            joint = (rest[: highest + 1 - answer] * probability[item, answer]) @ weights
            expected[answer:, answer] = joint
        expected *= (at_score / np.maximum(chance, SMALLEST_PROBABILITY))[:, None]
        observed = np.zeros_like(expected)
        np.add.at(observed, (total, complete[:, item]), 1)
        cells = _joined(observed[1:-1], expected[1:-1])
        statistic = sum(((o - e) ** 2 / e).sum() for o, e in cells)
        df = sum(len(o) - 1 for o, _ in cells) - _own_parameters(parameters.family, number)
        if df < 1:
            out.append(ScoreFit(float(statistic), int(df), np.nan, np.nan))
            continue
        excess = max(0.0, statistic - df) / (df * max(len(complete) - 1, 1))
        p = float(stats.chi2.sf(statistic, df))
        out.append(ScoreFit(float(statistic), int(df), p, float(np.sqrt(excess))))
    return out


def _own_parameters(family: str, categories: int) -> int:
    return {GRADED: categories, PARTIAL_CREDIT: categories - 1}.get(family, 1)


def _joined(observed: np.ndarray, expected: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Join sums until each has two cells, and categories until each cell is large enough."""
    out: list[tuple[np.ndarray, np.ndarray]] = []
    waiting = np.zeros((2, expected.shape[1]))
    pooled = waiting
    for row in np.stack([observed, expected], axis=1):
        waiting = waiting + row
        cells = _join_categories(*waiting)
        if len(cells[0]) > 1:
            out.append(cells)
            pooled, waiting = waiting, np.zeros_like(waiting)
    if out and waiting[1].sum() > 0:
        out[-1] = _join_categories(*(pooled + waiting))
    return out


def _join_categories(observed: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join neighbouring cells from the lowest up; what remains joins the last."""
    starts, reached = [0], 0.0
    for place, number in enumerate(expected):
        if reached >= FEWEST_EXPECTED and expected[place:].sum() >= FEWEST_EXPECTED:
            starts.append(place)
            reached = 0.0
        reached += number
    # NumPy: sums between the starts.
    return np.add.reduceat(observed, starts), np.add.reduceat(expected, starts)
