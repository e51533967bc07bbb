"""Item and test information: where on the trait a scale measures well."""

from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.measurement.graded_scales import stacked, student_scales
from learning_with_others.psychometrics.response_models.curves import (
    SMALLEST_PROBABILITY,
    adjacent_probabilities,
    check_same_items,
    graded_arguments,
    graded_curves,
)
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    ItemParameters,
)
from learning_with_others.study import StudyDesign

TRAIT = np.linspace(-4, 4, 81)
COLUMNS = ["scale", "children", "trait", "information", "standard_error", "flag"]


def item_information(parameters: ItemParameters, trait: np.ndarray) -> np.ndarray:
    """Fisher information of each item's answer on the trait.

    Graded: Σ_c (dP_c/dθ)² / P_c. Partial credit and rating scale: a² times the variance of the
    answer at θ, to which the same sum reduces.

    Parameters
    ----------
    parameters : ItemParameters
    trait : ndarray, shape (Q,)

    Returns
    -------
    ndarray, shape (k, Q)
        Per squared unit of the trait.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17, ch. 6.
    Muraki, E. (1993). Information functions of the generalized partial credit model. Applied
    Psychological Measurement 17, 351-363, eq. 12.
    """
    if parameters.family == GRADED:
        probability, density = graded_curves(*graded_arguments(parameters), trait)
        change = density[:, :-1] - density[:, 1:]
        standard_deviation = (change**2 / np.maximum(probability, SMALLEST_PROBABILITY)).sum(axis=1)
    else:
        probability = adjacent_probabilities(parameters, trait)
        answer = np.arange(probability.shape[1])
        mean = np.einsum("c,kcq->kq", answer, probability)
        standard_deviation = np.einsum("c,kcq->kq", answer**2, probability) - mean**2
    return parameters.slopes[:, None] ** 2 * standard_deviation


def test_information(
    parameters: ItemParameters, trait: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Information of all items together, and the standard error of a maximum likelihood score.

    Returns
    -------
    information : ndarray, shape (Q,)
        Sum over items.
    standard_error : ndarray, shape (Q,)
        1 / √information, on the scale of the trait; infinite where nothing is known.
    """
    information = item_information(parameters, trait).sum(axis=0)
    with np.errstate(divide="ignore"):
        return information, 1 / np.sqrt(information)


test_information.__test__ = False  # type: ignore[attr-defined]


def information_table(
    rows: pd.DataFrame,
    study: StudyDesign,
    columns: dict[str, Column],
    fitted: dict[str, ItemParameters],
) -> pd.DataFrame:
    """Test information of every fitted scale along the trait.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the two groups compared, those that the parameters were fitted to.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    fitted : dict of str to ItemParameters
        Scale to its parameters; other scales are left out. For figures that show groups, those
        of a multi-group model, whose reference group has mean 0 and sd 1.

    Returns
    -------
    pandas.DataFrame
        Columns `scale`, `children` (a count: rows with an answer to the scale), `trait` (−4 to 4
        on the scale of the parameters), `information`, `standard_error` and `flag`. A scale whose
        parameters are not of its items has one row, flagged.
    """
    out = []
    for scale, given in student_scales(rows, study, columns).items():
        if scale not in fitted:
            continue
        problem = given.find(partial(check_same_items, parameters=fitted[scale]))
        if problem:
            out.append(pd.DataFrame([{"scale": scale, "flag": problem}]))
            continue
        information, error = test_information(fitted[scale], TRAIT)
        out.append(
            pd.DataFrame(
                {
                    "scale": scale,
                    "children": int(given.answers.answered.sum()),
                    "trait": TRAIT,
                    "information": information,
                    "standard_error": error,
                    "flag": "",
                }
            )
        )
    return stacked(out, COLUMNS)
