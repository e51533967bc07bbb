"""What releasing items does to a fit, to first order: changes, their spread, and tests.

With s the score and I the information of the freer parameters, a release moves the estimates by
I⁻¹ s, and twice the log likelihood by s' I⁻¹ s. Both need no further search, so that releases can
be repeated in thousands of resamples of the clusters' scores.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg

from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.marginal import ResponseFit
from learning_with_others.psychometrics.response_models.marginal_problem import Problem
from learning_with_others.psychometrics.response_models.maximization import solver
from learning_with_others.psychometrics.response_models.standard_errors import Moments, moments

SMALLEST = 1e-10  # eigenvalue of an information, as a share of its largest; below, singular


def freed_places(problem: Problem, narrow: Structure, wide: Structure) -> np.ndarray:
    """Places, in the two groups' full vectors, of the focal parameters that only `wide` frees.

    Where `wide` fixes the focal mean or sd instead, one threshold or slope of all is left out: the
    same model, as it lies near the narrower one.
    """
    most, first = problem.most_categories, len(problem.items) * problem.most_categories + 2
    slopes = [first + item * most for item in sorted(wide.free_slopes - narrow.free_slopes)]
    thresholds = [
        first + item * most + category
        for item in sorted(wide.free_thresholds - narrow.free_thresholds)
        for category in range(1, problem.categories[item])
    ]
    if narrow.free_standard_deviations and not wide.free_standard_deviations:
        slopes = slopes[1:]
    if narrow.free_means and not wide.free_means:
        thresholds = thresholds[1:]
    return np.array(slopes + thresholds, dtype=int)


@dataclass(frozen=True)
class Expansion:
    """A fit of two groups, expanded to first order in their P parameters together.

    Attributes
    ----------
    problem : Problem
    structure : Structure
    information : ndarray, shape (P, P)
    reach : ndarray, shape (P, P)
        Scores to movements of the parameters that are free: D (D' I D)⁻¹ D'.
    scores : ndarray, shape (J, P)
        Of each cluster, or of each person if people count as independent.
    """

    problem: Problem
    structure: Structure
    information: np.ndarray
    reach: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, fit: ResponseFit, taken: Moments) -> "Expansion":
        """Expand a fit; the moments must have scores, and be taken there or nearby."""
        information = linalg.block_diag(*taken.information)
        scores = taken.cluster_scores.reshape(len(taken.cluster_scores), -1)
        reach = _reach(fit, information)
        return cls(fit.problem, fit.structure, information, reach, scores)

    @property
    def total(self) -> np.ndarray:
        """Score of all people, shape (P,)."""
        return self.scores.sum(axis=0)

    def variance(self, columns: np.ndarray) -> np.ndarray:
        """Variance over samples of clusters of scores times these columns, shape (columns,)."""
        products = self.scores @ columns
        return products.var(axis=0, ddof=1) * len(products)

    def gain(self, wide: Structure) -> np.ndarray:
        """Matrix F, shape (P, df), of what a release adds with a score s.

        Movement F F' s, and |F' s|² in twice the log likelihood; NaN where the information on
        what is released is not positive definite.
        """
        places = freed_places(self.problem, self.structure, wide)
        # The directions in which the model moves if these places do, others adapting.
        directions = -self.reach @ self.information[:, places]
        directions[places, np.arange(len(places))] += 1
        within = directions.T @ self.information @ directions
        if not np.isfinite(within).all():
            return np.full_like(directions, np.nan)
        values, vectors = np.linalg.eigh(within)
        if values.min() <= SMALLEST * values.max():
            return np.full_like(directions, np.nan)
        return directions @ (vectors / np.sqrt(values))

    def release(self, wide: Structure) -> "Expansion":
        """Expand the model with more free, at the same parameters."""
        gain = self.gain(wide)
        return replace(self, structure=wide, reach=self.reach + gain @ gain.T)

    def cluster_factor(self, gain: np.ndarray) -> float:
        """How much larger a likelihood ratio is than if people were independent, on average.

        1 where it cannot be told.

        References
        ----------
        Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency
        tables with cell proportions estimated from survey data. Annals of Statistics 12, 46-60
        (first-order correction).
        """
        factor = float(self.variance(gain).mean())
        return factor if np.isfinite(factor) and factor > 0 else 1.0


def expand(fit: ResponseFit, cluster: np.ndarray) -> Expansion:
    """Expand a fit at its estimates, with the scores of clusters of the answers' rows."""
    return Expansion.of(fit, moments(fit, cluster))


def _reach(fit: ResponseFit, information: np.ndarray) -> np.ndarray:
    design = fit.constraints.design.toarray()
    solve = solver(design.T @ information @ design)
    if solve is None:
        return np.full_like(information, np.nan)
    return design @ solve(design.T)
