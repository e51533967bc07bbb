"""The variables of a pathway in their order, and their links."""

from dataclasses import dataclass
from itertools import pairwise

from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign

Link = tuple[str, str]
"""From one variable of the pathway to a later one."""


@dataclass(frozen=True)
class Chain:
    """Variables of a pathway in their order, and which of its links vary between clusters.

    Attributes
    ----------
    exposure : str
    blocks : tuple of tuple of str
    varying : tuple of tuple of Link
        Links of a path whose slopes covary.
    """

    exposure: str
    blocks: tuple[tuple[str, ...], ...]
    varying: tuple[tuple[Link, ...], ...] = ()

    @property
    def names(self) -> list[str]:
        """All variables, the exposure first."""
        return [self.exposure, *(name for block in self.blocks for name in block)]

    def before(self, name: str) -> list[str]:
        """Variables on which a variable is regressed: the exposure and all earlier blocks."""
        earlier = self.blocks[: self.block_of(name)]
        return [self.exposure, *(each for block in earlier for each in block)]

    def block_of(self, name: str) -> int:
        """Place of a variable's block."""
        return next(k for k, block in enumerate(self.blocks) if name in block)

    def swapped(self, first: int) -> "Chain":
        """Exchange a block and the next; links that then run backward are turned."""
        blocks = list(self.blocks)
        blocks[first : first + 2] = blocks[first + 1], blocks[first]
        place = {name: k for k, block in enumerate(blocks) for name in block}
        varying = []
        for links in self.varying:
            path = [links[0][0], *(end for _, end in links)]
            order = sorted(path, key=lambda name: place.get(name, -1))
            varying.append(tuple(pairwise(order)))
        return Chain(self.exposure, tuple(blocks), tuple(varying))


def chain_of(study: StudyDesign) -> Chain:
    """Give the declared pathway.

    Raises
    ------
    CompendiumError
        If the study declares none.
    """
    pathway = study.roles.pathway
    if pathway is None:
        raise CompendiumError(
            "no pathway is declared", where="study.yaml", remedy="add roles.pathway"
        )
    return Chain(
        study.roles.exposure.name,
        tuple(map(tuple, pathway.blocks)),
        tuple(map(tuple, pathway.links_varying)),
    )
