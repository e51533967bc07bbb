"""Samples whose mean and covariance are exactly those wanted, so that estimates are known."""

import numpy as np
import pandas as pd

EXACT = 1e-6  # estimates from exact moments: what is left is the optimizer's stopping rule
ELEMENTS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"]}
ITEMS = [item for items in ELEMENTS.values() for item in items]
LOADINGS = np.array([0.8, 0.7, 0.6, 0.9, 0.6, 0.5, 0.7, 0.8, 0.6])


def exact_sample(mean, covariance, count, seed=1):
    """Rows whose sample mean and covariance (divisor n) are the ones given, to rounding."""
    raw = np.random.default_rng(seed).normal(size=(count, len(mean)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / count)).T
    return np.asarray(mean) + white @ np.linalg.cholesky(covariance).T


def correlated_covariance(correlation):
    """Three factors of three items; unit residual-plus-common variances."""
    pattern = np.kron(np.eye(3), np.ones((3, 1))) * LOADINGS[:, None]
    out = pattern @ correlation @ pattern.T
    np.fill_diagonal(out, 1.0)
    return out


def one_factor_rows(count, seed, loadings=(0.8, 0.7, 0.6, 0.5), mean=0.0):
    """Independent normal answers to a one-factor model."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(mean, size=count)[:, None]
    loadings = np.array(loadings)
    noise = rng.normal(size=(count, len(loadings))) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(
        factor * loadings + noise, columns=[f"i{k + 1}" for k in range(len(loadings))]
    )
