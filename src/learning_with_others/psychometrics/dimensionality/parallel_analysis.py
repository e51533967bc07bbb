"""Parallel analysis: eigenvalues beside those of the same answers without their association."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.factor_extraction import SMALLEST_UNIQUENESS
from learning_with_others.psychometrics.dimensionality.polychoric import (
    comparison_correlations,
    polychoric_correlations,
)

QUANTILE = 0.95
FEWEST_ITEMS = 3  # with two, one eigenvalue determines the other
MOST_SWEEPS = 10_000
STILL = 1e-10
KINDS = ("components", "factors")


@dataclass(frozen=True)
class ParallelAnalysis:
    """Observed eigenvalues and those to be expected of unrelated items.

    Attributes
    ----------
    observed, mean, upper, sd : dict of {'components', 'factors'} to ndarray, shape (k,)
        Eigenvalues of the data, and mean, 95th percentile and standard deviation of the
        comparison's, in falling order. `components` are those of the correlations; `factors`
        those of the correlations reduced to the communalities of one minimum residual factor
        (psych's `fa.values`).
    suggested : dict of {'components', 'factors'} to int
        How many leading eigenvalues exceed the 95th percentile of theirs.
    flags : tuple of str
        Of the observed correlations.
    """

    observed: dict[str, np.ndarray]
    mean: dict[str, np.ndarray]
    upper: dict[str, np.ndarray]
    sd: dict[str, np.ndarray]
    suggested: dict[str, int]
    flags: tuple[str, ...]


def parallel_analysis(keyed: pd.DataFrame, *, resamples: int, seed: int) -> ParallelAnalysis:
    """Compare eigenvalues with those of answers shuffled within each item.

    Shuffling keeps each item's answers, and who answered it, and breaks every association, so
    that the comparison has the data's own margins and the same missing pattern. Correlations
    of shuffled answers are of the same kind as the observed ones: polychoric ones scatter more.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Keyed items, NaN where missing; correlations use pairwise complete rows.
    resamples : int
        Shuffled samples.
    seed : int

    Raises
    ------
    CompendiumError
        If there are fewer than three items, or an item does not vary.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
    Psychometrika 30, 179-185. Garrido, L. E., Abad, F. J. and Ponsoda, V. (2013). A new look at
    Horn's parallel analysis with ordinal variables. Psychological Methods 18, 454-474.
    """
    if keyed.shape[1] < FEWEST_ITEMS:
        raise CompendiumError(
            f"parallel analysis of {keyed.shape[1]} items tells nothing",
            where=", ".join(map(str, keyed.columns)),
            remedy=f"ask for it where there are at least {FEWEST_ITEMS} items",
        )
    answers = grade_answers(keyed)
    found = polychoric_correlations(answers, errors=False)
    rng = np.random.default_rng(seed)
    comparison = np.empty((resamples, len(KINDS), keyed.shape[1]))
    for sample in comparison:
        codes = shuffle_answers(answers.codes, answers.codes >= 0, rng)
        sample[:] = eigenvalues(comparison_correlations(replace(answers, codes=codes)))
    observed = eigenvalues(found.correlation)
    upper = np.quantile(comparison, QUANTILE, axis=0)
    return ParallelAnalysis(
        observed=dict(zip(KINDS, observed, strict=True)),
        mean=dict(zip(KINDS, comparison.mean(axis=0), strict=True)),
        upper=dict(zip(KINDS, upper, strict=True)),
        sd=dict(zip(KINDS, comparison.std(axis=0, ddof=1), strict=True)),
        suggested={
            name: _leading(values > limit)
            for name, values, limit in zip(KINDS, observed, upper, strict=True)
        },
        flags=found.flags,
    )


def shuffle_answers(values: np.ndarray, given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shuffle every column's given values among the rows that gave one.

    Parameters
    ----------
    values : ndarray, shape (n, k)
    given : ndarray of bool, shape (n, k)
    rng : numpy.random.Generator
    """
    shuffled = values.copy()
    for column in range(values.shape[1]):
        mine = given[:, column]
        shuffled[mine, column] = rng.permutation(values[mine, column])
    return shuffled


def eigenvalues(correlation: np.ndarray) -> np.ndarray:
    """Eigenvalues of components and of common factors in falling order, shape (2, k)."""
    one = one_factor_loadings(correlation)
    reduced = correlation.copy()
    np.fill_diagonal(reduced, one**2)
    return np.array([np.linalg.eigvalsh(matrix)[::-1] for matrix in (correlation, reduced)])


@compiled
def one_factor_loadings(correlation: np.ndarray) -> np.ndarray:
    """Loadings of one minimum residual factor, one item at a time until none moves.

    The same solution as `extract_factors` where no item is a Heywood case, in a small part of
    the time; a loading that would exceed √.995 stands there (unrelated items often do that).

    Parameters
    ----------
    correlation : ndarray, shape (k, k)

    Returns
    -------
    ndarray, shape (k,)

    References
    ----------
    Harman, H. H. and Jones, W. H. (1966). Factor analysis by minimizing residuals (minres).
    Psychometrika 31, 351-368. Harman, H. H. and Fukuda, Y. (1966). Resolution of the Heywood
    case in the minres solution. Psychometrika 31, 563-571.
    """
    largest = np.sqrt(1.0 - SMALLEST_UNIQUENESS)
    values, vectors = np.linalg.eigh(correlation)
    # The components' start overstates loadings by little, and has their signs right.
    loadings = vectors[:, -1] * min(np.sqrt(values[-1]), 1.0)
    for _ in range(MOST_SWEEPS):
        moved = 0.0
        for i in range(len(loadings)):
            product = squares = 0.0
            for j in range(len(loadings)):
                if j != i:
                    product += correlation[i, j] * loadings[j]
                    squares += loadings[j] * loadings[j]
            best = product / squares if squares > 0.0 else 0.0
            best = min(max(best, -largest), largest)
            moved = max(moved, abs(best - loadings[i]))
            loadings[i] = best
        if moved < STILL:
            break
    return loadings


def _leading(exceeds: np.ndarray) -> int:
    """How many from the first on exceed, up to the first that does not."""
    return len(exceeds) if exceeds.all() else int(np.argmin(exceeds))
