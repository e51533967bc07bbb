"""Variance of ratings by target, rater and rest, whoever rated whom."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from learning_with_others.psychometrics.agreement.rating_likelihood import (
    RatingModel,
    profile_interval,
)

INTERVAL_KIND = "profile restricted likelihood"


@dataclass(frozen=True)
class Coefficient:
    """An intraclass correlation with its interval, for one rating and for a target's mean."""

    single: float
    single_lower: float
    single_upper: float
    average: float
    average_lower: float
    average_upper: float


@dataclass(frozen=True)
class RatingComponents:
    """Variance components of a crossed design, and what they say of agreement.

    Attributes
    ----------
    target, rater, error : float
        Variances by restricted maximum likelihood, in squared units of the rating.
    agreement, consistency : Coefficient
        Target variance over target + rater + error, and over target + error.
    rater_share, error_share : (float, float, float)
        Rater and error variance over target + rater + error, with the ends of their intervals.
    flags : tuple of str
    """

    target: float
    rater: float
    error: float
    agreement: Coefficient
    consistency: Coefficient
    rater_share: tuple[float, float, float]
    error_share: tuple[float, float, float]
    flags: tuple[str, ...]


def rating_components(
    rating: np.ndarray, target: np.ndarray, rater: np.ndarray, probability: float, where: str = ""
) -> RatingComponents:
    """Split ratings into target, rater and rest, in complete and incomplete designs.

    rating = μ + target + rater + error, all three normal and independent. Where every rater
    scored every target this is the two-way random model, and the coefficients are ICC(A,1) and
    ICC(C,1).

    Parameters
    ----------
    rating : ndarray, shape (n,)
        One row per rating, NaN where missing.
    target, rater : ndarray, shape (n,)
        Labels.
    probability : float
        Of the intervals: those values of the coefficient that a likelihood-ratio test does not
        reject, the other variances profiled out.
    where : str
        What was rated, for errors.

    Raises
    ------
    CompendiumError
        If there are fewer than two raters, no target has two ratings, or ratings do not vary.

    References
    ----------
    Brennan, R. L. (2001). Generalizability theory, ch. 2 and 4 (absolute and relative error).
    Putka, D. J., Le, H., McCloy, R. A. and Diaz, T. (2008). Ill-structured measurement designs in
    organizational research. Journal of Applied Psychology 93, 959-981.
    """
    model = RatingModel(np.asarray(rating, float), np.asarray(target), np.asarray(rater), where)
    of_target, of_rater, top = model.maximum()
    drop = stats.chi2.ppf(probability, 1) / 2

    def share(value: float, profile: Callable[[float], float]) -> tuple[float, float, float]:
        return value, *profile_interval(profile, value, top, drop)

    def coefficient(value: float, profile: Callable[[float], float]) -> Coefficient:
        found = share(value, profile)
        return Coefficient(*found, *(of_mean(end, model.per_target) for end in found))

    total = of_target + of_rater + 1
    error = model.error_variance(of_target, of_rater)
    return RatingComponents(
        target=of_target * error,
        rater=of_rater * error,
        error=error,
        agreement=coefficient(of_target / total, model.target_profile),
        consistency=coefficient(of_target / (of_target + 1), model.consistency_profile),
        rater_share=share(of_rater / total, model.rater_profile),
        error_share=share(1 / total, model.error_profile),
        flags=tuple(
            f"no variance between {name}s"
            for name, ratio in (("target", of_target), ("rater", of_rater))
            if ratio == 0
        ),
    )


def of_mean(icc: float, raters: float) -> float:
    """Step a single rating's coefficient up to that of a mean of `raters` ratings.

    References
    ----------
    Spearman, C. (1910) and Brown, W. (1910), British Journal of Psychology 3, 271-295, 296-322.
    """
    return float(raters * icc / (1 + (raters - 1) * icc))
