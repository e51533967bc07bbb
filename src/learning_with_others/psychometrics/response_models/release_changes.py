"""How far every single release, and the purified set, moves the focal group's trait."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import linalg, stats

from learning_with_others.psychometrics.comparability.needed_size import needed_size
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.marginal import ResponseFit, maximize
from learning_with_others.psychometrics.response_models.maximization import solver
from learning_with_others.psychometrics.response_models.person_information import (
    person_information,
)
from learning_with_others.psychometrics.response_models.purified_resamples import (
    purified_structures,
)
from learning_with_others.psychometrics.response_models.release_expansion import (
    Expansion,
    expand,
)

PURIFIED = ""  # the item's name in the row of the purified set
WITHIN, FAMILY = 0.90, 0.05
CHANGE_COLUMNS = ["item", "change", "lower", "upper", "holm_lower", "holm_upper", "p_holm"]


@dataclass(frozen=True)
class ReleaseChanges:
    """What releases move: the latent gap, or the logarithm of the focal group's sd.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `CHANGE_COLUMNS`: one row for each item, released alone, then one for the purified
        set, whose `item` is empty. `lower` and `upper` are 90% limits, `holm_lower` and
        `holm_upper` those of 95%, adjusted after Holm over the rows. Cluster-robust t intervals
        for items; for the set, percentiles of resampled clusters in which items were selected
        anew.
    covariance : ndarray, shape (k, k)
        Of the items' changes, if none differs, for one person a group (times 1/n for n).
    """

    table: pd.DataFrame
    covariance: np.ndarray

    def needed(self, margin: float) -> float:
        """People a group with which releases are shown to change less, if none differs."""
        return needed_size(self.covariance, margin, within=WITHIN)


def release_changes(
    equal: ResponseFit,
    purified: ResponseFit,
    cluster: np.ndarray | None = None,
    *,
    slopes_only: bool,
    resamples: int,
    seed: int,
) -> ReleaseChanges:
    """Estimate by how much releases move the latent gap, or the logarithm of the focal sd.

    Parameters
    ----------
    equal : ResponseFit
        The model of equal items.
    purified : ResponseFit
        The model that `purify` made of it.
    cluster : ndarray, shape (n,), optional
        Cluster of each row that the answers came with; people count as independent without it.
    slopes_only : bool
        Whether thresholds are free already, so that the sd is what moves.
    resamples : int
        Of the clusters, for the purified set.
    seed : int

    Notes
    -----
    An estimate's difference between two models that rest on the same answers has the variance of
    the difference of their influence functions (Hausman 1978, without his assumption that one of
    the two is efficient).

    References
    ----------
    Hausman, J. A. (1978). Specification tests in econometrics. Econometrica 46, 1251-1271.
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6, 65-70.
    """
    place = -1 if slopes_only else -2
    if cluster is None:
        cluster = np.arange(1 + _last_row(equal))
    base = expand(equal, cluster)
    wider = [
        equal.structure.release([item], slopes=True, thresholds=not slopes_only)
        for item in range(len(equal.problem.items))
    ]
    # Fitted, and not taken to first order: where an item differs, one step says up to three times
    # too much.
    alone = [maximize(equal.problem, each, equal) for each in wider]
    before, shares = equal.full[1, place], _shares(base, place)
    change = np.array([fit.full[1, place] - before for fit in alone])
    difference = np.array([_shares(expand(fit, cluster), place) - shares for fit in alone])
    clusters, degrees = len(base.scores), len(base.scores) - 1
    error = difference.std(axis=1, ddof=1) * np.sqrt(clusters)
    moved = resampled_changes(
        base,
        (purified.full - equal.full).ravel(),
        place,
        slopes_only=slopes_only,
        resamples=resamples,
        seed=seed,
    )
    of_set = purified.full[1, place] - before
    p = 2 * stats.t.sf(np.abs(change) / error, degrees)
    p = np.append(p, _two_sided(moved) if len(moved) and of_set else 1.0)
    level, adjusted = _holm(p)
    rows = []
    for item, name in enumerate((*equal.problem.items, PURIFIED)):
        if name == PURIFIED:
            ends = [_quantiles(moved, q) for q in (WITHIN, 1 - level[item])]
            limits = [(min(low, of_set), max(high, of_set)) for low, high in ends]
            row = (name, float(of_set))
        else:
            half = [
                float(stats.t.ppf((1 + q) / 2, degrees)) * error[item]
                for q in (WITHIN, 1 - level[item])
            ]
            limits = [(change[item] - each, change[item] + each) for each in half]
            row = (name, change[item])
        rows.append((*row, *limits[0], *limits[1], adjusted[item]))
    table = pd.DataFrame(rows, columns=CHANGE_COLUMNS)
    influence = np.array([_row(base.gain(each), place) for each in wider])
    effect = _design_effect(influence, base, equal)
    return ReleaseChanges(table, effect * _covariance_of_one(base, wider, equal, place))


def _row(gain: np.ndarray, place: int) -> np.ndarray:
    """How a release turns a score into movement at one place, shape (P,)."""
    return gain @ gain[place]


def _shares(expansion: Expansion, place: int) -> np.ndarray:
    """What each cluster contributes to an estimate, its influence, shape (J,)."""
    return expansion.scores @ expansion.reach[place]


def _design_effect(influence: np.ndarray, base: Expansion, equal: ResponseFit) -> float:
    """How much larger clusters make the variances of changes, on average; at least 1."""
    people = expand(equal, np.arange(1 + _last_row(equal)))
    variances = [each.variance(influence.T) for each in (base, people)]
    effect = float(np.mean(variances[0] / variances[1]))
    return max(1.0, effect) if np.isfinite(effect) else 1.0


def _last_row(fit: ResponseFit) -> int:
    return max(patterns.rows.max() for patterns in fit.problem.patterns)


def _covariance_of_one(
    base: Expansion, wider: list[Structure], equal: ResponseFit, place: int
) -> np.ndarray:
    """Covariance of changes for groups of one person each, if the equal model is true."""
    one = linalg.block_diag(*person_information(equal))
    design = equal.constraints.design.toarray()
    solve = solver(design.T @ one @ design)
    if solve is None:
        return np.full((len(wider), len(wider)), np.nan)
    unit = replace(base, information=one, reach=design @ solve(design.T))
    influence = np.array([_row(unit.gain(each), place) for each in wider])
    return influence @ one @ influence.T


def resampled_changes(
    base: Expansion, moved: np.ndarray, place: int, *, slopes_only: bool, resamples: int, seed: int
) -> np.ndarray:
    """Change by the purified set in resamples of the clusters, items selected anew in each.

    Scores are those that the purified model implies, plus the deviation of resampled clusters'
    scores from theirs. (Around the sample's own scores, chance would count twice: items would be
    released in resamples several times as often as in samples.)

    Parameters
    ----------
    base : Expansion
    moved : ndarray, shape (P,)
        By how much the parameters of the purified model differ from those of the equal one.
    place : int
        Of the parameter whose change is asked.
    slopes_only : bool
    resamples, seed : int
    """
    clusters = len(base.scores)
    draws = np.random.default_rng(seed).multinomial(
        clusters, np.full(clusters, 1 / clusters), size=resamples
    )
    deviations = draws @ (base.scores - base.scores.mean(axis=0))
    deviations *= np.sqrt(clusters / (clusters - 1))
    scores = base.information @ moved + deviations
    out = np.zeros(len(scores))
    for rows, released in purified_structures(base, scores, slopes_only=slopes_only):
        if released.structure != base.structure:
            # The equal model's own movement is by the deviations alone.
            out[rows] = scores[rows] @ released.reach[place] - deviations[rows] @ base.reach[place]
    return out


def _two_sided(resampled: np.ndarray) -> float:
    """Twice the smaller share of resamples at either side of 0, 0 counted with both."""
    count = len(resampled)
    below, above = (resampled <= 0).sum(), (resampled >= 0).sum()
    return min(1.0, 2 * (min(below, above) + 1) / (count + 1))


def _quantiles(values: np.ndarray, probability: float) -> tuple[float, float]:
    tail = (1 - probability) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail])
    return float(lower), float(upper)


def _holm(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level of each interval and adjusted p-value, after Holm."""
    order = np.argsort(p, kind="stable")
    count = len(p)
    left = count - np.arange(count)
    level, adjusted = np.empty(count), np.empty(count)
    level[order] = FAMILY / left
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * left))
    return level, adjusted
