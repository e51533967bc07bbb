"""The same algebra in NumPy, a cluster at a time: conditional moments and cluster likelihoods."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from learning_with_others.bayes.collapsed.statistics import Statistics


def covariance_factor(posterior: xr.Dataset, statistics: Statistics, level: int) -> np.ndarray:
    """Cholesky factor of the covariance of a level's random terms.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables `sd_<name>`, `sd_<name>_slope_<k>` and, where correlated, `correlation_<name>`,
        with dimensions chain and draw.

    Returns
    -------
    ndarray, shape (chains · draws, q, q)
    """
    name, slopes = statistics.levels[level].name, statistics.levels[level].slopes
    names = [f"sd_{name}", *(f"sd_{name}_slope_{k}" for k in range(len(slopes)))]
    standard_deviations = np.stack([posterior[each].to_numpy().ravel() for each in names], axis=1)
    matrix = np.broadcast_to(
        np.eye(len(names)), (len(standard_deviations), len(names), len(names))
    ).copy()
    if f"correlation_{name}" in posterior:
        rows, columns = np.tril_indices(len(names), -1)
        values = posterior[f"correlation_{name}"].to_numpy().reshape(len(standard_deviations), -1)
        matrix[:, rows, columns] = matrix[:, columns, rows] = values
        matrix = np.linalg.cholesky(matrix)
    return standard_deviations[:, :, None] * matrix


@dataclass(frozen=True)
class Shrunk:
    """One group's effects integrated out of W'W, for many draws at once.

    Attributes
    ----------
    remainder : ndarray, shape (draws, m, m)
        W'W / σ² less what the effects explain.
    log_determinant : ndarray, shape (draws,)
        log|I + L'GL|.
    """

    remainder: np.ndarray
    log_determinant: np.ndarray


def shrink_group(
    gram: np.ndarray, cross: np.ndarray, products: np.ndarray, factor: np.ndarray
) -> Shrunk:
    """Integrate out the effects of one group.

    Parameters
    ----------
    gram, cross, products : ndarray, shapes (…, q, q), (…, q, m), (…, m, m)
        Z'Z, Z'W and W'W, divided by σ².
    factor : ndarray, shape (draws, q, q)
        L with L L' the effects' covariance.
    """
    turned = factor.transpose(0, 2, 1)
    inner = np.eye(factor.shape[1]) + turned @ gram @ factor
    root = np.linalg.cholesky(inner)
    explained = np.linalg.solve(root, turned @ cross)
    return Shrunk(
        products - explained.transpose(0, 2, 1) @ explained,
        2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1),
    )


def coefficient_moments(
    statistics: Statistics, posterior: xr.Dataset, scales: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the coefficients given standard deviations and correlations.

    Parameters
    ----------
    statistics : Statistics
    posterior : xarray.Dataset
        One draw.
    scales : ndarray, shape (p,)
        Prior standard deviations.
    """
    sigma = posterior["sd_residual"].to_numpy().ravel()
    own, products = statistics.positions(0), statistics.products / sigma[0] ** 2
    factor = covariance_factor(posterior, statistics, 0)
    left = np.stack(
        [shrink_group(p[np.ix_(own, own)], p[own], p, factor).remainder[0] for p in products]
    )
    if len(statistics.levels) > 1:
        above = statistics.positions(1)
        factor = covariance_factor(posterior, statistics, 1)
        groups = np.zeros((len(statistics.levels[1].labels), *left.shape[1:]))
        np.add.at(groups, statistics.parents, left)
        left = np.stack(
            [
                shrink_group(p[np.ix_(above, above)], p[above], p, factor).remainder[0]
                for p in groups
            ]
        )
    total = left.sum(axis=0)[1:, 1:]
    covariance = np.linalg.inv(total[:-1, :-1] + np.diag(1 / scales**2))
    return covariance @ total[:-1, -1], covariance


def group_log_likelihood(statistics: Statistics, posterior: xr.Dataset, level: int) -> np.ndarray:
    """Log density of all outcomes of each group, the group's own effects integrated out.

    Of a lowest cluster: log p(y_j | b, v_s, θ). Of an upper group: log p(y_s | b, θ), with the
    effects of its lowest clusters integrated out too.

    Parameters
    ----------
    statistics : Statistics
    posterior : xarray.Dataset
        As of `fit_collapsed`.
    level : int
        0 for the lowest clusters, 1 for the groups above.

    Returns
    -------
    ndarray, shape (chains · draws, groups)
    """
    sigma = posterior["sd_residual"].to_numpy().ravel()
    scale = (1 / sigma**2)[:, None, None]
    draws, width = len(sigma), statistics.products.shape[1]
    own = statistics.positions(0)
    above = statistics.positions(1) if len(statistics.levels) > 1 else []
    factor = covariance_factor(posterior, statistics, 0)
    weights = np.zeros((draws, width))
    weights[:, -1] = 1
    weights[:, 1:-1] = -posterior["coefficient"].to_numpy().reshape(draws, -1)
    effects = _effects(posterior, statistics) if above and level == 0 else None

    groups = len(statistics.levels[level].labels)
    value = np.zeros((draws, groups))
    remainders = np.zeros((groups, draws, 1 + len(above), 1 + len(above)))
    for j, products in enumerate(statistics.products):
        here = weights.copy()
        if effects is not None:
            here[:, above] -= effects[:, :, statistics.parents[j]]
        residual = here @ products  # W'r, r the residual before this group's effects
        left = np.empty((draws, 1 + len(above), 1 + len(above)))
        left[:, 0, 0] = (residual * here).sum(axis=1)
        left[:, 0, 1:] = left[:, 1:, 0] = residual[:, above]
        left[:, 1:, 1:] = products[np.ix_(above, above)]
        cross = np.empty((draws, len(own), 1 + len(above)))
        cross[:, :, 0] = residual[:, own]
        cross[:, :, 1:] = products[np.ix_(own, above)]
        shrunk = shrink_group(
            products[np.ix_(own, own)] * scale, cross * scale, left * scale, factor
        )
        group = j if level == 0 else statistics.parents[j]
        value[:, group] -= 0.5 * (
            statistics.rows[j] * np.log(2 * np.pi * sigma**2)
            - statistics.log_weights[j]
            + shrunk.log_determinant
        )
        remainders[group] += shrunk.remainder
    if level == 0:
        return value - 0.5 * remainders[:, :, 0, 0].T
    factor = covariance_factor(posterior, statistics, 1)
    for s, left in enumerate(remainders):
        shrunk = shrink_group(left[:, 1:, 1:], left[:, 1:, :1], left[:, :1, :1], factor)
        value[:, s] -= 0.5 * (shrunk.log_determinant + shrunk.remainder[:, 0, 0])
    return value


def _effects(posterior: xr.Dataset, statistics: Statistics) -> np.ndarray:
    """Upper groups' effects, shape (draws, k, S)."""
    level = statistics.levels[1]
    names = [f"effect_{level.name}"]
    names += [f"effect_{level.name}_slope_{k}" for k in range(len(level.slopes))]
    groups = len(level.labels)
    return np.stack([posterior[name].to_numpy().reshape(-1, groups) for name in names], axis=1)
