"""What records hold of students: background and grades."""

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.roster import Roster, draw_categories
from learning_with_others.study.simulation import (
    DEFAULT,
    NOT_RECORDED,
    Background,
    Grades,
    Race,
    Simulation,
)

HIGHEST_GRADE = 4.0
SIZE_BANDS = {"small": 0, "medium": 26, "large": 33}
"""Band to the fewest students in it."""


def student_records(
    simulation: Simulation, roster: Roster, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw identifiers and background, one row per student."""
    background = simulation.background
    students = len(roster.classroom)
    genders = np.array(list(background.gender), dtype=object)
    gender = genders[draw_categories(np.tile([*background.gender.values()], (students, 1)), rng)]
    return pd.DataFrame(
        {
            "student": [f"S{number:04d}" for number in range(1, students + 1)],
            "classroom": roster.classrooms[roster.classroom],
            "school": roster.schools[roster.school],
            "grade_level": _grade_levels(background, roster.classroom, rng),
            "gender": np.where(gender == NOT_RECORDED, None, gender),
            "home_language": _home_languages(background, roster.group, rng),
            **race_boxes(simulation.race, roster.answer),
        }
    )


def classroom_records(
    simulation: Simulation, roster: Roster, rng: np.random.Generator
) -> pd.DataFrame:
    """Observed classrooms: where, whose, which subject and how large."""
    subjects = np.array(simulation.background.subjects)
    band = np.searchsorted([*SIZE_BANDS.values()], np.bincount(roster.classroom), side="right") - 1
    return pd.DataFrame(
        {
            "classroom": roster.classrooms,
            "school": roster.schools[roster.classroom_school],
            "teacher": roster.teachers[roster.classroom_teacher],
            "subject": subjects[rng.integers(len(subjects), size=len(band))],
            "size_band": np.array(list(SIZE_BANDS))[band],
        }
    )


def school_records(simulation: Simulation) -> pd.DataFrame:
    """Schools and their locales."""
    locales = {name: school.locale for name, school in simulation.schools.items()}
    return pd.DataFrame(locales.items(), columns=["school", "locale"])


def race_boxes(race: Race, answer: np.ndarray) -> dict[str, pd.Series]:
    """Answers as one column per box, 1 where chosen; all missing where none was."""
    recorded = answer != NOT_RECORDED
    parts = pd.Series(answer).str.split(" + ", regex=False)
    return {
        column: parts.map(lambda chosen, label=label: int(label in chosen))
        .astype("Int64")
        .where(recorded)
        for column, label in race.boxes.items()
    }


def grade_points(trait: np.ndarray, grades: Grades) -> np.ndarray:
    """Grade points of a latent trait, limited to 0–4, two decimals."""
    return np.clip(grades.mean + grades.sd * trait, 0, HIGHEST_GRADE).round(2)


def _grade_levels(
    background: Background, classroom: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Each classroom has a grade level; a share of its students are in any of them."""
    levels = np.array(background.grade_levels)
    usual = rng.integers(len(levels), size=classroom.max() + 1)[classroom]
    other = rng.integers(len(levels), size=len(classroom))
    stays = rng.random(len(classroom)) < background.in_classroom_grade
    return levels[np.where(stays, usual, other)]


def _home_languages(
    background: Background, group: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    shares = background.home_language
    languages = list(shares[DEFAULT])
    groups, position = np.unique(group, return_inverse=True)
    weights = [[shares.get(g, shares[DEFAULT]).get(x, 0.0) for x in languages] for g in groups]
    return np.array(languages)[draw_categories(np.array(weights)[position], rng)]
