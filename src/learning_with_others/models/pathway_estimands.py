"""The estimands of a pathway, one function each, computed draw by draw.

All are differences in standard deviations of the outcome for one standard deviation of the
exposure, among students of one group in the same cluster, at the pooled mean share of the focal
group in it.
Slopes that vary between clusters enter by their mean and their covariances. Associations, whatever
the arrows look like: nothing is caused or mediated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from learning_with_others.models.pathway_design import Chain, Link, PathwayDesign

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
        found = self.covariances.get((one, other))
        return self.covariances.get((other, one), 0.0) if found is None else found


def expected_product(
    means: Sequence[np.ndarray], covariances: Mapping[tuple[int, int], np.ndarray | float]
) -> np.ndarray | float:
    """Mean of a product of jointly normal slopes.

    Two: ab + cov(a, b); three: abc + a cov(b, c) + b cov(a, c) + c cov(a, b).

    Parameters
    ----------
    means : sequence of ndarray
    covariances : mapping of (int, int) to ndarray
        By positions, the smaller first; zero where there is none.

    References
    ----------
    Isserlis, L. (1918). On a formula for the product-moment coefficient of any order of a normal
    frequency distribution in any number of variables. Biometrika 12, 134-139.
    Bauer, D. J., Preacher, K. J. and Gil, K. M. (2006). Conceptualizing and testing random indirect
    effects and moderated mediation in multilevel models. Psychological Methods 11, 142-163, eq. 8.
    """

    def mean_of(places: tuple[int, ...]) -> np.ndarray | float:
        if not places:
            return 1.0
        first, rest = places[0], places[1:]
        total = means[first] * mean_of(rest)
        for other in rest:
            shared = covariances.get((first, other))
            if shared is not None:
                total = total + shared * mean_of(tuple(k for k in rest if k != other))
        return total

    return mean_of(tuple(range(len(means))))


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
        (i, j): links.covariance(steps[i], steps[j])
        for j in range(len(steps))
        for i in range(j)
        if (steps[i], steps[j]) in links.covariances or (steps[j], steps[i]) in links.covariances
    }
    return expected_product([links.slopes[group, step] for step in steps], covariances)


def direct(links: Links, chain: Chain, group: str, outcome: str) -> np.ndarray:
    """Association of exposure and outcome with all variables between them held."""
    return links.slopes[group, (chain.exposure, outcome)]


def indirect(links: Links, chain: Chain, group: str, outcome: str) -> np.ndarray:
    """Sum over all paths but the direct one."""
    return sum(along(links, group, path) for path in paths_to(chain, outcome)[1:])


def through(links: Links, chain: Chain, group: str, outcome: str, block: int) -> np.ndarray:
    """Sum over the paths that pass a block."""
    members = set(chain.blocks[block])
    return sum(
        along(links, group, path) for path in paths_to(chain, outcome) if members & set(path[1:-1])
    )


def total(links: Links, chain: Chain, group: str, outcome: str) -> np.ndarray:
    """Direct association and all indirect ones."""
    return sum(along(links, group, path) for path in paths_to(chain, outcome))


def pathway_draws(links: Links, design: PathwayDesign) -> dict[str, np.ndarray]:
    """Draws of every estimand, by ``quantity/outcome/group/via``.

    `group` is empty for differences, focal minus reference, whose quantities end in ``_gap``.
    """
    chain, found = design.chain, {}

    def add(quantity: str, outcome: str, via: str, by_group: dict[str, np.ndarray]) -> None:
        for group, draws in by_group.items():
            found[f"{quantity}/{outcome}/{group}/{via}"] = draws
        gap = by_group[design.focal] - by_group[design.reference]
        found[f"{quantity}_gap/{outcome}//{via}"] = gap

    groups = (design.focal, design.reference)
    for outcome in chain.names[1:]:
        for start in chain.before(outcome):
            add(
                "pathway.link",
                outcome,
                start,
                {g: links.slopes[g, (start, outcome)] for g in groups},
            )
        mediated = paths_to(chain, outcome)[1:]
        if not mediated:
            continue
        add("pathway.direct", outcome, "", {g: direct(links, chain, g, outcome) for g in groups})
        for path in mediated:
            via = ARROW.join(path[1:-1])
            add("pathway.indirect", outcome, via, {g: along(links, g, path) for g in groups})
        blocks = range(chain.block_of(outcome))
        for block in blocks if len(blocks) > 1 else ():
            sums = {g: through(links, chain, g, outcome, block) for g in groups}
            add("pathway.indirect", outcome, BLOCK.format(block + 1), sums)
        if len(mediated) > 1:
            sums = {g: indirect(links, chain, g, outcome) for g in groups}
            add("pathway.indirect", outcome, ALL, sums)
        add("pathway.total", outcome, "", {g: total(links, chain, g, outcome) for g in groups})
    return found
