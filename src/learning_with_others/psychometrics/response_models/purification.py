"""Items released one at a time until those that remain equal agree with each other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.psychometrics.comparability.decision import FEWEST_ANCHORS
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.marginal import (
    ResponseFit,
    maximize,
    renew_information,
)
from learning_with_others.psychometrics.response_models.nested_tests import (
    ChiSquare,
    likelihood_ratio,
    score_tests,
)
from learning_with_others.psychometrics.response_models.release_expansion import (
    Expansion,
    expand,
)

SIGNIFICANT = 0.05
FEW_ITEMS, LEADING = 8, 3  # likelihood ratios of all of few items, of the leading of many
SLOPE, THRESHOLDS, BOTH = "slope", "thresholds", "slope and thresholds"
RELEASE_COLUMNS = [
    "order", "item", "released", "chisq", "df", "p", "p_adjusted",
    "chisq_uniform", "p_uniform", "chisq_nonuniform", "p_nonuniform", "gap", "sd",
]  # fmt: skip


@dataclass(frozen=True)
class Purification:
    """What was released from a model of equal items, and what it came to.

    Attributes
    ----------
    fit : ResponseFit
        With the released items free.
    releases : pandas.DataFrame
        One row for each release, in order, columns `RELEASE_COLUMNS`; `gap` and `sd` are the
        focal group's latent mean and sd after it.
    anchors : tuple of str
        Items of which nothing was released.
    exhausted : bool
        Whether it ended because only two anchors remained.
    """

    fit: ResponseFit
    releases: pd.DataFrame
    anchors: tuple[str, ...]
    exhausted: bool


@dataclass(frozen=True)
class ItemTest:
    """Fits with one item released, and what they gain.

    Attributes
    ----------
    total, uniform, nonuniform : ChiSquare
        Slope and thresholds together; thresholds alone; slope beyond thresholds.
    thresholds_free, both_free : ResponseFit
    """

    total: ChiSquare
    uniform: ChiSquare
    nonuniform: ChiSquare
    thresholds_free: ResponseFit
    both_free: ResponseFit


def compare_item(base: ResponseFit, item: int, expansion: Expansion | None = None) -> ItemTest:
    """Release thresholds, then also the slope, of one item (position) of a fit.

    With the fit's expansion the tests account for clusters.
    """
    structure = base.structure.release([item], slopes=False, thresholds=True)
    thresholds_free = maximize(base.problem, structure, base)
    structure = structure.release([item], slopes=True, thresholds=False)
    both_free = maximize(base.problem, structure, thresholds_free)
    further = None if expansion is None else expansion.release(thresholds_free.structure)
    return ItemTest(
        likelihood_ratio(base, both_free, expansion),
        likelihood_ratio(base, thresholds_free, expansion),
        likelihood_ratio(thresholds_free, both_free, further),
        thresholds_free,
        both_free,
    )


def purify(
    equal: ResponseFit, *, slopes_only: bool, cluster: np.ndarray | None = None
) -> Purification:
    """Release the items that differ, the most significant first, and retest the others.

    All items but the one tested are anchors at first. The item with the smallest p-value is
    released while that is significant, adjusted after Benjamini and Hochberg; its slope goes
    with the thresholds if it gains significantly beyond them. It ends when no item is
    significant, or two anchors remain. P-values come from likelihood ratios; among more than
    eight anchors, from score tests, but for the three leading ones. Both are scaled for clusters.

    Parameters
    ----------
    equal : ResponseFit
        The model of equal items, of two groups.
    slopes_only : bool
        Release slopes of a model in which thresholds are free already.
    cluster : ndarray, shape (n,), optional
        Cluster of each row that the answers came with.

    References
    ----------
    Candell, G. L. and Drasgow, F. (1988). An iterative procedure for linking metrics and assessing
    item bias in item response theory. Applied Psychological Measurement 12, 253-260.
    Kopf, J., Zeileis, A. and Strobl, C. (2015). Anchor selection strategies for DIF analysis.
    Educational and Psychological Measurement 75, 22-56.
    """
    items = equal.problem.items
    # Once: later searches begin near enough, and renew the information where they do not.
    equal = renew_information(equal)
    fit, anchors, records, exhausted = equal, list(range(len(items))), [], False
    while True:
        expansion = None if cluster is None else expand(fit, cluster)
        tests = _test_anchors(fit, anchors, expansion, slopes_only=slopes_only)
        adjusted = stats.false_discovery_control([test.p for test in tests])
        place = int(np.argmin([test.log_p for test in tests]))  # p itself may underflow
        if adjusted[place] >= SIGNIFICANT:
            break
        if len(anchors) <= FEWEST_ANCHORS:
            exhausted = True
            break
        item = anchors.pop(place)
        record, fit = _release(fit, item, expansion, slopes_only=slopes_only)
        focal = fit.problem.labels[1]
        order = {"order": len(records) + 1, "item": items[item], "p_adjusted": adjusted[place]}
        records.append(
            order | record | {"gap": fit.means[focal], "sd": fit.standard_deviations[focal]}
        )
    return Purification(
        fit,
        pd.DataFrame(records, columns=RELEASE_COLUMNS),
        tuple(items[item] for item in anchors),
        exhausted,
    )


def _test_anchors(
    fit: ResponseFit, anchors: list[int], expansion: Expansion | None, *, slopes_only: bool
) -> list[ChiSquare]:
    """Test each anchor against the others: score tests, and likelihood ratios of the leading."""
    wider = [
        fit.structure.release([item], slopes=True, thresholds=not slopes_only) for item in anchors
    ]
    if len(anchors) <= FEW_ITEMS:
        return [_ratio(fit, structure, expansion) for structure in wider]
    tests = score_tests(fit, wider, expansion)
    for place in np.argsort([test.log_p for test in tests], kind="stable")[:LEADING]:
        tests[place] = _ratio(fit, wider[place], expansion)
    return tests


def _ratio(fit: ResponseFit, wider: Structure, expansion: Expansion | None) -> ChiSquare:
    return likelihood_ratio(fit, maximize(fit.problem, wider, fit), expansion)


def _release(
    fit: ResponseFit, item: int, expansion: Expansion | None, *, slopes_only: bool
) -> tuple[dict, ResponseFit]:
    """Release one item; its tests, and the fit with what should be free."""
    if slopes_only:
        structure = fit.structure.release([item], slopes=True, thresholds=False)
        freed = maximize(fit.problem, structure, fit)
        test = likelihood_ratio(fit, freed, expansion)
        return {"released": SLOPE, "chisq": test.chisq, "df": test.df, "p": test.p}, freed
    tested = compare_item(fit, item, expansion)
    slope_too = tested.nonuniform.p < SIGNIFICANT
    record = {
        "released": BOTH if slope_too else THRESHOLDS,
        "chisq": tested.total.chisq,
        "df": tested.total.df,
        "p": tested.total.p,
        "chisq_uniform": tested.uniform.chisq,
        "p_uniform": tested.uniform.p,
        "chisq_nonuniform": tested.nonuniform.chisq,
        "p_nonuniform": tested.nonuniform.p,
    }
    return record, tested.both_free if slope_too else tested.thresholds_free
