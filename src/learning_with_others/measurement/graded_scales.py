"""The scales of a study, as answers of the two groups compared."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_unit
from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import keyed_scales
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers, grade_answers
from learning_with_others.study import StudyDesign

Reason = str


@dataclass(frozen=True)
class ScaleAnswers:
    """Answers to one construct, or one element of one.

    Attributes
    ----------
    answers : Answers, or None
        n rows; None if they cannot be compared.
    reason : str
        Why they cannot; empty if they can.
    group, cluster : ndarray, shape (n,)
        Group, and sampled cluster (`sampled_unit`), of each row.
    """

    answers: Answers | None
    reason: str
    group: np.ndarray
    cluster: np.ndarray

    def find[Found](self, estimate: Callable[[Answers], Found]) -> Found | Reason:
        """Apply `estimate` to the answers; where that fails, the reason in one line."""
        if self.answers is None:
            return self.reason
        try:
            return estimate(self.answers)
        except CompendiumError as error:
            return str(error).replace("\n", ";")


def student_scales(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> dict[str, ScaleAnswers]:
    """Grade the answers to every construct and every element that students answered.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students; those outside the two groups compared are left out.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    """
    group_role = study.roles.group
    compared = rows[rows[group_role.column].isin(group_role.contrast)]
    group = compared[group_role.column].to_numpy(object)
    cluster = sampled_unit(compared, study).to_numpy(object)
    out = {}
    for scale, keyed in keyed_scales(compared, study, columns):
        try:
            answers, reason = grade_answers(keyed.astype(float), group), ""
        except CompendiumError as error:
            answers, reason = None, str(error).replace("\n", ";")
        out[scale.name] = ScaleAnswers(answers, reason, group, cluster)
    return out


def stacked(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put the tables of all scales under each other, with these columns even if there are none."""
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True).reindex(columns=columns)
