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
    varying : ndarray, shape (classrooms, links)
        What each observed classroom adds to slopes that vary.
    """

    students: dict[str, np.ndarray]
    quality: np.ndarray
    schools: dict[str, np.ndarray]
    varying: np.ndarray


def draw_traits(simulation: Simulation, roster: Roster, rng: np.random.Generator) -> Traits:
    """Draw all latent traits: school + classroom + gaps + what students add along the paths.

    Returns
    -------
    Traits
    """
    names = list(simulation.latents)
    own = slice(len(names))
    exposure = names.index(simulation.exposure)
    shares = np.array([[trait.school, trait.classroom] for trait in simulation.latents.values()]).T
    # What elements do not share with the exposure varies over classrooms as the exposure does.
    parts = len(KINDS) + len(simulation.elements)
    shares = np.hstack([shares, np.repeat(shares[:, [exposure]], parts, axis=1)])
    correlation = np.eye(len(names) + parts)
    correlation[own, own] = simulation.correlation
    residuals = np.diag(1 - shares.sum(axis=0))
    residuals[own, own] = simulation.residual_covariance

    schools = _draw(roster.teacher_school.max() + 1, correlation, shares[0], rng)
    classrooms = schools[roster.teacher_school]
    classrooms += _draw(len(roster.teacher_school), correlation, shares[1], rng)
    students = _draw(len(roster.classroom), residuals, np.ones(len(residuals)), rng)
    root = simulation.varying_root
    varying = rng.standard_normal((len(roster.classrooms), len(root))) @ root.T

    above = classrooms[roster.classroom_teacher[roster.classroom]]
    above[:, own] += _gaps(simulation, roster)
    students += above
    _follow_paths(simulation, roster, students, above, varying)

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
        varying=varying,
    )


def within_classroom(values: np.ndarray, classroom: np.ndarray) -> np.ndarray:
    """Deviations from the mean of each student's classroom."""
    return values - (np.bincount(classroom, values) / np.bincount(classroom))[classroom]


def _draw(
    rows: int, covariance: np.ndarray, variance: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw normal rows with `covariance`, each column's variance multiplied by `variance`."""
    root = np.linalg.cholesky(covariance)
    return rng.standard_normal((rows, len(root))) @ root.T * np.sqrt(variance)


def _follow_paths(
    simulation: Simulation,
    roster: Roster,
    students: np.ndarray,
    above: np.ndarray,
    varying: np.ndarray,
) -> None:
    """Add to each latent, in causal order, what follows from those before it.

    The reference group's slopes are those on what students add to school, classroom and group, so
    that the declared moments hold. What a group's or a classroom's slope differs by acts on the
    deviation from the classroom's mean, and is centred in each group, so that declared gaps stay
    differences in means.
    """
    groups, position = np.unique(roster.group, return_inverse=True)
    reference = simulation.slopes()
    differences = np.array([simulation.slopes(group) for group in groups]) - reference
    deviations = np.empty((len(students), len(reference)))
    for outcome in range(len(reference)):
        before = slice(outcome)
        own = differences[position, outcome, before]
        for (predictor, target), extra in zip(simulation.varying_links, varying.T, strict=True):
            if target == outcome:
                own[:, predictor] += extra[roster.classroom]
        moved = (own * deviations[:, before]).sum(axis=1)
        moved -= (np.bincount(position, moved) / np.bincount(position))[position]
        added = students[:, before] - above[:, before]
        students[:, outcome] += added @ reference[outcome, before] + moved
        deviations[:, outcome] = within_classroom(students[:, outcome], roster.classroom)


def _gaps(simulation: Simulation, roster: Roster) -> np.ndarray:
    """Declared mean of each student's group in each trait."""
    groups, position = np.unique(roster.group, return_inverse=True)
    traits = simulation.latents.values()
    return np.array([[trait.gaps.get(group, 0.0) for trait in traits] for group in groups])[
        position
    ]


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
