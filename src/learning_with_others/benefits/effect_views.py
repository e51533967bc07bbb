"""The effect by grade, by class type as assigned and as observed, and by share of a group."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.specification import Specification
from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.data.flow import by_grade
from learning_with_others.data.outcome_families import family_of
from learning_with_others.models import estimands
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
from learning_with_others.models.benefit_fit import benefit_rows
from learning_with_others.models.drawn import draw_posterior, sampler_of
from learning_with_others.study import StudyDesign

ASSIGNED, OBSERVED = "as assigned", "as observed"
EVERYWHERE, EVERYONE = "all schools", "all groups"
THIRDS = ("lowest third", "middle third", "highest third")
COLUMNS = ["outcome", "grade", "exposure", "part", "group", "children", "estimate", "lower"]
COLUMNS += ["upper", "mcse", "flag"]


def effect_views(
    students: pd.DataFrame, study: StudyDesign, grade: str, outcome: str
) -> pd.DataFrame | None:
    """Estimate the effect of what was assigned at entry where it may differ.

    In every grade for both groups, each at its own shares, with their difference; and in the grade
    analysed for everybody in schools with few, some and many students of the focal group. As
    assigned, and as observed in the grade: that one is an association.

    Parameters
    ----------
    students : pandas.DataFrame
        Rows of all grades.
    study : StudyDesign
    grade : str
        The grade analysed.
    outcome : str
        One of the study's outcomes, or `all`.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome, grade, exposure, part, group, children, estimate, lower, upper, mcse,
        flag`, in SD of the outcome over the rows of the grade; None where nothing is assigned.
    """
    if not study.roles.at_entry:
        return None
    parts = []
    for each, in_grade in by_grade(students, study):
        found = benefit_rows(in_grade, study, str(each), outcome)
        for name, rows in found.items():
            if not family_of(study, name).collapses:  # chains take minutes for each
                continue
            views = {ASSIGNED: study}
            entered = rows[study.roles.at_entry[study.roles.exposure.name]]
            if (entered != rows[study.roles.exposure.name]).any():
                views[OBSERVED] = study.as_observed
            for view, version in views.items():
                about = {"outcome": name, "grade": str(each), "exposure": view}
                parts += [about | row for row in _by_group(rows, version, name)]
                if str(each) == grade:
                    parts += [about | row for row in _by_share(rows, version, name)]
    return pd.DataFrame(parts, columns=COLUMNS)


def thirds(rows: pd.DataFrame, study: StudyDesign) -> pd.Series:
    """Third of the students by the share of the focal group in their school."""
    focal = (rows[study.roles.group.column] == study.roles.group.focal).astype(float)
    share = focal.groupby(rows[study.as_assigned.roles.school]).transform("mean")
    cuts = np.quantile(share, [1 / 3, 2 / 3])
    place = np.searchsorted(cuts, share, side="left")
    return pd.Series(pd.Categorical.from_codes(place, THIRDS), index=rows.index)


def _by_group(rows: pd.DataFrame, study: StudyDesign, name: str) -> Iterator[dict]:
    design = benefit_design(rows, study)
    groups, role = (design.focal, design.reference), study.roles.group

    def estimate(posterior: xr.Dataset) -> dict[str, np.ndarray]:
        own = {g: estimands.slope(posterior, design, g, own_shares=True) for g in groups}
        return own | {role.difference: own[groups[0]] - own[groups[1]]}

    sizes = design.sizes | {role.difference: sum(design.sizes[group] for group in groups)}
    for row in _estimated(design, rows, study, name, estimate):
        yield row | {"part": EVERYWHERE, "children": sizes[row["group"]]}


def _by_share(rows: pd.DataFrame, study: StudyDesign, name: str) -> Iterator[dict]:
    place, whole = thirds(rows, study), benefit_design(rows, study)

    def estimate(posterior: xr.Dataset) -> dict[str, np.ndarray]:
        return {EVERYONE: estimands.slope(posterior, whole, whole.reference)}

    for part in THIRDS:
        inside = (place == part).to_numpy()
        if inside.sum() < study.analysis.minimum_cell:
            continue
        design = without_groups(whole, inside)

        for row in _estimated(design, rows, study, name, estimate, inside):
            yield row | {"part": part, "children": int(inside.sum())}


def without_groups(design: BenefitDesign, inside: np.ndarray) -> BenefitDesign:
    """The model of a part of the rows, without terms of groups: one effect for everybody.

    In schools of one group alone nothing tells groups apart.
    """
    data = design.data[inside].reset_index(drop=True)
    between = set(design.contrasts.between)
    levels = {grouping.column for grouping in design.specification.groupings}
    slopes = {term for each in design.specification.groupings for term in each.slopes}
    within = {contrast.within for contrast in design.contrasts.contrasts}
    kept = [
        term
        for term in design.specification.fixed
        if term in within | between | slopes and np.ptp(data[term].to_numpy(float)) > 0
    ]
    specification: Specification = replace(
        design.specification,
        fixed=tuple(kept),
        groupings=tuple(
            replace(each, slopes=tuple(term for term in each.slopes if term in kept))
            for each in design.specification.groupings
        ),
    )
    return replace(design, data=data[[*kept, *levels]], specification=specification, left_out=())


def _estimated(
    design: BenefitDesign,
    rows: pd.DataFrame,
    study: StudyDesign,
    name: str,
    estimate: Callable[[xr.Dataset], dict[str, np.ndarray]],
    inside: np.ndarray | slice = slice(None),
) -> Iterator[dict]:
    frame = design.frame(standardized_outcome(rows, study, name)[inside])
    # With the seed and the number of draws of the published model.
    drawn = draw_posterior(frame, sampler_of(study, name, many=False)(0), estimate)
    for group, values in drawn.estimands.items():
        found = summarize_pooled(
            values[None], study.analysis.interval_probability, drawn.weights[None]
        ).summary
        numbers = {"estimate": found.mean, "lower": found.lower, "upper": found.upper}
        flag = drawn.diagnosis.flag or ""
        yield {"group": group, "mcse": found.mcse, "flag": flag, **numbers}
