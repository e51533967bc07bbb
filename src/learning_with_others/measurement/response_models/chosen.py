"""Item parameters that tables and figures of the response models are drawn from."""

from collections.abc import Mapping

import pandas as pd

from learning_with_others.measurement.response_models.ladder import ResponseLadder
from learning_with_others.measurement.response_models.marginal import ResponseFit
from learning_with_others.measurement.response_models.parameters import GRADED, ItemParameters


def pooled_parameters(
    models: Mapping[str, Mapping[str, ResponseFit | str]],
) -> dict[str, ItemParameters]:
    """Graded parameters of every scale that could be fitted, both groups together as one.

    Parameters
    ----------
    models : mapping of str to mapping of str to ResponseFit or str
        As `response_models` gives them.
    """
    graded = {scale: fits[GRADED] for scale, fits in models.items()}
    return {
        scale: next(iter(fit.parameters.values()))
        for scale, fit in graded.items()
        if not isinstance(fit, str)
    }


def reference_parameters(
    ladders: Mapping[str, ResponseLadder | str],
) -> dict[str, ItemParameters]:
    """Graded parameters of the reference group, items that differ released."""
    return {
        scale: ladder.released.parameters[ladder.reference]
        for scale, ladder in ladders.items()
        if not isinstance(ladder, str)
    }


def ladders_with_releases(
    ladders: Mapping[str, ResponseLadder | str],
) -> dict[str, ResponseLadder]:
    """Ladders of the scales in which items were released."""
    return {
        scale: ladder
        for scale, ladder in ladders.items()
        if not isinstance(ladder, str) and len(ladder.releases)
    }


def release_table(ladders: Mapping[str, ResponseLadder | str]) -> pd.DataFrame:
    """Every release of every ladder, in order.

    Returns
    -------
    pandas.DataFrame
        `scale, children_focal, children_reference` (counts), then the columns of
        `ResponseLadder.releases`.
    """
    parts = []
    for scale, ladder in ladders_with_releases(ladders).items():
        table = ladder.releases
        table.insert(0, "children_reference", ladder.children_reference)
        table.insert(0, "children_focal", ladder.children_focal)
        table.insert(0, "scale", scale)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
