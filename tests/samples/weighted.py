"""Summaries of weighted draws with their Monte Carlo errors, for tests of agreement."""

import numpy as np
import xarray as xr

from learning_with_others.bayes.summary import weighted_quantiles


def weighted_summary(values: np.ndarray, weights: np.ndarray) -> list[tuple[float, float]]:
    """Mean, sd, 5% and 95% quantile, each with its error √Σ w² (h − ĥ)² (Owen 2013, eq. 9.8).

    An error of a quantile is that of its probability, read off the draws.
    """
    values, weights = values.ravel(), weights.ravel()
    mean = weights @ values
    squares = np.square(values - mean)
    sd = np.sqrt(weights @ squares)
    out = [
        (mean, np.sqrt(np.square(weights) @ squares)),
        (sd, np.sqrt(np.square(weights) @ np.square(squares - sd**2)) / (2 * sd)),
    ]
    for probability in (0.05, 0.95):
        (place,) = weighted_quantiles(values, weights, [probability])
        off = np.sqrt(np.square(weights) @ np.square((values <= place) - probability))
        low, high = weighted_quantiles(values, weights, [probability - off, probability + off])
        out.append((place, (high - low) / 2))
    return [(float(value), float(error)) for value, error in out]


def weighted_parts(fit: xr.DataTree) -> tuple[xr.Dataset, np.ndarray]:
    """Draws of a fit by independent draws, and their weights."""
    draws = fit["weighted"].to_dataset()
    return draws.drop_vars("weight"), draws["weight"].to_numpy()
