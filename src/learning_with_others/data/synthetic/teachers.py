"""Teachers' survey: supports, hindrances, and how often each element occurs."""

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.item_responses import cut, draw_answers, threshold_table
from learning_with_others.data.synthetic.roster import Roster
from learning_with_others.study.simulation import Simulation, Teachers


def draw_teachers(
    simulation: Simulation, roster: Roster, quality: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the survey of all teachers.

    Parameters
    ----------
    quality : ndarray, shape (teachers, elements)
        Quality of the elements in each teacher's classroom, variance 1.

    Returns
    -------
    pandas.DataFrame
        `teacher, school, classroom` (if observed), the items of the two scales, and one item
        `view_<element>` per element.
    """
    teachers = simulation.teachers
    latents = _draw_latents(teachers, roster.teacher_school, rng)
    codes = {}
    for scale, latent in zip(teachers.scales.values(), latents.T, strict=True):
        loading = np.array([item.loading for item in scale.values()])
        traits = np.repeat(latent[:, None], len(loading), axis=1)
        answers = draw_answers(traits, loading, rng, unique=np.sqrt(1 - loading**2))
        codes |= dict(zip(scale, cut(answers, threshold_table(scale)).T, strict=True))

    explained = teachers.quality_path**2 + teachers.support_path**2
    views = (
        teachers.quality_path * quality
        + teachers.support_path * latents[:, [0]]
        + np.sqrt(1 - explained) * rng.standard_normal(quality.shape)
    )
    seen = cut(views, np.array(teachers.view_thresholds))
    codes |= {f"view_{name}": seen[:, i] for i, name in enumerate(simulation.elements)}
    items = pd.DataFrame(codes).astype("Int64")
    items = items.mask(rng.random(items.shape) < teachers.missing)
    classroom = pd.Series(roster.classrooms, index=roster.classroom_teacher)
    return pd.DataFrame(
        {
            "teacher": roster.teachers,
            "school": roster.schools[roster.teacher_school],
            "classroom": classroom.reindex(range(len(roster.teachers))),
            **items,
        }
    )


def _draw_latents(teachers: Teachers, school: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Supports and hindrances: correlated alike between and within schools."""
    root = np.linalg.cholesky([[1, teachers.correlation], [teachers.correlation, 1]])
    between = rng.standard_normal((school.max() + 1, 2)) @ root.T
    within = rng.standard_normal((len(school), 2)) @ root.T
    share = teachers.school_share
    return np.sqrt(share) * between[school] + np.sqrt(1 - share) * within
