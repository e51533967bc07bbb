"""Fit several outcomes together, one coefficient partially pooled across them."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from learning_with_others.bayes.collapsed.frame import obstacle
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.multivariate.chain import Priors, State, start, sweep
from learning_with_others.bayes.multivariate.effects import Coefficients
from learning_with_others.bayes.multivariate.priors import AcrossOutcomes, standard_deviation_of
from learning_with_others.bayes.multivariate.sums import gather
from learning_with_others.bayes.prior_choice import standard_deviation_names
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError, suggest

DRAW = ("chain", "draw")
# Of an outcome's variance: less left beside the others, and it follows from them.
SMALLEST_SHARE = 1e-8
DEFAULT_PRIORS = AcrossOutcomes()


def fit_multivariate(
    frame: ModelFrame,
    outcomes: Mapping[str, np.ndarray],
    pooled: str,
    sampler: Sampler,
    priors: AcrossOutcomes = DEFAULT_PRIORS,
) -> xr.DataTree:
    r"""Fit a Gaussian multilevel model to K outcomes of the same rows at once, by Gibbs sampling.

    .. math::
        y_{ik} = x_i'b_k + \sum_g z_{gi}' u_{g[i]k} + e_{ik}, \qquad
        e_i \sim N(0, \Sigma / w_i), \qquad \gamma_k \sim N(\mu, \tau)

    where :math:`\gamma_k` is the coefficient of the term `pooled`. Group effects are independent
    normal over terms and outcomes, each with a standard deviation of its own. Priors of the
    coefficients, of :math:`\mu` (that of the pooled term) and of every standard deviation are those
    of the frame, alike for every outcome; those of :math:`\tau` and of the correlations in
    :math:`\Sigma` are in `priors`.

    Coefficients, :math:`\mu` and all effects are drawn jointly; each outcome's standard deviations
    with its effects integrated out; :math:`\Sigma` by a Metropolis step of its own.

    Parameters
    ----------
    frame : ModelFrame
        Gaussian, with one grouping or two nested ones, without correlated effects. Its outcome is
        not used.
    outcomes : mapping of str to ndarray, shape (n,)
        In standard deviations, as the priors are.
    pooled : str
        Term whose coefficient is partially pooled.
    sampler : Sampler
        Its `target_accept` has no meaning here.
    priors : AcrossOutcomes, optional

    Returns
    -------
    xarray.DataTree
        Group `posterior`: `coefficient` (outcome, term), `pooled_mean`, `pooled_sd`, by outcome
        `sd_<grouping>`, `sd_<grouping>_slope_<k>` and `sd_residual`, and `correlation_residual`
        (pair), which a single outcome has not. Group `sample_stats`: `diverging`, always false,
        and `energy`, the negative log density; no Hamiltonian moves here, so E-BFMI only says
        whether that density moves between draws (it is about 2 − 2 · autocorrelation). Attributes
        `engine`, `seconds`, `rows`, `weaknesses`.

    Raises
    ------
    CompendiumError
        If the model is not of that kind, the term unknown, or an outcome has missing values, does
        not vary or follows from the others.

    References
    ----------
    Chib, S. and Carlin, B. P. (1999). On MCMC sampling in hierarchical longitudinal models.
    Statistics and Computing 9, 17-26.
    Gelman, A., Hill, J. and Yajima, M. (2012). Why we (usually) don't have to worry about multiple
    comparisons. Journal of Research on Educational Effectiveness 5, 189-211.
    """
    _check(frame, outcomes, pooled)
    sums = gather(frame, outcomes)
    resolved = resolve(frame, pooled, priors)
    started = time.perf_counter()
    streams = np.random.SeedSequence(sampler.seed).spawn(sampler.chains)

    def run(stream: np.random.SeedSequence) -> list[State]:
        random = np.random.default_rng(stream)
        state = start(sums, resolved, random)
        kept = []
        for number in range(sampler.tune + sampler.draws):
            state = sweep(sums, resolved, state, random)
            if number >= sampler.tune:
                kept.append(state)
        return kept

    # The matrices are small: threads of the linear algebra would only wait for one another.
    with threadpool_limits(1), ThreadPoolExecutor(min(sampler.chains, os.cpu_count() or 1)) as pool:
        chains = list(pool.map(run, streams))
    fit = _name(frame, list(outcomes), chains)
    fit.attrs = {
        "engine": "gibbs",
        "seconds": time.perf_counter() - started,
        "rows": len(frame.columns),
        "weaknesses": "; ".join(frame.weaknesses),
    }
    return fit


def resolve(frame: ModelFrame, pooled: str, priors: AcrossOutcomes) -> Priors:
    """Bring a frame's priors and those across outcomes together."""
    chosen = frame.priors
    return Priors(
        coefficients=Coefficients(
            1 / np.array(chosen.coefficient_sd) ** 2, frame.terms.index(pooled)
        ),
        standard_deviations=[
            standard_deviation_of(prior)
            for each in frame.groupings
            for prior in chosen.standard_deviation[each.name]
        ],
        pooled=standard_deviation_of(priors.pooled_sd),
        residual=standard_deviation_of(chosen.residual),
        correlation=priors.residual_correlation.scale,
    )


def _name(frame: ModelFrame, outcomes: list[str], chains: list[list[State]]) -> xr.DataTree:
    def stack(take) -> np.ndarray:  # noqa: ANN001 - a function of State
        return np.array([[take(state) for state in chain] for chain in chains])

    covariance = stack(lambda state: state.covariance)
    sds = np.sqrt(np.diagonal(covariance, axis1=2, axis2=3))
    variables = {
        "coefficient": ((*DRAW, "outcome", "term"), stack(lambda state: state.coefficients)),
        "pooled_mean": (DRAW, stack(lambda state: state.pooled_mean)),
        "pooled_sd": (DRAW, stack(lambda state: state.pooled_sd)),
        "sd_residual": ((*DRAW, "outcome"), sds),
    }
    names = [name for each in frame.groupings for name in standard_deviation_names(each)]
    standard_deviations = stack(lambda state: state.standard_deviations)
    variables |= {
        name: ((*DRAW, "outcome"), standard_deviations[..., k]) for k, name in enumerate(names)
    }
    coords: dict[str, object] = {
        "chain": np.arange(len(chains)),
        "draw": np.arange(len(chains[0])),
        "outcome": outcomes,
        "term": list(frame.terms),
    }
    rows, columns = np.tril_indices(len(outcomes), -1)
    if len(rows):
        found = covariance[:, :, rows, columns] / (sds[:, :, rows] * sds[:, :, columns])
        variables["correlation_residual"] = ((*DRAW, "pair"), found)
        pairs = zip(columns, rows, strict=True)
        coords["pair"] = [f"{outcomes[a]} & {outcomes[b]}" for a, b in pairs]
    energy = stack(lambda state: state.energy)
    about = {"energy": (DRAW, energy), "diverging": (DRAW, np.zeros(energy.shape, dtype=bool))}
    return xr.DataTree.from_dict(
        {
            "/posterior": xr.Dataset(variables, coords),
            "/sample_stats": xr.Dataset(about, {name: coords[name] for name in DRAW}),
        }
    )


def _check(frame: ModelFrame, outcomes: Mapping[str, np.ndarray], pooled: str) -> None:
    where = "model of several outcomes"
    reason = obstacle(frame)
    correlated = [each.name for each in frame.groupings if each.correlated]
    if reason is None and correlated:
        reason = f"the effects of {correlated[0]} are correlated"
    if reason:
        raise CompendiumError(f"it cannot be fitted: {reason}", where=where)
    if pooled not in frame.terms:
        raise CompendiumError(
            f"{pooled!r} is no term", where=where, remedy=suggest(pooled, frame.terms)
        )
    if not outcomes:
        raise CompendiumError("no outcomes are given", where=where, remedy="give one or more")
    rows = len(frame.columns)
    for name, values in outcomes.items():
        if np.shape(values) != (rows,):
            raise CompendiumError(
                f"{name!r} has shape {np.shape(values)}, the model {rows} rows", where=where
            )
        if not np.isfinite(values).all():
            raise CompendiumError(
                f"{name!r} has missing or infinite values",
                where=where,
                remedy="choose rows that are complete on every outcome",
            )
        if not np.ptp(values) > 0:
            raise CompendiumError(
                f"{name!r} does not vary", where=where, remedy="take this outcome out"
            )
    if rows <= len(outcomes) + 1:
        raise CompendiumError(f"{rows} rows for {len(outcomes)} outcomes", where=where)
    _check_outcomes(outcomes, where)


def _check_outcomes(outcomes: Mapping[str, np.ndarray], where: str) -> None:
    """Refuse an outcome that follows from those before it: residuals could not be told apart."""
    names = list(outcomes)
    correlation = np.atleast_2d(np.corrcoef(np.stack([outcomes[name] for name in names])))
    for k in range(1, len(names)):
        share = np.linalg.solve(correlation[:k, :k], correlation[:k, k])
        if 1 - correlation[k, :k] @ share < SMALLEST_SHARE:
            raise CompendiumError(
                f"{names[k]!r} follows from {', '.join(names[:k])}",
                where=where,
                remedy="take one of these outcomes out",
            )
