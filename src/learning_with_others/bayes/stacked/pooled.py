"""Fit several outcomes together, one coefficient partially pooled across them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.collapsed.frame import obstacle, standard_deviation_prior
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.specification import INTERCEPT, Sampler
from learning_with_others.bayes.stacked.fit import DRAW, fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, Place, System, SystemPriors
from learning_with_others.errors import CompendiumError, suggest

POOLED_SD = Prior(
    "half_normal",
    0.2,
    "P(sd > .39) is .05: the same coefficient of two outcomes seldom differs by more than .5; "
    "outcomes are few, so a wider prior would hardly pool and a prior near 0 would decide",
)
RESIDUAL_CORRELATION = Prior("lkj", 2.0, "correlations near ±1 are unlikely, else open")
POOLED, WHERE = "pooled", "model of several outcomes"
# Of an outcome's variance: less left beside the others, and it follows from them.
SMALLEST_SHARE = 1e-8


def fit_pooled(
    frame: ModelFrame,
    outcomes: Mapping[str, np.ndarray],
    pooled: str,
    sampler: Sampler,
    pooled_sd: Prior = POOLED_SD,
) -> xr.DataTree:
    r"""Fit a Gaussian multilevel model to K outcomes of the same rows at once.

    .. math::
        y_{ik} = x_i'b_k + \sum_g z_{gi}' u_{g[i]k} + e_{ik}, \qquad
        e_i \sim N(0, \Sigma), \qquad \gamma_k \sim N(\mu, \tau)

    where :math:`\gamma_k` is the coefficient of the term `pooled`. Group effects are independent
    normal over terms and outcomes, each with a standard deviation of its own. Priors of the
    coefficients, of :math:`\mu` (that of the pooled term) and of every standard deviation are those
    of the frame, alike for every outcome; :math:`\Sigma` has the LKJ prior `RESIDUAL_CORRELATION`.

    Parameters
    ----------
    frame : ModelFrame
        Gaussian, with one grouping or two nested ones, without correlated effects or weights. Its
        outcome is not used.
    outcomes : mapping of str to ndarray, shape (n,)
        In standard deviations, as the priors are.
    pooled : str
        Term whose coefficient is partially pooled.
    sampler : Sampler
        `chains` × `draws` points are drawn.
    pooled_sd : Prior
        Of :math:`\tau`.

    Returns
    -------
    xarray.DataTree
        Group `weighted`: `coefficient` (outcome, term), `pooled_mean`, `pooled_sd`, `sd` and
        `correlation` as `fit_stacked` names them, and `weight`. Its attributes are those of
        `fit_stacked`; whether the weights deserve belief is for `diagnose` to say.

    Raises
    ------
    CompendiumError
        If the model is not of that kind, the term unknown, or an outcome has missing values, does
        not vary or follows from the others.

    References
    ----------
    Gelman, A., Hill, J. and Yajima, M. (2012). Why we (usually) don't have to worry about multiple
    comparisons. Journal of Research on Educational Effectiveness 5, 189-211.
    """
    _check(frame, outcomes, pooled)
    system, priors, data = pooled_system(frame, outcomes, pooled, pooled_sd)
    lowest = frame.groupings[0]
    cluster = pd.Series(np.array(lowest.labels)[lowest.index])
    fit = fit_stacked(collapse_system(system, data, cluster), priors, sampler, adapt=False)
    drawn = fit["weighted"].to_dataset()
    every = drawn["coefficient"].to_numpy()
    # Equation by equation; effects of the upper level follow the frame's terms.
    coefficients = every.reshape(*every.shape[:2], len(outcomes), -1)[..., : len(frame.terms)]
    gaps = coefficients[..., frame.terms.index(pooled)]
    sd = drawn["sd"].sel(sd_of=f"sd_{POOLED}", drop=True).to_numpy()
    # Of the mean given the gaps: normal, its precision n / τ² + 1 / s².
    count = len(outcomes) + np.square(sd / priors.means[POOLED])
    noise = np.random.default_rng([sampler.seed, 1]).standard_normal(sd.shape)
    mean = gaps.sum(axis=-1) / count + noise * sd / np.sqrt(count)
    fit["weighted"] = drawn.drop_vars(["coefficient", "place"]).assign(
        coefficient=((*DRAW, "outcome", "term"), coefficients),
        pooled_mean=(DRAW, mean),
        pooled_sd=(DRAW, sd),
    ).assign_coords(outcome=list(outcomes), term=list(frame.terms))  # fmt: skip
    return fit


def pooled_system(
    frame: ModelFrame,
    outcomes: Mapping[str, np.ndarray],
    pooled: str,
    pooled_sd: Prior = POOLED_SD,
) -> tuple[System, SystemPriors, pd.DataFrame]:
    """Put the model as stacked equations, effects of the upper level as scaled coefficients."""
    lowest, *above = frame.groupings
    given = frame.priors
    columns = dict(zip(frame.terms, frame.columns.T, strict=True))
    upper: dict[str, tuple[list[str], Prior]] = {}
    for each in above:
        for values, term, prior in zip(
            frame.random_columns(each).T,
            (INTERCEPT, *each.slopes),
            given.standard_deviation[each.name],
            strict=True,
        ):
            of_term = {
                f"{term} of {each.name} {label}": values * (each.index == k)
                for k, label in enumerate(each.labels)
            }
            upper[f"{each.name}, {term}"] = list(of_term), prior
            columns |= of_term
    names = {outcome: f"outcome {outcome}" for outcome in outcomes}
    scaled: dict[str, tuple[Place, ...]] = {}
    sds = {f"sd_{POOLED}": pooled_sd}
    for name in names.values():
        sds[f"sd_residual[{name}]"] = given.own["sd_residual"]
        for term, prior in zip(
            (INTERCEPT, *lowest.slopes), given.standard_deviation[lowest.name], strict=True
        ):
            sds[f"sd_cluster[{name}, {term}]"] = prior
        for effects, (own, prior) in upper.items():
            scaled[f"{effects}[{name}]"] = tuple((name, term) for term in own)
            sds[f"sd_{effects}[{name}]"] = prior
    scaled[POOLED] = tuple((name, pooled) for name in names.values())
    system = System(
        equations=tuple(
            Equation(name, tuple(columns), (INTERCEPT, *lowest.slopes)) for name in names.values()
        ),
        blocks=(tuple(names.values()),),
        scaled=scaled,
    )
    scales = dict(zip(frame.terms, given.coefficient_sd, strict=True))
    priors = SystemPriors(
        coefficients={place: scales.get(place[1], 1.0) for place in system.coefficients},
        standard_deviations={
            name: standard_deviation_prior(sds[name]) for name in system.standard_deviations
        },
        correlation=RESIDUAL_CORRELATION.scale,
        means={POOLED: scales[pooled]},
    )
    data = pd.DataFrame(columns | {name: outcomes[outcome] for outcome, name in names.items()})
    return system, priors, data


def _check(frame: ModelFrame, outcomes: Mapping[str, np.ndarray], pooled: str) -> None:
    reason = obstacle(frame)
    correlated = [each.name for each in frame.groupings if each.correlated]
    if reason is None and correlated:
        reason = f"the effects of {correlated[0]} are correlated"
    if reason is None and frame.weights is not None:
        reason = "rows have weights"
    if reason:
        raise CompendiumError(f"it cannot be fitted: {reason}", where=WHERE)
    if pooled not in frame.terms:
        raise CompendiumError(
            f"{pooled!r} is no term", where=WHERE, remedy=suggest(pooled, frame.terms)
        )
    if not outcomes:
        raise CompendiumError("no outcomes are given", where=WHERE, remedy="give one or more")
    _check_outcomes(outcomes, len(frame.columns))


def _check_outcomes(outcomes: Mapping[str, np.ndarray], rows: int) -> None:
    before: list[np.ndarray] = []
    for name, values in outcomes.items():
        if np.shape(values) != (rows,):
            raise CompendiumError(
                f"{name!r} has shape {np.shape(values)}, the model {rows} rows", where=WHERE
            )
        if not np.isfinite(values).all():
            raise CompendiumError(
                f"{name!r} has missing or infinite values",
                where=WHERE,
                remedy="choose rows that are complete on every outcome",
            )
        if not np.ptp(values) > 0:
            raise CompendiumError(
                f"{name!r} does not vary", where=WHERE, remedy="take this outcome out"
            )
        others = np.column_stack([np.ones(rows), *before])
        left = values - others @ np.linalg.lstsq(others, values)[0]
        if left.var() < SMALLEST_SHARE * np.var(values):
            raise CompendiumError(
                f"{name!r} follows from the outcomes before it",
                where=WHERE,
                remedy="take one of these outcomes out",
            )
        before.append(np.asarray(values))
