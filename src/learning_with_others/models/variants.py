"""Variants of the benefit model: its rows, its terms or its groupings changed."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from learning_with_others.bayes.specification import quoted
from learning_with_others.models import shape
from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
from learning_with_others.study import StudyDesign

MOST_FIXED_SCHOOLS = 40

Version = tuple[pd.DataFrame, BenefitDesign]
Build = Callable[[pd.DataFrame, StudyDesign], Version | None]
"""From the rows of a model to the rows used and their design; None if it cannot be built."""


def main_model(rows: pd.DataFrame, study: StudyDesign) -> Version:
    """Build the declared model."""
    return rows, benefit_design(rows, study)


def changed(change: Callable[[BenefitDesign], BenefitDesign | None]) -> Build:
    """Build the declared model and change it; None where the change does not apply."""

    def build(rows: pd.DataFrame, study: StudyDesign) -> Version | None:
        design = change(benefit_design(rows, study))
        return None if design is None else (rows, design)

    return build


def on_common_support(rows: pd.DataFrame, study: StudyDesign) -> Version:
    """Build the model on the rows of `shape.common_support`, centred anew."""
    kept = shape.common_support(rows, study)
    return kept, benefit_design(kept, study)


def race_slope(design: BenefitDesign) -> BenefitDesign:
    """Let the difference between the groups vary between clusters."""
    groupings = tuple(
        replace(each, terms=f"{each.terms} + {quoted([design.focal])}")
        if each.name == design.cluster
        else each
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
    constant = [
        column
        for column in design.data.columns.difference([each.column for each in (*lower, school)])
        if design.data.groupby(labels.to_numpy())[column].std().fillna(0).max() < 1e-9  # noqa: PLR2004 - rounding
    ]
    terms = [
        column
        for column in design.data
        if column not in {*constant, *(each.column for each in (*lower, school))}
    ]
    dummies = {f"school {k}": (labels == name).to_numpy(float) for k, name in enumerate(names[1:])}
    bare = replace(
        design.specification,
        fixed=f"1 + {quoted(terms)}",
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


def at_entry(students: pd.DataFrame) -> Build:
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
