"""The ladder of scores of one construct, side by side: mean, expected a posteriori, plausible."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.measurement.joint_terms import race_labels
from learning_with_others.measurement.plausible_values import PlausibleValues
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.scores.expected_a_posteriori import (
    Scores,
    expected_a_posteriori,
)
from learning_with_others.study import StudyDesign

MEAN, EXPECTED, PLAUSIBLE = "mean score", "expected a posteriori", "plausible values"
KINDS = (MEAN, EXPECTED, PLAUSIBLE)
POPULATION = (0.0, 1.0)  # the reference group's latent mean and sd


@dataclass(frozen=True)
class ScoreKinds:
    """Scores of one construct for every row.

    Attributes
    ----------
    mean : ndarray, shape (n,)
        Mean of the keyed answers, NaN where fewer than half were given.
    expected : Scores
    plausible : ndarray, shape (M, n)
    items : int
    """

    mean: np.ndarray
    expected: Scores
    plausible: np.ndarray
    items: int

    @property
    def scored(self) -> np.ndarray:
        """Rows that have every kind of score."""
        return ~np.isnan(self.mean) & ~np.isnan(self.expected.score)

    def values(self, kind: str) -> np.ndarray:
        """Values of a kind of score, shape (1, n), or (M, n) for plausible values."""
        if kind == PLAUSIBLE:
            return self.plausible
        return (self.mean if kind == MEAN else self.expected.score)[None]


def score_kinds(
    rows: pd.DataFrame,
    study: StudyDesign,
    answers: Mapping[str, Answers],
    parameters: Mapping[str, Mapping[str, ItemParameters]],
    plausible: PlausibleValues,
    populations: Mapping[str, Mapping[str, tuple[float, float]]] | None = None,
) -> dict[str, ScoreKinds]:
    """Score every construct in each way.

    Parameters
    ----------
    rows : pandas.DataFrame
        With a column of mean scores for each construct.
    study : StudyDesign
    answers, parameters
        As for `draw_plausible_values`.
    plausible : PlausibleValues
        Drawn from the same rows.
    populations : mapping of str to mapping of str to (float, float), optional
        Latent mean and sd by scale and group, for expected a posteriori scores; 0 and 1
        for what is not named.
    """
    labels = race_labels(rows, study)
    return {
        name: ScoreKinds(
            mean=rows[name].to_numpy(float),
            expected=expected_by_group(
                answers[name],
                parameters[name],
                labels,
                study.roles.group.reference,
                (populations or {}).get(name, {}),
            ),
            plausible=plausible.of(name),
            items=len(answers[name].items),
        )
        for name in plausible.constructs
    }


def expected_by_group(
    answers: Answers,
    parameters: Mapping[str, ItemParameters],
    labels: np.ndarray,
    reference: str,
    populations: Mapping[str, tuple[float, float]],
) -> Scores:
    """Expected a posteriori scores, each group with its own parameters and population.

    Groups without parameters answer as the reference group does.
    """
    score, error = np.full(len(labels), np.nan), np.full(len(labels), np.nan)
    for group in dict.fromkeys(labels.tolist()):
        inside = labels == group
        found = expected_a_posteriori(
            answers.rows(inside),
            parameters.get(group, parameters[reference]),
            *populations.get(group, POPULATION),
        )
        score[inside], error[inside] = found.score, found.error
    return Scores(score, error, (answers.codes >= 0).sum(axis=1))
