"""Reliability of sum scores by factor, from a fitted model."""

import numpy as np
import pandas as pd

from learning_with_others.psychometrics.factor_models.fitting import FactorFit


def composite_reliability(fit: FactorFit) -> pd.DataFrame:
    """Reliability of each factor's sum score, and the variance it extracts from its items.

    Only for factors whose items load on no other factor.

    Returns
    -------
    pandas.DataFrame
        Columns `factor, group, items, rows, reliability, variance_extracted`. `reliability` is
        coefficient ω = (Σλ)²ψ over the variance of the sum, its unrestricted estimate (as in
        semTools' `compRelSEM`), so that a poor fit does not hide in the denominator.

    References
    ----------
    McDonald, R. P. (1999). Test theory, eq. 6.20. Fornell, C. and Larcker, D. F. (1981).
    Journal of Marketing Research 18, 39-50, eq. 8.
    """
    model = fit.model
    out = []
    for group, label in enumerate(fit.structure.table.groups):
        part = fit.structure.matrices(fit.point.parameters, group)
        variances = np.diag(fit.structure.factor_covariance(fit.point.parameters, group))
        for j, (factor, indicators) in enumerate(model.factors.items()):
            places = [i for i, item in enumerate(model.items) if item in indicators]
            elsewhere = np.delete(part["loadings"][places], j, axis=1)
            if not places or elsewhere.any():
                continue
            loadings = part["loadings"][places, j]
            residuals = np.diag(part["residuals"])[places]
            whole = fit.data.saturated[group].covariance[np.ix_(places, places)].sum()
            common = loadings.sum() ** 2 * variances[j]
            extracted = (loadings**2).sum() * variances[j]
            out.append(
                {
                    "factor": factor,
                    "group": label,
                    "items": len(places),
                    "rows": fit.rows[label],
                    "reliability": common / whole,
                    "variance_extracted": extracted / (extracted + residuals.sum()),
                }
            )
    names = ["factor", "group", "items", "rows", "reliability", "variance_extracted"]
    return pd.DataFrame(out, columns=names)
