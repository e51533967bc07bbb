"""What a simulation's declared paths imply: associations along them, and gaps between groups.

All values are slopes on deviations within classrooms, in units of the latents (standard deviation 1
in the reference group overall). A path is a tuple of latents, as
`("collaboration", "personalization", "engagement", "gpa")`; a path of two is a direct association.
They hold latents before the first one constant, prior achievement among them.
"""

from itertools import pairwise

from learning_with_others.inference.normal_products import expected_product
from learning_with_others.study.simulation import DEFAULT, Simulation

Path = tuple[str, ...]


def paths_between(simulation: Simulation, start: str, end: str) -> list[Path]:
    """Every path that the simulation declares, the direct one first."""
    if start == end:
        return [(start,)]
    found = [
        (*path, end)
        for predictor in simulation.paths.get(end, {})
        for path in paths_between(simulation, start, predictor)
    ]
    return sorted(found, key=len)


def planted_association(simulation: Simulation, path: Path, group: str = DEFAULT) -> float:
    """Association along one path: the mean over classrooms of the product of its links.

    Of two links that vary, E[ab] = ab + cov(a, b) (Kenny, Korchmaros and Bolger 2003,
    Psychological Methods 8, 115–128); of more, the same by Isserlis' theorem.

    Parameters
    ----------
    simulation : Simulation
        The declared truth.
    path : tuple of str
        Latents from the first to the last, two or more.
    group : str, default: groups not named
        Group whose slopes they are.

    Returns
    -------
    float
    """
    latents = list(simulation.latents)
    slopes = simulation.slopes(group)
    links = [(latents.index(one), latents.index(next_)) for one, next_ in pairwise(path)]
    covariances = {
        (row, column): _covariance(simulation, links[row], links[column])
        for column in range(len(links))
        for row in range(column)
    }
    return float(expected_product([slopes[y, x] for x, y in links], covariances))


def planted_total(simulation: Simulation, start: str, end: str, group: str = DEFAULT) -> float:
    """Sum of the associations along all paths."""
    paths = paths_between(simulation, start, end)
    return float(sum(planted_association(simulation, path, group) for path in paths))


def planted_gap(simulation: Simulation, path: Path) -> float:
    """Association along a path in the focal group minus that in the reference group."""
    race = simulation.race
    focal = planted_association(simulation, path, race.focal)
    return focal - planted_association(simulation, path, race.reference)


def planted_benefit_gap(simulation: Simulation, outcome: str) -> float:
    """Total association with the exposure in the focal group minus that in the reference group."""
    focal, reference = (
        planted_total(simulation, simulation.exposure, outcome, group)
        for group in (simulation.race.focal, simulation.race.reference)
    )
    return focal - reference


def _covariance(simulation: Simulation, link: tuple[int, int], other: tuple[int, int]) -> float:
    """Covariance between classrooms of the slopes of two links."""
    varying = simulation.varying_links
    if link not in varying or other not in varying:
        return 0.0
    return simulation.varying.covariance[varying.index(link), varying.index(other)]
