"""Cronbach's alpha of a set of items, and what becomes of it without each of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.errors import CompendiumError

FEWEST_ROWS = 30
FEWEST_CLUSTERS = 10
ROBUST_INTERVAL = "t, jackknife over clusters on log(1 - alpha)"
Rows = Literal["complete", "pairwise"]


@dataclass(frozen=True)
class Alpha:
    """Internal consistency of k items.

    Attributes
    ----------
    estimate, lower, upper : float
        Cronbach's alpha with Feldt's interval.
    standardized : float
        Alpha of the items brought to equal variance.
    average_correlation : float
        Mean correlation of two items.
    people, items : int
    """

    estimate: float
    lower: float
    upper: float
    standardized: float
    average_correlation: float
    people: int
    items: int


def alpha_of_covariance(covariance: np.ndarray) -> float:
    """Alpha of k items, k/(k − 1) (1 − trace / sum); standardized if given correlations.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)

    Raises
    ------
    CompendiumError
        If there is one item only, or the sum score has no variance.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika
    16, 297-334, eq. 2.
    """
    matrix = np.asarray(covariance, float)
    k, total = len(matrix), matrix.sum()
    if k < 2:  # noqa: PLR2004 - consistency needs two items
        raise CompendiumError(f"alpha needs two items, there is {k}", remedy="add items")
    if not total > 0:
        raise CompendiumError(
            f"the sum of the {k} items has variance {total:.3g}",
            remedy="check which items are reversed: some must run against the others",
        )
    return float(k / (k - 1) * (1 - np.trace(matrix) / total))


def feldt_interval(
    alpha: float, people: int, items: int, probability: float
) -> tuple[float, float]:
    """Give the interval that rests on (1 − alpha)/(1 − population alpha) following an F law.

    Exact if items are parallel up to constants and scores are normal; degrees of freedom are
    (people − 1)(items − 1) and people − 1.

    References
    ----------
    Feldt, L. S., Woodruff, D. J. and Salih, F. A. (1987). Statistical inference for coefficient
    alpha. Applied Psychological Measurement 11, 93-103.
    """
    tail = (1 - probability) / 2
    freedom = people - 1, (people - 1) * (items - 1)
    return (
        float(1 - (1 - alpha) * stats.f.isf(tail, *freedom)),
        float(1 - (1 - alpha) * stats.f.ppf(tail, *freedom)),
    )


def robust_alpha_interval(
    keyed: pd.DataFrame, cluster: np.ndarray, probability: float
) -> tuple[float, float]:
    """Interval of alpha that knows of clusters and asks no normality, complete rows.

    From alpha without each cluster in turn; t with clusters − 1 degrees of freedom, symmetric in
    log(1 − alpha), so that no end lies above 1. (The delta method, from the influence of rows
    summed by cluster, covers less with few or skewed clusters.)

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Keyed items, NaN where missing.
    cluster : ndarray, shape (n,)
        Labels; a row without one is a cluster of its own.
    probability : float

    Returns
    -------
    float, float
        NaN with fewer than ten clusters: so few say too little of how they vary.

    References
    ----------
    Rust, K. F. and Rao, J. N. K. (1996). Variance estimation for complex surveys using replication
    techniques. Statistical Methods in Medical Research 5, 283-310 (the jackknife over clusters).
    Bonett, D. G. (2002). Sample size requirements for testing and estimating coefficient alpha.
    JEBS 27, 335-340 (log(1 − alpha)).
    """
    complete = keyed.notna().all(axis=1).to_numpy()
    code = known_clusters(np.asarray(cluster)[complete])
    clusters = code.max(initial=-1) + 1
    if clusters < FEWEST_CLUSTERS:
        return np.nan, np.nan
    values = keyed[complete].to_numpy(float)
    items, centred = values.shape[1], values - values.mean(axis=0)

    def lacking(column: np.ndarray) -> np.ndarray:
        """Sum over all rows, then over the rows without each cluster."""
        return np.append(column.sum(), column.sum() - np.bincount(code, column))

    rows = lacking(np.ones(len(centred)))
    sums = np.stack([lacking(column) for column in centred.T])
    parts = lacking((centred**2).sum(axis=1)) - (sums**2).sum(axis=0) / rows
    total = lacking(centred.sum(axis=1) ** 2) - sums.sum(axis=0) ** 2 / rows
    unreliable = 1 - items / (items - 1) * (1 - parts / total)
    if not (unreliable > 0).all():
        return np.nan, np.nan
    whole, *without = np.log(unreliable)
    error = np.sqrt((clusters - 1) / clusters * np.sum((np.array(without) - whole) ** 2))
    reach = stats.t.ppf((1 + probability) / 2, clusters - 1) * error
    return float(1 - np.exp(whole + reach)), float(1 - np.exp(whole - reach))


def alpha_flags(alpha: float) -> list[str]:
    """Say that alpha below 0 is no low reliability, but items that run against each other."""
    if alpha >= 0:
        return []
    remedy = "reverse those worded the other way (`reversed` of the construct)"
    return [f"alpha {alpha:.2f} is negative: items run against each other; {remedy}"]


def known_clusters(cluster: np.ndarray) -> np.ndarray:
    """Number the clusters; a row without one is a cluster of its own."""
    codes, names = pd.factorize(cluster)
    alone = codes < 0
    codes[alone] = len(names) + np.arange(alone.sum())
    return codes


def usable_rows(keyed: pd.DataFrame, rows: Rows = "complete", where: str = "") -> pd.DataFrame:
    """Rows that a covariance can rest on, once every item varies in them.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
    rows : {'complete', 'pairwise'}
        Complete rows, or every row with an answer.
    where : str
        Scale and group, for errors.

    Raises
    ------
    CompendiumError
        If fewer than three rows are left, or an item has no variance in them.
    """
    kept = keyed.dropna(how="any" if rows == "complete" else "all")
    if len(kept) < 3:  # noqa: PLR2004 - two rows correlate perfectly
        raise CompendiumError(
            f"{len(kept)} of {len(keyed)} rows can be used, and three are the fewest",
            where=where,
            remedy="use a larger group, or take out the items that few answered",
        )
    standard_deviation = kept.max() - kept.min()
    still = [item for item in kept.columns if not standard_deviation[item] > 0]
    if still:
        raise CompendiumError(
            f"item {still[0]!r} has the same answer in all {len(kept)} usable rows",
            where=where,
            remedy="take the item out of its construct, or use a larger group",
        )
    return kept


def cronbach_alpha(
    keyed: pd.DataFrame, probability: float, *, rows: Rows = "complete", where: str = ""
) -> Alpha:
    """Alpha with Feldt's interval, and standardized alpha.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Keyed items, NaN where missing.
    probability : float
        Of the interval.
    rows : {'complete', 'pairwise'}
        Complete rows; or each covariance on the rows that answered both items, as R's psych has
        it, its interval then resting on all rows with an answer.
    where : str
        Scale and group, for errors.

    Raises
    ------
    CompendiumError
        See `usable_rows` and `alpha_of_covariance`; or if two items share too few rows.
    """
    import pingouin as pg  # noqa: PLC0415 - half a second, where something is estimated

    kept = usable_rows(keyed, rows, where)
    items = kept.shape[1]
    correlation = _correlation(kept)
    if np.isnan(correlation).any():
        raise CompendiumError(
            "two items share too few answers for a correlation",
            where=where,
            remedy="take one of them out of the scale",
        )
    standardized = alpha_of_covariance(correlation)
    # Rows that do not count were dropped before: pingouin counts every row it is given.
    estimate = float(pg.cronbach_alpha(kept, ci=probability)[0])
    # The interval is not pingouin's own, which is rounded to three decimals.
    lower, upper = feldt_interval(estimate, len(kept), items, probability)
    average = float(correlation[np.tril_indices(items, -1)].mean())
    return Alpha(estimate, lower, upper, standardized, average, len(kept), items)


def _correlation(kept: pd.DataFrame) -> np.ndarray:
    """Covariances over each item's own spread, as psych has them where answers are missing."""
    covariance = kept.cov().to_numpy()
    standard_deviation = np.sqrt(np.diag(covariance))
    return covariance / np.outer(standard_deviation, standard_deviation)


def dropped_items(keyed: pd.DataFrame, *, rows: Rows = "complete", where: str = "") -> pd.Series:
    """Alpha of the other items, for every item left out; missing where one would be left."""
    covariance = usable_rows(keyed, rows, where).cov()
    return pd.Series(
        {
            item: alpha_of_covariance(covariance.drop(index=item, columns=item).to_numpy())
            if len(covariance) > 2  # noqa: PLR2004 - consistency needs two items
            else np.nan
            for item in covariance
        }
    )
