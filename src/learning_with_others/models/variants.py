"""Variants of the benefit model: its rows, its terms or its groupings changed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import pandas as pd

from learning_with_others.bayes.prior_sets import prior_set
from learning_with_others.models import shape
from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
from learning_with_others.models.benefit_terms import interaction, share
from learning_with_others.models.exposure import exposure_contrasts
from learning_with_others.study import StudyDesign

MOST_FIXED_SCHOOLS = 40
Version = tuple[pd.DataFrame, BenefitDesign]


@dataclass(frozen=True)
class Variant:
    """How a benefit model differs from the declared one.

    Attributes
    ----------
    change : callable, optional
        Changes the declared design, on its rows; None where it does not apply.
    build : callable, optional
        Gives other rows and their design instead; None where there is none.
    cells : callable, optional
        Gives each row the cell whose residual standard deviation it has; one for all without it.
    """

    change: Callable[[BenefitDesign], BenefitDesign | None] | None = None
    build: Callable[[pd.DataFrame, StudyDesign], Version | None] | None = None
    cells: Callable[[BenefitDesign], pd.Categorical] | None = None


DECLARED = Variant()


def on_common_support(rows: pd.DataFrame, study: StudyDesign) -> Version:
    """Build the model on the rows of `shape.common_support`, centred anew."""
    kept = shape.common_support(rows, study)
    return kept, benefit_design(kept, study)


def in_shared_clusters(rows: pd.DataFrame, study: StudyDesign) -> Version | None:
    """Build the model on clusters that hold both groups, without terms of their composition.

    None where one of the two groups is under the minimum cell there.
    """
    contrasts = exposure_contrasts(rows, study)
    labels = contrasts.strata
    if labels is None:
        labels = rows[study.as_assigned.roles.clusters[contrasts.cluster]]
    group = rows[study.roles.group.column]
    held = [labels.isin(labels[group == each]) for each in study.roles.group.contrast]
    kept = rows[held[0] & held[1]]
    sizes = kept[study.roles.group.column].value_counts()
    if sizes.reindex(study.roles.group.contrast, fill_value=0).min() < study.analysis.minimum_cell:
        return None
    design = benefit_design(kept, study)
    shares = [share(other, design.place) for other in design.composing]
    within = [contrast.within for contrast in design.contrasts.contrasts]
    dropped = {*shares, *(interaction(name, each) for name in shares for each in within)}
    fixed = tuple(term for term in design.specification.fixed if term not in dropped)
    return kept, replace(
        design,
        specification=replace(design.specification, fixed=fixed),
        cluster_shares={each: {} for each in design.cluster_shares},
    )


def one_slope(design: BenefitDesign) -> BenefitDesign:
    """Let nothing but the exposure's slope vary between clusters, beside the intercept."""
    groupings = tuple(
        replace(each, slopes=tuple(term for term in each.slopes if term == design.slope))
        for each in design.specification.groupings
    )
    return replace(design, specification=replace(design.specification, groupings=groupings))


def race_slope(design: BenefitDesign) -> BenefitDesign:
    """Let the difference between the groups vary between clusters."""
    return _with_slope(design, design.focal)


def gap_slope(design: BenefitDesign) -> BenefitDesign:
    """Let the benefit gap itself vary between clusters.

    A gap that differs between clusters is known no better than clusters are many; without this
    slope its interval counts students.

    References
    ----------
    Heisig, J. P. and Schaeffer, M. (2019). Why you should always include a random slope for the
    lower-level variable involved in a cross-level interaction. European Sociological Review 35,
    258-279.
    """
    return _with_slope(design, design.interaction(design.focal))


def _with_slope(design: BenefitDesign, term: str) -> BenefitDesign:
    groupings = tuple(
        replace(each, slopes=(*each.slopes, term)) if each.name == design.cluster else each
        for each in design.specification.groupings
    )
    return replace(design, specification=replace(design.specification, groupings=groupings))


def school_effects(design: BenefitDesign) -> BenefitDesign | None:
    """Schools as fixed effects, which take up all that is constant within them."""
    *lower, school = design.specification.groupings
    count = design.data[school.column].nunique()
    if not lower or school.name == design.cluster or not 1 < count <= MOST_FIXED_SCHOOLS:
        return None
    return design.with_fixed_schools()


def random_schools(design: BenefitDesign, priors: str | None = None) -> BenefitDesign | None:
    """Schools as random effects, where the declared model has fixed ones.

    Parameters
    ----------
    design : BenefitDesign
    priors : str, optional
        Set that the prior of the standard deviation between schools is taken from.
    """
    random = design.with_random_schools
    if random is None or len(design.data[random.groupings[-1].column].unique()) == 1:
        return None
    if priors is not None:
        between = asdict(prior_set(priors)["sd_group"])
        random = replace(random, overrides={**random.overrides, "sd_school": between})
    return replace(design, specification=random, with_random_schools=None)


def with_priors(name: str) -> Callable[[BenefitDesign], BenefitDesign]:
    """Take another named set of priors."""

    def change(design: BenefitDesign) -> BenefitDesign:
        specification = replace(design.specification, priors=name, overrides={})
        return replace(design, specification=specification)

    return change


def as_observed(rows: pd.DataFrame, study: StudyDesign) -> Version:
    """Take the exposure, class and school of the grade analysed, whatever was assigned."""
    return rows, benefit_design(rows, study.as_observed)
