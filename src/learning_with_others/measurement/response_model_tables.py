"""Response models and item parameters of every scale of a study."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import EVERYONE
from learning_with_others.measurement.graded_scales import (
    Reason,
    ScaleAnswers,
    stacked,
    student_scales,
)
from learning_with_others.measurement.item_fit import item_fit_table
from learning_with_others.psychometrics.response_models.differential_items import (
    FOCAL_GROUP,
    REFERENCE_GROUP,
    expected_scores,
)
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
CURVE_COLUMNS = ["item", "categories", "group", "trait", "expected"]
PARAMETER_COLUMNS = [
    "scale", "item", "group", "children", "quantity", "category", "estimate", "se", "lower",
    "upper", "flag",
]  # fmt: skip


class ResponseTables(NamedTuple):
    """What the response models of a study show.

    Attributes
    ----------
    comparison : pandas.DataFrame
        Families of models: columns `MODEL_COLUMNS`: `scale, family, items` (number), `children`
        (count), `log_likelihood, parameters` (number of free ones), `aic, bic`; with the graded
        model `largest_q3` (Yen's Q3) and `q3_items`; `flag`.
    parameters : pandas.DataFrame
        Of the graded model: columns `PARAMETER_COLUMNS`, one row for each slope and threshold:
        `scale, item, group` (both groups), `children` (count), `quantity` ('slope' or
        'threshold'), `category` (the lower of the two answers that a threshold divides, counted
        from 1; 0 for a slope), `estimate` (slopes on the logistic metric, thresholds in SDs of the
        trait), `se, lower, upper` (Wald interval of the study's probability, t with clusters − 1
        degrees of freedom, robust to sampled clusters) and `flag`.
    item_fit : pandas.DataFrame
        Of the graded model, as `item_fit_table` makes it.
    """

    comparison: pd.DataFrame
    parameters: pd.DataFrame
    item_fit: pd.DataFrame


def response_tables(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> ResponseTables:
    """Fit every family to every scale, both groups together as one.

    The rating scale model is left out where items differ in their number of categories.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the two groups compared.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    """
    comparison, parameters, fitted = [], [], {}
    for scale, given in student_scales(rows, study, columns).items():
        for family in FAMILIES:
            alike = given.answers is None or len(set(given.answers.categories.tolist())) == 1
            if family == RATING_SCALE and not alike:
                continue
            fit = given.find(partial(fit_response_model, family=family))
            comparison.append({"scale": scale, "family": family, **_model_row(fit, given)})
            if family != GRADED:
                continue
            if isinstance(fit, str):
                parameters.append(pd.DataFrame([{"scale": scale, "flag": fit}]))
                continue
            fitted[scale] = next(iter(fit.parameters.values()))
            parameters.append(
                parameter_rows(scale, fit, given.cluster, study.analysis.interval_probability)
            )
    return ResponseTables(
        pd.DataFrame(comparison, columns=MODEL_COLUMNS),
        stacked(parameters, PARAMETER_COLUMNS),
        item_fit_table(rows, study, columns, fitted),
    )


def _model_row(fit: ResponseFit | Reason, given: ScaleAnswers) -> dict[str, object]:
    if isinstance(fit, str):
        return {"flag": fit}
    row = {
        "items": len(fit.problem.items),
        "children": fit.people,
        "log_likelihood": fit.log_likelihood,
        "parameters": fit.free_parameters,
        "aic": fit.aic,
        "bic": fit.bic,
    }
    flags = list(fit.flags)
    if fit.problem.family == GRADED:
        dependence = local_dependence(given.answers, fit)
        row |= {"largest_q3": dependence.largest, "q3_items": " and ".join(dependence.pair)}
        flags += [dependence.flag] if dependence.flag else []
    return row | {"flag": "; ".join(flags)}


def parameter_rows(
    scale: str, fit: ResponseFit, cluster: np.ndarray | None, probability: float
) -> pd.DataFrame:
    """Slopes and thresholds of a fit to everyone, as rows of `ResponseTables.parameters`."""

    def quantities(full: np.ndarray) -> np.ndarray:
        parameters = fit.problem.unpack(full[0])
        return np.column_stack([parameters.slopes, parameters.thresholds]).ravel()

    found = delta_method(fit, moments(fit, cluster), quantities, probability=probability)
    item, category = np.divmod(np.arange(len(found.value)), fit.problem.most_categories)
    table = pd.DataFrame(
        {
            "scale": scale,
            "item": np.array(fit.problem.items)[item],
            "group": EVERYONE,
            "children": fit.people,
            "quantity": np.where(category > 0, "threshold", "slope"),
            "category": category,
            "estimate": found.value,
            "se": found.standard_error,
            "lower": found.lower,
            "upper": found.upper,
            "flag": "; ".join(fit.flags),
        }
    )
    return table[np.isfinite(table["estimate"])]


def reference_parameters(ladders: Mapping[str, ResponseLadder | str]) -> dict[str, ItemParameters]:
    """Graded parameters of the reference group, items that differ released."""
    return {
        scale: ladder.released.parameters[ladder.reference]
        for scale, ladder in ladders.items()
        if not isinstance(ladder, str)
    }


def ladders_with_releases(ladders: Mapping[str, ResponseLadder | str]) -> dict[str, ResponseLadder]:
    """Ladders of the scales in which items were released."""
    return {
        scale: ladder
        for scale, ladder in ladders.items()
        if not isinstance(ladder, str) and len(ladder.releases)
    }


def item_curve_table(ladder: ResponseLadder) -> pd.DataFrame:
    """Expected answers to the items that were released, along the trait, by group.

    Returns
    -------
    pandas.DataFrame
        Columns `item, categories` (how many answers), `group, trait` (in SD of the reference
        group) and `expected` (answers counted from 1, as on a survey form); no rows where only
        the step on slopes released items, and the final model none.
    """
    fit = ladder.released
    problem = fit.problem
    parts = []
    for place, group in ((FOCAL_GROUP, ladder.focal), (REFERENCE_GROUP, ladder.reference)):
        expected = 1 + expected_scores(problem, fit.full[place])
        parts += [
            pd.DataFrame(
                {
                    "item": problem.items[item],
                    "categories": problem.categories[item],
                    "group": group,
                    "trait": problem.grid,
                    "expected": expected[item],
                }
            )
            for item in sorted(fit.structure.free_slopes | fit.structure.free_thresholds)
        ]
    return stacked(parts, CURVE_COLUMNS)


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
