"""The scales of a study, each with the answers that enter its factor models."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_unit
from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import keyed_scales
from learning_with_others.psychometrics.factor_models.factor_model import (
    FactorModel,
    correlated_factors,
    one_factor,
)
from learning_with_others.psychometrics.reliability.alpha import known_clusters
from learning_with_others.study import StudyDesign

UNIT = "unit_variance"
MISSING_RULE = "fiml"
TEXT = ("scale", "structure", "factor", "item", "step", "kind", "group", "released", "flag")
WHOLE = ("items", "children", "children_focal", "children_reference", "df", "difference_df")
WHOLE += ("round", "score_df")


@dataclass(frozen=True)
class ScaleAnswers:
    """One scale of a study with the answers of the two groups compared.

    Attributes
    ----------
    name : str
        Construct or element.
    keyed : pandas.DataFrame, shape (n, k)
    elements : dict of str to list of str, or None
        Where there are several.
    group, cluster : ndarray, shape (n,)
        Group, and sampled cluster (`sampled_unit`); who has none stands alone, and so do all where
        there is one cluster only.
    """

    name: str
    keyed: pd.DataFrame
    elements: dict[str, list[str]] | None
    group: np.ndarray
    cluster: np.ndarray

    @property
    def model(self) -> FactorModel:
        """Correlated elements where there are some, else one factor."""
        if self.elements:
            return correlated_factors(self.elements, UNIT)
        return one_factor(list(self.keyed.columns), self.name, UNIT)

    @property
    def children(self) -> int:
        """How many answered at least one item."""
        return int(self.keyed.notna().any(axis=1).sum())

    @property
    def structure(self) -> str:
        """Name of that structure."""
        return "correlated" if self.elements else "one_factor"


def scales_of(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> Iterator[ScaleAnswers]:
    """Students' constructs and their elements, answers of the focal and the reference group."""
    group_role = study.roles.group
    rows = rows[rows[group_role.column].isin(group_role.contrast)]
    group = rows[group_role.column].astype(str).to_numpy(object)
    cluster = known_clusters(sampled_unit(rows, study).to_numpy())
    for scale, keyed in keyed_scales(rows, study, columns):
        several = scale.elements if len(scale.elements) > 1 else None
        yield ScaleAnswers(scale.name, keyed, several, group, cluster)


def join(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put tables of scales under each other, with the columns stated, each of one type."""
    filled = [table.reindex(columns=columns) for table in tables]
    out = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
    for column in columns:
        if column in TEXT:
            out[column] = out[column].astype(object).fillna("").astype(str)
        else:
            kind = "Int64" if column in WHOLE else "boolean" if column == "holds" else float
            out[column] = out[column].astype(kind)
    return out
