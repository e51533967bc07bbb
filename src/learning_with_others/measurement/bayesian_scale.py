"""The Bayesian graded response model of the one scale that a profile names."""

import pandas as pd

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.codebook import Column
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.measurement.graded_scales import student_scales
from learning_with_others.psychometrics.response_models.bayesian_graded import (
    bayesian_item_table,
    graded_model,
)
from learning_with_others.study import StudyDesign

NO_SCALE = "none"
DRAWS = 2000  # of each chain: the worst R-hat is that of hundreds of traits


def bayesian_items(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column], scale: str
) -> pd.DataFrame | None:
    """Fit both groups as one population, and summarize the draws of every item's parameters.

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
    pandas.DataFrame or None
        As `bayesian_item_table`, with a column `scale` and what the diagnosis says in `flag`;
        None for `none`.

    Raises
    ------
    CompendiumError
        If the study has no such scale, or its answers cannot be modelled.
    """
    if scale == NO_SCALE:
        return None
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
    # Sampled, never on the quick path: PyMC takes seconds to import.
    import nutpie  # noqa: PLC0415

    from learning_with_others.bayes.explicit.fit import sample  # noqa: PLC0415

    model = nutpie.compile_pymc_model(graded_model(answers))
    fit = sample(
        model, Sampler(seed_of(study.analysis.seed, scale), draws=DRAWS, target_accept=0.8)
    )
    table = bayesian_item_table(fit, answers, study.analysis.interval_probability)
    table.insert(0, "scale", scale)
    return table.assign(flag=diagnose(fit).flag)
