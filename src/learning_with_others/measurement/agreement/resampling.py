"""Percentile intervals where some resamples leave a coefficient undefined."""

import numpy as np

from learning_with_others.measurement.cluster_bootstrap import percentile_interval

INTERVAL_KIND = "percentile bootstrap (classrooms)"
MOST_UNDEFINED = 0.05


def resampled_interval(
    values: np.ndarray, probability: float
) -> tuple[float, float, float, tuple[str, ...]]:
    """Estimate, percentile interval of the defined resamples, and a flag where many are not.

    Parameters
    ----------
    values : ndarray, shape (resamples + 1,)
        Row 0 is the sample itself; not finite where undefined.
    probability : float

    Returns
    -------
    (float, float, float, tuple of str)
        The interval is missing where the estimate is undefined or most resamples are.
    """
    defined = np.isfinite(values)
    undefined = 1 - defined[1:].mean()
    flags = ()
    if undefined > MOST_UNDEFINED:
        flags = (f"undefined in {undefined:.0%} of the resamples",)
    if not defined[0] or undefined > 1 / 2:
        estimate = float(values[0]) if defined[0] else float("nan")
        return estimate, float("nan"), float("nan"), flags
    return *percentile_interval(values[defined], probability), flags
