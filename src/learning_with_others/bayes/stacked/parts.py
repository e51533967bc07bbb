"""Cross-products of each block, as the stack reads them."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.stacked.statistics import StackedStatistics


@dataclass(frozen=True)
class Part:
    """Cross-products of one pattern, as the stack reads them.

    Z terms vary between clusters, P terms have coefficients, d equations are in the block.

    Attributes
    ----------
    present : ndarray of bool, shape (d,)
    rows : int
    of_terms, of_varying : ndarray of int, shapes (P,), (Z,)
        Equation of each, within the block.
    terms, cross, gram : ndarray, shapes (P, P), (J, Z, P), (J, Z, Z)
    terms_outcomes, cross_outcomes, outcomes : ndarray, shapes (P, d), (J, Z, d), (d, d)
    """

    present: np.ndarray
    rows: int
    of_terms: np.ndarray
    of_varying: np.ndarray
    terms: np.ndarray
    cross: np.ndarray
    gram: np.ndarray
    terms_outcomes: np.ndarray
    cross_outcomes: np.ndarray
    outcomes: np.ndarray

    @property
    def sums(self) -> tuple[np.ndarray, ...]:
        """All of them, as the machine code takes them."""
        return (
            self.terms, self.cross, self.gram,
            self.terms_outcomes, self.cross_outcomes, self.outcomes,
        )  # fmt: skip


def stack_parts(statistics: StackedStatistics) -> list[list[Part]]:
    """Arrange statistics by block and pattern."""
    parts = []
    for block, names, patterns in zip(
        statistics.system.blocks, statistics.columns, statistics.patterns, strict=True
    ):
        equations = [e for e in statistics.system.equations if e.outcome in block]
        terms = [(k, names.index(t)) for k, e in enumerate(equations) for t in e.terms]
        varying = [(k, names.index(t)) for k, e in enumerate(equations) for t in e.varying]
        x, z = (np.array(each, int).reshape(-1, 2)[:, 1] for each in (terms, varying))
        y = np.array([names.index(each.outcome) for each in equations])
        own = []
        for pattern in patterns:
            products, total = pattern.products, pattern.products.sum(axis=0)
            own.append(
                Part(
                    present=pattern.present,
                    rows=pattern.rows,
                    of_terms=np.array([k for k, _ in terms]),
                    of_varying=np.array([k for k, _ in varying], int),
                    terms=total[np.ix_(x, x)],
                    cross=np.ascontiguousarray(products[:, z][:, :, x]),
                    gram=np.ascontiguousarray(products[:, z][:, :, z]),
                    terms_outcomes=total[np.ix_(x, y)],
                    cross_outcomes=np.ascontiguousarray(products[:, z][:, :, y]),
                    outcomes=total[np.ix_(y, y)],
                )
            )
        parts.append(own)
    return parts
