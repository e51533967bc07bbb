"""What a response model is fitted to: answers of groups, a family of curves and a grid."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from learning_with_others.measurement.answers import MISSING, Answers
from learning_with_others.measurement.response_models.latent_density import NODES, even_grid
from learning_with_others.measurement.response_models.parameters import GRADED, ItemParameters
from learning_with_others.measurement.response_models.patterns import Patterns, collapse

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
