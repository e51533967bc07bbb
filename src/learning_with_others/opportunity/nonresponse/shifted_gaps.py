"""The gap with imputed values, and what it is if the missing are lower or higher than imputed."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from learning_with_others.data.cluster_design import ClusterDesign, jackknife
from learning_with_others.inference.plausible_pooling import pool_estimates
from learning_with_others.opportunity.contrast import pooled_sd
from learning_with_others.opportunity.nonresponse.weighted_means import weighted_mean

FARTHEST, STEP = 2.0, 0.02  # SD: how far a tipping point is sought, and how finely


@dataclass(frozen=True)
class ShiftedGap:
    """The gap in each completed table as a line in the shift δ: gap + δ × share.

    Attributes
    ----------
    gaps, variances, covariances : ndarray, shape (M,)
        At δ = 0, with jackknife variance, and its covariance with the share.
    share, share_variance : float
        Change of the gap for each SD of shift.
    degrees, probability : float
    """

    gaps: np.ndarray
    variances: np.ndarray
    covariances: np.ndarray
    share: float
    share_variance: float
    degrees: int
    probability: float

    def at(self, delta: float) -> tuple[float, float, float, float]:
        """Estimate, interval and Monte Carlo error at a shift; NaN where clusters cannot vary."""
        estimates = self.gaps + delta * self.share
        variances = self.variances + 2 * delta * self.covariances + delta**2 * self.share_variance
        errors = np.sqrt(np.clip(variances, 0, None))
        if self.degrees < 1 or not np.isfinite(np.stack([estimates, errors])).all():
            return float(estimates.mean()), np.nan, np.nan, np.nan
        pooled = pool_estimates(estimates, errors, self.degrees, self.probability)
        return pooled.estimate, pooled.lower, pooled.upper, pooled.monte_carlo_error

    def tipping(self) -> float:
        """Shift nearest to none at which the interval begins, or ceases, to hold zero.

        Returns
        -------
        float
            NaN if there is none within `FARTHEST`, or no interval.
        """
        _, lower, upper, _ = self.at(0)
        if not np.isfinite(lower) or self.share == 0:
            return np.nan
        # Inside, whichever limit comes to zero first; outside, the one that lies nearer to it.
        outside = (1,) if lower > 0 else (2,)
        limits = (1, 2) if lower <= 0 <= upper else outside
        found = [self._root(limit, side) for limit in limits for side in (-1, 1)]
        known = [delta for delta in found if np.isfinite(delta)]
        return min(known, key=abs) if known else np.nan

    def _root(self, limit: int, side: int) -> float:
        def height(delta: float) -> float:
            return self.at(side * delta)[limit]

        steps = np.arange(0, FARTHEST + STEP / 2, STEP)
        heights = np.array([height(delta) for delta in steps])
        crossed = np.flatnonzero(np.sign(heights[1:]) != np.sign(heights[:-1]))
        if len(crossed) == 0:
            return np.nan
        return side * float(brentq(height, steps[crossed[0]], steps[crossed[0] + 1]))


def weighted_gap(values: np.ndarray, focal: np.ndarray, weights: np.ndarray) -> float:
    """Focal minus reference mean."""
    means = [weighted_mean(values[mine], weights[mine]) for mine in (focal, ~focal)]
    return means[0] - means[1]


def shifted_gaps(
    design: ClusterDesign,
    completed: np.ndarray,
    missing: np.ndarray,
    focal: np.ndarray,
    probability: float,
) -> dict[str, ShiftedGap]:
    """Estimate the gap with imputed values as a line in δ, in SD of the observed values.

    Parameters
    ----------
    design : ClusterDesign
        Of n rows.
    completed : ndarray, shape (M, n)
    missing, focal : ndarray of bool, shape (n,)
    probability : float

    Returns
    -------
    dict of str to ShiftedGap
        With δ added to the imputed values of the ``focal`` group, the ``reference`` group, or
        ``both``.

    Notes
    -----
    A shift of δ observed standard deviations moves a group's mean by δ times its share missing,
    so the gap is a line in δ in every replicate of the jackknife, too: its variance at any δ
    follows from those of the gap, of the share, and of their sum. The standard deviation is
    computed anew in each replicate.

    References
    ----------
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys, section 6.2 (imputed
    values shifted).
    Cro, S., Morris, T. P., Kenward, M. G. and Carpenter, J. R. (2020). Sensitivity analysis for
    clinical trials with missing continuous outcome data using controlled multiple imputation.
    Statistics in Medicine 39, 2815-2842 (delta adjustment, tipping point).
    """
    signs = {
        "focal": np.array([1.0, 0.0]),
        "reference": np.array([0.0, -1.0]),
        "both": np.array([1.0, -1.0]),
    }
    seen = ~missing

    def statistic(values: np.ndarray, w: np.ndarray) -> np.ndarray:
        gap = weighted_gap(values, focal, w) / pooled_sd(values[seen], focal[seen], w[seen])
        absent = missing.astype(float)
        parts = np.array([weighted_mean(absent[mine], w[mine]) for mine in (focal, ~focal)])
        shares = np.array([sign @ parts for sign in signs.values()])
        return np.concatenate([[gap], shares, gap + shares])

    found = [jackknife(design, lambda w, v=v: statistic(v, w), probability) for v in completed]
    estimates, errors = np.stack([f.estimate for f in found]), np.stack([f.error for f in found])
    variances, count = errors**2, len(signs)
    out = {}
    for k, name in enumerate(signs):
        share, total = variances[:, 1 + k], variances[:, 1 + count + k]
        out[name] = ShiftedGap(
            gaps=estimates[:, 0],
            variances=variances[:, 0],
            covariances=(total - variances[:, 0] - share) / 2,
            share=float(estimates[0, 1 + k]),
            share_variance=float(share[0]),
            degrees=design.degrees,
            probability=probability,
        )
    return out
