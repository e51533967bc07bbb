"""Ladders and differential items of every scale of a study.

A scale that has no ladder stands as a row whose `flag` says why.
"""

from functools import partial

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.measurement.graded_scales import Reason, stacked, student_scales
from learning_with_others.psychometrics.comparability.decision import ComparabilityRule
from learning_with_others.psychometrics.response_models.differential_items import (
    DIFFERENCE_COLUMNS,
    differential_items,
    score_differences,
)
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder, climb_ladder
from learning_with_others.study import StudyDesign

LADDER_COLUMNS = [
    "scale", "step", "children_focal", "children_reference", "log_likelihood", "parameters",
    "aic", "bic", "chisq", "df", "p", "converged", "gap", "gap_se", "sd", "sd_se", "gap_change",
    "sd_change", "released", "anchors", "expected_score_difference", "flag",
]  # fmt: skip


def ladders(
    rows: pd.DataFrame,
    study: StudyDesign,
    columns: dict[str, Column],
    only: set[str | None] | None = None,
) -> dict[str, ResponseLadder | Reason]:
    """Climb the graded ladder of every scale of at least three items, or of `only` some.

    Returns
    -------
    dict of str to ResponseLadder or str
        The reason where a scale has no ladder.
    """
    group_role, analysis = study.roles.group, study.analysis
    rule = ComparabilityRule(
        levels=analysis.comparable_levels, slopes=analysis.comparable_slopes, seed=analysis.seed
    )
    out: dict[str, ResponseLadder | Reason] = {}
    for scale, given in student_scales(rows, study, columns).items():
        if only is not None and scale not in only:
            continue
        climb = partial(
            climb_ladder,
            group=given.group,
            focal=group_role.focal,
            reference=group_role.reference,
            cluster=given.cluster,
            rule=rule,
        )
        out[scale] = given.find(climb)
    return out


def ladder_table(climbed: dict[str, ResponseLadder | Reason]) -> pd.DataFrame:
    """Set the steps of all ladders below each other.

    Parameters
    ----------
    climbed : dict of str to ResponseLadder or str
        As `ladders` gives them.

    Returns
    -------
    pandas.DataFrame
        Columns `LADDER_COLUMNS`: those of `ResponseLadder.steps`; `gap, gap_se, sd, sd_se` (focal
        group, in SDs of the reference group; NaN where the step does not identify them); in the
        last row of a scale `gap_change, sd_change` (the release's), `released` (items, in
        order), `anchors` and `expected_score_difference` (points); `flag`. Counts of children
        are `children_focal` and `children_reference`.
    """
    out = []
    for scale, ladder in climbed.items():
        if isinstance(ladder, str):
            out.append({"scale": scale, "flag": ladder})
            continue
        steps = ladder.steps.to_dict("records")
        slopes, last = ladder.slopes, ladder.thresholds
        steps[1] |= {"sd": slopes.sd_equal, "sd_se": slopes.sd_equal_se}
        steps[2] |= {
            "gap": last.gap_equal,
            "gap_se": last.gap_equal_se,
            "sd": last.sd_equal,
            "sd_se": last.sd_equal_se,
        }
        releases = last.purification.releases
        signed, _ = score_differences(ladder.released.problem, ladder.released.full)
        steps[3] |= {
            "gap": last.gap_released,
            "gap_se": last.gap_released_se,
            "sd": last.sd_released,
            "sd_se": last.sd_released_se,
            "gap_change": last.gap_change,
            "sd_change": last.sd_change,
            "released": ", ".join(releases["item"]),
            "anchors": ", ".join(ladder.anchors),
            "expected_score_difference": float(signed[-1]),
        }
        common = {
            "scale": scale,
            "children_focal": ladder.children_focal,
            "children_reference": ladder.children_reference,
            "flag": "; ".join(ladder.flags),
        }
        out += [common | step for step in steps]
    return pd.DataFrame(out, columns=LADDER_COLUMNS)


def differential_item_table(
    climbed: dict[str, ResponseLadder | Reason], probability: float = 0.95
) -> pd.DataFrame:
    """Set the differential items of all ladders below each other.

    Parameters
    ----------
    climbed : dict of str to ResponseLadder or str
        As `ladders` gives them.
    probability : float
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        `scale`, the columns of `differential_items` and `flag`; counts of children are
        `children, children_focal, children_reference`.
    """
    out = []
    for scale, ladder in climbed.items():
        if isinstance(ladder, str):
            out.append(pd.DataFrame([{"scale": scale, "flag": ladder}]))
            continue
        table = differential_items(ladder, probability)
        table.insert(0, "scale", scale)
        out.append(table.assign(flag="; ".join(ladder.flags)))
    return stacked(out, ["scale", *DIFFERENCE_COLUMNS, "flag"])


def ladders_and_differences(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> tuple[dict[str, ResponseLadder | Reason], pd.DataFrame]:
    """Climb every ladder and test every item on it, as `ladders` and `differential_item_table`."""
    climbed = ladders(rows, study, columns)
    return climbed, differential_item_table(climbed, study.analysis.interval_probability)
