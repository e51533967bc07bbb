"""Whether estimated effects of clusters look normal, as the model says they are."""

import arviz_stats as az  # without the plots of arviz, which take a second to import
import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import ndtri

from learning_with_others.bayes.design import Grouping
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.study import StudyDesign

OUTLYING = 3.0  # standard deviations
LEAST_INFORMED = 0.05  # share of an effect's variance that its posterior mean must hold
SIMULATED = 2000
FEWEST = 3  # fewer have no distribution


def cluster_effect_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Judge the standardized effects of every level against the normal distribution.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    study : StudyDesign
        Its minimum cell and seed.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, level, term` (intercept or slope)`, clusters, uninformed, correlation,
        expected_lower, expected_lower_mcse, outliers, flag`. `uninformed` clusters say too little
        of their own to be standardized and are left out. `correlation` is that of the Q-Q plot
        (Filliben 1975), and
        `expected_lower` the value under which normal effects fall in 5% of samples this large;
        `outliers` lie beyond 3 standard deviations. Missing with fewer than three clusters.
    """
    effects = cluster_effect_quantiles(fits, study)
    rows = []
    for name, fit in fits.items():
        for grouping in fit.frame.groupings:
            for term in _terms(grouping):
                key = {"outcome": name, "level": grouping.name, "term": term}
                mine = effects[
                    (effects["outcome"] == name)
                    & (effects["level"] == grouping.name)
                    & (effects["term"] == term)
                ]
                shown = int((np.bincount(grouping.index) >= study.analysis.minimum_cell).sum())
                seed = seed_of(study.analysis.seed, *key.values())
                rows.append(key | _judge(mine, shown, seed))
    return pd.DataFrame(rows)


def cluster_effect_quantiles(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Order standardized effects beside normal quantiles, clusters unnamed.

    Of clusters with at least the minimum cell of students. An effect's posterior mean is divided
    by its standard deviation over replications of the data, √(E[τ²] − Var(u | y)) (the
    "diagnostic" standard deviation; Goldstein 2011, sec. 2.9): posterior means are shrunken, the
    more the fewer students a cluster has.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, level, term, normal` (quantile, Blom's positions)`, effect`
        (standardized).
    """
    parts = []
    for name, fit in fits.items():
        posterior = fit.posterior
        for grouping in fit.frame.groupings:
            large = np.bincount(grouping.index) >= study.analysis.minimum_cell
            for number, term in enumerate(_terms(grouping)):
                suffix = f"_slope_{number - 1}" if number else ""
                standard = standardized_effects(posterior, grouping.name, suffix)[large]
                ordered = np.sort(standard[np.isfinite(standard)])
                about = {"outcome": name, "level": grouping.name, "term": term}
                normal = normal_positions(len(ordered))
                parts.append(pd.DataFrame({**about, "normal": normal, "effect": ordered}))
    return pd.concat(parts, ignore_index=True)


def standardized_effects(posterior: xr.Dataset, level: str, suffix: str = "") -> np.ndarray:
    """Posterior means of one level's effects in their diagnostic standard deviations, shape (J,).

    Not a number where under 5% of the effect's variance is known from the data: there the
    difference of two near-equal variances says nothing.

    Parameters
    ----------
    suffix : str
        Empty for intercepts, `_slope_0` for the first slope.
    """
    draws = posterior[f"effect_{level}{suffix}"]
    prior = float((posterior[f"sd_{level}{suffix}"] ** 2).mean())
    known = prior - draws.var(("chain", "draw"), ddof=1).to_numpy()
    mean = draws.mean(("chain", "draw")).to_numpy()
    informed = known > LEAST_INFORMED * prior
    return np.where(informed, mean / np.sqrt(np.where(informed, known, 1.0)), np.nan)


def normal_positions(count: int) -> np.ndarray:
    """Expected order statistics of a normal sample, by Blom's (1958) approximation."""
    return ndtri((np.arange(1, count + 1) - 0.375) / (count + 0.25))


def _terms(grouping: Grouping) -> tuple[str, ...]:
    return ("intercept", *(["slope"] * len(grouping.slopes)))


def _judge(effects: pd.DataFrame, shown: int, seed: int) -> dict[str, object]:
    values, count = effects["effect"].to_numpy(), len(effects)
    found: dict[str, object] = {"clusters": count, "uninformed": shown - count}
    outliers = int((np.abs(values) > OUTLYING).sum())
    if count < FEWEST:
        names = ("correlation", "expected_lower", "expected_lower_mcse")
        missing = dict.fromkeys(names, float("nan"))
        return found | missing | {"outliers": outliers, "flag": "too few clusters to judge"}
    normal = normal_positions(count)
    samples = np.random.default_rng(seed).standard_normal((SIMULATED, count))
    simulated = _correlation(np.sort(samples), normal)
    lower = float(np.quantile(simulated, 0.05))
    correlation = float(_correlation(values[None], normal)[0])
    flags = []
    if correlation < lower:
        flags.append("not normal")
    if outliers:
        flags.append(f"{outliers} beyond {OUTLYING:g} sd")
    return found | {
        "correlation": correlation,
        "expected_lower": lower,
        "expected_lower_mcse": float(az.mcse(simulated[None], method="quantile", prob=0.05)),
        "outliers": outliers,
        "flag": "; ".join(flags),
    }


def _correlation(ordered: np.ndarray, normal: np.ndarray) -> np.ndarray:
    apart = ordered - ordered.mean(axis=1, keepdims=True)
    lengths = np.sqrt((apart**2).sum(axis=1) * (normal**2).sum())
    return apart @ normal / lengths
