"""The estimands of a pathway, computed draw by draw: sums of associations along paths.

All are differences in standard deviations of the outcome for one standard deviation of the
exposure, among students of one group in the same cluster, at the pooled mean share of the focal
group in it.
Slopes that vary between clusters enter by their mean and their covariances. Associations, whatever
the arrows look like: nothing is caused or mediated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from learning_with_others.inference.normal_products import expected_product
from learning_with_others.models.pathway_chain import Chain, Link
from learning_with_others.models.pathway_design import PathwayDesign

Path = tuple[str, ...]
"""Variables from the exposure to an outcome."""
ARROW = " → "
ALL, BLOCK = "all mediators", "block {}"


@dataclass(frozen=True)
class Links:
    """Draws of which every estimand is made, all of one shape.

    Attributes
    ----------
    slopes : dict of (str, Link) to ndarray
        By group and link, within clusters.
    covariances : dict of (Link, Link) to ndarray
        Between clusters, of slopes of links on one path; other slopes do not covary.
    residual_sds : dict of str to ndarray
        By variable, within clusters and given all before it.
    between : dict of Link to ndarray
        Coefficients of observed cluster means.
    covariates : dict of (str, str) to ndarray
        By variable and covariate.
    """

    slopes: dict[tuple[str, Link], np.ndarray]
    covariances: dict[tuple[Link, Link], np.ndarray]
    residual_sds: dict[str, np.ndarray]
    between: dict[Link, np.ndarray]
    covariates: dict[tuple[str, str], np.ndarray]

    @classmethod
    def stacked(cls, values: Sequence["Links"]) -> "Links":
        """Put the draws of all plausible values together, values first."""
        names = cls.__dataclass_fields__
        return cls(
            **{
                name: {
                    key: np.stack([getattr(each, name)[key] for each in values])
                    for key in getattr(values[0], name)
                }
                for name in names
            }
        )

    def covariance(self, one: Link, other: Link) -> np.ndarray | float:
        """Covariance of two slopes between clusters."""
        return self.covariances.get((one, other), self.covariances.get((other, one), 0.0))


def paths_to(chain: Chain, outcome: str) -> list[Path]:
    """All paths from the exposure to an outcome, the direct one first."""
    earlier = chain.blocks[: chain.block_of(outcome)]
    chosen = product(*((None, *block) for block in earlier))
    found = [(chain.exposure, *(name for name in each if name), outcome) for each in chosen]
    return sorted(found, key=len)


def along(links: Links, group: str, path: Path) -> np.ndarray:
    """Association along one path: E of the product of its slopes over clusters."""
    steps = list(pairwise(path))
    covariances = {
        (i, j): links.covariance(steps[i], steps[j]) for j in range(len(steps)) for i in range(j)
    }
    return expected_product([links.slopes[group, step] for step in steps], covariances)


def through(chain: Chain, outcome: str, block: int) -> list[Path]:
    """Give the paths that pass a block."""
    members = set(chain.blocks[block])
    return [path for path in paths_to(chain, outcome) if members & set(path[1:-1])]


@dataclass(frozen=True)
class Estimand:
    """Draws of one quantity.

    Attributes
    ----------
    quantity, outcome : str
    group : str
        Empty for focal minus reference, whose quantities end in ``_gap``.
    via : str
        Mediators, or the variable before a link; empty for direct and total associations.
    paths : tuple of Path
        Whose associations are summed.
    draws : ndarray
    """

    quantity: str
    outcome: str
    group: str
    via: str
    paths: tuple[Path, ...]
    draws: np.ndarray

    @property
    def links(self) -> set[Link]:
        """All links that it is made of."""
        return {step for path in self.paths for step in pairwise(path)}

    @property
    def key(self) -> str:
        """Name by which draws are kept."""
        return f"{self.quantity}/{self.outcome}/{self.group}/{self.via}"


def pathway_estimands(links: Links, design: PathwayDesign) -> list[Estimand]:
    """Give every estimand: of each group, and the difference."""
    chain, found = design.chain, []

    def add(quantity: str, outcome: str, via: str, paths: Sequence[Path]) -> None:
        by_group = {
            group: sum(along(links, group, path) for path in paths)
            for group in (design.focal, design.reference)
        }
        for group, draws in by_group.items():
            found.append(Estimand(quantity, outcome, group, via, tuple(paths), draws))
        gap = by_group[design.focal] - by_group[design.reference]
        found.append(Estimand(f"{quantity}_gap", outcome, "", via, tuple(paths), gap))

    for outcome in chain.names[1:]:
        for start in chain.before(outcome):
            add("pathway.link", outcome, start, [(start, outcome)])
        straight, *mediated = paths_to(chain, outcome)
        if not mediated:
            continue
        add("pathway.direct", outcome, "", [straight])
        for path in mediated:
            add("pathway.indirect", outcome, ARROW.join(path[1:-1]), [path])
        blocks = range(chain.block_of(outcome))
        for block in blocks if len(blocks) > 1 else ():
            passing = through(chain, outcome, block)
            add("pathway.indirect", outcome, BLOCK.format(block + 1), passing)
        if len(mediated) > 1:
            add("pathway.indirect", outcome, ALL, mediated)
        add("pathway.total", outcome, "", [straight, *mediated])
    return found


def pathway_draws(links: Links, design: PathwayDesign) -> dict[str, np.ndarray]:
    """Draws of every estimand, by ``quantity/outcome/group/via``."""
    return {each.key: each.draws for each in pathway_estimands(links, design)}
