"""Exploratory factor analysis, and the general factor behind oblique ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.multivariate.factor_rotation import rotate_factors

from learning_with_others.psychometrics.dimensionality.factor_extraction import (
    Extraction,
    extract_factors,
)

FACTORS_TO_IDENTIFY_A_GENERAL_ONE = 3
STARTS = 10  # the first from the loadings as they are, the others turned at random
SAME_MINIMUM = 1e-6
STEPS = {"max_tries": 2000, "tol": 1e-6}  # of the rotation: the projected gradient's size


@dataclass(frozen=True)
class Exploratory:
    """Obliquely rotated factors of k items.

    Attributes
    ----------
    loadings : ndarray, shape (k, m)
        Pattern coefficients on standardized factors.
    factor_correlation : ndarray, shape (m, m)
    communalities : ndarray, shape (k,)
        Share of each item's variance that the factors explain; may exceed 1 in a Heywood case.
    root_mean_square_residual : float
        Of the correlations off the diagonal.
    degrees_of_freedom : int
    flags : tuple of str
        What a reader must know of the solution; empty if nothing.
    """

    loadings: np.ndarray
    factor_correlation: np.ndarray
    communalities: np.ndarray
    root_mean_square_residual: float
    degrees_of_freedom: int
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Hierarchical:
    """A general and orthogonal group factors of k items (Schmid and Leiman).

    Attributes
    ----------
    general : ndarray, shape (k,)
    group : ndarray, shape (k, m)
        Without columns for one factor.
    uniquenesses : ndarray, shape (k,)
        1 − communality; below zero in a Heywood case.
    flags : tuple of str
        What a reader must know of the solution; empty if nothing.
    """

    general: np.ndarray
    group: np.ndarray
    uniquenesses: np.ndarray
    flags: tuple[str, ...]


def explore_factors(
    correlation: np.ndarray, factors: int, *, items: Sequence[str] = (), seed: int = 0
) -> Exploratory:
    """Extract m factors and rotate them obliquely (direct quartimin).

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
    factors : int
    items : sequence of str
        Names for the flags; numbers without it.
    seed : int
        Of the rotation's random starts.

    Raises
    ------
    CompendiumError
        As `extract_factors`.
    """
    found = extract_factors(correlation, factors)
    loadings, between, minima = rotate_quartimin(found.loadings, seed)
    flags = _extraction_flags(found, items)
    if minima > 1:
        flags.append(f"the rotation has {minima} local minima: the lowest is shown")
    left = correlation - found.loadings @ found.loadings.T
    below = np.tril_indices_from(left, -1)
    return Exploratory(
        loadings=loadings,
        factor_correlation=between,
        communalities=(found.loadings**2).sum(axis=1),
        root_mean_square_residual=float(np.sqrt((left[below] ** 2).mean())),
        degrees_of_freedom=found.degrees_of_freedom,
        flags=tuple(flags),
    )


def rotate_quartimin(loadings: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Rotate to direct quartimin (oblimin with γ = 0) from several starts, by statsmodels.

    Parameters
    ----------
    loadings : ndarray, shape (k, m)
        Of orthogonal factors.
    seed : int

    Returns
    -------
    loadings : ndarray, shape (k, m)
        Without Kaiser's normalization; factors ordered by their sum of squares, each with a
        positive sum.
    factor_correlation : ndarray, shape (m, m)
    minima : int
        Distinct minima that the starts ended in.

    References
    ----------
    Jennrich, R. I. and Sampson, P. F. (1966). Rotation for simple loadings. Psychometrika 31,
    313-323. Bernaards, C. A. and Jennrich, R. I. (2005). Gradient projection algorithms and
    software for arbitrary rotation criteria in factor analysis. Educational and Psychological
    Measurement 65, 676-696.
    """
    factors = loadings.shape[1]
    if factors == 1:
        return loadings * (1.0 if loadings.sum() >= 0 else -1.0), np.eye(1), 1
    rng = np.random.default_rng(seed)
    turns = [np.eye(factors)]
    turns += [np.linalg.qr(rng.normal(size=(factors, factors)))[0] for _ in range(STARTS - 1)]
    ends = [rotate_factors(loadings, "quartimin", T=turn, **STEPS) for turn in turns]
    values = [quartimin(pattern) for pattern, _ in ends]
    pattern, turn = ends[int(np.argmin(values))]
    apart = np.diff(np.sort(values)) > SAME_MINIMUM * max(1.0, min(values))
    order = np.argsort(-(pattern**2).sum(axis=0), kind="stable")
    sign = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    between = (turn.T @ turn * np.outer(sign, sign))[np.ix_(order, order)]
    return (pattern * sign)[:, order], between, 1 + int(apart.sum())


def quartimin(pattern: np.ndarray) -> float:
    """Sum over pairs of factors of the products of squared loadings, over 4."""
    squares = pattern**2
    return float((squares * (squares.sum(axis=1, keepdims=True) - squares)).sum()) / 4


def schmid_leiman(solution: Exploratory) -> Hierarchical:
    """Split oblique factors into what they share and what is their own.

    The general factor's loadings on the factors are those of one minimum residual factor of
    their correlations; with two factors they are set equal, √φ, since one correlation cannot
    tell them apart.

    Parameters
    ----------
    solution : Exploratory
        With m ≥ 1 factors. One factor is the general one itself.

    Notes
    -----
    With fewer than zero degrees of freedom (three factors of five items) many solutions fit
    alike, and with them many values of omega; the one nearest to the squared multiple
    correlations is given, and flagged.

    References
    ----------
    Schmid, J. and Leiman, J. M. (1957). The development of hierarchical factor solutions.
    Psychometrika 22, 53-61. Revelle, W. and Wilt, J. (2013). The general factor of personality.
    Journal of Research in Personality 47, 493-504 (two factors).
    """
    between = solution.factor_correlation
    factors = len(between)
    uniquenesses = 1 - solution.communalities
    if factors == 1:
        flag = "one factor: it is taken for the general one, and no group factor is left"
        general = solution.loadings[:, 0]
        flags = (*solution.flags, flag)
        return Hierarchical(general, np.empty((len(general), 0)), uniquenesses, flags)
    flags = list(solution.flags)
    if factors < FACTORS_TO_IDENTIFY_A_GENERAL_ONE:
        flags.append("two factors do not identify a general one: its loadings are set equal")
        shared = np.sqrt(np.abs(between[0, 1])) * np.array([1.0, np.sign(between[0, 1])])
    else:
        second = extract_factors(between, 1)
        shared = second.loadings[:, 0]
        if second.heywood.any():
            flags.append("a factor is explained by the general one entirely (Heywood case)")
    general = solution.loadings @ shared
    own = np.sqrt(np.clip(1 - shared**2, 0, None))
    if general.sum() < 0:
        general = -general
    return Hierarchical(general, solution.loadings * own, uniquenesses, tuple(flags))


def _extraction_flags(found: Extraction, items: Sequence[str]) -> list[str]:
    flags = []
    if found.degrees_of_freedom < 0:
        flags.append(
            f"{found.loadings.shape[1]} factors of {len(found.loadings)} items leave"
            f" {found.degrees_of_freedom} degrees of freedom: other loadings fit as well"
        )
    if found.heywood.any():
        names = items or [f"number {k + 1}" for k in range(len(found.heywood))]
        communalities = (found.loadings**2).sum(axis=1)
        stuck = ", ".join(
            f"{names[k]} (communality {communalities[k]:.2f})"
            for k in np.flatnonzero(found.heywood)
        )
        flags.append(f"Heywood case: no variance of its own is left to item {stuck}")
    if not found.converged:
        flags.append("the extraction did not converge")
    return flags
