"""Whether ranks are as uniform as a right engine's."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from learning_with_others.bayes.calibration.bands import probability_of_departure

ERROR = 0.05


def judge(ranks: Mapping[str, np.ndarray], positions: int, error: float = ERROR) -> pd.DataFrame:
    """Hold the ranks of each quantity against its simultaneous band.

    An engine is calibrated if every quantity is inside. A right engine is called wrong with
    probability `error` at most: each of K quantities has a band of level 1 − error/K.

    Parameters
    ----------
    ranks : mapping of str to ndarray of int, shape (replications,)
        By quantity.
    positions : int
        Values that a rank can take; see `bands.difference_band`.
    error : float

    Returns
    -------
    pandas.DataFrame
        Columns `quantity`, `replications`, `probability` (that uniform ranks stray as far or
        farther from uniformity, exact), `level` (error/K, under which they are outside),
        `inside`, `mean` (of the ranks as shares, 1/2 if uniform: a low one says that truths lie
        low among the draws).
    """
    level = error / len(ranks)
    table = pd.DataFrame(
        {
            "quantity": list(ranks),
            "replications": [len(own) for own in ranks.values()],
            "probability": [probability_of_departure(own, positions) for own in ranks.values()],
            "level": level,
            "mean": [float(np.mean(own)) / (positions - 1) for own in ranks.values()],
        }
    )
    return table.assign(inside=table["probability"] > level)
