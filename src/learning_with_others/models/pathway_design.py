"""From the rows of a study to the equations of its pathway."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from learning_with_others.bayes.collapsed.frame import standard_deviation_prior
from learning_with_others.bayes.identification import check_rank, terms_that_follow
from learning_with_others.bayes.prior_choice import priors_by_kind
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.system import Equation, Place, System, SystemPriors
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_design import interaction, share
from learning_with_others.models.exposure import ROUNDING
from learning_with_others.models.model_rows import model_groups
from learning_with_others.study import StudyDesign

Link = tuple[str, str]
"""From one variable of the pathway to a later one."""
FEWEST_RANDOM_SCHOOLS = 10  # fewer are fixed effects, and nothing is said of them
WHERE = "pathway model"


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


@dataclass(frozen=True)
class PathwayDesign:
    """The equations of a pathway on its rows.

    Attributes
    ----------
    chain : Chain
    cluster : str
        Level within which links are compared.
    data : pandas.DataFrame
        A column for each term and outcome, NaN where missing, and `cluster`.
    parts : tuple of System
        Equations fitted together; posteriors of different parts are independent.
    priors : tuple of SystemPriors
        Of each part.
    reference, focal : str
    sizes : dict of str to dict of str to int
        By outcome and group: rows of its equation, of the two groups compared.
    left_out : tuple of str
        Terms that these rows cannot tell from others.
    covariates : tuple of (str, str)
        Outcome of an equation, and a covariate in it.
    """

    chain: Chain
    cluster: str
    data: pd.DataFrame
    parts: tuple[System, ...]
    priors: tuple[SystemPriors, ...]
    reference: str
    focal: str
    sizes: dict[str, dict[str, int]]
    left_out: tuple[str, ...]
    covariates: tuple[tuple[str, str], ...]

    def within(self, name: str) -> str:
        """Term of the deviation of a variable from its cluster's mean."""
        return f"{name}, within {self.cluster}"

    def between(self, name: str) -> str:
        """Term of the cluster's mean of a variable."""
        return f"{name}, mean of {self.cluster}"

    def part_of(self, outcome: str) -> int:
        """Which part the equation of an outcome is in."""
        return next(
            k
            for k, part in enumerate(self.parts)
            if any(each.outcome == outcome for each in part.equations)
        )


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


def pathway_design(
    rows: pd.DataFrame, study: StudyDesign, chain: Chain, left_out: tuple[str, ...] | None = None
) -> PathwayDesign:
    """Build the equations of a pathway.

    Every variable after the exposure is regressed on all variables before its block, in standard
    deviations over the rows: each as its deviation from the mean of the lowest cluster, with a
    slope of its own in every group, and as that mean. Groups, the focal group's share of the
    cluster, alone and times each deviation, and the equation's covariates stand beside them.
    Every cluster has an intercept of its own, in every equation, and the slopes of the links that
    `chain` lets vary; those of one path covary. Cluster means being regressors, intercepts are
    independent across equations. Fewer than ten schools above classrooms are fixed effects, more
    are random.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of every group, with clusters and exposure. Other variables may be missing: the
        student then leaves the equations that need them.
    study : StudyDesign
    chain : Chain
    left_out : tuple of str, optional
        Terms to leave out, ``outcome: term``; without it, those that follow from others.

    Raises
    ------
    CompendiumError
        If a variable does not vary, a term follows from the others, or a group compared has no
        rows.
    """
    roles = study.roles
    lowest = next(iter(roles.clusters))
    cluster = rows[roles.lowest_cluster].astype(str)
    columns = {name: _standardized(rows, study, name) for name in chain.names}
    terms = {name: _parts(values, cluster) for name, values in columns.items()}
    groups = model_groups(rows, study)
    modelled = list(groups.cat.categories[1:])
    member = {group: (groups == group).to_numpy(float) for group in modelled}
    focal_share = (
        pd.Series(member[roles.group.focal], rows.index).groupby(cluster).transform("mean")
    )
    focal_share = (focal_share - focal_share.mean()).to_numpy()
    composing = share(roles.group.focal, lowest)
    schools = _schools(rows, study)
    data: dict[str, np.ndarray] = {}
    equations, covariates, optional, scaled = [], [], {}, {}
    for name in (each for block in chain.blocks for each in block):
        fixed = {group: values - values.mean() for group, values in member.items()}
        if np.ptp(focal_share) > ROUNDING:
            fixed[composing] = focal_share
        may_go = []
        for source in chain.before(name):
            deviation, mean = terms[source]
            own = f"{source}, within {lowest}"
            fixed[own] = deviation
            times = {group: values * deviation for group, values in member.items()}
            fixed |= {interaction(group, own): product for group, product in times.items()}
            may_go += [(interaction(OTHER_GROUPS, own),)]
            if composing in fixed:
                fixed[interaction(composing, own)] = focal_share * deviation
                may_go.append((interaction(composing, own),))
            fixed[f"{source}, mean of {lowest}"] = mean
            may_go.append((f"{source}, mean of {lowest}",))
        for covariate in roles.covariates_of(name):
            own = _covariate(rows[covariate], covariate)
            covariates += [(name, term) for term in own]
            fixed |= own
        may_go = [(composing,), *may_go]
        fixed |= schools.fixed
        data |= fixed | schools.random
        equations.append((name, fixed))
        optional[name] = [each for each in may_go if each[0] in fixed]
        if schools.random:
            scaled[f"school[{name}]"] = tuple((name, term) for term in schools.random)
    frame = pd.DataFrame(data | columns, index=rows.index)
    found: list[str] = [] if left_out is None else list(left_out)
    built = []
    for name, fixed in equations:
        known = frame[[name, *fixed]].notna().all(axis=1).to_numpy()
        own = {term: values[known] for term, values in fixed.items()}
        if left_out is None:
            found += [f"{name}: {term}" for term in terms_that_follow(own, optional[name])]
        kept = [term for term in own if f"{name}: {term}" not in found]
        check_rank(
            (INTERCEPT, *kept),
            np.column_stack([np.ones(known.sum()), *(own[term] for term in kept)]),
            f"{WHERE}, equation of {name!r}",
        )
        built.append((name, (INTERCEPT, *kept, *schools.random)))
    parts = _parts_of(chain, dict(built), lowest, scaled)
    main = (roles.group.focal, roles.group.reference)
    return PathwayDesign(
        chain=chain,
        cluster=lowest,
        data=frame.assign(cluster=cluster),
        parts=parts,
        priors=tuple(_priors(part, study) for part in parts),
        reference=roles.group.reference,
        focal=roles.group.focal,
        sizes={
            name: {
                group: int((frame[[name, *fixed]].notna().all(axis=1) & (groups == group)).sum())
                for group in main
            }
            for name, fixed in equations
        },
        left_out=tuple(found),
        covariates=tuple(covariates),
    )


@dataclass(frozen=True)
class _Schools:
    """Columns of schools above classrooms: fixed where few, else random."""

    fixed: dict[str, np.ndarray]
    random: dict[str, np.ndarray]


def _schools(rows: pd.DataFrame, study: StudyDesign) -> _Schools:
    if study.roles.classroom is None:
        return _Schools({}, {})
    labels = rows[study.roles.school].astype(str)
    names = sorted(labels.unique())
    member = {f"school {k}": (labels == name).to_numpy(float) for k, name in enumerate(names)}
    if len(names) >= FEWEST_RANDOM_SCHOOLS:
        return _Schools({}, member)
    return _Schools(dict(list(member.items())[1:]), {})


def _standardized(rows: pd.DataFrame, study: StudyDesign, name: str) -> np.ndarray:
    column = study.pathway_columns.get(name, name)
    values = rows[column].to_numpy(float)
    spread = np.nanstd(values)
    if not spread > 0:
        raise CompendiumError(
            f"{name!r} does not vary over the {len(rows)} rows",
            where=WHERE,
            remedy="take it out of roles.pathway",
        )
    return (values - np.nanmean(values)) / spread


def _parts(values: np.ndarray, cluster: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Deviation from the mean of the cluster, and that mean around its mean over the rows."""
    series = pd.Series(values, cluster.index)
    mean = series.groupby(cluster).transform("mean").where(series.notna())
    return (series - mean).to_numpy(), (mean - mean.mean()).to_numpy()


def _covariate(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    """One column in standard deviations, or one for each category but the first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = values.cat.remove_unused_categories()
        return {
            f"{name}: {level}": (present == level).where(present.notna()).to_numpy(float)
            for level in present.cat.categories[1:]
        }
    number = values.to_numpy(float)
    return {name: (number - np.nanmean(number)) / (np.nanstd(number) or 1.0)}


def _parts_of(
    chain: Chain,
    terms: dict[str, tuple[str, ...]],
    lowest: str,
    scaled: dict[str, tuple[Place, ...]],
) -> tuple[System, ...]:
    """Blocks that a path of varying links joins are fitted together, every other one alone."""
    part = list(range(len(chain.blocks)))
    for links in chain.varying:
        joined = {part[chain.block_of(end)] for _, end in links}
        part = [min(joined) if each in joined else each for each in part]
    systems = []
    for number in dict.fromkeys(part):
        blocks = tuple(b for b, own in zip(chain.blocks, part, strict=True) if own == number)
        names = [name for block in blocks for name in block]
        varying = {
            name: [
                f"{start}, within {lowest}"
                for links in chain.varying
                for start, end in links
                if end == name
            ]
            for name in names
        }
        groups = [
            tuple((end, f"{start}, within {lowest}") for start, end in links)
            for links in chain.varying
            if links[0][1] in names
        ]
        systems.append(
            System(
                equations=tuple(
                    Equation(name, terms[name], (INTERCEPT, *varying[name])) for name in names
                ),
                blocks=blocks,
                covarying=tuple(group for group in groups if len(group) > 1),
                scaled={k: v for k, v in scaled.items() if v[0][0] in names},
            )
        )
    return tuple(systems)


def _priors(system: System, study: StudyDesign) -> SystemPriors:
    declared = study.analysis.priors
    kinds = priors_by_kind(declared.set, declared.override)
    sds = {f"sd_residual[{each.outcome}]": "sd_residual" for each in system.equations}
    sds |= {
        f"sd_cluster[{outcome}, {term}]": "sd_group" if term == INTERCEPT else "sd_slope"
        for outcome, term in system.varying
    }
    sds |= {f"sd_{name}": "sd_group" for name in system.scaled}
    return SystemPriors(
        coefficients={
            (outcome, term): kinds["intercept" if term == INTERCEPT else "coefficient"].scale
            for outcome, term in system.coefficients
        },
        standard_deviations={
            name: standard_deviation_prior(kinds[kind]) for name, kind in sds.items()
        },
        correlation=kinds["correlation"].scale,
    )
