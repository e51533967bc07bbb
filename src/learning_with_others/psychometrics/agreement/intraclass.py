"""Intraclass correlations of raters who all scored the same targets."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.errors import CompendiumError

COLUMNS = ["kind", "icc", "lower", "upper"]


def intraclass_correlations(ratings: np.ndarray, probability: float) -> pd.DataFrame:
    """Give the three kinds of one rating and of the raters' mean, with intervals.

    `ICC(1,1)`: raters differ by target. `ICC(A,1)`: the same raters, a sample of raters, absolute
    agreement (Shrout and Fleiss's ICC(2,1)). `ICC(C,1)`: the same raters, consistency, raters'
    means set aside (their ICC(3,1)). With `k` for 1: the mean of the k raters.

    Parameters
    ----------
    ratings : ndarray, shape (targets, raters)
        Complete.
    probability : float
        Of the intervals, which rest on the F law: exact for ICC(1) and ICC(C), Satterthwaite's
        approximation for ICC(A).

    Returns
    -------
    pandas.DataFrame
        Columns `kind, icc, lower, upper`, six rows.

    Raises
    ------
    CompendiumError
        If a rating is missing, there are fewer than two targets or raters, or nothing varies
        between targets and raters beyond their sums.

    References
    ----------
    Shrout, P. E. and Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater
    reliability. Psychological Bulletin 86, 420-428.
    McGraw, K. O. and Wong, S. P. (1996). Forming inferences about some intraclass correlation
    coefficients. Psychological Methods 1, 30-46, tables 4 and 7.
    """
    ratings = np.asarray(ratings, float)
    n, k = ratings.shape
    if np.isnan(ratings).any():
        raise CompendiumError(
            f"{int(np.isnan(ratings).sum())} of {ratings.size} ratings are missing",
            remedy="use rating_components, which takes any design",
        )
    if min(n, k) < 2:  # noqa: PLR2004 - a correlation needs two of each
        raise CompendiumError(
            f"{n} targets and {k} raters give no intraclass correlation",
            remedy="at least two of each are needed",
        )
    between, raters, error = _mean_squares(ratings)
    within = (raters + (n - 1) * error) / n
    if not error > np.finfo(float).eps * max(between, raters):
        raise CompendiumError(
            "every rating is the sum of a target's and a rater's part: there is no error to judge",
            remedy="show the ratings themselves; perfect consistency has no interval",
        )
    tail = (1 - probability) / 2
    one_way = _from_f_ratio(between / within, (n - 1, n * (k - 1)), k, tail)
    consistency = _from_f_ratio(between / error, (n - 1, (n - 1) * (k - 1)), k, tail)
    agreement = _absolute_agreement((between, raters, error), n, k, tail)
    single = {"ICC(1,1)": one_way, "ICC(A,1)": agreement, "ICC(C,1)": consistency}
    mean = {
        kind.replace(",1", ",k"): tuple(of_mean(value, k) for value in values)
        for kind, values in single.items()
    }
    return pd.DataFrame(
        [(kind, *values) for kind, values in (single | mean).items()], columns=COLUMNS
    )


def of_mean(icc: float, raters: float) -> float:
    """Step a single rating's coefficient up to that of a mean of `raters` ratings.

    References
    ----------
    Spearman, C. (1910) and Brown, W. (1910), British Journal of Psychology 3, 271-295, 296-322.
    """
    return float(raters * icc / (1 + (raters - 1) * icc))


def _mean_squares(ratings: np.ndarray) -> tuple[float, float, float]:
    """Mean squares of targets, raters and what is left of a two-way layout."""
    n, k = ratings.shape
    grand = ratings.mean()
    target, rater = ratings.mean(axis=1) - grand, ratings.mean(axis=0) - grand
    left = ratings - grand - target[:, None] - rater
    return (
        float(k * (target**2).sum() / (n - 1)),
        float(n * (rater**2).sum() / (k - 1)),
        float((left**2).sum() / ((n - 1) * (k - 1))),
    )


def _from_f_ratio(
    ratio: float, freedom: tuple[int, int], k: int, tail: float
) -> tuple[float, float, float]:
    ends = stats.f.isf(tail, *freedom), stats.f.ppf(tail, *freedom)
    return tuple(float((f - 1) / (f + k - 1)) for f in (ratio, ratio / ends[0], ratio / ends[1]))


def _absolute_agreement(
    squares: tuple[float, float, float], n: int, k: int, tail: float
) -> tuple[float, float, float]:
    between, raters, error = squares
    icc = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    share = k * icc / (n * (1 - icc))
    other = 1 + (n - 1) * share
    freedom = (share * raters + other * error) ** 2 / (
        (share * raters) ** 2 / (k - 1) + (other * error) ** 2 / ((n - 1) * (k - 1))
    )
    high, low = stats.f.isf(tail, n - 1, freedom), stats.f.isf(tail, freedom, n - 1)
    rest = k * raters + (k * n - k - n) * error
    return (
        float(icc),
        float(n * (between - high * error) / (high * rest + n * between)),
        float(n * (low * between - error) / (rest + n * low * between)),
    )
