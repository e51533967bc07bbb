"""Weighted kappa: of two raters, and of raters who stand for each other."""

from typing import Literal

import numpy as np
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.cluster_bootstrap import (
    bootstrap_error,
    resample_clusters,
    resampled_interval,
)
from learning_with_others.psychometrics.agreement.krippendorff import Agreement, count_coincidences

Weights = Literal["unweighted", "linear", "quadratic"]
POWER = {"linear": 1, "quadratic": 2}


def weighted_kappa(
    first: np.ndarray,
    second: np.ndarray,
    categories: np.ndarray,
    weights: Weights,
    probability: float,
) -> Agreement:
    """Cohen's kappa of two raters with the large-sample interval.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Ratings of the same units, NaN where missing; units that one of them did not rate are
        left out.
    categories : ndarray, shape (C,)
        All codes of the rubric, ascending; distances are between positions in this list.
    weights : {'unweighted', 'linear', 'quadratic'}
        How disagreement grows with distance.
    probability : float
        Of the interval, normal with Fleiss, Cohen and Everitt's standard error (statsmodels),
        cut at −1 and 1.

    Raises
    ------
    CompendiumError
        If a rating is no category, fewer than two units are left, or a kappa has no meaning
        since both raters used one and the same category throughout.

    References
    ----------
    Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70, 213-220.
    Fleiss, J. L., Cohen, J. and Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin 72, 323-327.
    """
    categories = np.asarray(categories, float)
    both = ~(np.isnan(first) | np.isnan(second))
    codes = []
    for ratings in (np.asarray(first)[both], np.asarray(second)[both]):
        place = np.clip(np.searchsorted(categories, ratings), 0, len(categories) - 1)
        strange = ratings[categories[place] != ratings]
        if len(strange):
            raise CompendiumError(
                f"rating {strange[0]:g} is none of the categories",
                remedy=f"valid: {', '.join(f'{code:g}' for code in categories)}",
            )
        codes.append(place)
    table = np.zeros((len(categories), len(categories)))
    np.add.at(table, tuple(codes), 1)
    used = (table.sum(axis=0) + table.sum(axis=1)) > 0
    if both.sum() < 2 or used.sum() < 2:  # noqa: PLR2004 - nothing to disagree about
        raise CompendiumError(
            f"{both.sum()} units rated by both, in {used.sum()} categories, give no kappa",
            remedy="show the share of identical ratings instead",
        )
    result = cohens_kappa(table, wt=None if weights == "unweighted" else weights)
    error = np.sqrt(max(result.var_kappa, 0.0))
    reach = stats.norm.ppf((1 + probability) / 2) * error
    kappa = float(result.kappa)
    return Agreement(
        kappa, max(-1.0, float(kappa - reach)), min(1.0, float(kappa + reach)), int(both.sum()), ()
    )


def exchangeable_kappa(
    ratings: np.ndarray,
    weights: Weights,
    *,
    probability: float,
    resamples: int,
    seed: int,
    where: str = "",
) -> Agreement:
    """Weighted kappa over all pairs of raters, who stand for each other.

    For designs in which units were rated by different raters: chance agreement comes from the
    distribution of all ratings together (Scott's, in place of Cohen's, who needs the same two
    raters throughout), and a unit rated by m raters counts as m ratings.

    Parameters
    ----------
    ratings : ndarray, shape (units, raters)
        NaN where missing. Distances are between the codes themselves.
    weights : {'unweighted', 'linear', 'quadratic'}
    probability : float
        Of the percentile interval.
    resamples, seed : int
        Resamples of whole units.
    where : str
        What was rated, for errors.

    Raises
    ------
    CompendiumError
        See `count_coincidences`.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological
    Bulletin 76, 378-382 (unweighted, equal numbers of raters).
    Scott, W. A. (1955). Reliability of content analysis: the case of nominal scale coding. Public
    Opinion Quarterly 19, 321-325 (chance agreement).
    """
    pairs = count_coincidences(ratings, where)
    counts = resample_clusters(len(pairs.by_unit), resamples, seed)
    observed = np.einsum("ru,uij->rij", counts, pairs.by_unit)
    apart = np.abs(pairs.values[:, None] - pairs.values)
    distance = apart ** POWER[weights] if weights in POWER else (apart > 0).astype(float)
    margins = observed.sum(axis=2)
    chance = np.einsum("ri,rj,ij->r", margins, margins, distance) / margins.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = 1 - np.einsum("rij,ij->r", observed, distance) / chance
    estimate, lower, upper, flags = resampled_interval(kappa, probability)
    return Agreement(estimate, lower, upper, len(pairs.by_unit), flags, bootstrap_error(kappa))
