"""Variants of the benefit model: its rows, its terms or its groupings changed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import pandas as pd

from learning_with_others.bayes.prior_sets import prior_set
from learning_with_others.models import shape
from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
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


def at_entry(students: pd.DataFrame) -> Callable[[pd.DataFrame, StudyDesign], Version]:
    """Take the class type in which each child was first seen, whatever came after."""

    def build(rows: pd.DataFrame, study: StudyDesign) -> Version:
        roles = study.roles
        first = (
            students.dropna(subset=[roles.exposure.name])
            .sort_values(roles.grade)
            .drop_duplicates(roles.student)
            .set_index(roles.student)[roles.exposure.name]
        )
        entered = pd.Categorical(
            rows[roles.student].map(first.astype(str)),
            categories=rows[roles.exposure.name].cat.categories,
        )
        moved = rows.assign(**{roles.exposure.name: entered})
        return moved, benefit_design(moved, study)

    return build
