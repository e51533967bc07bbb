"""McDonald's omega: reliability of a sum score from the factor model behind it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.psychometrics.dimensionality.exploratory import (
    explore_factors,
    schmid_leiman,
)
from learning_with_others.psychometrics.factor_models.estimation import observed_information
from learning_with_others.psychometrics.factor_models.factor_model import one_factor
from learning_with_others.psychometrics.factor_models.fitting import FactorFit, fit_factor_model
from learning_with_others.psychometrics.factor_models.likelihood import moment_scores
from learning_with_others.psychometrics.reliability.alpha import (
    FEWEST_CLUSTERS,
    known_clusters,
    usable_rows,
)

INTERVAL_KIND = "delta method on the log odds (clusters)"


@dataclass(frozen=True)
class Omega:
    """Omega of a sum score with its interval.

    Attributes
    ----------
    estimate, lower, upper : float
        Share of the sum's variance due to the factor; interval missing where the estimate is
        not between 0 and 1.
    people : int
    flags : tuple of str
        What is improper in the factor model; empty if nothing.
    """

    estimate: float
    lower: float
    upper: float
    people: int
    flags: tuple[str, ...]


def omega_total(
    keyed: pd.DataFrame, probability: float, cluster: np.ndarray | None = None, where: str = ""
) -> Omega:
    """Omega from one factor by maximum likelihood, complete rows.

    ω = (Σ λ)² ψ / s², the variance of the sum that the factor explains over its observed
    variance, both with divisor n. (Under the model's own variance, which leaves out what does not
    fit, the ratio differs a little.)

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Keyed items, NaN where missing.
    probability : float
        Of the interval: the delta method for log(ω/(1 − ω)), so that it stays between 0 and 1,
        from each row's influence on loadings, factor variance and observed variance: valid
        whatever the distribution of the items.
    cluster : ndarray, shape (n,), optional
        Cluster of each row, within which rows may depend on each other; one without
        label stands alone. Rows count as
        independent without it, and, flagged, where there are fewer than ten clusters: so few
        say too little of how they vary.
    where : str
        Scale and group, for errors.

    Raises
    ------
    CompendiumError
        See `usable_rows` and `fit_factor_model`; two items do not identify a factor.

    References
    ----------
    McDonald, R. P. (1999). Test theory: a unified treatment, ch. 6.
    Raykov, T. and Marcoulides, G. A. (2011). Introduction to psychometric theory, ch. 7 (interval).
    """
    kept = usable_rows(keyed, where=where)
    mine, flags = np.arange(len(kept)), []
    if cluster is not None:
        complete = keyed.notna().all(axis=1).to_numpy()
        codes = known_clusters(np.asarray(cluster)[complete])
        clusters = len(np.unique(codes))
        if clusters < FEWEST_CLUSTERS:
            flags.append(f"only {clusters} clusters: the interval takes rows as independent")
        else:
            mine = codes
    fit = fit_factor_model(kept, one_factor(kept.columns))
    total = kept.to_numpy(float).sum(axis=1)
    explained, influence = _explained_variance(fit)
    omega = float(explained / total.var())
    flags += [flag for flag in fit.flags if "degrees of freedom" not in flag]
    if not 0 < omega < 1 or influence is None:
        return Omega(omega, np.nan, np.nan, len(kept), tuple(flags))
    left = total.var() - explained
    of_variance = ((total - total.mean()) ** 2 - total.var()) / len(total)
    change = influence / explained - (of_variance - influence) / left
    summed = np.bincount(mine, weights=change)
    standard_deviation = np.sqrt(len(summed) / (len(summed) - 1) * (summed**2).sum())
    reach = stats.norm.ppf((1 + probability) / 2) * standard_deviation
    odds = np.log(explained / left)
    ends = (float(1 / (1 + np.exp(-(odds + end)))) for end in (-reach, reach))
    return Omega(omega, *ends, len(kept), tuple(flags))


def _explained_variance(fit: FactorFit) -> tuple[float, np.ndarray | None]:
    """Variance of the sum due to the factor, and each row's influence on it.

    No influence where the likelihood has no strict maximum.
    """
    table = fit.parameters
    kind, estimate = table["kind"].to_numpy(), table["estimate"].to_numpy()
    loadings = float(estimate[kind == "loading"].sum())
    variance = float(estimate[kind == "variance"][0])
    slope = {"loading": 2 * loadings * variance, "variance": loadings**2}
    gradient = np.zeros(fit.structure.count)
    for place, name in zip(table["free"], kind, strict=True):
        if place >= 0 and name in slope:
            gradient[place] += slope[name]
    curvature = observed_information(fit.structure, fit.data.moments, fit.point)
    explained = loadings**2 * variance
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        return explained, None
    mean, _ = fit.structure.moments(fit.point.parameters, 0)
    scores = moment_scores(fit.data.moments[0], mean, fit.point.groups[0])
    directions = fit.structure.directions(fit.point.parameters, 0)
    weight = directions.jacobian(fit.structure.count) @ np.linalg.solve(curvature, gradient)
    return explained, scores @ weight


def hierarchical_omega(
    correlation: np.ndarray, factors: int, items: tuple[str, ...] = ()
) -> tuple[float, tuple[str, ...]]:
    """Give omega of the general factor from an exploratory Schmid-Leiman solution, and its flags.

    ω_h = (Σ general loadings)² / Σ R, R the correlations.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
        Pearson correlations as a rule, polychoric ones for the variables behind the answers.
    factors : int
        Group factors.
    items : tuple of str
        Names for the flags.

    References
    ----------
    Zinbarg, R. E., Revelle, W., Yovel, I. and Li, W. (2005). Cronbach's α, Revelle's β, and
    McDonald's ω_H. Psychometrika 70, 123-133.
    """
    solution = schmid_leiman(explore_factors(correlation, factors, items=items))
    return float(solution.general.sum() ** 2 / correlation.sum()), solution.flags
