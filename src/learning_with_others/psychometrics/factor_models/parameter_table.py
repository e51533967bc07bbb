"""The table of parameters: fixed, free, or equal across groups."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from learning_with_others.psychometrics.factor_models.factor_model import FactorModel

LEVELS = ("configural", "metric", "scalar", "strict")
Released = dict[str, set[str]]
COLUMNS = ["lhs", "op", "rhs", "group", "kind", "matrix", "row", "column", "fixed", "shared"]


@dataclass(frozen=True)
class ParameterTable:
    """Every parameter of a model in every group.

    Attributes
    ----------
    model : FactorModel
    groups : tuple of str
        The reference group first.
    rows : pandas.DataFrame
        One row per parameter and group, in lavaan's terms: `lhs` `op` `rhs` (`=~` is measured
        by, `~~` covaries with, `~1` has intercept or mean). `kind` is loading, intercept,
        residual, variance, covariance or mean; `matrix`, `row`, `column` its place in the model
        matrices; `fixed` its value if it is fixed, else NaN; `shared` whether the groups have it
        in common; `free` its position among the free parameters (−1: fixed); `label` the same
        for all rows held equal.
    """

    model: FactorModel
    groups: tuple[str, ...]
    rows: pd.DataFrame

    @property
    def free_count(self) -> int:
        """Number of free parameters, intercepts included."""
        return int(self.rows["free"].max()) + 1


def parameter_table(
    model: FactorModel,
    groups: tuple[str, ...],
    invariance: str = "configural",
    released: Released | None = None,
) -> ParameterTable:
    """List the parameters of a model that is equal across groups to a stated level.

    Configural: nothing is equal. Metric: loadings (those of second order too). Scalar: also
    the items' intercepts, and the means of factors without a factor above them are free in
    every group but the reference group. Strict: also residual variances and covariances.
    Factors with a factor above them have intercept 0 in every group.

    Parameters
    ----------
    model : FactorModel
    groups : tuple of str
        Reference group first.
    invariance : {'configural', 'metric', 'scalar', 'strict'}
    released : dict of str to set of {'loading', 'intercept', 'residual'}, optional
        Item to what may differ between groups nevertheless.
    """
    released = {} if released is None else released
    level = LEVELS.index(invariance)
    out: list[tuple] = []
    for place, group in enumerate(groups):
        out += [
            (lhs, op, rhs, group, *rest)
            for lhs, op, rhs, *rest in _group_rows(model, level, released, first=place == 0)
        ]
    rows = pd.DataFrame(out, columns=COLUMNS)
    return ParameterTable(model, groups, _number_free(rows))


def _number_free(rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows that share a label one position among the free parameters."""
    name = rows["lhs"] + " " + rows["op"] + " " + rows["rhs"]
    label = np.where(rows["shared"], name, name + " in " + rows["group"].astype(str))
    free = rows["fixed"].isna().to_numpy()
    positions = np.full(len(rows), -1)
    positions[free] = pd.factorize(label[free])[0]
    return rows.assign(free=positions, label=label)


def _group_rows(model: FactorModel, level: int, released: Released, *, first: bool) -> list[tuple]:
    """Rows of one group: lhs, op, rhs, kind, matrix, row, column, fixed, shared."""

    def shared(kind: str, name: str) -> bool:
        needed = {"loading": 1, "intercept": 2, "residual": 3}[kind]
        return level >= needed and kind not in released.get(name, ())

    out = _loading_rows(model, released, shared)
    out += _residual_rows(model, shared)
    out += _factor_rows(model, shared, first=first)
    for i, item in enumerate(model.items):
        equal = shared("intercept", item)
        out.append((item, "~1", "", "intercept", "intercepts", i, 0, np.nan, equal))
    for j, factor in enumerate(model.factors):
        anchored = any(shared("intercept", name) for name in _items_below(model, factor))
        free = anchored and not first and factor not in model.endogenous
        out.append((factor, "~1", "", "mean", "means", j, 0, np.nan if free else 0.0, False))
    return out


def _loading_rows(
    model: FactorModel, released: Released, shared: Callable[[str, str], bool]
) -> list[tuple]:
    items, factors = list(model.items), list(model.factors)
    marker = model.identification == "marker"
    out = []
    for j, (factor, indicators) in enumerate(model.factors.items()):
        anchors = [name for name in indicators if "loading" not in released.get(name, ())]
        for name in indicators:
            fixed = 1.0 if marker and name == (anchors or indicators)[0] else np.nan
            matrix = "loadings" if name in items else "paths"
            row = items.index(name) if name in items else factors.index(name)
            equal = shared("loading", name)
            out.append((factor, "=~", name, "loading", matrix, row, j, fixed, equal))
    return out


def _residual_rows(model: FactorModel, shared: Callable[[str, str], bool]) -> list[tuple]:
    items, out = list(model.items), []
    for i, item in enumerate(items):
        equal = shared("residual", item)
        out.append((item, "~~", item, "residual", "residuals", i, i, np.nan, equal))
    return out


def _factor_rows(
    model: FactorModel, shared: Callable[[str, str], bool], *, first: bool
) -> list[tuple]:
    factors, out = list(model.factors), []
    marker = model.identification == "marker"
    for j, factor in enumerate(factors):
        has_unit = any(shared("loading", name) for name in model.factors[factor])
        fixed = 1.0 if not marker and (first or not has_unit) else np.nan
        out.append((factor, "~~", factor, "variance", "factors", j, j, fixed, False))
    above = [name for name in factors if name not in model.endogenous]
    for a, b in [] if model.orthogonal else combinations(above, 2):
        place = (factors.index(a), factors.index(b))
        out.append((a, "~~", b, "covariance", "factors", *place, np.nan, False))
    return out


def _items_below(model: FactorModel, factor: str) -> list[str]:
    """Items that a factor explains, directly or through other factors."""
    out = []
    for name in model.factors[factor]:
        out += _items_below(model, name) if name in model.factors else [name]
    return out
