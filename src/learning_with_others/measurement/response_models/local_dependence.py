"""Dependence between two items that the trait does not account for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.measurement.answers import MISSING, Answers
from learning_with_others.measurement.response_models.expectation import group_curves
from learning_with_others.measurement.response_models.item_differences import expected_scores
from learning_with_others.measurement.response_models.kernels import posterior_on_grid
from learning_with_others.measurement.response_models.marginal import ResponseFit

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
