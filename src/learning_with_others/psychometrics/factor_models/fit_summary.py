"""Fit measures of a fitted model."""

from dataclasses import asdict

import numpy as np

from learning_with_others.psychometrics.factor_models import fit_measures, robust
from learning_with_others.psychometrics.factor_models.data import Data
from learning_with_others.psychometrics.factor_models.estimation import Point
from learning_with_others.psychometrics.factor_models.fit_measures import FitMeasures
from learning_with_others.psychometrics.factor_models.structure import Structure


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
    base = sum(fit_measures.baseline_log_likelihood(moments) for moments in data.moments)
    chisq, baseline = max(2 * (free - point.value), 0.0), 2 * (free - base)
    sizes = [moments.total for moments in data.moments]
    rows, groups, k = sum(sizes), len(sizes), len(structure.table.model.items)
    baseline_df = groups * k * (k - 1) // 2
    implied = [structure.moments(point.parameters, group) for group in range(groups)]
    cfi, tli = fit_measures.comparative_fit(chisq, df, baseline, baseline_df, (1.0, 1.0))
    lower, upper = fit_measures.rmsea_interval(chisq, df, rows, groups)
    count = structure.count - (0 if data.mean_structure else k)
    out = FitMeasures(
        chisq=chisq,
        df=df,
        p=fit_measures.chisq_p(chisq, df),
        baseline_chisq=baseline,
        baseline_df=baseline_df,
        cfi=cfi,
        tli=tli,
        rmsea=fit_measures.rmsea(chisq, df, rows, groups),
        rmsea_lower=lower,
        rmsea_upper=upper,
        srmr=fit_measures.srmr(data.saturated, implied, sizes, mean_structure=data.mean_structure),
        log_likelihood=point.value,
        free_parameters=count,
        aic=2 * count - 2 * point.value,
        bic=count * np.log(rows) - 2 * point.value,
        rows=rows,
    )
    return out if trace is None else _scaled(data, out, trace, groups)


def _scaled(data: Data, plain: FitMeasures, trace: float, groups: int) -> FitMeasures:
    """Add what the scaling factors give."""
    free = data.saturated_trace
    factor = robust.scaling_factor(free, trace, plain.df)
    base = robust.scaling_factor(free, data.baseline_trace, plain.baseline_df)
    if plain.df == 0:
        return plain
    scaled = plain.chisq / factor
    cfi, tli = fit_measures.comparative_fit(
        plain.chisq, plain.df, plain.baseline_chisq, plain.baseline_df, (factor, base)
    )
    return FitMeasures(
        **{
            **asdict(plain),
            "scaling_factor": factor,
            "chisq_scaled": scaled,
            "p_scaled": fit_measures.chisq_p(scaled, plain.df),
            "baseline_scaling_factor": base,
            "cfi_robust": cfi,
            "tli_robust": tli,
            "rmsea_robust": fit_measures.rmsea(plain.chisq, plain.df, plain.rows, groups, factor),
        }
    )
