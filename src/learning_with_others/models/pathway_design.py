"""From the rows of a study to the equations of its pathway."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import cluster_mean
from learning_with_others.bayes.collapsed.frame import standard_deviation_prior
from learning_with_others.bayes.identification import check_rank, terms_that_follow
from learning_with_others.bayes.prior_choice import priors_by_kind
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.system import Equation, Place, System, SystemPriors
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_design import covariate_columns, interaction, share
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
        return within(name, self.cluster)

    def between(self, name: str) -> str:
        """Term of the cluster's mean of a variable."""
        return between(name, self.cluster)

    def rows_of(self, outcome: str) -> pd.DataFrame:
        """Rows of the equation of an outcome: those that have all its terms."""
        part = self.parts[self.part_of(outcome)]
        terms = next(each.terms for each in part.equations if each.outcome == outcome)
        return self.data[[outcome, *terms[1:]]].dropna()

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
    shared = _shared_columns(rows, study, chain)
    names = chain.names[1:]
    fixed = {name: _fixed(name, rows, study, chain, shared) for name in names}
    every = {term: values for own in fixed.values() for term, values in own.items()}
    data = pd.DataFrame(every | shared.random_schools | shared.variables, index=rows.index)
    known = {name: data[[name, *own]].notna().all(axis=1) for name, own in fixed.items()}
    gone = list(left_out or ())
    terms = {}
    for name, own in fixed.items():
        complete = {term: values[known[name]] for term, values in own.items()}
        if left_out is None:
            optional = _optional(name, chain, shared, complete)
            gone += [f"{name}: {term}" for term in terms_that_follow(complete, optional)]
        kept = [term for term in complete if f"{name}: {term}" not in gone]
        columns = [np.ones(known[name].sum()), *(complete[term] for term in kept)]
        where = f"{WHERE}, equation of {name!r}"
        check_rank((INTERCEPT, *kept), np.column_stack(columns), where)
        terms[name] = (INTERCEPT, *kept, *shared.random_schools)
    scaled = {f"school[{name}]": tuple((name, t) for t in shared.random_schools) for name in names}
    parts = _parts_of(chain, terms, shared.lowest, scaled if shared.random_schools else {})
    role = study.roles.group
    return PathwayDesign(
        chain=chain,
        cluster=shared.lowest,
        data=data.assign(cluster=shared.cluster),
        parts=parts,
        priors=tuple(_priors(part, study) for part in parts),
        reference=role.reference,
        focal=role.focal,
        sizes={
            name: {
                group: int((known[name] & (shared.groups == group)).sum())
                for group in role.contrast
            }
            for name in names
        },
        left_out=tuple(gone),
        covariates=tuple(
            (name, term)
            for name in names
            for column in study.roles.covariates_of(name)
            for term in covariate_columns(rows[column], column)
        ),
    )


@dataclass(frozen=True)
class _Shared:
    """Columns that several equations take.

    `within` and `between` are by variable, `members` by group but the reference.
    """

    lowest: str
    cluster: pd.Series
    groups: pd.Series
    variables: dict[str, np.ndarray]
    within: dict[str, np.ndarray]
    between: dict[str, np.ndarray]
    members: dict[str, np.ndarray]
    composition: dict[str, np.ndarray]
    fixed_schools: dict[str, np.ndarray]
    random_schools: dict[str, np.ndarray]


def _shared_columns(rows: pd.DataFrame, study: StudyDesign, chain: Chain) -> _Shared:
    roles = study.roles
    lowest = next(iter(roles.clusters))
    cluster = rows[roles.lowest_cluster].astype(str)
    groups = model_groups(rows, study)
    members = {group: (groups == group).to_numpy(float) for group in groups.cat.categories[1:]}
    focal = cluster_mean(members[roles.group.focal], cluster)
    name = share(roles.group.focal, lowest)
    composition = {name: focal - focal.mean()} if np.ptp(focal) > ROUNDING else {}
    variables = {name: _standardized(rows, study, name) for name in chain.names}
    parts = {name: _around_cluster(values, cluster) for name, values in variables.items()}
    schools: dict[str, np.ndarray] = {}
    if roles.classroom is not None:
        labels = rows[roles.school].astype(str)
        for k, label in enumerate(sorted(labels.unique())):
            schools[f"school {k}"] = (labels == label).to_numpy(float)
    random = len(schools) >= FEWEST_RANDOM_SCHOOLS
    return _Shared(
        lowest=lowest,
        cluster=cluster,
        groups=groups,
        variables=variables,
        within={name: within for name, (within, _) in parts.items()},
        between={name: between for name, (_, between) in parts.items()},
        members=members,
        composition=composition,
        fixed_schools={} if random else dict(list(schools.items())[1:]),
        random_schools=schools if random else {},
    )


def _fixed(
    name: str, rows: pd.DataFrame, study: StudyDesign, chain: Chain, shared: _Shared
) -> dict[str, np.ndarray]:
    """Columns of the equation of a variable, by term."""
    fixed = {group: values - values.mean() for group, values in shared.members.items()}
    fixed |= shared.composition
    for start in chain.before(name):
        own, deviation = within(start, shared.lowest), shared.within[start]
        fixed[own] = deviation
        for of, values in (shared.members | shared.composition).items():
            fixed[interaction(of, own)] = values * deviation
        if np.nanmax(np.abs(shared.between[start])) > ROUNDING:
            fixed[between(start, shared.lowest)] = shared.between[start]
    for column in study.roles.covariates_of(name):
        fixed |= covariate_columns(rows[column], column)
    return fixed | shared.fixed_schools


def _optional(
    name: str, chain: Chain, shared: _Shared, fixed: dict[str, np.ndarray]
) -> list[tuple[str, ...]]:
    """Terms that an equation can do without, the last to go first."""
    starts = chain.before(name)
    own = [within(start, shared.lowest) for start in starts]
    optional = [(interaction(OTHER_GROUPS, each),) for each in own]
    for composing in shared.composition:
        optional += [(composing,), *((interaction(composing, each),) for each in own)]
    optional += [(between(start, shared.lowest),) for start in starts]
    return [terms for terms in optional if terms[0] in fixed]


def within(name: str, level: str) -> str:
    """Term of the deviation of a variable from its cluster's mean."""
    return f"{name}, within {level}"


def between(name: str, level: str) -> str:
    """Term of the cluster's mean of a variable."""
    return f"{name}, mean of {level}"


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


def _around_cluster(values: np.ndarray, cluster: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Deviation from the mean of the cluster, and that mean around its mean over the rows."""
    series = pd.Series(values, cluster.index)
    mean = series.groupby(cluster).transform("mean").where(series.notna())
    return (series - mean).to_numpy(), (mean - mean.mean()).to_numpy()


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
                within(start, lowest)
                for links in chain.varying
                for start, end in links
                if end == name
            ]
            for name in names
        }
        groups = [
            tuple((end, within(start, lowest)) for start, end in links)
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
