"""How well a response model fits: items by summed score (S-X²), and pairs of items."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.curves import (
    SMALLEST_PROBABILITY,
    category_probabilities,
    check_same_items,
)
from learning_with_others.psychometrics.response_models.differential_items import expected_scores
from learning_with_others.psychometrics.response_models.expectation import group_curves
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    PARTIAL_CREDIT,
    ItemParameters,
)
from learning_with_others.psychometrics.response_models.kernels import posterior_on_grid
from learning_with_others.psychometrics.response_models.marginal import ResponseFit
from learning_with_others.psychometrics.response_models.marginal_problem import (
    even_grid,
    normal_weights,
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


@compiled
def summed_score_probabilities(
    probability: np.ndarray, categories: np.ndarray, left_out: int = -1
) -> np.ndarray:
    """Probability of each summed score at each trait value, items taken in one by one.

    Parameters
    ----------
    probability : ndarray, shape (k, C, Q)
        Of each answer; 0 beyond an item's categories.
    categories : ndarray of int, shape (k,)
    left_out : int
        Position of an item that is not summed; −1 for none.

    Returns
    -------
    ndarray, shape (S + 1, Q)
        S is the highest sum over all k items, so that rows are the same with an item left out.

    References
    ----------
    Lord, F. M. and Wingersky, M. S. (1984). Comparison of IRT true-score and equipercentile
    observed-score "equatings". Applied Psychological Measurement 8, 453-461.
    Thissen, D., Pommerich, M., Billeaud, K. and Williams, V. (1995). Item response theory for
    scores on tests including polytomous items. Applied Psychological Measurement 19, 39-49.
    """
    items, _, size = probability.shape
    highest = 0
    for item in range(items):
        highest += categories[item] - 1
    sums = np.zeros((highest + 1, size))
    sums[0] = 1.0
    reached = 0
    for item in range(items):
        if item == left_out:
            continue
        reached += categories[item] - 1
        # From the top down, each sum is replaced once those that need it have been.
        for score in range(reached, -1, -1):
            for q in range(size):
                total = 0.0
                for answer in range(min(score, categories[item] - 1) + 1):
                    total += sums[score - answer, q] * probability[item, answer, q]
                sums[score, q] = total
    return sums


# Above the mean of all pairs; about the 99th percentile without dependence for 500 people and
# ten or twenty items (Christensen and others 2017, table 3).
LARGE = 0.2
FEWEST_PAIRS = 30


@dataclass(frozen=True)
class LocalDependence:
    """Correlations of residuals of a scale's items.

    Attributes
    ----------
    q3 : pandas.DataFrame, shape (k, k)
        Correlations of residuals; NaN on the diagonal and where too few answered both.
    pair : tuple of str
        The two items with the largest Q3. Negative ones are left alone: all pairs are a little
        negative without dependence, and more so when another pair depends on each other.
    largest : float
        Their Q3.
    excess : float
        How far the largest Q3 lies above the mean of all pairs, which is negative without
        dependence, about −1 / (k − 1).
    """

    q3: pd.DataFrame
    pair: tuple[str, str]
    largest: float
    excess: float

    @property
    def flag(self) -> str:
        """What to say of it; empty if no pair stands out."""
        if not self.excess > LARGE:
            return ""
        return (
            f"local dependence: Q3 of {self.pair[0]} and {self.pair[1]} lies {self.excess:.2f} "
            "above the mean; standard errors are too small"
        )


def local_dependence(answers: Answers, fit: ResponseFit) -> LocalDependence:
    """Correlate what is left of two answers once the trait is estimated.

    Parameters
    ----------
    answers : Answers
        Those of the fit; a fit of one group.
    fit : ResponseFit

    References
    ----------
    Yen, W. M. (1984). Effects of local item dependence on the fit and equating performance of the
    three-parameter logistic model. Applied Psychological Measurement 8, 125-145, eq. 9.
    Christensen, K. B., Makransky, G. and Horton, M. (2017). Critical values for Yen's Q3.
    Applied Psychological Measurement 41, 178-194.
    """
    problem = fit.problem
    vector = fit.full[0]
    curves = group_curves(problem, vector)
    codes = answers.codes[answers.answered]
    _, posterior = posterior_on_grid(codes, curves.probability, curves.weights)
    trait = posterior @ problem.grid
    expected = np.stack(
        [np.interp(trait, problem.grid, curve) for curve in expected_scores(problem, vector)],
        axis=1,
    )
    residual = np.where(codes == MISSING, np.nan, codes - expected)
    frame = pd.DataFrame(residual, columns=list(answers.items))
    q3 = frame.corr(min_periods=FEWEST_PAIRS)
    values = q3.to_numpy(copy=True)
    np.fill_diagonal(values, np.nan)
    upper = values[np.triu_indices(len(values), 1)]
    if np.isnan(upper).all():
        return LocalDependence(q3, ("", ""), np.nan, np.nan)
    first, second = np.unravel_index(np.nanargmax(values), values.shape)
    return LocalDependence(
        pd.DataFrame(values, q3.index, q3.columns),
        (answers.items[first], answers.items[second]),
        float(values[first, second]),
        float(values[first, second] - np.nanmean(upper)),
    )
