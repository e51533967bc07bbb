"""Response models and item parameters of every scale of a study."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import EVERYONE
from learning_with_others.measurement.graded_scales import Reason, student_scales
from learning_with_others.psychometrics.response_models.item_parameters import (
    FAMILIES,
    GRADED,
    RATING_SCALE,
    ItemParameters,
)
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder
from learning_with_others.psychometrics.response_models.marginal import (
    ResponseFit,
    fit_response_model,
)
from learning_with_others.psychometrics.response_models.model_fit import local_dependence
from learning_with_others.psychometrics.response_models.standard_errors import delta_method, moments
from learning_with_others.study import StudyDesign

MODEL_COLUMNS = [
    "scale", "family", "items", "children", "log_likelihood", "parameters", "aic", "bic",
    "largest_q3", "q3_items", "flag",
]  # fmt: skip
PARAMETER_COLUMNS = [
    "scale", "item", "group", "children", "quantity", "category", "estimate", "se", "lower",
    "upper", "flag",
]  # fmt: skip


def response_models(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> dict[str, dict[str, ResponseFit | Reason]]:
    """Fit every family to every scale, both groups together as one.

    The rating scale model is left out where items differ in their number of categories.

    Returns
    -------
    dict of str to dict of str to ResponseFit or str
        Scale, then family; the reason where it could not be fitted.
    """
    out = {}
    for scale, given in student_scales(rows, study, columns).items():
        out[scale] = {}
        for family in FAMILIES:
            alike = given.answers is None or len(set(given.answers.categories.tolist())) == 1
            if family == RATING_SCALE and not alike:
                continue
            out[scale][family] = given.find(partial(fit_response_model, family=family))
    return out


def response_model_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Compare the families of response models, scale by scale.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the two groups compared.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `MODEL_COLUMNS`: `scale, family, items` (number), `children` (count),
        `log_likelihood, parameters` (number of free ones), `aic, bic`; with the graded model
        `largest_q3` (Yen's Q3) and `q3_items`; `flag`.
    """
    scales = student_scales(rows, study, columns)
    out = []
    for scale, fits in response_models(rows, study, columns).items():
        for family, fit in fits.items():
            row = {"scale": scale, "family": family}
            if isinstance(fit, str):
                out.append(row | {"children": 0, "flag": fit})
                continue
            row |= {
                "items": len(fit.problem.items),
                "children": fit.people,
                "log_likelihood": fit.log_likelihood,
                "parameters": fit.free_parameters,
                "aic": fit.aic,
                "bic": fit.bic,
            }
            flags = list(fit.flags)
            if family == GRADED:
                dependence = local_dependence(scales[scale].answers, fit)
                row |= {
                    "largest_q3": dependence.largest,
                    "q3_items": " and ".join(dependence.pair),
                }
                flags += [dependence.flag] if dependence.flag else []
            out.append(row | {"flag": "; ".join(flags)})
    return pd.DataFrame(out, columns=MODEL_COLUMNS)


def item_parameter_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Slopes and thresholds of the graded model, both groups together as one.

    Standard errors are robust to the lowest clusters.

    Returns
    -------
    pandas.DataFrame
        Columns `PARAMETER_COLUMNS`, one row for each slope and threshold: `scale, item, group`
        (both groups), `children` (count), `quantity` ('slope' or 'threshold'), `category` (the
        upper of the two answers that a threshold divides; 0 for a slope), `estimate` (slopes on
        the logistic metric, thresholds in SDs of the trait), `se, lower, upper` (Wald interval of
        the study's probability, t with clusters − 1 degrees of freedom) and `flag`.
    """
    out = []
    for scale, given in student_scales(rows, study, columns).items():
        fit = given.find(fit_response_model)
        if isinstance(fit, str):
            out.append({"scale": scale, "children": 0, "flag": fit})
            continue
        out += parameter_rows(scale, fit, given.cluster, study.analysis.interval_probability)
    return pd.DataFrame(out, columns=PARAMETER_COLUMNS)


def parameter_rows(
    scale: str, fit: ResponseFit, cluster: np.ndarray | None, probability: float
) -> list[dict]:
    """Slopes and thresholds of every group of a fit, as rows of `item_parameter_table`."""
    taken = moments(fit, cluster)
    problem = fit.problem
    several = len(problem.labels) > 1
    out = []
    for position, label in enumerate(problem.labels):

        def quantities(full: np.ndarray, position: int = position) -> np.ndarray:
            parameters = problem.unpack(full[position])
            return np.column_stack([parameters.slopes, parameters.thresholds]).ravel()

        found = delta_method(fit, taken, quantities, probability=probability)
        width = problem.most_categories
        for place in np.flatnonzero(np.isfinite(found.value)):
            category = int(place % width)
            out.append(
                {
                    "scale": scale,
                    "item": problem.items[place // width],
                    "group": label if several else EVERYONE,
                    "children": problem.patterns[position].people,
                    "quantity": "threshold" if category else "slope",
                    "category": category,
                    "estimate": found.value[place],
                    "se": found.standard_error[place],
                    "lower": found.lower[place],
                    "upper": found.upper[place],
                    "flag": "; ".join(fit.flags),
                }
            )
    return out


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
