"""Simulation-based calibration of what coverage at one truth cannot check.

Residual correlations at which an association vanishes, coefficients of cluster means and the
covariance of slopes: truths are drawn from the prior and ranked among draws given data simulated
from them, in 12 classrooms of 8 students. Two hundred data sets in `make test-deep` suffice: a
covariance left out is found out by 48.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from deep import DOZEN, dozen_or, keep

from benchmarks.calibration.verdict import judge
from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT, Sampler
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, System, SystemPriors
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.models.benefit_terms import interaction
from learning_with_others.models.pathway_chain import Chain
from learning_with_others.models.pathway_columns import between, within
from learning_with_others.models.pathway_design import PathwayDesign
from learning_with_others.models.pathway_estimands import Links, along
from learning_with_others.models.pathway_fit import links_of
from learning_with_others.pathways.sensitivity import vanishing_correlation

CLUSTERS, SIZE, THINNED = 12, 8, 199
LEVEL, FOCAL = "classroom", "F"
FIRST, SECOND = ("x", "m"), ("m", "y")
PATH = ("x", "m", "y")
CHAIN = Chain("x", (("m",), ("y",)), ((FIRST, SECOND),))
COEFFICIENTS = 0.5  # standard deviation of their priors
SIZES = {"residual": 1.0, INTERCEPT: 0.5, "slope": 0.5}  # of half-normal priors


def terms_of(start):
    return (
        within(start, LEVEL),
        interaction(FOCAL, within(start, LEVEL)),
        between(start, LEVEL),
    )


SYSTEM = System(
    equations=(
        Equation("m", (INTERCEPT, FOCAL, *terms_of("x")), (INTERCEPT, within("x", LEVEL))),
        Equation(
            "y",
            (INTERCEPT, FOCAL, *terms_of("x"), *terms_of("m")),
            (INTERCEPT, within("m", LEVEL)),
        ),
    ),
    blocks=(("m",), ("y",)),
    covarying=((("m", within("x", LEVEL)), ("y", within("m", LEVEL))),),
)
KINDS = ["residual", "residual", INTERCEPT, "slope", INTERCEPT, "slope"]
PRIORS = SystemPriors(
    coefficients=dict.fromkeys(SYSTEM.coefficients, COEFFICIENTS),
    standard_deviations={
        name: StandardDeviationPrior("half_normal", SIZES[kind])
        for name, kind in zip(SYSTEM.standard_deviations, KINDS, strict=True)
    },
)


def columns_of(name, values, focal, cluster):
    """Deviation, the focal group's, and mean, as the pathway's equations hold them."""
    mean = (np.bincount(cluster, values) / SIZE)[cluster]
    parts = (values - mean, focal * (values - mean), mean)
    return dict(zip(terms_of(name), parts, strict=True)) | {name: values}


def drawn_truth(random):
    """Draw everything from the prior, by code of its own."""
    sds = np.abs(random.standard_normal(6)) * [SIZES[kind] for kind in KINDS]
    correlation = random.uniform(-1, 1)  # LKJ of shape 1
    coefficients = COEFFICIENTS * random.standard_normal(len(SYSTEM.coefficients))
    return SimpleNamespace(coefficients=coefficients, sds=sds, correlation=np.array([correlation]))


def simulated(truth, random):
    """Draw the mediator, and then the outcome given its deviations and means."""
    cluster = np.repeat(np.arange(CLUSTERS), SIZE)
    focal = (np.arange(len(cluster)) % 3 == 0).astype(float)
    exposure = (
        random.standard_normal(len(cluster)) + 0.5 * random.standard_normal(CLUSTERS)[cluster]
    )
    data = {FOCAL: focal, INTERCEPT: np.ones(len(cluster))}
    data |= columns_of("x", exposure, focal, cluster)
    noise = random.standard_normal((2, CLUSTERS))
    rest = np.sqrt(1 - truth.correlation[0] ** 2)
    slopes = [
        truth.sds[3] * noise[0],
        truth.sds[5] * (truth.correlation[0] * noise[0] + rest * noise[1]),
    ]
    at = 0
    for k, equation in enumerate(SYSTEM.equations):
        own = truth.coefficients[at : at + len(equation.terms)]
        at += len(equation.terms)
        values = sum(b * data[term] for b, term in zip(own, equation.terms, strict=True))
        values = values + truth.sds[2 + 2 * k] * random.standard_normal(CLUSTERS)[cluster]
        values += slopes[k][cluster] * data[equation.varying[1]]
        values += truth.sds[k] * random.standard_normal(len(cluster))
        data |= columns_of(equation.outcome, values, focal, cluster)
    return pd.DataFrame(data), pd.Series(cluster)


def design_of(data):
    return PathwayDesign(
        chain=CHAIN, cluster=LEVEL, data=data, parts=(SYSTEM,), priors=(PRIORS,),
        reference="R", focal=FOCAL, sizes={}, left_out=(), covariates=(),
    )  # fmt: skip


def log_likelihood(data, coefficients, sds, correlation):
    """Log density of mediator and outcome, effects of classrooms integrated out.

    Arguments have a first axis of draws. It alone tells a posterior that is the prior
    (Modrák et al. 2023, sec. 3).
    """
    draws, whole = len(sds), 2 * SIZE
    residuals, at = [], 0
    for equation in SYSTEM.equations:
        own = coefficients[:, at : at + len(equation.terms)]
        at += len(equation.terms)
        fitted = own @ data[list(equation.terms)].to_numpy().T
        residuals.append(
            (data[equation.outcome].to_numpy() - fitted).reshape(draws, CLUSTERS, SIZE)
        )
    e = np.concatenate(residuals, axis=2)
    first, second = (
        data[equation.varying[1]].to_numpy().reshape(CLUSTERS, SIZE)
        for equation in SYSTEM.equations
    )
    covariance = np.zeros((draws, CLUSTERS, whole, whole))
    for k, slope in enumerate((first, second)):
        own = slice(k * SIZE, (k + 1) * SIZE)
        variances = sds[:, [k, 2 + 2 * k, 3 + 2 * k]] ** 2
        residual, intercept, varying = variances.T[:, :, None, None, None]
        outer = np.einsum("ji,jk->jik", slope, slope)
        covariance[:, :, own, own] = residual * np.eye(SIZE) + intercept + varying * outer
    crossed = (sds[:, 3] * sds[:, 5] * correlation[:, 0])[:, None, None, None]
    crossed = crossed * np.einsum("ji,jk->jik", first, second)
    covariance[:, :, :SIZE, SIZE:] = crossed
    covariance[:, :, SIZE:, :SIZE] = np.swapaxes(crossed, 2, 3)
    solved = np.linalg.solve(covariance, e[..., None])[..., 0]
    return -0.5 * (np.linalg.slogdet(covariance)[1] + (e * solved).sum(axis=2)).sum(axis=1)


def quantities(links: Links):
    """What is ranked, of one draw or many."""
    found = {f"between {start} → {end}": v for (start, end), v in links.between.items()}
    fit = SimpleNamespace(links=links)
    for group in ("R", FOCAL):
        found[f"indirect, {group}"] = along(links, group, PATH)
        found[f"vanishes, {group}"] = vanishing_correlation(fit, group, FIRST, SECOND)
        found[f"second vanishes, {group}"] = vanishing_correlation(
            fit, group, FIRST, SECOND, both=False
        )
    found["covariance"] = links.covariance(FIRST, SECOND)
    return found | {f"sd {name}": values for name, values in links.residual_sds.items()}


def dataset_of(truth):
    """Name one truth as the engine names its draws, so that the same code reads both."""
    return xr.Dataset(
        {
            "coefficient": (("chain", "draw", "place"), truth.coefficients[None, None]),
            "sd": (("chain", "draw", "sd_of"), truth.sds[None, None]),
            "correlation": (("chain", "draw", "pair"), truth.correlation[None, None]),
        },
        {
            "place": [", ".join(place) for place in SYSTEM.coefficients],
            "sd_of": SYSTEM.standard_deviations,
            "pair": SYSTEM.pairs,
        },
    )


def everything(dataset, data):
    parts = [dataset[name].to_numpy()[0] for name in ("coefficient", "sd", "correlation")]
    found = quantities(links_of(design_of(data), [dataset]))
    return {name: np.ravel(v) for name, v in found.items()} | {
        "log likelihood": log_likelihood(data, *parts)
    }


def ranks(count, spoil=lambda dataset: dataset):
    """Ranks of truths among 199 draws; `spoil` makes a wrong posterior of a right one."""
    found = {}
    for number in range(count):
        random = np.random.default_rng([15, number])
        truth = drawn_truth(random)
        data, cluster = simulated(truth, random)
        fit = fit_stacked(
            collapse_system(SYSTEM, data, cluster), PRIORS, Sampler(number, draws=250)
        )
        draws = everything(spoil(stored_draws(fit, 1, THINNED, number)), data)
        for name, value in everything(dataset_of(truth), data).items():
            found.setdefault(name, []).append(int((draws[name] < value[0]).sum()))
    return {name: np.array(own) for name, own in found.items()}


@pytest.mark.parametrize("count", dozen_or(200))
def test_quantities_of_a_pathway_are_calibrated(count):
    table = judge(ranks(count), THINNED + 1)
    keep(
        "pathway_calibration",
        count,
        probability=table.set_index("quantity")["probability"].round(4).to_dict(),
        level=round(float(table["level"].iloc[0]), 5),
    )
    assert {"vanishes, F", "between m → y", "covariance", "log likelihood"} < set(table["quantity"])
    assert table["inside"].all(), table


def test_a_covariance_left_out_is_found_out():
    """Slopes drawn as if they did not covary: 48 data sets show it."""

    def spoil(dataset):
        return dataset.assign(correlation=dataset["correlation"] * 0)

    table = judge(ranks(4 * DOZEN, spoil), THINNED + 1).set_index("quantity")
    assert not table.loc["covariance", "inside"]
