"""The mean of ratings, and what targets and raters add to it, given variance components."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

INTERVAL_KIND = "t, Satterthwaite degrees of freedom"


@dataclass(frozen=True)
class RatingMeans:
    """Generalized least squares mean and best linear unbiased predictions.

    Attributes
    ----------
    mean, error, degrees : float
        Over the targets and raters of which these are a sample; its standard error and its
        Satterthwaite degrees of freedom.
    targets, raters : ndarray
        Labels, in the order of their predictions.
    target_effects, rater_effects : ndarray
        What each adds to the mean; a target's with its raters taken into account, and the reverse.
    """

    mean: float
    error: float
    degrees: float
    targets: np.ndarray
    raters: np.ndarray
    target_effects: np.ndarray
    rater_effects: np.ndarray

    def interval(self, probability: float) -> tuple[float, float]:
        """Equal-tailed t interval of the mean."""
        half = stats.t.ppf((1 + probability) / 2, self.degrees) * self.error
        return self.mean - half, self.mean + half


def rating_means(
    rating: np.ndarray, target: np.ndarray, rater: np.ndarray, variances: tuple[float, float, float]
) -> RatingMeans:
    """Estimate the mean of ratings = μ + target + rater + error, whoever rated whom.

    Parameters
    ----------
    rating : ndarray, shape (n,)
        Without missing values.
    target, rater : ndarray, shape (n,)
        Labels.
    variances : (float, float, float)
        Of targets, raters and error, by restricted maximum likelihood.

    Notes
    -----
    Degrees of freedom are 2 f² / (g' A g): f the variance of the mean, g its gradient in the three
    variances, A the inverse of their expected information. In complete designs this is
    Satterthwaite's (1946) approximation for a sum of mean squares. A variance estimated as zero
    keeps its place in A.

    References
    ----------
    Giesbrecht, F. G. and Burns, J. C. (1985). Two-stage analysis based on a mixed model.
    Biometrics 41, 477-486.
    Searle, S. R., Casella, G. and McCulloch, C. E. (1992). Variance components, ch. 6 and 7.
    """
    targets, target_codes = np.unique(target, return_inverse=True)
    raters, rater_codes = np.unique(rater, return_inverse=True)
    designs = [np.eye(len(targets))[target_codes], np.eye(len(raters))[rater_codes]]
    # Ratings are hundreds, not millions: their covariance matrix fits.
    covariance = variances[2] * np.eye(len(rating))
    for variance, design in zip(variances, designs, strict=False):
        covariance += variance * design @ design.T
    inverse = linalg.inv(covariance)
    weight = inverse.sum(axis=1)
    variance = 1 / weight.sum()
    mean = float(variance * (weight @ rating))
    inside = inverse - variance * np.outer(weight, weight)
    parts = [*designs, np.eye(len(rating))]
    gradient = variance**2 * np.array([np.square(part.T @ weight).sum() for part in parts])
    information = 0.5 * np.array(
        [[np.square(one.T @ inside @ two).sum() for two in parts] for one in parts]
    )
    degrees = 2 * variance**2 / (gradient @ np.linalg.pinv(information) @ gradient)
    left = inverse @ (rating - mean)
    effects = [size * design.T @ left for size, design in zip(variances, designs, strict=False)]
    return RatingMeans(mean, float(np.sqrt(variance)), float(degrees), targets, raters, *effects)
