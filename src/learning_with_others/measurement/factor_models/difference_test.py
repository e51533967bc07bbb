"""Likelihood-ratio test between a model and one that restricts it."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.measurement.factor_models import robust
from learning_with_others.measurement.factor_models.estimation import (
    evaluate,
    maximize,
    observed_information,
)
from learning_with_others.measurement.factor_models.fit_measures import chisq_p
from learning_with_others.measurement.factor_models.fitting import FactorFit
from learning_with_others.measurement.factor_models.moments import population_moments


@dataclass(frozen=True)
class Difference:
    """Test of what the restricted model adds to the wider one.

    Attributes
    ----------
    chisq, df, p : float, int, float
        NaN where no positive scaling factor exists.
    scaling_factor : float
        1 under normal theory.
    """

    chisq: float
    df: int
    p: float
    scaling_factor: float


def difference_test(restricted: FactorFit, wider: FactorFit) -> Difference:
    """Test the restrictions; scaled where the fits are robust.

    The scaling factor of the difference comes from both models' factors (2001); if that is not
    positive, from the wider model's factor at the restricted model's moments (2010).

    References
    ----------
    Satorra, A. and Bentler, P. M. (2001). A scaled difference chi-square test statistic for
    moment structure analysis. Psychometrika 66, 507-514, p. 511; (2010). Ensuring positiveness
    of the scaled difference chi-square test statistic. Psychometrika 75, 243-248, eq. 9.
    """
    plain = restricted.measures.chisq - wider.measures.chisq
    df = restricted.measures.df - wider.measures.df
    if df == 0:
        return Difference(plain, 0, np.nan, 1.0)
    factor = 1.0
    if restricted.data.clusters is not None:
        own = restricted.measures.df * restricted.measures.scaling_factor
        factor = (own - _weighted(wider)) / df
        if factor <= 0:
            factor = (own - _weighted_at(restricted, wider)) / df
        if factor <= 0:
            return Difference(np.nan, df, np.nan, factor)
    return Difference(plain / factor, df, chisq_p(plain / factor, df), factor)


def _weighted(fit: FactorFit) -> float:
    """Degrees of freedom times scaling factor; nothing for a model without any."""
    return fit.measures.df * fit.measures.scaling_factor if fit.measures.df else 0.0


def _weighted_at(restricted: FactorFit, wider: FactorFit) -> float:
    """The same for the wider model, evaluated where the restricted one puts the moments."""
    data = restricted.data
    imagined = tuple(
        population_moments(label, *restricted.implied[label], restricted.rows[label])
        for label in data.labels
    )
    there = maximize(wider.structure, imagined, wider.point.parameters)
    point = evaluate(wider.structure, data.moments, there.parameters)
    curvature = observed_information(wider.structure, data.moments, point)
    at = robust.sandwich(wider.structure, data.moments, point, curvature, data.clusters)
    return data.saturated_trace - at.trace
