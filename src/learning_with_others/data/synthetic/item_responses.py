"""Answers to items: a latent answer cut at thresholds (graded response, normal ogive)."""

from collections.abc import Mapping

import numpy as np

from learning_with_others.data.synthetic.response_styles import disregard, lean
from learning_with_others.data.synthetic.roster import Roster
from learning_with_others.study.simulation import Item, Simulation


def cut(answers: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Codes 1, 2, … of latent answers.

    Parameters
    ----------
    answers : ndarray, shape (rows, items)
    thresholds : ndarray, shape (items, most thresholds) or (rows, items, most thresholds)
        Infinite where an item has fewer.

    Returns
    -------
    ndarray of int, shape (rows, items)
    """
    return 1 + (answers[..., None] > thresholds).sum(axis=-1)


def threshold_table(items: Mapping[str, Item]) -> np.ndarray:
    """Thresholds of each item, infinite where an item has fewer than the longest."""
    most = max(len(item.thresholds) for item in items.values())
    table = np.full((len(items), most), np.inf)
    for row, item in enumerate(items.values()):
        table[row, : len(item.thresholds)] = item.thresholds
    return table


def draw_answers(
    traits: np.ndarray, loadings: np.ndarray, rng: np.random.Generator, unique: np.ndarray
) -> np.ndarray:
    """Latent answers: loading × trait + noise of standard deviation `unique`."""
    return traits * loadings + unique * rng.standard_normal(traits.shape)


def draw_student_items(
    simulation: Simulation,
    traits: Mapping[str, np.ndarray],
    roster: Roster,
    style: np.ndarray,
    rng: np.random.Generator,
) -> tuple[list[str], np.ndarray]:
    """Draw the answers of students to all items of their survey, none missing.

    Returns
    -------
    names : list of str
    codes : ndarray of int, shape (students, items)
    """
    items = {name: item for scale in simulation.items.values() for name, item in scale.items()}
    trait_of = [name for name, scale in simulation.items.items() for _ in scale]
    loading = np.array([item.loading for item in items.values()])
    thresholds = threshold_table(items)
    loading_shift, threshold_shift = _differences(simulation, list(items))
    focal = roster.focal[:, None]

    answers = draw_answers(
        np.column_stack([traits[name] for name in trait_of]),
        loading + focal * loading_shift,
        rng,
        unique=np.sqrt(1 - loading**2),
    )
    # A threshold that lies higher is an answer that lies lower.
    answers -= focal * threshold_shift
    middle = np.ma.masked_invalid(thresholds).mean(axis=1).data
    answers = lean(answers, middle, style, simulation.styles)
    points = 1 + np.isfinite(thresholds).sum(axis=1)
    return list(items), disregard(cut(answers, thresholds), points, style, rng)


def _differences(simulation: Simulation, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Differences of the focal group in loading and threshold, 0 for items not named."""
    differences = [simulation.differential_items.get(name) for name in names]
    return (
        np.array([difference.loading if difference else 0.0 for difference in differences]),
        np.array([difference.threshold if difference else 0.0 for difference in differences]),
    )
