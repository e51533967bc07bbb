"""Who is where: schools, classrooms, teachers, students and their answers on race."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.study.simulation import Simulation


@dataclass(frozen=True)
class Roster:
    """The nesting of a study, as positions.

    Attributes
    ----------
    schools, teachers, classrooms : ndarray of str
        Names by position.
    teacher_school : ndarray of int, shape (teachers,)
        School of each teacher.
    classroom_teacher : ndarray of int, shape (classrooms,)
        Teacher of each observed classroom.
    classroom : ndarray of int, shape (students,)
        Observed classroom of each student.
    answer, group : ndarray of str, shape (students,)
        Answer to the question on race, and the group it falls in.
    focal, reference : ndarray of bool, shape (students,)
        Whether that is the focal, or the reference, group.
    """

    schools: np.ndarray
    teachers: np.ndarray
    classrooms: np.ndarray
    teacher_school: np.ndarray
    classroom_teacher: np.ndarray
    classroom: np.ndarray
    answer: np.ndarray
    group: np.ndarray
    focal: np.ndarray
    reference: np.ndarray

    @property
    def classroom_school(self) -> np.ndarray:
        """School of each observed classroom."""
        return self.teacher_school[self.classroom_teacher]

    @property
    def school(self) -> np.ndarray:
        """School of each student."""
        return self.classroom_school[self.classroom]


def draw_roster(simulation: Simulation, rng: np.random.Generator) -> Roster:
    """Place students in classrooms and draw their answers on race.

    Returns
    -------
    Roster
    """
    schools = list(simulation.schools.values())
    teacher_school = np.repeat(np.arange(len(schools)), [school.teachers for school in schools])
    classroom_teacher = np.concatenate(
        [np.flatnonzero(teacher_school == s)[: x.classrooms] for s, x in enumerate(schools)]
    )
    classrooms = len(classroom_teacher)
    sizes = rng.multinomial(simulation.students, np.full(classrooms, 1 / classrooms))
    classroom = np.repeat(np.arange(classrooms), sizes)

    race = simulation.race
    answers = np.array(list(race.answers))
    groups = np.array([race.group_of(answer) for answer in answers])
    school_odds = np.array([school.focal_odds for school in schools])
    odds = school_odds[teacher_school[classroom_teacher]] * np.exp(
        race.classroom_log_odds_sd * rng.standard_normal(classrooms)
    )
    weights = np.where(groups == race.focal, odds[:, None], 1) * list(race.answers.values())
    chosen = draw_categories(weights[classroom], rng)
    return Roster(
        schools=np.array(list(simulation.schools), dtype=object),
        teachers=_numbered("T", len(teacher_school)),
        classrooms=_numbered("C", classrooms),
        teacher_school=teacher_school,
        classroom_teacher=classroom_teacher,
        classroom=classroom,
        answer=answers[chosen],
        group=groups[chosen],
        focal=groups[chosen] == race.focal,
        reference=groups[chosen] == race.reference,
    )


def draw_categories(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one category for each row.

    Parameters
    ----------
    weights : ndarray, shape (rows, categories)
        Not negative; they need not sum to 1.

    Returns
    -------
    ndarray of int, shape (rows,)
    """
    bounds = np.cumsum(weights, axis=1)
    return (rng.random(len(weights))[:, None] * bounds[:, -1:] >= bounds).sum(axis=1)


def _numbered(letter: str, count: int) -> np.ndarray:
    return np.array([f"{letter}{number:03d}" for number in range(1, count + 1)], dtype=object)
