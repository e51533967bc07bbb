"""Posterior densities of standard deviations between clusters, beside their priors."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.bayes.design import Grouping
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit

POINTS = 201
PRIOR_END, POSTERIOR_END = 0.95, 0.995  # quantiles at which the densities end


def standard_deviation_table(fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Prior and posterior density of the sd between schools, if random, and of the slope's sd.

    Where the two lie close, as with four schools, the prior decides. All plausible values
    together.

    Parameters
    ----------
    fits : dict of str to BenefitFit

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, parameter, level, groups` (how many clusters of the level)`, sd, prior,
        posterior`: densities at a grid of sds in outcome sd, or in sd of the variable behind an
        outcome of categories.
    """
    parts = []
    for outcome, fit in fits.items():
        for name, words, prior, grouping in _standard_deviations(fit):
            unit = fit.frame.family.unit
            drawn = fit.mixture[name].to_numpy().ravel()
            end = max(prior_quantile(prior, PRIOR_END), float(np.quantile(drawn, POSTERIOR_END)))
            grid = np.linspace(0, end, POINTS)
            parts.append(
                pd.DataFrame(
                    {
                        "outcome": outcome,
                        "parameter": words,
                        "level": grouping.name,
                        "groups": len(grouping.labels),
                        "sd": grid / unit,
                        "prior": prior_density(prior, grid) * unit,
                        "posterior": reflected_density(drawn, grid) * unit,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def prior_density(prior: Prior, grid: np.ndarray) -> np.ndarray:
    """Density of a standard deviation's prior at values not below zero, shape (g,)."""
    if prior.distribution == "exponential":
        return stats.expon(scale=prior.scale).pdf(grid)
    return 2 * _unfolded(prior).pdf(grid)


def prior_quantile(prior: Prior, probability: float) -> float:
    """Quantile of a standard deviation's prior."""
    if prior.distribution == "exponential":
        return float(stats.expon(scale=prior.scale).ppf(probability))
    return float(_unfolded(prior).ppf((1 + probability) / 2))


def _unfolded(prior: Prior) -> "stats.distributions.rv_frozen":
    if prior.distribution == "half_student_t":
        return stats.t(prior.degrees, scale=prior.scale)
    return stats.norm(scale=prior.scale)


def reflected_density(draws: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Kernel density of positive draws, mass beyond zero folded back (Silverman 1986, sec. 2.10).

    Parameters
    ----------
    draws : ndarray, shape (d,)
    grid : ndarray, shape (g,)
        Not below zero.
    """
    kernel = stats.gaussian_kde(draws)
    return kernel(grid) + kernel(-grid)


def _standard_deviations(fit: BenefitFit) -> list[tuple[str, str, Prior, Grouping]]:
    design: BenefitDesign = fit.design
    by_name: dict[str, Grouping] = {each.name: each for each in fit.frame.groupings}
    priors, cluster = fit.frame.priors.standard_deviation, by_name[design.cluster]
    of_schools = [
        ("sd_school", "sd between schools", priors[name][0], school)
        for name, school in by_name.items()
        if name == "school"  # not where schools are fixed effects
    ]
    return [
        *of_schools,
        (
            f"sd_{cluster.name}_slope_0",
            f"sd of the slope between {cluster.name}s",
            priors[cluster.name][1],
            cluster,
        ),
    ]
