"""The Bayesian graded response model of the one scale that a profile names."""

import pandas as pd
import xarray as xr

from learning_with_others.data.codebook import Column
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.measurement.graded_scales import student_scales
from learning_with_others.psychometrics.response_models.bayesian_design import (
    GradedPriors,
    graded_design,
)
from learning_with_others.psychometrics.response_models.bayesian_graded import fit_graded
from learning_with_others.study import StudyDesign

NO_SCALE = "none"


def fit_bayesian_scale(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], scale: str
) -> dict[str, tuple[xr.DataTree, int]]:
    """Fit both groups as one population.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the two groups compared.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    scale : str
        A construct or element, or `none`.

    Returns
    -------
    dict of str to (xarray.DataTree, int)
        Scale to its fit and the number of students with an answer; empty for `none`.

    Raises
    ------
    CompendiumError
        If the study has no such scale, or its answers cannot be modelled.
    """
    if scale == NO_SCALE:
        return {}
    scales = student_scales(rows, study, columns)
    if scale not in scales:
        raise CompendiumError(
            f"{scale!r} is no scale of the {study.people}",
            where="parameter bayesian_scale",
            remedy=suggest(scale, [NO_SCALE, *scales]),
        )
    answers = scales[scale].answers
    if answers is None:
        raise CompendiumError(scales[scale].reason, where="parameter bayesian_scale")
    fit = fit_graded(graded_design(answers), GradedPriors(), seed=study.analysis.seed)
    return {scale: (fit, int(answers.answered.sum()))}
