"""Agreement on categories beyond chance, of any number of raters, missing ratings allowed."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.inference.cluster_bootstrap import (
    bootstrap_error,
    resample_clusters,
    resampled_interval,
)

# How far apart two categories are, and what is taken off the number of ratings (see Notes).
STATISTICS = {
    "kappa_cohen": ("nominal", 0),
    "kappa_nominal": ("nominal", 0),
    "kappa_linear": ("linear", 0),
    "kappa_quadratic": ("interval", 0),
    "krippendorff_ordinal": ("ordinal", 1),
    "krippendorff_interval": ("interval", 1),
    "krippendorff_ratio": ("ratio", 1),
    "krippendorff_nominal": ("nominal", 1),
}
OWN_MARGINS = "kappa_cohen"


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement with its interval.

    Attributes
    ----------
    estimate, lower, upper : float
        1 is perfect agreement, 0 agreement by chance.
    units : int
        Units with at least two ratings.
    flags : tuple of str
    mcse : float
        Monte Carlo error of the interval.
    """

    estimate: float
    lower: float
    upper: float
    units: int
    flags: tuple[str, ...]
    mcse: float


def resampled_agreement(values: np.ndarray, units: int, probability: float) -> Agreement:
    """Describe a coefficient by its values in the sample (first) and in the resamples."""
    estimate, lower, upper, flags = resampled_interval(values, probability)
    return Agreement(estimate, lower, upper, units, flags, bootstrap_error(values))


def category_agreement(
    ratings: np.ndarray,
    statistic: str,
    *,
    probability: float,
    resamples: int,
    seed: int,
    where: str = "",
    cluster: np.ndarray | None = None,
) -> Agreement:
    """Kappa or Krippendorff's alpha, with a bootstrap interval over units or clusters of them.

    Parameters
    ----------
    ratings : ndarray, shape (units, raters)
        NaN where missing. Categories that nobody gave do not count.
    statistic : str
        One of `STATISTICS`.
    probability : float
        Of the percentile interval.
    resamples, seed : int
        Resamples of whole units; resamples in which all ratings are alike are left out.
    where : str
        What was rated, for errors.
    cluster : ndarray, shape (units,), optional
        Resample these whole, such as the documents whose segments the units are.

    Raises
    ------
    CompendiumError
        If there is no such statistic, no unit has two ratings, or those ratings are all alike, or
        if Cohen's kappa is asked for of more than two raters.

    Notes
    -----
    Both are 1 − observed over expected disagreement. Each ordered pair of a unit's m ratings
    counts 1/(m − 1), so that the unit counts as m ratings; n is their number. Raters stand for
    each other: what is expected comes from the distribution n_c of all ratings together (Scott's,
    in place of Cohen's, who needs the same two raters throughout), Σ n_c n_k δ_ck over n for kappa
    and over n − 1 for alpha. `kappa_nominal` of units rated equally often is Fleiss' kappa.
    `kappa_cohen` multiplies the distribution of the one rater by that of the other. Distances δ
    are |c − k| (linear), its square (quadratic kappa and interval alpha), 0 or 1 (nominal), the
    square of (c − k)/(c + k) (ratio), or the squared number of ratings between two categories,
    half of each counted (ordinal).

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20, 37-46. Fleiss, J. L. (1971). Measuring nominal scale agreement among many
    raters. Psychological Bulletin 76, 378-382. Scott, W. A. (1955). Reliability of content
    analysis: the case of nominal scale coding. Public Opinion Quarterly 19, 321-325. Krippendorff,
    K. (2004). Content Analysis, 2nd ed. (ratio metric). Krippendorff, K. (2011). Computing
    Krippendorff's alpha-reliability. University of Pennsylvania, Departmental Papers (ASC) 43.
    """
    if statistic not in STATISTICS:
        raise CompendiumError(
            f"there is no statistic {statistic!r}", remedy=suggest(statistic, STATISTICS)
        )
    scale, correction = STATISTICS[statistic]
    ratings = np.asarray(ratings, float)
    values, pairs, paired = _pairs_by_unit(ratings, where)
    if statistic == OWN_MARGINS:
        pairs = _ordered_pairs(ratings[paired], values, where)
    units = len(pairs)
    if cluster is not None:
        names, code = np.unique(np.asarray(cluster)[paired], return_inverse=True)
        units, alone = len(names), pairs
        pairs = np.zeros((units, *alone.shape[1:]))
        np.add.at(pairs, code, alone)
    counts = resample_clusters(units, resamples, seed)
    observed = np.einsum("ru,uij->rij", counts, pairs)
    first, second = observed.sum(axis=2), observed.sum(axis=1)
    if scale == "ordinal":
        rank = np.cumsum(first, axis=1) - first / 2
        distance = (rank[:, :, None] - rank[:, None, :]) ** 2
    else:
        distance = np.broadcast_to(_distances(scale, values), observed.shape)
    chance = np.einsum("ri,rj,rij->r", first, second, distance)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance /= first.sum(axis=1) - correction
        found = 1 - np.einsum("rij,rij->r", observed, distance) / chance
    return resampled_agreement(found, int(paired.sum()), probability)


def _distances(scale: str, values: np.ndarray) -> np.ndarray:
    apart = np.abs(values[:, None] - values)
    if scale == "ratio":
        return (apart / np.where(apart > 0, np.abs(values[:, None] + values), 1)) ** 2
    return {"nominal": apart > 0, "linear": apart, "interval": apart**2}[scale].astype(float)


def _ordered_pairs(ratings: np.ndarray, values: np.ndarray, where: str) -> np.ndarray:
    """Each unit's pair of first and second rater's category, shape (units, C, C)."""
    if ratings.shape[1] != 2:  # noqa: PLR2004 - Cohen's kappa is of two
        raise CompendiumError(
            f"Cohen's kappa was asked for of {ratings.shape[1]} raters",
            where=where,
            remedy="it needs the same two throughout; take 'kappa_nominal'",
        )
    given = (ratings[:, :, None] == values).astype(float)
    return given[:, 0, :, None] * given[:, 1, None, :]


def _pairs_by_unit(ratings: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Categories in use, pairs of ratings (units that have some, C, C), and which units have."""
    number = (~np.isnan(ratings)).sum(axis=1)
    paired = ratings[number > 1]
    values = np.unique(paired[~np.isnan(paired)])
    if len(values) < 2:  # noqa: PLR2004 - agreement needs something to disagree about
        raise CompendiumError(
            f"{len(paired)} units have two ratings, with {len(values)} distinct values among them",
            where=where,
            remedy="agreement shows only where units were rated twice and differ",
        )
    given = (paired[:, :, None] == values).sum(axis=1).astype(float)
    pairs = given[:, :, None] * given[:, None, :]
    same = np.arange(len(values))
    pairs[:, same, same] -= given  # a rating makes no pair with itself
    return values, pairs / (number[number > 1] - 1)[:, None, None], number > 1
