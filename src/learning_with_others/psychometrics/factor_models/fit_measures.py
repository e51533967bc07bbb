"""How well a model fits: chi-square, baseline, CFI, TLI, RMSEA, SRMR, information criteria."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from learning_with_others.psychometrics.factor_models import robust
from learning_with_others.psychometrics.factor_models.data import Data
from learning_with_others.psychometrics.factor_models.estimation import Point
from learning_with_others.psychometrics.factor_models.moments import GroupMoments
from learning_with_others.psychometrics.factor_models.saturated import Saturated
from learning_with_others.psychometrics.factor_models.structure import Structure

RMSEA_PROBABILITY = 0.90


@dataclass(frozen=True)
class FitMeasures:
    """Fit of one model, all indices of normal theory; the definitions are lavaan's.

    No robust CFI, TLI or RMSEA is offered, since lavaan's under missing data (Zhang and Savalei
    2023) are not computed here; beside the scaled test the indices stay those of `chisq`.

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


def chisq_p(chisq: float, df: int) -> float:
    """Upper tail of chi-square; NaN without degrees of freedom."""
    return float(stats.chi2.sf(chisq, df)) if df > 0 else np.nan


def comparative_fit(
    chisq: float, df: int, baseline: float, baseline_df: int
) -> tuple[float, float]:
    """CFI and TLI.

    Parameters
    ----------
    chisq, df, baseline, baseline_df
        Test statistics and their degrees of freedom.

    References
    ----------
    Bentler, P. M. (1990). Comparative fit indexes in structural models. Psychological Bulletin
    107, 238-246, eq. 14. Tucker, L. R. and Lewis, C. (1973). Psychometrika 38, 1-10.
    """
    excess, worst = chisq - df, baseline - baseline_df
    most = max(worst, excess, 0.0)
    cfi = 1.0 if most == 0 else 1 - max(excess, 0.0) / most
    tli = 1.0 if df == 0 or worst == 0 else 1 - (excess / df) / (worst / baseline_df)
    return float(cfi), float(tli)


def rmsea(chisq: float, df: int, rows: int, groups: int) -> float:
    """Root mean square error of approximation, √groups √(max(χ² − df, 0) / (n df)).

    References
    ----------
    Steiger, J. H. (1998). A note on multiple sample extensions of the RMSEA fit index.
    Structural Equation Modeling 5, 411-419, eq. 8.
    """
    if df == 0:
        return 0.0
    return float(np.sqrt(groups * max(chisq - df, 0.0) / (rows * df)))


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


def summarize_fit(
    data: Data, structure: Structure, point: Point, df: int, trace: float | None
) -> FitMeasures:
    """Gather the fit measures.

    Parameters
    ----------
    data : Data
    structure : Structure
    point : Point
        The maximum of the likelihood.
    df : int
    trace : float or None
        tr(J H⁻¹) of the model, where clusters are given.
    """
    free = sum(found.at.value for found in data.saturated)
    base = sum(baseline_log_likelihood(moments) for moments in data.moments)
    chisq, baseline = max(2 * (free - point.value), 0.0), 2 * (free - base)
    sizes = [moments.total for moments in data.moments]
    rows, groups, k = sum(sizes), len(sizes), len(structure.table.model.items)
    baseline_df = groups * k * (k - 1) // 2
    implied = [structure.moments(point.parameters, group) for group in range(groups)]
    cfi, tli = comparative_fit(chisq, df, baseline, baseline_df)
    lower, upper = rmsea_interval(chisq, df, rows, groups)
    count = structure.count - (0 if data.mean_structure else k)
    factor = scaled = np.nan
    if trace is not None and df > 0:
        factor = robust.scaling_factor(data.saturated_trace, trace, df)
        scaled = chisq / factor
    return FitMeasures(
        chisq=chisq,
        df=df,
        p=chisq_p(chisq, df),
        baseline_chisq=baseline,
        baseline_df=baseline_df,
        cfi=cfi,
        tli=tli,
        rmsea=rmsea(chisq, df, rows, groups),
        rmsea_lower=lower,
        rmsea_upper=upper,
        srmr=srmr(data.saturated, implied, sizes, mean_structure=data.mean_structure),
        log_likelihood=point.value,
        free_parameters=count,
        aic=2 * count - 2 * point.value,
        bic=count * np.log(rows) - 2 * point.value,
        rows=rows,
        scaling_factor=factor,
        chisq_scaled=scaled,
        p_scaled=chisq_p(scaled, df),
    )
