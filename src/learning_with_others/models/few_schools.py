"""Schools that are too few to be a sample: their columns, and what these take up."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import ROUNDING
from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.study import StudyDesign

THESE_SCHOOLS = (
    "schools are fixed effects, since they are fewer than ten: results speak of these schools, and"
    " nothing is said of differences between schools"
)


def schools_are_fixed(rows: pd.DataFrame, study: StudyDesign, cluster: str) -> bool:
    """Whether schools are fixed effects: fewer than ten, above what varies at random.

    How ten schools differ says little of others, and the prior of their standard deviation would
    say the rest (Gelman 2006). Where slopes vary between schools, for want of classrooms or
    because the exposure belongs to classrooms, schools stay random however few: the gap's
    uncertainty is that of their slopes, which no fixed effect would hold.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a model.
    study : StudyDesign
    cluster : str
        Level within which the exposure is compared.

    References
    ----------
    Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian
    Analysis 1, 515-534, sec. 5.2.
    """
    return cluster != "school" and rows[study.roles.school].nunique() < FEWEST_SCHOOLS


def school_columns(labels: pd.Series) -> dict[str, np.ndarray]:
    """One column for each school, 1 for its rows: `school 1`, `school 2`, ... by their order."""
    labels = labels.astype(str)
    return {
        f"school {k}": (labels == label).to_numpy(float)
        for k, label in enumerate(sorted(labels.unique()), 1)
    }


def fixed_school_columns(labels: pd.Series) -> dict[str, np.ndarray]:
    """Every school but the first beside it, around its mean: the intercept is of all rows."""
    _, *others = school_columns(labels).items()
    return {name: column - column.mean() for name, column in others}


def constant_within(columns: Mapping[str, np.ndarray], labels: pd.Series) -> tuple[str, ...]:
    """Name the columns that do not vary within any school: school columns hold all they say."""
    means = pd.DataFrame(columns).groupby(labels.to_numpy()).transform("mean").to_numpy()
    apart = np.column_stack(list(columns.values())) - means
    return tuple(
        name
        for name, column in zip(columns, apart.T, strict=True)
        if np.abs(column).max() <= ROUNDING
    )
