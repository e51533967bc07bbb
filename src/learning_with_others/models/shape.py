"""Is the benefit gap one of shape: curvature, other interactions, or thin support."""

from dataclasses import replace

import numpy as np
import pandas as pd

from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
from learning_with_others.models.benefit_terms import interaction
from learning_with_others.models.model_rows import model_groups
from learning_with_others.study import StudyDesign

KNOTS = (0.05, 0.35, 0.65, 0.95)  # quantiles (Harrell 2015, table 2.3)
SUPPORT = (0.025, 0.975)


def with_terms(design: BenefitDesign, columns: dict[str, np.ndarray]) -> BenefitDesign:
    """Add columns to the fixed part of a design."""
    fixed = (*design.specification.fixed, *columns)
    return replace(
        design,
        data=design.data.assign(**columns),
        specification=replace(design.specification, fixed=fixed),
    )


def with_spline(design: BenefitDesign) -> BenefitDesign:
    """Let the outcome curve in the exposure: a restricted cubic spline of the deviation.

    A gap that is only a common curve seen at different places of the exposure then goes away.

    References
    ----------
    Harrell, F. E. (2015). Regression Modeling Strategies, 2nd ed., eq. 2.25.
    """
    x = design.contrasts.main.deviation
    knots = np.quantile(x, KNOTS)
    *inner, before_last, last = knots
    columns = {}
    for k, knot in enumerate(inner):
        cubes = [np.maximum(x - at, 0) ** 3 for at in (knot, before_last, last)]
        standard_deviation = last - before_last
        curve = (
            cubes[0]
            - cubes[1] * (last - knot) / standard_deviation
            + cubes[2] * (before_last - knot) / standard_deviation
        ) / (last - knots[0]) ** 2
        # Beside the linear term: what is left is only the bend.
        line = np.polynomial.polynomial.polyfit(x, curve, 1)
        bend = curve - line[0] - line[1] * x
        columns[f"{design.slope}, bend {k + 1}"] = bend / (bend.std() or 1.0)
    return with_terms(design, columns)


def with_covariate_interactions(design: BenefitDesign, study: StudyDesign) -> BenefitDesign:
    """Let the slope of the exposure depend on every covariate."""
    covariates = [
        column
        for column in design.specification.fixed
        if any(column == name or column.startswith(f"{name}: ") for name in study.roles.covariates)
    ]
    deviation = design.contrasts.main.deviation
    return with_terms(
        design,
        {
            interaction(name, design.slope): design.data[name].to_numpy() * deviation
            for name in covariates
        },
    )


def common_support(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Keep the rows whose exposure lies where both groups have students.

    Between the larger of the groups' 2.5th and the smaller of their 97.5th percentile of the
    deviation within clusters.
    """
    design = benefit_design(rows, study)
    groups = model_groups(rows, study).to_numpy()
    deviation = design.contrasts.main.deviation
    ends = [
        np.quantile(deviation[groups == group], SUPPORT)
        for group in (design.focal, design.reference)
    ]
    low, high = max(end[0] for end in ends), min(end[1] for end in ends)
    return rows[(deviation >= low) & (deviation <= high)]
