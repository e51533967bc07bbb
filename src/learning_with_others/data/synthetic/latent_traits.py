"""Latent traits of students, and the quality of classrooms behind them."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.data.synthetic.roster import Roster
from learning_with_others.study.simulation import Simulation

KINDS = ("structural", "dynamic")


@dataclass(frozen=True)
class Traits:
    """Latent traits, standard normal in the reference group.

    Attributes
    ----------
    students : dict of str to ndarray, shape (students,)
        Traits and elements of each student.
    quality : ndarray, shape (teachers, elements)
        Quality of the elements in each teacher's classroom, variance 1.
    schools : dict of str to ndarray, shape (schools,)
        What each school adds to traits and elements.
    """

    students: dict[str, np.ndarray]
    quality: np.ndarray
    schools: dict[str, np.ndarray]


def draw_traits(simulation: Simulation, roster: Roster, rng: np.random.Generator) -> Traits:
    """Draw all latent traits: school + classroom + student, then gaps and benefit gaps.

    Returns
    -------
    Traits
    """
    names = list(simulation.latents)
    exposure = names.index(simulation.exposure)
    shares = np.array([[trait.school, trait.classroom] for trait in simulation.latents.values()]).T
    # What elements do not share with the exposure varies over classrooms as the exposure does.
    parts = len(KINDS) + len(simulation.elements)
    shares = np.hstack([shares, np.repeat(shares[:, [exposure]], parts, axis=1)])
    correlation = np.eye(len(names) + parts)
    correlation[: len(names), : len(names)] = simulation.correlation
    schools, classrooms, students = _draw_levels(correlation, shares, roster, rng)

    students[:, : len(names)] += _gaps(simulation, roster)
    deviation = within_classroom(students[:, exposure], roster.classroom)
    students[:, : len(names)] += _benefits(simulation, deviation, roster.focal)

    columns = [exposure, *range(len(names), len(names) + parts)]
    weights = _element_weights(simulation)

    def named(level: np.ndarray) -> dict[str, np.ndarray]:
        elements = level[:, columns] @ weights
        return {
            **dict(zip(names, level.T, strict=False)),
            **dict(zip(simulation.elements, elements.T, strict=True)),
        }

    return Traits(
        students=named(students),
        schools=named(schools),
        quality=classrooms[:, columns] @ weights / np.sqrt(shares[:, exposure].sum()),
    )


def within_classroom(values: np.ndarray, classroom: np.ndarray) -> np.ndarray:
    """Deviations from the mean of each student's classroom."""
    return values - (np.bincount(classroom, values) / np.bincount(classroom))[classroom]


def _draw_levels(
    correlation: np.ndarray, shares: np.ndarray, roster: Roster, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects of every school, traits of every teacher's classroom and of every student.

    They have `correlation` at each level.
    """
    root = np.linalg.cholesky(correlation)

    def draw(rows: int, variance: np.ndarray) -> np.ndarray:
        return rng.standard_normal((rows, len(root))) @ root.T * np.sqrt(variance)

    schools = draw(roster.teacher_school.max() + 1, shares[0])
    classrooms = schools[roster.teacher_school] + draw(len(roster.teacher_school), shares[1])
    students = draw(len(roster.classroom), 1 - shares.sum(axis=0))
    return schools, classrooms, students + classrooms[roster.classroom_teacher[roster.classroom]]


def _gaps(simulation: Simulation, roster: Roster) -> np.ndarray:
    """Declared mean of each student's group in each trait."""
    groups, position = np.unique(roster.group, return_inverse=True)
    traits = simulation.latents.values()
    return np.array([[trait.gaps.get(group, 0.0) for trait in traits] for group in groups])[
        position
    ]


def _benefits(simulation: Simulation, deviation: np.ndarray, focal: np.ndarray) -> np.ndarray:
    """Benefit gap × deviation in the focal group.

    Centred in that group, so that declared gaps stay differences in means.
    """
    gaps = np.array([trait.benefit_gap for trait in simulation.latents.values()])
    return np.outer(np.where(focal, deviation - deviation[focal].mean(), 0), gaps)


def _element_weights(simulation: Simulation) -> np.ndarray:
    """Weights of the exposure, the two kinds and the specific parts in each element."""
    elements = simulation.elements.values()
    return np.vstack(
        [
            [element.loading for element in elements],
            *[[e.kind_loading * (e.kind == kind) for e in elements] for kind in KINDS],
            np.diag([element.specific_sd for element in elements]),
        ]
    )
