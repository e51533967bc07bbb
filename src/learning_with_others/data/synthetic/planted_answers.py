"""How often each answer is given to an item of the declared truth, in closed form."""

import numpy as np
from scipy import stats

from learning_with_others.study.simulation import Item


def answer_probabilities(
    item: Item, added: np.ndarray | float = 0.0, school_share: float = 0.0
) -> np.ndarray:
    """Probability of each code of an item, within schools or over all of them.

    The answer is loading × trait + noise, of variance 1 over all schools. Within a school whose
    trait is `added` above the mean it is normal around loading × added, with variance
    1 − loading² × school_share.

    Parameters
    ----------
    item : Item
    added : ndarray, shape (schools,), or float
        What each school adds to the trait; 0 for the answers over all schools.
    school_share : float
        Share of the trait's variance between schools; 0 for the answers over all schools.

    Returns
    -------
    ndarray, shape (schools, codes) or (codes,)

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17 (the normal ogive, integrated over the trait).
    """
    sd = np.sqrt(1 - item.loading**2 * school_share)
    mean = item.loading * np.asarray(added, dtype=float)[..., None]
    above = stats.norm.sf((np.array(item.thresholds) - mean) / sd)
    edge = np.ones_like(mean)
    return -np.diff(np.concatenate([edge, above, 0 * edge], axis=-1), axis=-1)
