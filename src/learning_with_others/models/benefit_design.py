"""From the rows of a study to the benefit model, as a specification and its columns."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.identification import terms_that_follow
from learning_with_others.bayes.model_frame import ModelFrame, model_frame
from learning_with_others.bayes.specification import GroupingTerms, Specification
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.far_values import far_values
from learning_with_others.models.benefit_terms import (
    BY,
    benefit_columns,
    dispensable,
    interaction,
    share,
    with_exposure,
)
from learning_with_others.models.exposure import Contrasts, exposure_contrasts
from learning_with_others.models.few_schools import (
    THESE_SCHOOLS,
    constant_within,
    fixed_school_columns,
    schools_are_fixed,
)
from learning_with_others.models.model_rows import model_groups
from learning_with_others.study import StudyDesign

OUTCOME = "outcome"
HARDLY = 0.05  # standard deviations of the exposure within clusters that tell little of a slope


@dataclass(frozen=True)
class BenefitDesign:
    """The benefit model of one set of rows, and what its estimands need to know.

    Attributes
    ----------
    data : pandas.DataFrame
        One column for each term, and the clusters.
    specification : Specification
        The model of the column `outcome`, which `frame` adds.
    contrasts : Contrasts
        The exposure's; the first is that of the benefit gap.
    reference, focal : str
        Groups of the main contrast.
    others : tuple of str
        Other groups that may be reported, by size.
    sizes : dict of str to int
        Rows by group, of the groups that may be reported.
    group_shares : dict of str to float
        Share of all rows by group, pooled ones included.
    cluster_shares : dict of str to dict of str to float
        For each group, the mean share in its students' clusters, from that pooled over both groups
        compared, of every group whose share has a term.
    clusters_with_both : dict of str to (int, int)
        For each level, clusters that hold students of both groups, and all clusters; strata of the
        schools too, where the exposure is centred within them.
    left_out : tuple of str
        Terms that these rows cannot tell from others.
    with_random_schools : Specification, optional
        The same model with random school effects; None where the declared one has them.
    """

    data: pd.DataFrame
    specification: Specification
    contrasts: Contrasts
    reference: str
    focal: str
    others: tuple[str, ...]
    sizes: dict[str, int]
    group_shares: dict[str, float]
    cluster_shares: dict[str, dict[str, float]]
    clusters_with_both: dict[str, tuple[int, int]]
    left_out: tuple[str, ...]
    with_random_schools: Specification | None = None

    @property
    def cluster(self) -> str:
        """Level within which the exposure is centred."""
        return self.contrasts.cluster

    @property
    def place(self) -> str:
        """Within what students are compared: the cluster, or those who entered it together."""
        return self.contrasts.place

    @property
    def slope(self) -> str:
        """Term of the reference group's slope."""
        return self.contrasts.main.within

    @property
    def modelled(self) -> tuple[str, ...]:
        """Groups with terms of their own: all but the reference."""
        return tuple(group for group in self.group_shares if group != self.reference)

    @property
    def sloping(self) -> tuple[str, ...]:
        """Those of them with a slope of their own, too."""
        return tuple(g for g in self.modelled if self.interaction(g) in self.data)

    @property
    def composing(self) -> tuple[str, ...]:
        """Groups whose share of the cluster has terms."""
        return tuple(self.cluster_shares[self.reference])

    def interaction(self, group: str, within: str | None = None) -> str:
        """Term of a group's slope minus the reference group's."""
        return interaction(group, within or self.slope)

    def composition(self, group: str) -> str:
        """Term of how the slope varies with the share of a group in the cluster."""
        return interaction(share(group, self.place), self.slope)

    def members(self, group: str) -> np.ndarray:
        """Which rows are students of a group, shape (n,)."""
        # Columns of groups are centred: above zero for members, below for everyone else.
        if group != self.reference:
            return self.data[group].to_numpy() > 0
        return (self.data[list(self.modelled)].to_numpy() < 0).all(axis=1)

    @property
    def family(self) -> Family:
        """Of the outcome."""
        return FAMILIES[self.specification.family]

    def of_family(self, family: str) -> "BenefitDesign":
        """Take another family of outcomes; its key in `bayes.families.registry`."""
        return replace(self, specification=replace(self.specification, family=family))

    def frame(self, outcome: np.ndarray, categories: tuple[str, ...] = ()) -> ModelFrame:
        """Put the model on its rows with an outcome.

        Parameters
        ----------
        outcome : ndarray, shape (n,)
            In standard deviations, or as its family has it.
        categories : tuple of str
            What its codes 0, 1, ... stand for.
        """
        column = outcome
        if categories:
            column = pd.Categorical.from_codes(outcome, list(categories), ordered=True)
        frame = model_frame(self.specification, self.data.assign(**{OUTCOME: column}))
        return replace(frame, weaknesses=(*frame.weaknesses, *self._weaknesses()))

    def with_contrasts(self, contrasts: Contrasts) -> "BenefitDesign":
        """Take other values of the exposure on the same rows; what was left out stays out.

        Parameters
        ----------
        contrasts : Contrasts
            Of the same terms.

        Raises
        ------
        CompendiumError
            If a mean of the exposure varies in one of the two only.
        """
        every = contrasts.without(self.left_out)
        fixed = self.specification.fixed
        contrasts = every.without(
            tuple(name for name in every.between if name in self.data and name not in fixed)
        )
        if contrasts.between != self.contrasts.between:
            raise CompendiumError(
                f"a mean of {self.slope!r} is constant in some plausible values only",
                where="benefit model",
                remedy="check the plausible values of the exposure",
            )
        alone = {
            name: self.data[name].to_numpy()
            for group in self.modelled
            for name in (group, share(group, self.place))
            if name in self.data
        }
        columns = with_exposure(alone, self.modelled, every)
        changed = {name: column for name, column in columns.items() if name in self.data}
        return replace(self, data=self.data.assign(**changed), contrasts=contrasts)

    def with_fixed_schools(self) -> "BenefitDesign":
        """Take schools as fixed effects, which hold all that is constant within them."""
        *lower, school = self.specification.groupings
        terms = self.specification.fixed
        labels = self.data[school.column].astype(str)
        every = {name: self.data[name].to_numpy(float) for name in terms}
        held = constant_within(every, labels)
        follows = terms_that_follow(every, [(name,) for name in held])
        schools = fixed_school_columns(labels)
        unique = {
            f"{each.name} in school": labels.astype(str)
            + " / "
            + self.data[each.column].astype(str)
            for each in lower
        }
        absent = {f"coefficient[{name}]" for name in held}
        fixed = replace(
            self.specification,
            fixed=(*(name for name in terms if name not in held), *schools),
            groupings=tuple(
                replace(each, column=f"{each.name} in school", within=None) for each in lower
            ),
            overrides={
                key: prior
                for key, prior in self.specification.overrides.items()
                if key not in absent and key != f"sd_{school.name}"
            },
        )
        kept = tuple(name for name in terms if name not in follows)
        return replace(
            self,
            data=self.data.assign(**schools, **unique),
            specification=fixed,
            contrasts=self.contrasts.without(held),
            with_random_schools=replace(self.specification, fixed=kept),
        )

    def _fixed_school_weaknesses(self) -> list[str]:
        lowest, *_ = self.specification.groupings
        if self.clusters_with_both[lowest.name][1] > len(self.data["school label"].unique()):
            return [THESE_SCHOOLS]
        alone = f"one {lowest.name} in every school: how the two differ cannot be told apart"
        return [THESE_SCHOOLS, alone]

    def _weaknesses(self) -> list[str]:
        found = [] if self.with_random_schools is None else self._fixed_school_weaknesses()
        if self.left_out:
            terms = ", ".join(map(repr, self.left_out))
            found.append(f"left out, since these rows cannot tell them from other terms: {terms}")
        if not self.clusters_with_both[self.place][0]:
            found.append(
                f"no {self.place} holds both groups: the benefit gap compares groups of different"
                f" {self.cluster}s"
            )
        moves = float(self.contrasts.main.deviation.std())
        if moves < HARDLY:
            found.append(
                f"{self.slope!r} has a standard deviation of {moves:.2g}: its slope rests on the"
                " prior to a good part"
            )
        # Products of columns have long tails of their own.
        alone = [name for name in self.specification.fixed if BY not in name]
        return found + [
            word for name in alone for word in far_values(repr(name), self.data[name].to_numpy())
        ]


def benefit_design(
    rows: pd.DataFrame, study: StudyDesign, contrasts: Contrasts | None = None
) -> BenefitDesign:
    """Build the benefit model, classrooms (where there are any) within schools.

    Each contrast c of the exposure enters as its deviation from the mean of the cluster within
    which it is compared (c − c̄_j for a student-level exposure, c − c̄_s for a class-level one),
    and as that mean, split into between classrooms and between schools where there are both.
    Every group but the reference enters alone and times the deviation; the cluster's share r̄
    of each that makes up 5% of the rows (with fewer than ten clusters, of the focal group only)
    too, from its mean over both groups compared, so that a benefit gap compares students within
    clusters and not the clusters they sit in. Few clusters, or clusters of one group each, cannot
    tell all of these apart: shares that follow from other terms are left out, then means of the
    exposure, and with them the contextual effect; so is the slope of the pooled group where it has
    one student. Every level has a random intercept; the exposure's deviation has a random slope
    between the clusters within which it is centred. Fewer than ten schools above these clusters are
    fixed effects, which hold the mean exposure of the school and all else that is constant there.

    An exposure that was assigned at entry is centred within those who entered a school in one
    grade. Clusters are then the classes and schools of entry: later classes follow from the
    assignment, so that their intercepts would take up a part of its effect. Grades of entry have
    coefficients, which vary between schools.

    Parameters
    ----------
    rows : pandas.DataFrame
        Complete rows of every group.
    study : StudyDesign
    contrasts : Contrasts, optional
        Of these rows, where another source than the declared one reports the exposure.

    Raises
    ------
    CompendiumError
        If a group compared has no rows, the exposure does not vary, or no cluster offers a
        contrast.
    """
    contrasts = contrasts or exposure_contrasts(rows, study)
    study = study.as_assigned
    roles, group_role = study.roles, study.roles.group
    groups = model_groups(rows, study)
    columns = benefit_columns(rows, groups, contrasts, study)
    few = schools_are_fixed(rows, study, contrasts.cluster)
    told = dict(columns)
    if few:
        schools = rows[study.roles.school]
        held = constant_within(columns, schools)
        told = {name: column for name, column in columns.items() if name not in held}
        told |= fixed_school_columns(schools)
    left_out = terms_that_follow(told, dispensable(told, groups, contrasts))
    columns = {name: column for name, column in columns.items() if name not in left_out}
    contrasts = contrasts.without(left_out)
    sizes = groups.value_counts()
    others = [g for g in groups.cat.categories[2:] if g != OTHER_GROUPS]
    clusters = {f"{level} label": rows[column] for level, column in roles.clusters.items()}
    where = {level: rows[column] for level, column in roles.clusters.items()}
    where |= {} if contrasts.strata is None else {contrasts.place: contrasts.strata}
    design = BenefitDesign(
        data=pd.DataFrame(columns | clusters, index=rows.index).reset_index(drop=True),
        specification=_specification(columns, contrasts, study),
        contrasts=contrasts,
        reference=group_role.reference,
        focal=group_role.focal,
        others=tuple(others),
        sizes={
            group: int(sizes[group]) for group in (group_role.focal, group_role.reference, *others)
        },
        group_shares={group: float(sizes[group] / len(rows)) for group in groups.cat.categories},
        cluster_shares={
            group: {
                other: float(columns[share(other, contrasts.place)][groups == group].mean())
                for other in groups.cat.categories[1:]
                if share(other, contrasts.place) in columns
            }
            for group in groups.cat.categories
        },
        clusters_with_both={
            level: _with_both(groups, labels, group_role.focal, group_role.reference)
            for level, labels in where.items()
        },
        left_out=left_out,
    )
    return design.with_fixed_schools() if few else design


def _specification(
    columns: dict[str, np.ndarray], contrasts: Contrasts, study: StudyDesign
) -> Specification:
    levels = list(study.roles.clusters)
    entered = study.roles.at_entry.get(str(study.roles.grade))
    varying = [name for name in columns if entered and name.startswith(f"{entered}: ")]
    return Specification(
        outcome=OUTCOME,
        family="gaussian",
        fixed=tuple(columns),
        groupings=tuple(
            GroupingTerms(
                level,
                f"{level} label",
                (contrasts.main.within, *varying) if level == contrasts.cluster else (),
                within=levels[place + 1] if place + 1 < len(levels) else None,
            )
            for place, level in enumerate(levels)
        ),
        priors=study.analysis.priors.set,
        overrides=study.analysis.priors.override,
    )


def _with_both(
    groups: pd.Series, cluster: pd.Series, focal: str, reference: str
) -> tuple[int, int]:
    theirs, ours = (set(cluster[groups == group]) for group in (focal, reference))
    return len(theirs & ours), int(cluster.nunique())
