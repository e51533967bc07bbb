"""An outcome as its model takes it: in standard deviations, or as codes of categories."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.outcomes import Outcome, refuse_constant
from learning_with_others.data.outcome_families import family_of
from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign


def analysed_outcome(rows: pd.DataFrame, study: StudyDesign, name: str) -> Outcome:
    """Give an outcome as its family has it: in standard deviations, or codes 0, 1, ...

    Categories are in the order of the codebook.

    Raises
    ------
    CompendiumError
        If it does not vary, or is not of the family's kind.
    """
    family = family_of(study, name)
    if family.linear:
        return Outcome(standardized_outcome(rows, study, name))
    column = rows[study.roles.outcomes[name].name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.as_ordered()
    where = f"benefit model of {name!r}"
    refuse_constant(column, where)
    return family.read(column, where)


def standardized_outcome(rows: pd.DataFrame, study: StudyDesign, name: str) -> np.ndarray:
    """Give an outcome in standard deviations around its mean over these rows.

    Raises
    ------
    CompendiumError
        If it does not vary.
    """
    values = rows[study.roles.outcomes[name].name].to_numpy(float)
    if not values.std() > 0:
        raise CompendiumError(
            f"the outcome {name!r} does not vary over the {len(rows)} rows",
            where="benefit model",
            remedy="take it out of roles.outcomes",
        )
    return (values - values.mean()) / values.std()
