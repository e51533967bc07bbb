"""From the rows of a study to the equations of its pathway."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.collapsed.frame import standard_deviation_prior
from learning_with_others.bayes.identification import check_rank, terms_that_follow
from learning_with_others.bayes.prior_choice import priors_by_kind
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.system import Equation, Place, System, SystemPriors
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_terms import covariate_columns
from learning_with_others.models.pathway_chain import Chain
from learning_with_others.models.pathway_columns import (
    between,
    fixed_columns,
    optional_terms,
    shared_columns,
    within,
)
from learning_with_others.study import StudyDesign

WHERE = "pathway model"
CLUSTER = "cluster label"  # column of the design's data


@dataclass(frozen=True)
class PathwayDesign:
    """The equations of a pathway on its rows.

    Attributes
    ----------
    chain : Chain
    cluster : str
        Level within which links are compared.
    data : pandas.DataFrame
        A column for each term and outcome, NaN where missing, and `CLUSTER`.
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
        If a variable does not vary, a term follows from the others, or a group compared has fewer
        rows than the minimum cell in some equation.
    """
    shared = shared_columns(rows, study, chain)
    names = chain.names[1:]
    fixed = {name: fixed_columns(name, rows, study, chain, shared) for name in names}
    every = {term: values for own in fixed.values() for term, values in own.items()}
    data = pd.DataFrame(every | shared.random_schools | shared.variables, index=rows.index)
    known = {name: data[[name, *own]].notna().all(axis=1) for name, own in fixed.items()}
    role, gone, terms = study.roles.group, list(left_out or ()), {}
    sizes = {
        name: {group: int((each & (shared.groups == group)).sum()) for group in role.contrast}
        for name, each in known.items()
    }
    _check_sizes(sizes, study)
    for name, own in fixed.items():
        complete = {term: values[known[name]] for term, values in own.items()}
        if left_out is None:
            optional = optional_terms(name, chain, shared, complete)
            gone += [f"{name}: {term}" for term in terms_that_follow(complete, optional)]
        kept = [term for term in complete if f"{name}: {term}" not in gone]
        columns = [np.ones(known[name].sum()), *(complete[term] for term in kept)]
        where = f"{WHERE}, equation of {name!r}"
        check_rank((INTERCEPT, *kept), np.column_stack(columns), where)
        terms[name] = (INTERCEPT, *kept, *shared.random_schools)
    scaled = {f"school[{name}]": tuple((name, t) for t in shared.random_schools) for name in names}
    parts = _parts_of(chain, terms, shared.lowest, scaled if shared.random_schools else {})
    return PathwayDesign(
        chain=chain,
        cluster=shared.lowest,
        data=data.assign(**{CLUSTER: shared.cluster}),
        parts=parts,
        priors=tuple(_priors(part, study) for part in parts),
        reference=role.reference,
        focal=role.focal,
        sizes=sizes,
        left_out=tuple(gone),
        covariates=tuple(
            (name, term)
            for name in names
            for column in study.roles.covariates_of(name)
            for term in covariate_columns(rows[column], column)
        ),
    )


def _check_sizes(sizes: dict[str, dict[str, int]], study: StudyDesign) -> None:
    for name, by_group in sizes.items():
        for group, count in by_group.items():
            if count < study.analysis.minimum_cell:
                raise CompendiumError(
                    f"fewer than {study.analysis.minimum_cell} {group} {study.people} have all that"
                    f" the equation of {name!r} needs",
                    where=WHERE,
                    remedy=f"take {name!r}, or a variable before it that many lack, out of"
                    " roles.pathway.blocks, or contrast larger groups in roles.group",
                )


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
