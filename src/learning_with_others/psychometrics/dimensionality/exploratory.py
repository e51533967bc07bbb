"""Exploratory factor analysis, and the general factor behind oblique ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning_with_others.psychometrics.dimensionality.factor_extraction import (
    Extraction,
    Method,
    extract_factors,
    rotate_oblimin,
)

FACTORS_TO_IDENTIFY_A_GENERAL_ONE = 3


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
    correlation: np.ndarray,
    factors: int,
    *,
    items: Sequence[str] = (),
    method: Method = "minimum_residual",
    starts: int = 10,
    seed: int = 0,
) -> Exploratory:
    """Extract m factors and rotate them obliquely (direct quartimin).

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
    factors : int
    items : sequence of str
        Names for the flags; numbers without it.
    method : {'minimum_residual', 'maximum_likelihood'}
    starts, seed
        As in `rotate_oblimin`.

    Raises
    ------
    CompendiumError
        As `extract_factors`.
    """
    found = extract_factors(correlation, factors, method)
    rotated = rotate_oblimin(found.loadings, starts=starts, seed=seed)
    flags = _extraction_flags(found, items)
    if rotated.minima > 1:
        flags.append(f"the rotation has {rotated.minima} local minima: the lowest is shown")
    if not rotated.converged:
        flags.append("the rotation did not converge")
    left = correlation - found.loadings @ found.loadings.T
    below = np.tril_indices_from(left, -1)
    return Exploratory(
        loadings=rotated.loadings,
        factor_correlation=rotated.factor_correlation,
        communalities=(found.loadings**2).sum(axis=1),
        root_mean_square_residual=float(np.sqrt((left[below] ** 2).mean())),
        degrees_of_freedom=found.degrees_of_freedom,
        flags=tuple(flags),
    )


def schmid_leiman(solution: Exploratory) -> Hierarchical:
    """Split oblique factors into what they share and what is their own.

    The general factor's loadings on the factors are those of one minimum residual factor of
    their correlations; with two factors they are set equal, √φ, since one correlation cannot
    tell them apart.

    Parameters
    ----------
    solution : Exploratory
        With m ≥ 1 factors. One factor is the general one itself.

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
        second = extract_factors(between, 1, "minimum_residual")
        shared = second.loadings[:, 0]
        if second.heywood.any():
            flags.append("a factor is explained by the general one entirely (Heywood case)")
    general = solution.loadings @ shared
    own = np.sqrt(np.clip(1 - shared**2, 0, None))
    if general.sum() < 0:
        general = -general
    return Hierarchical(general, solution.loadings * own, uniquenesses, tuple(flags))


def hierarchical_loadings(
    correlation: np.ndarray,
    factors: int,
    *,
    items: Sequence[str] = (),
    starts: int = 10,
    seed: int = 0,
) -> Hierarchical:
    """General and group loadings, for hierarchical omega: minres, quartimin, Schmid-Leiman.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
    factors : int
        Group factors; three or more identify the general one.
    items, starts, seed
        As in `explore_factors`.

    Notes
    -----
    With fewer than zero degrees of freedom (three factors of five items) many solutions fit
    alike, and with them many values of omega; the one nearest to the squared multiple
    correlations is given, and flagged.
    """
    return schmid_leiman(
        explore_factors(correlation, factors, items=items, starts=starts, seed=seed)
    )


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
