"""How far numbers would move if a single item of their measures were released."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from learning_with_others.data.measures.opportunities import LATENT
from learning_with_others.data.measures.release_columns import ENDS
from learning_with_others.models.flagged import with_flags_added
from learning_with_others.models.model_rows import PLAUSIBLE
from learning_with_others.psychometrics.comparability.decision import Comparison
from learning_with_others.study import StudyDesign

Moves = Mapping[tuple[str | None, Comparison, bool], np.ndarray]
"""What single releases move, by scale, comparison and whether scores are latent."""

OTHER_SIGN = "the sign depends on which single item is released"
SLOPE_OF = {"benefit.gap": "benefit.slope", "benefit.gap.total": "benefit.slope.own"}
"""The focal group's slope in each gap: at shares pooled over both groups, at its own."""
OUTCOME_GAPS = ("benefit.outcome_gap.low", "benefit.outcome_gap.high")


def moves_of(table: pd.DataFrame) -> Moves:
    """Take the moves from the table of the measurement stage.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `scale, comparison, moves_mean, moves_latent`.
    """
    return {
        (str(scale), Comparison(kind), latent): part[column].to_numpy(float)
        for (scale, kind), part in table.groupby(["scale", "comparison"], sort=False)
        for column, latent in (("moves_mean", False), ("moves_latent", True))
    }


def with_level_ranges(table: pd.DataFrame, moves: Moves) -> pd.DataFrame:
    """Add to gaps in opportunity their range over single releases, and a flag on its sign.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `measure, score, estimate, lower, upper, flag`, focal minus reference group, in
        pooled within-group SD. Mean scores move as latent ones do, but for their error of
        measurement.
    moves : mapping
        From `moves_of`.
    """
    nothing = np.array([])
    shifted = [
        row.estimate + moves.get((row.measure, Comparison.LEVELS, row.score == LATENT), nothing)
        for row in table.itertuples()
    ]
    return _with_ranges(table, shifted)


def with_benefit_ranges(table: pd.DataFrame, moves: Moves, study: StudyDesign) -> pd.DataFrame:
    """Add to slopes, benefit gaps and outcome gaps their range over single releases.

    To first order: an item of the outcome or of the exposure whose release makes the focal
    group's latent sd larger by a share m multiplies that group's slope by 1 + m, or by
    1 / (1 + m); the reference group's unit stays. An outcome gap moves as the latent gap does.

    Parameters
    ----------
    table : pandas.DataFrame
        From `benefit_table`, with flags.
    moves : mapping
        From `moves_of`.
    study : StudyDesign
    """
    roles, nothing = study.roles, np.array([])
    focal = table[table["group"] == roles.group.focal]
    slopes = focal.set_index(["outcome", "quantity"])["estimate"].to_dict()
    shifted = []
    for row in table.itertuples():
        scale, latent = roles.outcomes[row.outcome].scale, row.score == PLAUSIBLE
        own, exposure = (
            moves.get((each, Comparison.SLOPES, latent), nothing)
            for each in (scale, roles.exposure.scale)
        )
        shares = np.append(own, 1 / (1 + exposure) - 1)
        slope = None if row.group else slopes.get((row.outcome, SLOPE_OF.get(row.quantity)))
        if row.quantity in SLOPE_OF.values() and row.group == roles.group.focal:
            slope = row.estimate
        by = nothing
        if slope is not None:
            by = slope * shares
        elif row.quantity in OUTCOME_GAPS and not row.group:
            by = moves.get((scale, Comparison.LEVELS, latent), nothing)
        shifted.append(row.estimate + by)
    return _with_ranges(table, shifted)


def _with_ranges(table: pd.DataFrame, shifted: Iterable[np.ndarray]) -> pd.DataFrame:
    # With the estimate itself, whose scores may have an item released that the others move back.
    ends = [
        (min(each.min(), at), max(each.max(), at)) if each.size else (np.nan, np.nan)
        for each, at in zip(shifted, table["estimate"], strict=True)
    ]
    lowest, highest = np.array(ends, dtype=float).reshape(-1, 2).T
    shown = (table["lower"] > 0) | (table["upper"] < 0)
    turns = shown & (lowest < 0) & (highest > 0)
    ranged = table.assign(**dict(zip(ENDS, (lowest, highest), strict=True)))
    return with_flags_added(ranged, np.where(turns, OTHER_SIGN, ""))
