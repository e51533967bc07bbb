"""Fit the collapsed model: draw what is left, then what was integrated out."""

import time

import numpy as np
import xarray as xr

from learning_with_others.bayes.collapsed.compilation import compile_engine
from learning_with_others.bayes.collapsed.density import unfold_points
from learning_with_others.bayes.collapsed.exact_draws import Effects, draw_effects
from learning_with_others.bayes.collapsed.importance import weighted_points
from learning_with_others.bayes.collapsed.priors import CollapsedPriors, parameter_names
from learning_with_others.bayes.collapsed.random_structure import Problem, pose
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.collapsed.transforms import correlation_matrices
from learning_with_others.bayes.specification import Sampler

DRAW = ("chain", "draw")


def fit_collapsed(
    statistics: Statistics,
    priors: CollapsedPriors,
    sampler: Sampler,
    *,
    nuts: bool = False,
    effects: bool = True,
) -> xr.DataTree:
    """Fit a Gaussian multilevel model with all effects integrated out.

    Standard deviations and correlations are drawn independently, with weights; where the weights
    fail their diagnosis, by NUTS. Coefficients and effects are drawn exactly for each of them.

    Parameters
    ----------
    statistics : Statistics
    priors : CollapsedPriors
    sampler : Sampler
        `chains` × `draws` points are drawn; `tune` and `target_accept` are for NUTS: .9 is
        accepted often enough, since this density has no funnel.
    nuts : bool
        Sample with NUTS, as a check of independent draws.
    effects : bool
        Whether effects of groups are drawn too.

    Returns
    -------
    xarray.DataTree
        Independent draws: group `weighted`, with the draws' `weight` (they sum to one), and the
        attribute `pareto_k`. NUTS: groups `posterior` and `sample_stats`. Variables, as in the
        explicit model: `coefficient` (by term), `sd_residual`, and per level `sd_<name>`,
        `effect_<name>`, `sd_<name>_slope_<k>`, `effect_<name>_slope_<k>` and, where correlated,
        `correlation_<name>` (by pair of terms). Attributes: `engine`, `method`, `seconds` (all but
        compilation), and `rows`.

    Raises
    ------
    CompendiumError
        If the outcome does not vary, flat coefficients are collinear, or priors do not match.
    KeyboardInterrupt
        If NUTS ended before its last draw.
    """
    compile_engine()
    started = time.perf_counter()
    problem = pose(statistics, priors)
    shape = (sampler.chains, sampler.draws)
    found = None if nuts else weighted_points(problem, shape[0] * shape[1], sampler.seed)
    if found is None:
        fit = _by_nuts(problem, sampler, effects=effects)
    else:
        points = np.empty_like(found.points)
        unfold_points(problem.header, found.points, points)
        draws = _all_draws(problem, points.reshape(*shape, -1), sampler.seed, effects=effects)
        draws["weight"] = DRAW, found.weights.reshape(shape)
        fit = xr.DataTree.from_dict({"/weighted": draws})
        fit.attrs |= {"method": "independent draws", "pareto_k": found.pareto_k}
    fit.attrs |= {
        "engine": "collapsed",
        "seconds": time.perf_counter() - started,
        "rows": int(statistics.rows.sum()),
    }
    return fit


def _by_nuts(problem: Problem, sampler: Sampler, *, effects: bool) -> xr.DataTree:
    # nutpie and its machine code take seconds to load, and few fits need them.
    from learning_with_others.bayes.collapsed.nuts import sample_points  # noqa: PLC0415

    sampled = sample_points(
        problem,
        chains=sampler.chains,
        tune=sampler.tune,
        draws=sampler.draws,
        target_accept=sampler.target_accept,
        seed=sampler.seed,
    )
    posterior = _all_draws(problem, sampled.points, sampler.seed, effects=effects)
    about = xr.Dataset(
        {name: (DRAW, values) for name, values in sampled.statistics.items()},
        {name: posterior[name] for name in DRAW},
    )
    fit = xr.DataTree.from_dict({"/posterior": posterior, "/sample_stats": about})
    fit.attrs["method"] = "NUTS"
    return fit


def _all_draws(problem: Problem, points: np.ndarray, seed: int, *, effects: bool) -> xr.Dataset:
    return name_draws(problem, points, draw_effects(problem, points, seed, groups=effects))


def name_draws(problem: Problem, points: np.ndarray, effects: Effects) -> xr.Dataset:
    """Name sds, correlations, coefficients and effects as the explicit model does.

    Parameters
    ----------
    problem : Problem
    points : ndarray, shape (chains, draws, dimensions)
    effects : Effects
        Without rows for group effects that were not drawn.
    """
    statistics, shape = problem.statistics, points.shape[:2]
    names = parameter_names(statistics)
    standard_deviations = np.exp(points[..., : len(names)])
    coords: dict[str, list] = {
        "chain": np.arange(shape[0]),
        "draw": np.arange(shape[1]),
        "term": list(statistics.terms),
    }
    variables = {"coefficient": ((*DRAW, "term"), effects.coefficients)}
    variables |= {name: (DRAW, standard_deviations[..., k]) for k, name in enumerate(names)}
    at = len(names)
    for level, own in zip(statistics.levels, (effects.lower, effects.upper), strict=False):
        if len(own):
            coords[level.name] = list(level.labels)
            variables[f"effect_{level.name}"] = ((*DRAW, level.name), own[0])
            for k in range(len(level.slopes)):
                variables[f"effect_{level.name}_slope_{k}"] = ((*DRAW, level.name), own[1 + k])
        if level.name not in problem.priors.correlations:
            continue
        terms = 1 + len(level.slopes)
        rows, columns = np.tril_indices(terms, -1)
        flat = points[..., at : at + len(rows)].reshape(-1, len(rows))
        factor = correlation_matrices(flat, terms)
        found = (factor @ factor.transpose(0, 2, 1))[:, rows, columns]
        pair = f"pair_{level.name}"
        words = ("Intercept", *level.slopes)
        coords[pair] = [f"{words[c]} & {words[r]}" for r, c in zip(rows, columns, strict=True)]
        variables[f"correlation_{level.name}"] = ((*DRAW, pair), found.reshape(*shape, -1))
        at += len(rows)
    return xr.Dataset(variables, coords)
