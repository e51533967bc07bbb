"""Posterior predictive checks of a benefit model: whether replicated outcomes look like these."""

from math import ceil

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.frame import design_of, obstacle
from learning_with_others.bayes.collapsed.prediction import linear_predictor, new_group_effects
from learning_with_others.bayes.families.family import Statistic
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.summary import probability_error, summarize
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.study import StudyDesign

MOST_VALUES = 10_000_000  # rows × draws held at once (80 MB); enough draws for any interval
MOST_DRAWS = 1000
FEWEST_CLUSTERS = 3  # fewer have no distribution
STATISTICS = FAMILIES["gaussian"].statistics(())
OF_CLUSTERS = ("sd", "10th percentile", "90th percentile")


def predictive_table(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Compare outcomes with outcomes replicated from the model, by group and by cluster.

    The observed outcome is that of the plausible value which the posterior was fitted to, the
    first. For the two groups compared, rows are replicated with the effects of their own clusters.
    For the means of the lowest clusters, effects of that level are drawn anew from their
    distribution: replicated with the clusters' own effects the means would agree however wrong
    that distribution is. Groups and clusters under the minimum cell are left out.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    study : StudyDesign
        Its minimum cell, seed and probability of intervals.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, group` (empty for clusters)`, of` (which clusters' means; empty for
        groups)`, children, clusters` (how many)`, statistic, observed, predicted` (predictive
        mean)`, lower, upper` (equal-tailed predictive interval)`, mcse, probability,
        probability_mcse`. In the unit of the family, or shares of categories; `probability` is
        P(replicated ≥ observed), near 0 or 1 where the model misses.

    References
    ----------
    Gelman, A., Meng, X.-L. and Stern, H. (1996). Posterior predictive assessment of model fitness
    via realized discrepancies. Statistica Sinica 6, 733-807.
    Marshall, E. C. and Spiegelhalter, D. J. (2003). Approximate cross-validatory predictive checks
    in disease mapping models. Statistics in Medicine 22, 1649-1660 (effects drawn anew).
    """
    parts = [
        _checks(fit, study, seed_of(study.analysis.seed, name)).assign(outcome=name)
        for name, fit in fits.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["outcome", *table.columns.drop("outcome")]]


def with_closed_form(fits: dict[str, BenefitFit]) -> dict[str, BenefitFit]:
    """Keep the fits whose coefficients integrate out: checks that rest on that apply to them."""
    return {name: fit for name, fit in fits.items() if not obstacle(fit.frame)}


def require_collapsed(frame: ModelFrame, where: str) -> None:
    """Refuse a model whose effects have no closed form.

    Raises
    ------
    CompendiumError
    """
    reason = obstacle(frame)
    if reason:
        raise CompendiumError(
            f"not available for a model that cannot be collapsed: {reason}",
            where=where,
            remedy="leave the check out for this model",
        )


def thinned(posterior: xr.Dataset, rows: int, most_draws: int = MOST_DRAWS) -> xr.Dataset:
    """Take every k-th draw, so that rows × draws stay in bounds.

    Parameters
    ----------
    posterior : xarray.Dataset
        Over chain and draw.
    rows : int
    most_draws : int
        Over all chains.
    """
    chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
    wanted = max(1, min(most_draws, MOST_VALUES // rows))
    return posterior.isel(draw=slice(None, None, ceil(chains * draws / wanted)))


def _checks(fit: BenefitFit, study: StudyDesign, seed: int) -> pd.DataFrame:
    frame, analysis = fit.frame, study.analysis
    design, observed = design_of(frame), frame.outcome
    posterior = thinned(fit.posterior, len(observed))
    replicated = replicate(posterior, frame, seed)
    chains = posterior.sizes["chain"]
    rows = []
    for group in (fit.design.focal, fit.design.reference):
        member = fit.design.members(group)
        if member.sum() < analysis.minimum_cell:
            continue
        about = {"group": group, "of": "", "children": int(member.sum()), "clusters": np.nan}
        mine = replicated[:, member]
        rows += [
            about | _row(name, of, observed[member], mine, analysis.interval_probability, chains)
            for name, of in frame.family.statistics(frame.categories).items()
        ]

    lowest = design.groupings[0]
    shown = np.bincount(lowest.index) >= analysis.minimum_cell
    if shown.sum() < FEWEST_CLUSTERS:
        return pd.DataFrame(rows)
    statistics = collapse(design, observed.astype(float), frame.weights)
    anew = new_group_effects(posterior, statistics, 0, lowest.labels, seed + 1)
    replicated = replicate(anew, frame, seed + 2)
    scale = frame.family.scale(observed)
    means = cluster_means(replicated, lowest.index)[:, shown] / scale
    mean = cluster_means(observed[None], lowest.index)[0, shown] / scale
    about = {
        "group": "",
        "of": f"{lowest.name} means",
        "children": np.nan,
        "clusters": int(shown.sum()),
    }
    # From percentiles of shares, numbers of people could be worked out.
    of_clusters = OF_CLUSTERS[:1] if frame.categories else OF_CLUSTERS
    rows += [
        about | _row(name, STATISTICS[name], mean, means, analysis.interval_probability, chains)
        for name in of_clusters
    ]
    return pd.DataFrame(rows)


def cluster_means(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Means over the rows of each cluster.

    Parameters
    ----------
    values : ndarray, shape (draws, n)
    index : ndarray of int, shape (n,)

    Returns
    -------
    ndarray, shape (draws, J)
    """
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(index.max() + 1))
    return np.add.reduceat(values[:, order], starts, axis=1) / np.bincount(index)


def replicate(posterior: xr.Dataset, frame: ModelFrame, seed: int) -> np.ndarray:
    """Draw outcomes of the frame's rows from its family, shape (draws, n).

    Parameters
    ----------
    posterior : xarray.Dataset
        With effects of every group.
    frame : ModelFrame
    seed : int
    """
    mean = linear_predictor(posterior, design_of(frame)).reshape(-1, len(frame.outcome))
    values = {name: posterior[name].to_numpy() for name in frame.family.parameters}
    own = {name: each.reshape(-1, *each.shape[2:]) for name, each in values.items()}
    return frame.family.simulate(mean, own, np.random.default_rng(seed), frame.weights)


def _row(
    name: str,
    statistic: Statistic,
    observed: np.ndarray,
    replicated: np.ndarray,
    probability: float,
    chains: int,
) -> dict[str, object]:
    seen = float(statistic(observed))
    drawn = statistic(replicated)
    found = summarize(drawn.reshape(chains, -1), probability)
    share = float((drawn >= seen).mean())
    return {
        "statistic": name,
        "observed": seen,
        "predicted": found.mean,
        "lower": found.lower,
        "upper": found.upper,
        "mcse": found.mcse,
        "probability": share,
        "probability_mcse": probability_error(share, found.effective_size),
    }
