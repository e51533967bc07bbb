"""Rows made ready for any number of models of the same items."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.psychometrics.factor_models import robust
from learning_with_others.psychometrics.factor_models.factor_model import FactorModel
from learning_with_others.psychometrics.factor_models.moments import GroupMoments, group_moments
from learning_with_others.psychometrics.factor_models.robust import Clusters, read_clusters
from learning_with_others.psychometrics.factor_models.saturated import Saturated, saturated


@dataclass(frozen=True)
class Data:
    """Rows made ready for any number of models of the same items.

    Attributes
    ----------
    moments : tuple of GroupMoments
        The reference group first.
    saturated : tuple of Saturated
    clusters : Clusters or None
    mean_structure : bool
        Whether means are part of what is modelled: with several groups, or missing answers.
    saturated_trace : float
        What clusters make of the unrestricted moments; NaN without clusters.
    """

    moments: tuple[GroupMoments, ...]
    saturated: tuple[Saturated, ...]
    clusters: Clusters | None
    mean_structure: bool
    saturated_trace: float = np.nan

    @property
    def labels(self) -> tuple[str, ...]:
        """Groups, the reference group first."""
        return tuple(moments.label for moments in self.moments)


def read_data(
    values: pd.DataFrame,
    model: FactorModel,
    *,
    group: np.ndarray | None = None,
    missing: str = "complete",
    cluster: np.ndarray | None = None,
    reference: str | None = None,
) -> Data:
    """Make rows ready for fitting; arguments as for `fit_factor_model`."""
    moments = group_moments(values[list(model.items)], group, missing, reference)
    found = tuple(saturated(part, model.items) for part in moments)
    means = group is not None or missing == "fiml"
    if cluster is None:
        return Data(moments, found, None, means)
    clusters = read_clusters(cluster, moments)
    return Data(moments, found, clusters, means, robust.saturated_trace(moments, found, clusters))
