"""What teachers and observers say in the synthetic study."""

from itertools import combinations

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.item_responses import cut, draw_answers, threshold_table
from learning_with_others.data.synthetic.roster import Roster
from learning_with_others.study.simulation import Rubric, Simulation, Teachers


def draw_teachers(
    simulation: Simulation,
    roster: Roster,
    quality: np.ndarray,
    schools: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the survey of all teachers.

    Parameters
    ----------
    quality : ndarray, shape (teachers, elements)
        Quality of the elements in each teacher's classroom, variance 1.
    schools : ndarray, shape (schools, scales)
        What each school adds to each scale, from `draw_teacher_schools`.

    Returns
    -------
    pandas.DataFrame
        `teacher, school, classroom` (if observed), the items of the two scales, and one item
        `view_<element>` per element.
    """
    teachers = simulation.teachers
    within = rng.standard_normal((len(roster.teachers), 2)) @ _root(teachers).T
    latents = schools[roster.teacher_school] + np.sqrt(1 - teachers.school_share) * within
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


def draw_teacher_schools(teachers: Teachers, schools: int, rng: np.random.Generator) -> np.ndarray:
    """What each school adds to supports and hindrances, shape (schools, 2).

    The two correlate alike between and within schools.
    """
    between = rng.standard_normal((schools, 2)) @ _root(teachers).T
    return np.sqrt(teachers.school_share) * between


def _root(teachers: Teachers) -> np.ndarray:
    return np.linalg.cholesky([[1, teachers.correlation], [teachers.correlation, 1]])


def draw_severity(rubric: Rubric, rng: np.random.Generator) -> np.ndarray:
    """How far below the quality each rater scores."""
    return rubric.severity_sd * rng.standard_normal(rubric.raters)


def draw_observations(
    rubric: Rubric, quality: pd.DataFrame, severity: np.ndarray, rng: np.random.Generator
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
