"""What a response model is fitted to: answer patterns of groups, curves, and latent densities."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    ItemParameters,
)

REACH = 6.0  # standard deviations of the reference group
NODES = 61


def even_grid(nodes: int = NODES) -> np.ndarray:
    """Evenly spaced trait values from −6 to 6, shape (nodes,)."""
    return np.linspace(-REACH, REACH, nodes)


def normal_weights(mean: float, log_sd: float, grid: np.ndarray) -> np.ndarray:
    """Normal density at the grid's points, scaled to sum 1, shape (Q,)."""
    exponent = -0.5 * ((grid - mean) / np.exp(log_sd)) ** 2
    weights = np.exp(exponent - exponent.max())
    return weights / weights.sum()


def normal_derivatives(
    mean: float, log_sd: float, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian of the log weights by the mean and the log of the sd.

    The weights are an exponential family in (θ, θ²) with natural parameters (μ/σ², −1/(2σ²)),
    so that the derivatives include the scaling to sum 1.

    Returns
    -------
    gradient : ndarray, shape (Q, 2)
    hessian : ndarray, shape (Q, 2, 2)
    """
    weights = normal_weights(mean, log_sd, grid)
    precision = np.exp(-2 * log_sd)
    statistics = np.column_stack([grid, grid**2])
    centred = statistics - weights @ statistics
    # Rows: natural parameters; columns: mean, log sd.
    jacobian = precision * np.array([[1.0, -2 * mean], [0.0, 1.0]])
    covariance = (centred * weights[:, None]).T @ centred
    curvature = precision * np.array([[[0.0, -2.0], [-2.0, 4.0 * mean]], [[0.0, 0.0], [0.0, -2.0]]])
    hessian = np.einsum("qn,nab->qab", centred, curvature) - jacobian.T @ covariance @ jacobian
    return centred @ jacobian, hessian


FEWEST_PEOPLE = 30  # in a group; below, a threshold rests on a handful of answers
FEW_PEOPLE = 100


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of answers of one group.

    Attributes
    ----------
    codes : ndarray of int, shape (P, k)
    count : ndarray, shape (P,)
        People with these answers.
    rows : ndarray of int
        Positions, in the whole table, of the people of the group who answered anything.
    pattern : ndarray of int, shape of `rows`
        Which row of `codes` is theirs.
    """

    codes: np.ndarray
    count: np.ndarray
    rows: np.ndarray
    pattern: np.ndarray

    @property
    def people(self) -> int:
        """People of the group with at least one answer."""
        return len(self.rows)


def collapse(answers: Answers, group: np.ndarray, labels: tuple[str, ...]) -> tuple[Patterns, ...]:
    """Count equal rows of answers once, group by group; rows without an answer are left out.

    Parameters
    ----------
    answers : Answers
        n rows.
    group : ndarray, shape (n,)
    labels : tuple of str
        Groups to use, in this order.

    Raises
    ------
    CompendiumError
        If a group has too few people who answered.
    """
    out = []
    for label in labels:
        rows = np.flatnonzero((np.asarray(group) == label) & answers.answered)
        if len(rows) < FEWEST_PEOPLE:
            raise CompendiumError(
                f"{len(rows)} people answered; a response model needs {FEWEST_PEOPLE}",
                where=f"group {label!r}, items {', '.join(answers.items)}",
                remedy="compare larger groups, or leave this scale to its mean score",
            )
        codes = np.ascontiguousarray(answers.codes[rows])
        whole = codes.view(np.dtype((np.void, codes.itemsize * codes.shape[1]))).ravel()
        _, first, pattern, count = np.unique(
            whole, return_index=True, return_inverse=True, return_counts=True
        )
        out.append(Patterns(codes[first], count.astype(float), rows, pattern))
    return tuple(out)


# Logistic and normal slopes at which a search begins: an item-trait correlation of about one half.
FIRST_SLOPE = {"logit": 1.2, "probit": 0.7}


@dataclass(frozen=True)
class Problem:
    """Answers of groups to k items, and the model's curves.

    Attributes
    ----------
    items : tuple of str, length k
    categories : ndarray of int, shape (k,)
    labels : tuple of str
        Groups, the reference group first.
    patterns : tuple of Patterns
        Of each group.
    family, link : str
    grid : ndarray, shape (Q,)
    """

    items: tuple[str, ...]
    categories: np.ndarray
    labels: tuple[str, ...]
    patterns: tuple[Patterns, ...] = field(repr=False)
    family: str
    link: str
    grid: np.ndarray = field(repr=False)

    @classmethod
    def of(
        cls,
        answers: Answers,
        group: np.ndarray,
        labels: tuple[str, ...],
        *,
        family: str = GRADED,
        link: str = "logit",
        nodes: int = NODES,
    ) -> "Problem":
        """Collect the answers of the groups named; see `patterns.collapse` for its errors."""
        patterns = collapse(answers, group, labels)
        return cls(
            answers.items, answers.categories, labels, patterns, family, link, even_grid(nodes)
        )

    @property
    def most_categories(self) -> int:
        """Largest number of categories."""
        return int(self.categories.max())

    def only(self, item: int) -> "Problem":
        """Give the curves' side of the problem for one item: no answers."""
        return replace(
            self,
            items=self.items[item : item + 1],
            categories=self.categories[item : item + 1],
            patterns=(),
        )

    def unpack(self, full: np.ndarray) -> ItemParameters:
        """Item parameters from one group's full vector, shape (k C + 2,)."""
        most = self.most_categories
        table = full[:-2].reshape(len(self.items), most)
        used = np.arange(1, most)[None, :] < self.categories[:, None]
        return ItemParameters(
            self.items,
            table[:, 0].copy(),
            np.where(used, table[:, 1:], np.nan),
            self.family,
            self.link,
        )


def starting_values(problem: Problem) -> np.ndarray:
    """Equal slopes, and intercepts that give each item's shares of answers, shape (G, k C + 2).

    Zero counts, which a group can have before merging, are smoothed by half an answer.
    """
    most = problem.most_categories
    slope = FIRST_SLOPE[problem.link]
    table = np.zeros((len(problem.items), most))
    table[:, 0] = slope
    for item, categories in enumerate(problem.categories):
        counts = np.full(categories, 0.5)
        for patterns in problem.patterns:
            codes = patterns.codes[:, item]
            given = codes != MISSING
            counts += np.bincount(codes[given], patterns.count[given], minlength=categories)
        if problem.family == GRADED:
            above = 1 - np.cumsum(counts)[:-1] / counts.sum()
            if problem.link == "logit":
                # Logistic of a normal trait: the slope flattens the margins by about this factor.
                table[item, 1:categories] = special.logit(above) * np.sqrt(1 + 0.35 * slope**2)
            else:
                table[item, 1:categories] = special.ndtri(above) * np.sqrt(1 + slope**2)
        else:
            table[item, 1:categories] = np.diff(np.log(counts))
    vector = np.concatenate([table.ravel(), [0.0, 0.0]])
    return np.tile(vector, (len(problem.labels), 1))
