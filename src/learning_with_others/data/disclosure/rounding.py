"""Rounding: a share must not give away a count that may not be shown."""

import numpy as np
import pandas as pd

FINEST = 12  # decimals of the finest step considered


def share_step(n: float, minimum: int) -> float:
    """Finest step to which a share of `n` children may be rounded.

    Parameters
    ----------
    n : float
        Number of children of whom the share is.
    minimum : int
        Smallest count that may be shown.

    Returns
    -------
    float
        1, 2 or 5 in a power of ten, at most 0.5; NaN where no such step protects.

    Notes
    -----
    A share with enough digits, times its known `n`, is a count. The step is the finest at which
    every count from 1 to `minimum - 1` is rounded as none is, that is, with half a step above
    `(minimum - 1) / n`. A share shown as 0 then tells only that fewer than `minimum` may be
    meant, likewise one shown as 1, and behind every other share lie twice as many counts. The
    step depends on `n` alone, so that the rounding itself tells nothing; it costs a small part
    of the share's standard error. Rounding to a base that protects small counts: Hundepool et
    al. (2012), *Statistical Disclosure Control*, chapter 5.
    """
    if not n > 0:
        return np.nan
    steps = [lead * 10.0**-decimals for decimals in range(FINEST, 0, -1) for lead in (1, 2, 5)]
    return next((step for step in steps if step / 2 * n > minimum - 1), np.nan)


def round_shares(shares: pd.Series, n: pd.Series, minimum: int) -> pd.Series:
    """Round each share to the step that its number of children bears.

    Parameters
    ----------
    shares, n : pandas.Series
        Shares of children (or what lies on the same scale, such as an interval's end), and of
        how many.
    minimum : int

    Returns
    -------
    pandas.Series
        Missing where the children are too few for any share.
    """
    steps = n.astype(float).map(lambda children: share_step(children, minimum)).astype(float)
    # Twelve decimals hold every step exactly as written: 3 * 0.1 is shown as 0.3.
    return ((shares.astype(float) / steps).round() * steps).round(FINEST)
