"""Variants of the benefit model: its rows, its terms or its groupings changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.models import shape
from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
from learning_with_others.models.exposure import ROUNDING
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
    labels = design.data[school.column]
    names = sorted(labels.unique())
    if not lower or school.name == design.cluster or not 1 < len(names) <= MOST_FIXED_SCHOOLS:
        return None
    fixed = np.array(design.specification.fixed)
    columns = design.data[list(fixed)].to_numpy(float)
    member = (labels.to_numpy()[:, None] == np.array(names)).astype(float)
    means = member.T @ columns / member.sum(axis=0)[:, None]
    terms = fixed[np.ptp(columns - member @ means, axis=0) > ROUNDING]
    dummies = {f"school {k}": column for k, column in enumerate(member.T[1:])}
    bare = replace(
        design.specification,
        fixed=tuple(map(str, terms)),
        groupings=tuple(
            replace(each, column=f"{each.name} in school", within=None) for each in lower
        ),
    )
    unique = {
        f"{each.name} in school": design.data[each.column].astype(str) + " / " + labels.astype(str)
        for each in lower
    }
    return shape.with_terms(
        replace(design, data=design.data.assign(**unique), specification=bare), dummies
    )


def with_priors(name: str) -> Callable[[BenefitDesign], BenefitDesign]:
    """Take another named set of priors."""

    def change(design: BenefitDesign) -> BenefitDesign:
        specification = replace(design.specification, priors=name, overrides={})
        return replace(design, specification=specification)

    return change


def as_observed(rows: pd.DataFrame, study: StudyDesign) -> Version:
    """Take the exposure, class and school of the grade analysed, whatever was assigned."""
    return rows, benefit_design(rows, study.as_observed)
