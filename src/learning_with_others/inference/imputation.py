"""Multiple imputation of numbers: chained mixed regressions, each group on its own."""

from dataclasses import dataclass

import numpy as np

BURN_IN, BETWEEN = 20, 5  # rounds before the first and between completed tables
FEWEST_CLUSTERS = 5  # with fewer, clusters get no effects of their own
MOST_MEANS = 0.1  # of the clusters: so many columns may enter as cluster means
ROWS_PER_COLUMN = 3  # observed rows for each coefficient, or there is no imputation
LEAST = 1e-8  # variance: an outcome that follows from the others exactly leaves none
RIDGE = 1e-3  # prior precision of a coefficient, on standardized values


@dataclass
class StandardDeviation:
    """State of one column's chain: variances within and between clusters."""

    within: float = 1.0
    between: float = 0.1


def impute(
    values: np.ndarray,
    fixed: np.ndarray,
    group: np.ndarray,
    cluster: np.ndarray,
    *,
    tables: int,
    seed: int,
) -> np.ndarray | None:
    """Complete a table of numbers several times, each group from its own rows only.

    Every column with missing values is drawn in turn from a Bayesian linear regression on all
    the others, their cluster means (where clusters are ten times as many) and random intercepts of
    the clusters. Slopes, residual variance and cluster variance are thus free in each group, so
    that imputation takes no difference between groups away. statsmodels' MICE knows neither
    clusters nor such variances, which is why this is written out.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        NaN where missing.
    fixed : ndarray, shape (n, p)
        Complete predictors, without a constant.
    group, cluster : ndarray of int, shape (n,)
    tables : int
        M, how many completed tables.
    seed : int

    Returns
    -------
    ndarray, shape (M, n, k), or None
        None where some group has too few observed values in a column that must be completed.

    Notes
    -----
    Missing at random given all columns is assumed. Priors: flat on the standard deviation of the
    clusters (Gelman 2006), 1/σ² on the residual variance, normal with precision `RIDGE` on the
    coefficients of standardized columns. Coefficients are drawn with the cluster effects
    integrated out, then the effects, then the variances.

    References
    ----------
    Schafer, J. L. and Yucel, R. M. (2002). Computational strategies for multivariate linear
    mixed-effects models with missing values. JCGS 11, 437-457.
    Grund, S., Lüdtke, O. and Robitzsch, A. (2018). Multiple imputation of missing data for
    multilevel models. Organizational Research Methods 21, 111-149 (cluster means).
    Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models.
    Bayesian Analysis 1, 515-534, section 5.2.
    """
    rng = np.random.default_rng(seed)
    completed = np.repeat(values[None], tables, axis=0)
    for name in np.unique(group):
        mine = np.flatnonzero(group == name)
        part = _impute_group(values[mine], fixed[mine], cluster[mine], tables, rng)
        if part is None:
            return None
        completed[:, mine] = part
    return completed


def _impute_group(
    values: np.ndarray,
    fixed: np.ndarray,
    cluster: np.ndarray,
    tables: int,
    rng: np.random.Generator,
) -> np.ndarray | None:
    known = np.isfinite(values)
    fixed = fixed[:, np.ptp(fixed, axis=0) > 0] if len(fixed) else fixed
    wanted = np.flatnonzero(~known.all(axis=0))
    if len(wanted) == 0:
        return np.repeat(values[None], tables, axis=0)
    needed = ROWS_PER_COLUMN * (values.shape[1] + fixed.shape[1])
    if (known[:, wanted].sum(axis=0) < needed).any():
        return None
    centre = np.nanmean(values, axis=0)
    scale = np.nanstd(values, axis=0)
    if (scale == 0).any():
        return None
    filled = (values - centre) / scale
    for k in wanted:  # start from values that others have
        filled[~known[:, k], k] = rng.choice(filled[known[:, k], k], (~known[:, k]).sum())
    _, places = np.unique(cluster, return_inverse=True)
    states = {k: StandardDeviation() for k in wanted}
    out = []
    for turn in range(BURN_IN + BETWEEN * (tables - 1) + 1):
        for k in wanted:
            columns = _predictors(np.delete(filled, k, axis=1), fixed, places)
            filled[~known[:, k], k] = _draw(
                filled[:, k], columns, known[:, k], places, states[k], rng
            )
        if turn >= BURN_IN and (turn - BURN_IN) % BETWEEN == 0:
            completed = filled * scale + centre
            out.append(np.where(known, values, completed))
    return np.stack(out)


def _predictors(others: np.ndarray, fixed: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    parts = [np.ones((len(others), 1)), others, fixed]
    sizes = np.bincount(cluster)
    if others.shape[1] and len(sizes) * MOST_MEANS >= others.shape[1]:
        sums = np.stack([np.bincount(cluster, column) for column in others.T], axis=1)
        parts.append((sums / sizes[:, None])[cluster])
    return np.column_stack(parts)


def _draw(
    outcome: np.ndarray,
    columns: np.ndarray,
    known: np.ndarray,
    cluster: np.ndarray,
    state: StandardDeviation,
    rng: np.random.Generator,
) -> np.ndarray:
    """One round of the regression's Gibbs sampler, then values for the rows not known."""
    y, x, where = outcome[known], columns[known], cluster[known]
    clusters = int(cluster.max()) + 1
    sizes = np.bincount(where, minlength=clusters)
    several = int((sizes > 0).sum()) >= FEWEST_CLUSTERS
    between = state.between if several else 0.0

    # V⁻¹ = (I − θ_j 11') / σ² within cluster j, with θ_j = τ² / (σ² + n_j τ²)
    shrink = between / (state.within + sizes * between)
    sums_x = np.stack([np.bincount(where, column, clusters) for column in x.T], axis=1)
    sums_y = np.bincount(where, y, clusters)
    precision = (x.T @ x - (sums_x * shrink[:, None]).T @ sums_x) / state.within
    precision += RIDGE * np.eye(x.shape[1])
    towards = (x.T @ y - sums_x.T @ (shrink * sums_y)) / state.within
    root = np.linalg.cholesky(precision)
    mean = np.linalg.solve(precision, towards)
    slopes = mean + np.linalg.solve(root.T, rng.standard_normal(len(mean)))

    effects = np.zeros(clusters)
    if several:
        variance = shrink * state.within  # variance of an effect given the data
        centre = shrink * (sums_y - sums_x @ slopes)
        effects = centre + np.sqrt(variance) * rng.standard_normal(clusters)
        told = effects[sizes > 0]
        state.between = max(float(told @ told / rng.chisquare(len(told) - 1)), LEAST)
        effects[sizes == 0] = np.sqrt(state.between) * rng.standard_normal((sizes == 0).sum())
    residual = y - x @ slopes - effects[where]
    state.within = max(float(residual @ residual / rng.chisquare(len(y))), LEAST)
    noise = np.sqrt(state.within) * rng.standard_normal((~known).sum())
    return columns[~known] @ slopes + effects[cluster[~known]] + noise
