"""Purification repeated in resamples, to first order."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from learning_with_others.psychometrics.comparability.decision import FEWEST_ANCHORS
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.purification import SIGNIFICANT
from learning_with_others.psychometrics.response_models.release_expansion import Expansion


def purified_structures(
    base: Expansion, scores: np.ndarray, *, slopes_only: bool
) -> Iterator[tuple[np.ndarray, Expansion]]:
    """Select items in every resample as `purify` does in the sample.

    Resamples that select the same items go on together.

    Parameters
    ----------
    base : Expansion
    scores : ndarray, shape (r, P)
        Of all people, in each resample.
    slopes_only : bool

    Yields
    ------
    rows : ndarray of int
        Resamples that end here.
    released : Expansion
        With what they released.
    """
    every = tuple(range(len(base.problem.items)))
    waiting = [(np.arange(len(scores)), base, every)]
    while waiting:
        rows, here, anchors = waiting.pop()
        wider = [
            here.structure.release([item], slopes=True, thresholds=not slopes_only)
            for item in anchors
        ]
        log_p = np.column_stack([_log_p(here, each, scores[rows]) for each in wider])
        first = log_p.argmin(axis=1)
        going = smallest_adjusted(np.exp(log_p)) < SIGNIFICANT
        if len(anchors) <= FEWEST_ANCHORS:
            going[:] = False
        if not going.all():
            yield rows[~going], here
        for place, item in enumerate(anchors):
            mine = going & (first == place)
            if not mine.any():
                continue
            left = tuple(other for other in anchors if other != item)
            if slopes_only:
                waiting.append((rows[mine], here.release(wider[place]), left))
                continue
            alone = here.release(here.structure.release([item], slopes=False, thresholds=True))
            slope_too = np.exp(_log_p(alone, wider[place], scores[rows[mine]])) < SIGNIFICANT
            for chosen, released in ((slope_too, here.release(wider[place])), (~slope_too, alone)):
                if chosen.any():
                    waiting.append((rows[mine][chosen], released, left))


def _log_p(here: Expansion, wide: Structure, scores: np.ndarray) -> np.ndarray:
    """Logarithm of the p-value of a release in each resample."""
    gain = here.gain(wide)
    if np.isnan(gain).any():
        return np.zeros(len(scores))
    ratio = ((scores @ gain) ** 2).sum(axis=1)
    return stats.chi2.logsf(ratio / here.cluster_factor(gain), gain.shape[1])


def smallest_adjusted(p: np.ndarray) -> np.ndarray:
    """Smallest p-value of each row, adjusted after Benjamini and Hochberg."""
    count = p.shape[1]
    ranked = np.sort(p, axis=1) * count / np.arange(1, count + 1)
    return ranked.min(axis=1)
