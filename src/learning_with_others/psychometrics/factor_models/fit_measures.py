"""How well a model fits: chi-square, baseline, CFI, TLI, RMSEA, SRMR, information criteria."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from learning_with_others.psychometrics.factor_models.moments import GroupMoments
from learning_with_others.psychometrics.factor_models.saturated import Saturated

RMSEA_PROBABILITY = 0.90


@dataclass(frozen=True)
class FitMeasures:
    """Fit of one model; the definitions are lavaan's.

    Attributes
    ----------
    chisq, df, p : float, int, float
        Likelihood-ratio test against the unrestricted moments.
    baseline_chisq, baseline_df : float, int
        The same for the model in which no item covaries with another.
    cfi, tli : float
    rmsea, rmsea_lower, rmsea_upper : float
        With √(number of groups); 90% interval from the noncentral chi-square.
    srmr : float
        Residuals of means count where the model has a mean structure; groups weighted by rows.
    log_likelihood, aic, bic : float
    free_parameters, rows : int
    scaling_factor, chisq_scaled, p_scaled : float
        Yuan-Bentler test (MLR); NaN where rows were taken as independent and normal.
    baseline_scaling_factor, cfi_robust, tli_robust, rmsea_robust : float
        From both scaling factors; NaN likewise.
    """

    chisq: float
    df: int
    p: float
    baseline_chisq: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_lower: float
    rmsea_upper: float
    srmr: float
    log_likelihood: float
    free_parameters: int
    aic: float
    bic: float
    rows: int
    scaling_factor: float = np.nan
    chisq_scaled: float = np.nan
    p_scaled: float = np.nan
    baseline_scaling_factor: float = np.nan
    cfi_robust: float = np.nan
    tli_robust: float = np.nan
    rmsea_robust: float = np.nan


def chisq_p(chisq: float, df: int) -> float:
    """Upper tail of chi-square; NaN without degrees of freedom."""
    return float(stats.chi2.sf(chisq, df)) if df > 0 else np.nan


def comparative_fit(
    chisq: float, df: int, baseline: float, baseline_df: int, scalings: tuple[float, float]
) -> tuple[float, float]:
    """CFI and TLI.

    Parameters
    ----------
    chisq, df, baseline, baseline_df
        Unscaled test statistics and their degrees of freedom.
    scalings : (float, float)
        Scaling factors of model and baseline; (1, 1) under normal theory.

    References
    ----------
    Bentler, P. M. (1990). Comparative fit indexes in structural models. Psychological Bulletin
    107, 238-246, eq. 14. Tucker, L. R. and Lewis, C. (1973). Psychometrika 38, 1-10. Scaled:
    Brosseau-Liard, P. E. and Savalei, V. (2014). Multivariate Behavioral Research 49, 460-470.
    """
    excess = chisq - scalings[0] * df
    worst = baseline - scalings[1] * baseline_df
    most = max(worst, excess, 0.0)
    cfi = 1.0 if most == 0 else 1 - max(excess, 0.0) / most
    tli = 1.0 if df == 0 or worst == 0 else 1 - (excess / df) / (worst / baseline_df)
    return float(cfi), float(tli)


def rmsea(chisq: float, df: int, rows: int, groups: int, scaling: float = 1.0) -> float:
    """Root mean square error of approximation, √groups √(max(χ² − c df, 0) / (n df)).

    References
    ----------
    Steiger, J. H. (1998). A note on multiple sample extensions of the RMSEA fit index.
    Structural Equation Modeling 5, 411-419, eq. 8.
    """
    if df == 0:
        return 0.0
    return float(np.sqrt(groups * max(chisq - scaling * df, 0.0) / (rows * df)))


def rmsea_interval(
    chisq: float, df: int, rows: int, groups: int, probability: float = RMSEA_PROBABILITY
) -> tuple[float, float]:
    """Confidence interval of RMSEA from the noncentral chi-square distribution.

    References
    ----------
    Browne, M. W. and Cudeck, R. (1992). Alternative ways of assessing model fit. Sociological
    Methods and Research 21, 230-258, eqs. 13-16.
    """
    if df == 0:
        return 0.0, 0.0
    tail = (1 - probability) / 2
    ends = []
    for target in (1 - tail, tail):
        if stats.chi2.cdf(chisq, df) < target:
            ends.append(0.0)
            continue
        highest = chisq + 20 * np.sqrt(chisq + df) + 20  # far beyond any end
        noncentral = brentq(
            lambda value, target=target: stats.ncx2.cdf(chisq, df, value) - target,
            1e-12,
            highest,
            xtol=1e-10,
        )
        ends.append(float(np.sqrt(groups * noncentral / (rows * df))))
    return ends[0], ends[1]


def srmr(
    found: tuple[Saturated, ...],
    implied: list[tuple[np.ndarray, np.ndarray]],
    sizes: list[int],
    *,
    mean_structure: bool,
) -> float:
    """Standardized root mean square residual, by unrestricted standard deviations.

    References
    ----------
    Bentler, P. M. (1995). EQS structural equations program manual, ch. 6; group values weighted
    by their share of the rows, as lavaan 0.6 does.
    """
    total = 0.0
    for group, (mean, covariance), size in zip(found, implied, sizes, strict=True):
        standard_deviation = np.sqrt(np.diag(group.covariance))
        rows, columns = np.tril_indices(len(standard_deviation))
        residuals = (
            (group.covariance - covariance) / np.outer(standard_deviation, standard_deviation)
        )[rows, columns]
        if mean_structure:
            residuals = np.concatenate([residuals, (group.mean - mean) / standard_deviation])
        total += size * np.sqrt((residuals**2).mean())
    return float(total / sum(sizes))


def baseline_log_likelihood(moments: GroupMoments) -> float:
    """Log-likelihood when no item covaries with another: each item's own normal fit."""
    answered = (~np.isnan(moments.values)).sum(axis=0)
    variance = np.nanvar(moments.values, axis=0)
    return float(-0.5 * (answered * (np.log(2 * np.pi * variance) + 1)).sum())
