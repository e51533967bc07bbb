"""Differential item functioning: tests, effect sizes and what each item does to the gap."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin as pg  # statsmodels collects all garbage at each adjustment: .2 s

from learning_with_others.psychometrics.response_models.curves import category_probabilities
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder
from learning_with_others.psychometrics.response_models.marginal import (
    ResponseFit,
    maximize,
)
from learning_with_others.psychometrics.response_models.marginal_problem import (
    Problem,
    normal_weights,
)
from learning_with_others.psychometrics.response_models.purification import compare_item
from learning_with_others.psychometrics.response_models.release_expansion import Expansion
from learning_with_others.psychometrics.response_models.standard_errors import (
    Moments,
    delta_method,
    moments,
)

EFFECTS = ("threshold_shift", "slope_ratio", "slope_difference", "essd")
DIFFERENCE_COLUMNS = [
    "item", "released", "children", "children_focal", "children_reference",
    "chisq", "df", "p", "p_holm", "p_bh", "chisq_uniform", "df_uniform", "p_uniform",
    "chisq_nonuniform", "df_nonuniform", "p_nonuniform",
    *(f"{name}{end}" for name in EFFECTS for end in ("", "_se", "_lower", "_upper")),
    "score_difference", "score_difference_unsigned",
    "gap_equal", "gap_alone", "gap_change", "direction",
]  # fmt: skip


def differential_items(ladder: ResponseLadder, probability: float = 0.95) -> pd.DataFrame:
    """Test each item against the anchors that the ladder found, and say how much it differs.

    An item's tests compare models in which the items that the ladder released stay released and
    all others are equal; the item's own slope and thresholds are equal, then its thresholds free
    (uniform), then its slope as well (non-uniform).

    Parameters
    ----------
    ladder : ResponseLadder
    probability : float
        Of the Wald intervals: cluster-robust with t quantiles if the ladder has clusters.

    Returns
    -------
    pandas.DataFrame
        Columns `DIFFERENCE_COLUMNS`, one row for each item: `released` (empty for anchors);
        counts `children, children_focal, children_reference`; `chisq, df, p, p_holm, p_bh` of
        slope and thresholds together, the same without adjustment `_uniform` and `_nonuniform`;
        `threshold_shift` (mean over thresholds, in SDs of the reference group, positive: harder
        for the focal group), `slope_ratio` (focal over reference; its interval is made on the
        log scale and its standard error is the logarithm's), `slope_difference` and `essd`
        (Meade's), each with `_se, _lower, _upper`; `score_difference` and
        `score_difference_unsigned` (points); `gap_equal` and `gap_alone` (latent gap with all
        items equal, and with this one alone free) and `gap_change`, the second minus the first:
        positive if holding the item equal makes the focal group look lower than it is, as
        `direction` says.
    """
    problem = ladder.equal.problem
    taken = moments(ladder.released, ladder.cluster)
    anchored = replace(ladder.released, information=taken.information)
    alone = ladder.thresholds.changes.table.set_index("item")["change"]
    rows = []
    for place, item in enumerate(problem.items):
        held = _held_equal(anchored, place)
        expansion = None if ladder.cluster is None else Expansion.of(held, taken)
        tested = compare_item(held, place, expansion)
        gap = ladder.equal.means[ladder.focal]
        row = {"item": item, "released": _what(ladder.released.structure, place)}
        for name in ("", "_uniform", "_nonuniform"):
            test = getattr(tested, name[1:] or "total")
            row |= {f"chisq{name}": test.chisq, f"df{name}": test.df, f"p{name}": test.p}
        rows.append(
            row
            | _effects(tested.both_free, taken, place, probability)
            | {
                "gap_equal": gap,
                "gap_alone": gap + alone[item],
                "gap_change": alone[item],
                "direction": _direction(alone[item], ladder.focal),
            }
        )
    table = pd.DataFrame(rows)
    p = table["p"].to_numpy()
    return table.assign(
        p_holm=pg.multicomp(p, method="holm")[1],
        p_bh=pg.multicomp(p, method="fdr_bh")[1],
        children=ladder.children_focal + ladder.children_reference,
        children_focal=ladder.children_focal,
        children_reference=ladder.children_reference,
    )[DIFFERENCE_COLUMNS]


def _held_equal(anchored: ResponseFit, place: int) -> ResponseFit:
    """Fit with the released items free but this one equal."""
    structure = anchored.structure
    if place not in structure.free_slopes | structure.free_thresholds:
        return anchored
    return maximize(anchored.problem, structure.hold(place), anchored)


def _what(structure: Structure, place: int) -> str:
    parts = {"slope": structure.free_slopes, "thresholds": structure.free_thresholds}
    return " and ".join(name for name, items in parts.items() if place in items)


def _direction(change: float, focal: str) -> str:
    """Say what holding the item equal does to the focal group."""
    return f"holding it equal {'lowers' if change > 0 else 'raises'} {focal}"


def _effects(fit: ResponseFit, taken: Moments, place: int, probability: float) -> dict[str, float]:
    """Effect sizes of an item that is free in the fit, with intervals."""
    problem = fit.problem.only(place)
    first, size = place * fit.problem.most_categories, fit.full.shape[1]
    # The item's own parameters, without those of categories that only other items have, and the
    # trait's, in each group's full vector.
    own = np.arange(first, first + problem.most_categories)
    mine = np.append(own, [size - 2, size - 1])

    def quantities(full: np.ndarray) -> np.ndarray:
        standardized = standardized_differences(problem, full[:, mine])[:1]
        return np.append(parameter_differences(problem, full[:, mine])[:, 0], standardized)

    places = np.concatenate([mine, size + mine])
    found = delta_method(fit, taken, quantities, depends_on=places, probability=probability)
    out = {}
    columns = zip(found.value, found.standard_error, found.lower, found.upper, strict=True)
    for name, numbers in zip(EFFECTS, columns, strict=True):
        value, error, lower, upper = map(float, numbers)
        if name == "slope_ratio":
            value, lower, upper = (float(np.exp(number)) for number in (value, lower, upper))
        out |= {name: value, f"{name}_se": error, f"{name}_lower": lower, f"{name}_upper": upper}
    signed, unsigned = score_differences(problem, fit.full[:, mine])
    return out | {
        "score_difference": float(signed[0]),
        "score_difference_unsigned": float(unsigned[0]),
    }


REFERENCE_GROUP, FOCAL_GROUP = 0, 1


def expected_scores(problem: Problem, vector: np.ndarray) -> np.ndarray:
    """Expected answer, 0 to C − 1, to each item at each node, shape (k, Q).

    Parameters
    ----------
    problem : Problem
    vector : ndarray, shape (k C + 2,)
        One group's full parameters.
    """
    probability = category_probabilities(problem.unpack(vector), problem.grid)
    return np.einsum("kcq,c->kq", probability, np.arange(probability.shape[1]))


def parameter_differences(problem: Problem, full: np.ndarray) -> np.ndarray:
    """Mean threshold shift, slope ratio and slope difference, focal against reference group.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (2, k C + 2)

    Returns
    -------
    ndarray, shape (3, k)
        The shift in SDs of the reference group, positive where an item is harder for the focal
        group; the logarithm of the slope ratio; the difference of the slopes.
    """
    reference, focal = (problem.unpack(vector) for vector in full)
    shift = np.nanmean(focal.thresholds - reference.thresholds, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # slopes of different signs have no ratio
        ratio = np.log(focal.slopes / reference.slopes)
    return np.array([shift, ratio, focal.slopes - reference.slopes])


def score_differences(problem: Problem, full: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signed and unsigned difference of expected item scores over the focal group's trait.

    What the focal group scores by its own parameters, minus what it would score by the
    reference group's.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (2, k C + 2)

    Returns
    -------
    signed, unsigned : ndarray, shape (k + 1,)
        In points; the items, then the whole scale.

    References
    ----------
    Meade, A. W. (2010). A taxonomy of effect size measures for the differential functioning of
    items and scales. Journal of Applied Psychology 95, 728-743 (SIDS, UIDS, STDS, UETSDS), with
    the estimated latent density in place of estimated trait values.
    """
    weights = normal_weights(*full[FOCAL_GROUP, -2:], problem.grid)
    reference = expected_scores(problem, full[REFERENCE_GROUP])
    focal = expected_scores(problem, full[FOCAL_GROUP])
    difference = focal - reference
    difference = np.vstack([difference, difference.sum(axis=0)])
    return difference @ weights, np.abs(difference) @ weights


def standardized_differences(problem: Problem, full: np.ndarray) -> np.ndarray:
    """Signed differences over the pooled sd of the expected scores, shape (k + 1,).

    The items' ESSD, then the scale's ETSSD; read like Cohen's d.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (2, k C + 2)

    References
    ----------
    Meade, A. W. (2010), as in `score_differences`, eqs. 17 and 18.
    """
    weights = normal_weights(*full[FOCAL_GROUP, -2:], problem.grid)
    variances = []
    for vector in full:
        scores = expected_scores(problem, vector)
        scores = np.vstack([scores, scores.sum(axis=0)])
        variances.append(weights @ ((scores.T - scores @ weights) ** 2))
    signed, _ = score_differences(problem, full)
    return signed / np.sqrt(np.mean(variances, axis=0))
