"""Rounding that protects counts."""

import numpy as np
import pandas as pd


def _step(least: np.ndarray) -> np.ndarray:
    out = np.full(least.shape, np.nan)
    ok = np.isfinite(least) & (least > 0)
    tens = 10.0 ** np.floor(np.log10(least[ok]))
    lead = least[ok] / tens
    out[ok] = tens * np.select([lead <= 1, lead <= 2, lead <= 5], [1, 2, 5], 10)
    return out


def bearable(value: pd.Series, n: pd.Series, possible_values: int) -> pd.Series:
    """Round."""
    v, m = value.to_numpy(float), n.to_numpy(float)
    with np.errstate(all="ignore"):
        step = _step(np.abs(v) * possible_values / m)
        return pd.Series(np.where(np.isnan(step), v, np.round(np.round(v / step) * step, 12)), index=value.index)


def round_share(value: np.ndarray, n: np.ndarray, possible_values: int) -> np.ndarray:
    """Round."""
    with np.errstate(all="ignore"):
        step = _step(2 * (possible_values - 1) / n)
    return np.round(np.round(value / step) * step, 12)
