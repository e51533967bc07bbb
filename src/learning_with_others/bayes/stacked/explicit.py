"""A system of equations in plain PyMC: the same model, written to be read and extended."""

import numpy as np
import nutpie
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.explicit.fit import sample
from learning_with_others.bayes.explicit.random_effects import (
    correlation_factor,
    standard_deviation,
)
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.specification import INTERCEPT, Sampler
from learning_with_others.bayes.stacked.system import Place, System, SystemPriors


def explicit_system(
    system: System, priors: SystemPriors, data: pd.DataFrame, cluster: pd.Series
) -> pm.Model:
    r"""Write the system in plain PyMC.

    .. math::
        y_{ik} = x_{ik}'b_k + z_{ik}'u_{j[i]k} + e_{ik}

    Effects of clusters are sampled as standard normal ones, times the Cholesky factor of their
    covariance.

    Parameters
    ----------
    system : System
    priors : SystemPriors
    data : pandas.DataFrame
        A column for every term and outcome but ``Intercept``; values may be missing.
    cluster : pandas.Series
        Of the same rows.

    Returns
    -------
    pymc.Model
        Variables `coefficient` (by place), `sd` and `correlation` are those of `fit_stacked`;
        beside them `effect`, by cluster and slope.
    """
    labels = pd.Categorical(cluster.astype(str))
    values = data.assign(**{INTERCEPT: 1.0}).astype(float)
    coords = {
        "place": [", ".join(place) for place in system.coefficients],
        "sd_of": system.standard_deviations,
        "pair": system.pairs,
        "cluster": list(labels.categories),
        "slope": [", ".join(place) for place in system.varying],
    }
    with pm.Model(coords=coords) as model:
        sds = {}
        for number, name in enumerate(system.standard_deviations):
            prior = priors.standard_deviations[name]
            own = Prior(prior.family, prior.scale, "", prior.degrees)
            sds[name] = standard_deviation(f"sd_{number}", own)
        pm.Deterministic("sd", pt.stack(list(sds.values())), dims="sd_of")

        coefficients = _coefficients(system, priors, sds)
        pm.Deterministic("coefficient", pt.stack(list(coefficients.values())), dims="place")

        correlations: list[TensorVariable] = []
        covariances = []
        for number, block in enumerate(system.blocks):
            own = [sds[f"sd_residual[{outcome}]"] for outcome in block]
            factor = _factor(f"residual_{number}", own, priors, correlations)
            covariances.append(factor @ factor.T)
        together = {place for group in system.covarying for place in group}
        alone = tuple((place,) for place in system.varying if place not in together)
        effects = {}
        for number, group in enumerate((*system.covarying, *alone)):
            own = [sds[f"sd_cluster[{outcome}, {term}]"] for outcome, term in group]
            factor = _factor(f"cluster_{number}", own, priors, correlations)
            standard = pm.Normal(f"standard_{number}", shape=(len(labels.categories), len(group)))
            drawn = standard @ factor.T
            effects |= {place: drawn[:, k] for k, place in enumerate(group)}
        if effects:
            slopes = pt.stack([effects[place] for place in system.varying], axis=1)
            pm.Deterministic("effect", slopes, dims=("cluster", "slope"))
        if correlations:
            pm.Deterministic("correlation", pt.stack(correlations), dims="pair")

        means = {
            each.outcome: sum(
                values[term].fillna(0).to_numpy()
                * (
                    coefficients[each.outcome, term]
                    + (effects[each.outcome, term][labels.codes] if term in each.varying else 0)
                )
                for term in each.terms
            )
            for each in system.equations
        }
        for block, covariance in zip(system.blocks, covariances, strict=True):
            _observe(system, block, covariance, means, values)
    return model


def _coefficients(
    system: System, priors: SystemPriors, sds: dict[str, TensorVariable]
) -> dict[Place, TensorVariable]:
    scales = {place: f"sd_{name}" for name, group in system.scaled.items() for place in group}
    found = {}
    for number, place in enumerate(system.coefficients):
        name = f"coefficient_{number}"
        if place in scales:
            found[place] = sds[scales[place]] * pm.Normal(f"standard_{name}")
        elif np.isfinite(priors.coefficients[place]):
            found[place] = pm.Normal(name, 0, priors.coefficients[place])
        else:
            found[place] = pm.Flat(name)
    return found


def _factor(
    name: str, sds: list[TensorVariable], priors: SystemPriors, correlations: list[TensorVariable]
) -> TensorVariable:
    """Cholesky factor of a covariance matrix; its correlations are added to the others."""
    size = len(sds)
    rows = correlation_factor(name, size, priors.correlation)
    correlations += [
        sum(rows[r][m] * rows[c][m] for m in range(c + 1)) for r in range(size) for c in range(r)
    ]
    return pt.stack(
        [
            pt.stack([sds[r] * (rows[r][c] if c <= r else 0.0) for c in range(size)])
            for r in range(size)
        ]
    )


def _observe(
    system: System,
    block: tuple[str, ...],
    covariance: TensorVariable,
    means: dict[str, TensorVariable],
    values: pd.DataFrame,
) -> None:
    """Rows of a block have those of its equations whose outcome and terms they have."""
    needed = {each.outcome: [each.outcome, *each.terms] for each in system.equations}
    known = np.column_stack([values[needed[name]].notna().all(axis=1) for name in block])
    for pattern in np.unique(known, axis=0):
        here, own = np.flatnonzero(pattern), np.flatnonzero((known == pattern).all(axis=1))
        names = [block[k] for k in here]
        if not names:
            continue
        label = f"{' & '.join(names)} of {' & '.join(block)}"
        mean = pt.stack([means[name][own] for name in names], axis=1)
        observed = values[names].to_numpy()[own]
        if len(names) == 1:  # the same density, compiled in a fraction of the time
            sd = pt.sqrt(covariance[here[0], here[0]])
            pm.Normal(label, mean, sd, observed=observed)
        else:
            pm.MvNormal(label, mean, covariance[here][:, here], observed=observed)


def fit_explicit_system(
    system: System,
    priors: SystemPriors,
    data: pd.DataFrame,
    cluster: pd.Series,
    sampler: Sampler,
) -> xr.DataTree:
    """Fit the explicit model by NUTS; groups `posterior` and `sample_stats`."""
    return sample(
        nutpie.compile_pymc_model(explicit_system(system, priors, data, cluster)), sampler
    )
