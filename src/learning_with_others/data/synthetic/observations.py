"""Observed classrooms: each scored by several raters on each element."""

from itertools import combinations

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.item_responses import cut
from learning_with_others.study.simulation import Rubric


def draw_severity(rubric: Rubric, rng: np.random.Generator) -> np.ndarray:
    """How far below the quality each rater scores."""
    return rubric.severity_sd * rng.standard_normal(rubric.raters)


def draw_observations(
    rubric: Rubric,
    quality: pd.DataFrame,
    severity: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Score every classroom; all sets of raters take turns, so that raters can be compared.

    Parameters
    ----------
    quality : pandas.DataFrame
        One row per observed classroom, one column per element, variance 1.
    severity : ndarray, shape (raters,)

    Returns
    -------
    pandas.DataFrame
        `classroom, rater`, then `rubric_<element>` on the rubric.
    """
    teams = list(combinations(range(rubric.raters), rubric.raters_per_classroom))
    rater = np.array([teams[number % len(teams)] for number in range(len(quality))]).ravel()
    classroom = np.repeat(np.arange(len(quality)), rubric.raters_per_classroom)
    values = quality.to_numpy()[classroom]
    noise = np.sqrt(1 - rubric.loading**2) * rng.standard_normal(values.shape)
    scores = cut(
        rubric.loading * values - severity[rater][:, None] + noise, np.array(rubric.thresholds)
    )
    return pd.DataFrame(
        {
            "classroom": quality.index.to_numpy()[classroom],
            "rater": [f"R{number + 1}" for number in rater],
            **{f"rubric_{name}": scores[:, i] for i, name in enumerate(quality.columns)},
        }
    )
