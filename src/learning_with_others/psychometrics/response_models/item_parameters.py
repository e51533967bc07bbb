"""Parameters of the items of a scale, and which of them are equal, free or fixed across groups."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from learning_with_others.errors import CompendiumError

GRADED, PARTIAL_CREDIT, RATING_SCALE = "graded", "partial_credit", "rating_scale"
FAMILIES = (GRADED, PARTIAL_CREDIT, RATING_SCALE)


@dataclass(frozen=True)
class ItemParameters:
    """Slopes and intercepts of k items with ordered categories 0, 1, …, C_i − 1.

    - graded: P(X_i ≥ c | θ) = F(a_i θ + d_ic), F the logistic or the normal distribution;
    - partial credit and rating scale: P(X_i = c | θ) / P(X_i = c − 1 | θ) = exp(a_i θ + d_ic),
      with one slope for all items.

    Attributes
    ----------
    items : tuple of str, length k
    slopes : ndarray, shape (k,)
        a_i on the logistic metric without 1.7, or the normal one if the link is probit.
    intercepts : ndarray, shape (k, most categories − 1)
        d_ic in column c − 1; NaN beyond an item's categories. Decreasing in c if graded.
    family : str
        One of `FAMILIES`.
    link : str
        `logit`, or `probit` for the graded family only.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17.
    Masters, G. N. (1982). A Rasch model for partial credit scoring. Psychometrika 47, eq. 6.
    Andrich, D. (1978). A rating formulation for ordered response categories. Psychometrika 43.
    """

    items: tuple[str, ...]
    slopes: np.ndarray
    intercepts: np.ndarray
    family: str = GRADED
    link: str = "logit"

    @property
    def thresholds(self) -> np.ndarray:
        """Thresholds b_ic = −d_ic / a_i on the latent scale, shape of `intercepts`."""
        return -self.intercepts / self.slopes[:, None]

    @property
    def categories(self) -> np.ndarray:
        """Number of categories of each item, shape (k,)."""
        return 1 + np.isfinite(self.intercepts).sum(axis=1)


@dataclass(frozen=True)
class Constraints:
    """Map from free parameters to the full vectors of all groups.

    Attributes
    ----------
    design : sparse array, shape (G (k C + 2), free)
        The groups' full vectors below each other.
    groups : int
    """

    design: sparse.csr_array
    groups: int

    @property
    def free(self) -> int:
        """Number of free parameters."""
        return self.design.shape[1]

    def full(self, free: np.ndarray) -> np.ndarray:
        """Full vectors, shape (G, k C + 2)."""
        return (self.design @ free).reshape(self.groups, -1)

    def project(self, full: np.ndarray) -> np.ndarray:
        """Free parameters nearest to given full vectors, by least squares."""
        products = (self.design.T @ self.design).tocsc()
        return sparse.linalg.spsolve(products, self.design.T @ full.ravel())

    def gradient(self, full: np.ndarray) -> np.ndarray:
        """Gradient by the free parameters from one by the full vectors, shape (free,)."""
        return self.design.T @ full.ravel()

    def information(self, full: np.ndarray) -> np.ndarray:
        """Information on the free parameters from each group's, shape (free, free)."""
        size = full.shape[1]
        out = np.zeros((self.free, self.free))
        for group, matrix in enumerate(full):
            design = self.design[group * size : (group + 1) * size]
            out += design.T @ (design.T @ matrix).T  # the matrix is symmetric
        return out


@dataclass(frozen=True)
class Structure:
    """What is free in a model of G groups.

    Attributes
    ----------
    free_slopes, free_thresholds : frozenset of int
        Items (positions) whose slope, or intercepts, each group has of its own.
    free_means, free_standard_deviations : bool
        Whether groups after the first have a mean, and an sd, of their own; the first has 0, 1.
    one_slope : bool
        Whether all items share one slope, as in the Rasch family.
    """

    free_slopes: frozenset[int] = frozenset()
    free_thresholds: frozenset[int] = frozenset()
    free_means: bool = False
    free_standard_deviations: bool = False
    one_slope: bool = False

    def release(self, items: Iterable[int], *, slopes: bool, thresholds: bool) -> "Structure":
        """Free the slopes and thresholds of some items as well."""
        items = frozenset(items)
        return replace(
            self,
            free_slopes=self.free_slopes | (items if slopes else frozenset()),
            free_thresholds=self.free_thresholds | (items if thresholds else frozenset()),
        )

    def hold(self, item: int) -> "Structure":
        """Hold one item equal in all groups."""
        return replace(
            self,
            free_slopes=self.free_slopes - {item},
            free_thresholds=self.free_thresholds - {item},
        )

    def with_one_slope(self) -> "Structure":
        """Hold all slopes equal, over items and groups."""
        return replace(self, free_slopes=frozenset(), one_slope=True)


def build_constraints(
    categories: np.ndarray, groups: int, family: str, structure: Structure
) -> Constraints:
    """Lay out the map of a model.

    Parameters
    ----------
    categories : ndarray of int, shape (k,)
    groups : int
    family : str
        'graded', 'partial_credit' or 'rating_scale'.
    structure : Structure

    Raises
    ------
    CompendiumError
        If a rating scale is asked for items with different numbers of categories.
    """
    k, most = len(categories), int(max(categories))
    if family == RATING_SCALE and len(set(categories.tolist())) > 1:
        raise CompendiumError(
            f"items have {', '.join(map(str, sorted(set(categories.tolist()))))} categories",
            where="rating scale model",
            remedy="use the partial credit model, or merge categories",
        )
    # Places (group, place in the full vector) of each free parameter.
    columns: list[list[tuple[int, int]]] = []
    slopes = [item * most for item in range(k)]
    if structure.one_slope or family != GRADED:
        columns += _shared(slopes, groups, own=bool(structure.free_slopes))
    else:
        for item in range(k):
            columns += _shared(slopes[item : item + 1], groups, own=item in structure.free_slopes)
    if family != RATING_SCALE:
        for item in range(k):
            own = item in structure.free_thresholds
            for category in range(1, categories[item]):
                columns += _shared([item * most + category], groups, own=own)
    free_traits = [structure.free_means, structure.free_standard_deviations]
    columns += [
        [(group, k * most + which)]
        for group in range(1, groups)
        for which in np.flatnonzero(free_traits)
    ]
    design = np.zeros((groups, k * most + 2, len(columns)))
    for column, places in enumerate(columns):
        for group, place in places:
            design[group, place, column] = 1.0
    if family == RATING_SCALE:
        design = np.concatenate([_rating_scale_design(k, most, groups), design], axis=2)
    return Constraints(sparse.csr_array(design.reshape(-1, design.shape[2])), groups)


def _shared(places: list[int], groups: int, *, own: bool) -> list[list[tuple[int, int]]]:
    """Give one free parameter for all groups, or one for each."""
    if own:
        return [[(group, place) for place in places] for group in range(groups)]
    return [[(group, place) for group in range(groups) for place in places]]


def _rating_scale_design(k: int, categories: int, groups: int) -> np.ndarray:
    """d_ic = location_i + step_c, steps that sum to 0, alike in all groups."""
    design = np.zeros((groups, k * categories + 2, k + categories - 2))
    for item in range(k):
        for category in range(1, categories):
            place = item * categories + category
            design[:, place, item] = 1.0
            if category < categories - 1:
                design[:, place, k + category - 1] = 1.0
            else:
                design[:, place, k:] = -1.0
    return design
