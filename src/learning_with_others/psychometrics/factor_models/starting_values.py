"""Where the search for the maximum begins."""

import numpy as np

from learning_with_others.psychometrics.factor_models.parameter_table import ParameterTable
from learning_with_others.psychometrics.factor_models.saturated import Saturated

LOWEST, HIGHEST = 0.25, 0.9  # standardized loadings to start from
SPECIFIC = 0.35  # of a factor beside a broader one of the same item
LEAST_UNIQUE = 0.2  # share of an item's variance that its residual starts with
FROM_ABOVE = 0.7  # of a factor on the one above it


def starting_values(table: ParameterTable, groups: tuple[Saturated, ...]) -> np.ndarray:
    """Give starting values: first principal axis of each factor's items, group by group.

    Parameters held equal across groups start from the reference group.

    Parameters
    ----------
    table : ParameterTable
    groups : tuple of Saturated
        Unrestricted moments of each group.

    Returns
    -------
    ndarray, shape (free parameters,)
    """
    out = np.full(table.free_count, np.nan)
    names = ["group", "free", "kind", "lhs", "rhs"]
    rows = list(zip(*(table.rows[name] for name in names), strict=True))
    for label, found in zip(table.groups, groups, strict=True):
        start = _GroupStart(table, found)
        for group, free, kind, lhs, rhs in rows:
            if group == label and free >= 0 and np.isnan(out[free]):
                out[free] = start.value(kind, lhs, rhs)
    return out


class _GroupStart:
    """Starting values of one group, by kind of parameter."""

    def __init__(self, table: ParameterTable, found: Saturated) -> None:
        self.model, self.mean = table.model, found.mean
        self.place = {item: i for i, item in enumerate(self.model.items)}
        self.endogenous = set(self.model.endogenous)
        self.standard_deviation = np.sqrt(np.diag(found.covariance))
        self.correlation = found.covariance / np.outer(
            self.standard_deviation, self.standard_deviation
        )
        self.below = {
            factor: [name for name in indicators if name in self.place]
            for factor, indicators in self.model.factors.items()
        }
        self.loadings = self._loadings()
        self.units = {factor: self._unit(factor) for factor in self.model.factors}

    def value(self, kind: str, lhs: str, rhs: str) -> float:
        """Start of one parameter."""
        return getattr(self, f"_{kind}")(lhs, rhs)

    def _loadings(self) -> dict[tuple[str, str], float]:
        """Loadings on factors of variance one, in the items' own units."""
        out = {}
        width = {factor: len(items) for factor, items in self.below.items()}
        for factor, items in self.below.items():
            axis = _first_axis(self.correlation, [self.place[item] for item in items])
            for item, value in zip(items, axis, strict=True):
                broader = any(item in self.below[f] and width[f] > width[factor] for f in width)
                usual = np.sign(value) * SPECIFIC if broader else value
                out[factor, item] = usual * self.standard_deviation[self.place[item]]
        return out

    def _unit(self, factor: str) -> float:
        """Standard deviation of a factor, in the unit its identification gives."""
        if self.model.identification == "unit_variance":  # a disturbance of 1: a wider factor
            return 1 / np.sqrt(1 - FROM_ABOVE**2) if factor in self.endogenous else 1.0
        first = self.model.factors[factor][0]
        if first in self.place:
            return self.loadings[factor, first]
        return FROM_ABOVE * self._unit(first)

    def _loading(self, factor: str, name: str) -> float:
        if name in self.place:
            return self.loadings[factor, name] / self.units[factor]
        return FROM_ABOVE * self.units[name] / self.units[factor]

    def _residual(self, item: str, other: str) -> float:
        if item != other:
            return 0.0
        explained = sum(v**2 for (_, name), v in self.loadings.items() if name == item)
        variance = self.standard_deviation[self.place[item]] ** 2
        return max(variance - explained, LEAST_UNIQUE * variance)

    def _variance(self, factor: str, _: str) -> float:
        unexplained = 1 - FROM_ABOVE**2 if factor in self.endogenous else 1.0
        return self.units[factor] ** 2 * unexplained

    def _covariance(self, factor: str, other: str) -> float:
        """From the correlation of the sums of standardized items."""
        one, two = (
            np.isin(self.model.items, self.below[name]).astype(float) for name in (factor, other)
        )
        scale = (one @ self.correlation @ one) * (two @ self.correlation @ two)
        if scale <= 0:
            return 0.0
        between = one @ self.correlation @ two / np.sqrt(scale)
        return between * self.units[factor] * self.units[other]

    def _intercept(self, item: str, _: str) -> float:
        return self.mean[self.place[item]]

    def _mean(self, _: str, __: str) -> float:
        return 0.0


def _first_axis(correlation: np.ndarray, items: list[int]) -> np.ndarray:
    """Loadings on the first principal axis, communalities from the largest correlation."""
    if not items:
        return np.empty(0)
    part = correlation[np.ix_(items, items)].copy()
    if len(items) > 1:
        np.fill_diagonal(part, 0)
        np.fill_diagonal(part, np.abs(part).max(axis=1))
    values, vectors = np.linalg.eigh(part)
    axis = vectors[:, -1] * np.sqrt(max(values[-1], 0))
    axis = axis * (1 if axis.sum() >= 0 else -1)
    return np.where(axis < 0, -1, 1) * np.clip(np.abs(axis), LOWEST, HIGHEST)
