import numpy as np
import pandas as pd
import pytest
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.polychoric import polychoric_correlations
from learning_with_others.psychometrics.reliability.ordinal import (
    categorical_omega,
    ordinal_alpha,
    ordinal_omega,
)

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5])
THRESHOLDS = np.array(
    [[-1.0, 0.0, 1.0], [-0.5, 0.4, 1.2], [-1.5, -0.2, np.nan], [0.1, np.nan, np.nan]]
)
PEOPLE = 20_000
SAMPLING = 0.015  # 4 standard errors from so many people
QUADRATURE = 1e-8


def implied():
    correlation = np.outer(LOADINGS, LOADINGS)
    np.fill_diagonal(correlation, 1)
    return correlation


def conditional_moments(points):
    """Mean and variance of each item's category number, given the factor."""
    mean, variance = [], []
    for loading, row in zip(LOADINGS, THRESHOLDS, strict=True):
        cuts = row[~np.isnan(row)]
        standard_deviation = np.sqrt(1 - loading**2)
        passed = stats.norm.sf((cuts[:, None] - loading * points) / standard_deviation)
        mean.append(passed.sum(axis=0))
        twice = (2 * np.arange(len(cuts)) + 1) @ passed  # E X² = Σ (2c − 1) P(X ≥ c)
        variance.append(twice - mean[-1] ** 2)
    return np.sum(mean, axis=0), np.sum(variance, axis=0)


def by_quadrature():
    """Reliability of the sum as Var E(S | factor) / Var S, the definition itself."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    mean, variance = conditional_moments(nodes)
    true = weights @ mean**2 - (weights @ mean) ** 2
    return true / (true + weights @ variance)


@pytest.fixture(scope="module")
def polychoric():
    rng = np.random.default_rng(9)
    noise = np.sqrt(1 - LOADINGS**2) * rng.standard_normal((PEOPLE, 4))
    latent = rng.standard_normal((PEOPLE, 1)) * LOADINGS + noise
    codes = (latent[:, :, None] > np.nan_to_num(THRESHOLDS, nan=np.inf)).sum(axis=2)
    return polychoric_correlations(grade_answers(pd.DataFrame(codes.astype(float))), errors=False)


def test_categorical_omega_is_the_definition_of_reliability():
    found = categorical_omega(LOADINGS, THRESHOLDS, implied())
    assert found == pytest.approx(by_quadrature(), abs=QUADRATURE)


def test_graded_answers_give_back_the_planted_reliabilities(polychoric):
    found = ordinal_omega(polychoric)
    assert found.latent == pytest.approx(LOADINGS.sum() ** 2 / implied().sum(), abs=SAMPLING)
    assert found.categorical == pytest.approx(by_quadrature(), abs=SAMPLING)
    assert found.categorical < found.latent
    assert found.flags == ()


def test_ordinal_alpha_is_that_of_the_variables_behind_the_answers(polychoric):
    correlation = implied()
    closed = 4 / 3 * (1 - 4 / correlation.sum())
    assert ordinal_alpha(polychoric) == pytest.approx(closed, abs=SAMPLING)


def test_two_items_have_no_ordinal_omega():
    rng = np.random.default_rng(1)
    codes = (rng.standard_normal((200, 1)) + rng.standard_normal((200, 2)) > 0).astype(float)
    pair = polychoric_correlations(grade_answers(pd.DataFrame(codes, columns=["a", "b"])))
    with pytest.raises(CompendiumError, match="2 items do not identify"):
        ordinal_omega(pair)
    assert 0 < ordinal_alpha(pair) < 1
