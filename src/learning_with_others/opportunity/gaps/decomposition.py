"""Where a gap arises: between schools, between their classrooms, or within classrooms."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import Estimates, cluster_design, pooled_jackknife
from learning_with_others.data.measures.opportunities import Measure, scored_ways
from learning_with_others.opportunity.contrast import contrasted, is_focal, pooled_sd
from learning_with_others.opportunity.gaps.claimed import SD, SHARE
from learning_with_others.study import StudyDesign

TOTAL = "total"
ADDITIVE, FIXED_EFFECTS = "additive", "fixed effects"
COMPOSITION = "depends on composition"
CLASSROOMS, SCHOOLS = "classrooms", "schools"
ROUNDING = 1e-12  # in standard deviations
FEWEST = 2  # of a group: one value has no spread
COLUMNS = (
    "measure label score split part children_focal children_reference units_with_both "
    "estimate lower upper mcse unit flag"
).split()


@dataclass(frozen=True)
class Nesting:
    """Which of two groups each row belongs to, and where it is.

    Attributes
    ----------
    focal : ndarray of bool, shape (n,)
        Else the row belongs to the reference group.
    levels : dict of str to ndarray of int, shape (n,)
        Units by position, the highest level first: `schools`, then `classrooms` where there are
        any.
    """

    focal: np.ndarray
    levels: dict[str, np.ndarray]

    @property
    def parts(self) -> list[str]:
        """Names of a split's parts, the highest level first."""
        return [*(f"between {level}" for level in self.levels), f"within {list(self.levels)[-1]}"]


def split_gap(
    values: np.ndarray, nesting: Nesting, weights: np.ndarray, *, of_shares: bool = False
) -> np.ndarray:
    """Split the gap in both ways.

    Parameters
    ----------
    values : ndarray, shape (n,)
    nesting : Nesting
    weights : ndarray, shape (n,)
        Not negative.
    of_shares : bool
        Whether the values are 0 and 1: the gap is a difference between shares, and stays one.

    Returns
    -------
    ndarray, shape (1 + 3k,)
        For k parts: the gap, focal minus reference; the parts of the additive split; those of the
        fixed-effects split; the first less the second, which depends on composition. All in
        pooled within-group standard deviations, or of shares; parts of a split add up to the gap.
        A part that rounding alone keeps from zero is zero. NaN where a group has no spread or, for
        fixed effects, no unit holds both groups.

    Notes
    -----
    Additive: between schools Σ (p_Fs − p_Rs) ȳ_s, between classrooms
    Σ (p_Fj − p_Rj)(ȳ_j − ȳ_s), and within them what is left, with p the share of a group's
    students in a unit and ȳ the mean of the two groups together. Fixed effects: within
    classrooms the gap with a fixed effect for every classroom, between classrooms of a school the
    gap with school effects less that, between schools the rest. A part of the gap that goes with
    the composition of units cannot be given to either side from the data alone.

    References
    ----------
    Reardon, S. F. (2008). Thirteen ways of looking at the black-white test score gap. Stanford
    University, IREPP working paper (the two splits and their ambiguous part).
    """
    standard_deviation = pooled_sd(values, nesting.focal, weights) or np.nan
    sums = {level: _sums(values, nesting.focal, unit, weights) for level, unit in
            nesting.levels.items()}  # fmt: skip
    first = next(iter(sums.values()))
    totals = first.sum(axis=1)
    gap = totals[2] / totals[0] - totals[3] / totals[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        explained = np.array([_explained(one) for one in sums.values()])
        fixed = np.array([_fixed_effects_gap(one) for one in sums.values()])
    additive = np.append(np.diff(explained, prepend=0.0), gap - explained[-1])
    kept = np.append(-np.diff(fixed, prepend=gap), fixed[-1])
    parts = np.concatenate([[gap], additive, kept, additive - kept]) / standard_deviation
    return np.where(np.abs(parts) < ROUNDING, 0.0, parts * (standard_deviation if of_shares else 1))


def _sums(
    values: np.ndarray, focal: np.ndarray, unit: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Weights of the focal and the reference group, then their sums of values, by unit."""
    units = unit.max() + 1
    parts = (weights * focal, weights * ~focal, weights * values * focal, weights * values * ~focal)
    return np.stack([np.bincount(unit, part, units) for part in parts])


def _explained(sums: np.ndarray) -> float:
    """Σ (p_F − p_R) ȳ over the units of a level."""
    focal, reference, of_focal, of_reference = sums
    people = focal + reference
    mean = np.divide(of_focal + of_reference, people, out=np.zeros_like(people), where=people > 0)
    return float((focal / focal.sum() - reference / reference.sum()) @ mean)


def _fixed_effects_gap(sums: np.ndarray) -> float:
    """Least-squares gap with a fixed effect for every unit of a level."""
    focal, reference, of_focal, of_reference = sums
    both = (focal > 0) & (reference > 0)
    focal, reference = focal[both], reference[both]
    weight = focal * reference / (focal + reference)
    return float(weight @ (of_focal[both] / focal - of_reference[both] / reference) / weight.sum())


def decomposition_table(
    rows: pd.DataFrame,
    study: StudyDesign,
    measures: list[Measure],
    plausible: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Split the gap between the focal and the reference group in every opportunity.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, school and classroom recorded; other groups are left aside.
    study : StudyDesign
    measures : list of Measure
    plausible : pandas.DataFrame, optional
        Plausible values: constructs that have them are split as latent, too.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, score, split, part, children_focal, children_reference,
        units_with_both, estimate, lower, upper, mcse, unit, flag`: `split` is additive, fixed
        effects or depends on composition; the first row of a score is the gap itself. In pooled
        within-group SD, or a difference between shares, as in `opportunity_gaps`.
        `units_with_both` counts the units of the part's level that hold students of both groups.
        Intervals: jackknife over clusters, see `cluster_design`. `mcse` comes from
        a finite number of plausible values.
    """
    compared = contrasted(rows, study)
    return pd.DataFrame(
        [
            {
                "measure": measure.name,
                "label": measure.label,
                "score": score,
                **line,
                "unit": SHARE if measure.kind == "category" else SD,
            }
            for measure in measures
            for score, values in scored_ways(compared, measure, study, plausible)
            for line in _lines(compared, study, values, of_shares=measure.kind == "category")
        ],
        columns=COLUMNS,
    )


def nesting_of(rows: pd.DataFrame, study: StudyDesign) -> Nesting:
    """Read groups and units off the rows of the two contrasted groups."""
    roles = study.roles
    names = {"school": SCHOOLS, "classroom": CLASSROOMS}
    levels = dict(reversed(roles.clusters.items()))
    return Nesting(
        is_focal(rows, study),
        {names[level]: pd.factorize(rows[column])[0] for level, column in levels.items()},
    )


def _lines(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, *, of_shares: bool
) -> list[dict]:
    known = ~np.isnan(values).any(axis=0)
    rows, values = rows[known], values[:, known]
    nesting = nesting_of(rows, study)
    parts = nesting.parts
    sizes = int(nesting.focal.sum()), int((~nesting.focal).sum())
    labels = [(TOTAL, TOTAL)] + [
        (split, part) for split in (ADDITIVE, FIXED_EFFECTS, COMPOSITION) for part in parts
    ]
    both = {level: _with_both(nesting, unit) for level, unit in nesting.levels.items()}
    found, flag = _estimates(
        rows, study, values, nesting, len(labels), partial(split_gap, of_shares=of_shares)
    )
    counted = [both[part.split()[-1]] if part != TOTAL else np.nan for _, part in labels]
    return [
        {
            "split": split,
            "part": part,
            "children_focal": sizes[0],
            "children_reference": sizes[1],
            "units_with_both": counted[k],
            "estimate": found.estimate[k],
            "lower": found.lower[k],
            "upper": found.upper[k],
            "mcse": found.mcse[k],
            "flag": _words(flag, split, counted[k], part),
        }
        for k, (split, part) in enumerate(labels)
    ]


def _estimates(
    rows: pd.DataFrame,
    study: StudyDesign,
    values: np.ndarray,
    nesting: Nesting,
    width: int,
    split: Callable[..., np.ndarray],
) -> tuple[Estimates, str]:
    sizes = {
        study.roles.group.focal: int(nesting.focal.sum()),
        study.roles.group.reference: int((~nesting.focal).sum()),
    }
    few = [name for name, size in sizes.items() if size < FEWEST]
    if few:
        words = f"{few[0]}: fewer than {FEWEST} people have a value"
        return Estimates.none(width), words
    design = cluster_design(rows, study)
    degrees = design.degrees_of(nesting.focal, ~nesting.focal)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = pooled_jackknife(
            design,
            [lambda w, y=one: split(y, nesting, w) for one in values],
            study.analysis.interval_probability,
            degrees,
        )
    flags = [design.flag]
    if np.isnan(found.estimate[0]):
        flags.append("no spread within the groups")
    elif degrees < 1 <= design.degrees:
        flags.append(f"no interval: a group is in too few {design.level}")
    if len(np.unique(nesting.levels[SCHOOLS])) == 1:
        flags.append("one school only: nothing lies between schools")
    return found, "; ".join(filter(None, flags))


def _with_both(nesting: Nesting, unit: np.ndarray) -> int:
    units = unit.max(initial=-1) + 1
    counts = [
        np.bincount(unit[group], minlength=units) for group in (nesting.focal, ~nesting.focal)
    ]
    return int(((counts[0] > 0) & (counts[1] > 0)).sum())


def _words(flag: str, split: str, both: float, part: str) -> str:
    level = part.split(" ", 1)[-1]
    lone = (
        f"no two groups in any of the {level}"
        if split in {FIXED_EFFECTS, COMPOSITION} and both == 0
        else ""
    )
    return "; ".join(filter(None, (flag, lone)))
