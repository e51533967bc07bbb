"""Fits against a posterior on a grid, their shape, and what happens to poor data."""

from dataclasses import replace

import arviz as az
import numpy as np
import pyarrow as pa
import pytest
from dense import log_density, random_design
from scipy import stats
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.collapsed.accumulate import collapse, with_outcome
from learning_with_others.bayes.collapsed.density import evaluate
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.nuts import read_trace
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    StandardDeviationPrior,
    half_normal_priors,
    parameter_names,
)
from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError

SAMPLER = Sampler(seed=7, chains=4, tune=500, draws=500, target_accept=0.9)


def half_normal(statistics, scale=1.0, **more):
    standard_deviations = dict.fromkeys(
        parameter_names(statistics), StandardDeviationPrior("half_normal", scale)
    )
    return CollapsedPriors(1.0, standard_deviations, **more)


def test_the_posterior_is_the_one_on_a_grid():
    design = random_design(2, rows=40, classrooms=8, schools=0, slopes=(), terms=2)
    rng = np.random.default_rng(3)
    outcome = rng.normal(size=40) + 0.6 * rng.normal(size=8)[design.groupings[0].index]
    statistics = collapse(design, outcome)
    priors = CollapsedPriors(
        1.3,
        {
            "sd_residual": StandardDeviationPrior("exponential", 1.0),
            "sd_classroom": StandardDeviationPrior("half_student_t", 0.5, 4),
        },
    )
    fit = fit_collapsed(statistics, priors, replace(SAMPLER, draws=2000))

    residual, classroom = np.linspace(0.55, 1.9, 45), np.linspace(0.01, 3.2, 70)
    log_posterior = np.array(
        [
            [
                log_density(design, outcome, np.ones(40), s, [np.array([[c**2]])], [1.3**2] * 2)
                + stats.expon.logpdf(s)
                + stats.t(4, scale=0.5).logpdf(c)
                for c in classroom
            ]
            for s in residual
        ]
    )
    grid = np.exp(log_posterior - log_posterior.max())
    grid /= grid.sum()
    for name, values, axis in [("sd_residual", residual, 1), ("sd_classroom", classroom, 0)]:
        mass = grid.sum(axis=axis)
        mean = (mass * values).sum()
        sd = np.sqrt((mass * (values - mean) ** 2).sum())
        places = [values[np.searchsorted(mass.cumsum(), p)] for p in (0.05, 0.95)]
        step = values[1] - values[0]
        draws, weights = weighted_parts(fit)
        found = weighted_summary(draws[name].to_numpy(), weights)
        for (value, error), expected, width in zip(
            found, [mean, sd, *places], [0, 0, step, step], strict=True
        ):
            # Four Monte Carlo standard errors, as "agrees" is defined.
            assert value == pytest.approx(expected, abs=4 * error + width)


@pytest.fixture(scope="module")
def study():
    design = random_design(4, rows=400, classrooms=24, schools=4, slopes=("x1", "x2"), terms=4)
    rng = np.random.default_rng(5)
    effects = rng.normal(size=(24, 3)) * [0.4, 0.3, 0.2]
    classroom = design.groupings[0].index
    outcome = rng.normal(size=400) + (effects[classroom] * design.columns[:, :3]).sum(axis=1)
    return design, outcome, collapse(design, outcome)


def test_a_fit_has_the_variables_of_the_explicit_model_and_passes_its_gate(study):
    _, _, statistics = study
    priors = half_normal(statistics, correlations={"classroom": 2.0})
    fit = fit_collapsed(statistics, priors, replace(SAMPLER, tune=1000, draws=1000))
    assert diagnose(fit).flag is None
    draws, weights = weighted_parts(fit)
    assert weights.sum() == pytest.approx(1)
    sizes = {name: values.sizes for name, values in draws.data_vars.items()}
    shape = {"chain": 4, "draw": 1000}
    assert sizes == {
        "coefficient": shape | {"term": 4},
        "sd_residual": shape,
        "sd_classroom": shape,
        "sd_classroom_slope_0": shape,
        "sd_classroom_slope_1": shape,
        "effect_classroom": shape | {"classroom": 24},
        "effect_classroom_slope_0": shape | {"classroom": 24},
        "effect_classroom_slope_1": shape | {"classroom": 24},
        "correlation_classroom": shape | {"pair_classroom": 3},
        "sd_school": shape,
        "effect_school": shape | {"school": 4},
    }
    pairs = list(draws["pair_classroom"].to_numpy())
    assert pairs == ["Intercept & x1", "Intercept & x2", "x1 & x2"]
    assert fit.attrs["engine"] == "collapsed"
    assert fit.attrs["method"] == "independent draws"
    assert fit.attrs["rows"] == 400


def test_the_same_seed_gives_the_same_draws_and_a_new_outcome_needs_no_new_code(study, tmp_path):
    design, outcome, statistics = study
    priors = half_normal_priors(statistics, coefficient=1.0, group=0.5, residual=1.0)
    first = fit_collapsed(statistics, priors, SAMPLER)
    code = evaluate.signatures
    other = fit_collapsed(with_outcome(statistics, design, 2 * outcome), priors, SAMPLER)
    assert evaluate.signatures == code
    again = fit_collapsed(statistics, priors, SAMPLER)
    assert first["weighted"].equals(again["weighted"])
    means = [
        weighted_summary(draws["sd_residual"].to_numpy(), weights)[0][0]
        for draws, weights in map(weighted_parts, (other, first))
    ]
    assert 1.8 < means[0] / means[1] < 2.1  # its prior pulls it a little under 2
    first.to_netcdf(tmp_path / "fit.nc", engine="netcdf4")


def table(draws, tuning, dimensions=2):
    rng = np.random.default_rng(1)
    points = pa.FixedSizeListArray.from_arrays(rng.normal(size=draws * dimensions), dimensions)
    columns = {
        "tuning": np.arange(draws) < tuning,
        "diverging": np.zeros(draws, bool),
        "energy": rng.normal(size=draws),
        "n_steps": np.ones(draws),
    }
    return pa.record_batch({"point": points}), pa.record_batch(columns)


@pytest.mark.parametrize("draws", [15, 14])
def test_a_sample_cut_short_is_not_taken_for_a_whole_one(draws):
    tables = [table(15, 5), table(draws, 5)]
    points, about = [each[0] for each in tables], [each[1] for each in tables]
    if draws == 15:
        assert read_trace(points, about, chains=2, draws=10).points.shape == (2, 10, 2)
    else:
        with pytest.raises(KeyboardInterrupt):
            read_trace(points, about, chains=2, draws=10)


def tiny(index, parents=None, outcome=None, slopes=()):
    index = np.asarray(index)
    rng = np.random.default_rng(2)
    columns = np.column_stack([np.ones(len(index)), rng.normal(size=len(index))])
    labels = tuple(f"c{k}" for k in range(index.max() + 1))
    groupings = [Grouping("classroom", labels, index, slopes)]
    if parents is not None:
        parents = np.asarray(parents)
        upper = tuple(f"s{k}" for k in range(parents.max() + 1))
        groupings.append(Grouping("school", upper, parents[index]))
    outcome = rng.normal(size=len(index)) if outcome is None else outcome
    return collapse(Design(("intercept", "x"), columns, tuple(groupings)), outcome)


@pytest.mark.parametrize(
    "statistics",
    [
        tiny([0, 1, 1], [0, 0]),  # three rows
        tiny([0, 0, 1], [0, 0]),  # one school
        tiny([0, 1, 2, 3], [0, 0, 1, 1]),  # one row in every classroom
        tiny(np.arange(60) // 3, np.arange(20)),  # one classroom in every school
        tiny([0] * 20 + [1] * 20 + [2]),  # a classroom of one row
    ],
)
def test_weak_data_give_independent_draws_that_pass_as_nuts_does(statistics):
    fit = fit_collapsed(statistics, half_normal(statistics), SAMPLER)
    assert fit.attrs["method"] == "independent draws"
    assert diagnose(fit).flag is None
    checked = fit_collapsed(
        statistics, half_normal(statistics), replace(SAMPLER, target_accept=0.95), nuts=True
    )
    # Over 20 seeds, 40,000 draws of each design, none diverged at .95; at .9 eight did, all of
    # them of the four rows in four classrooms, whose two sds cannot be told apart.
    assert int(checked["sample_stats"]["diverging"].sum()) == 0
    draws, weights = weighted_parts(fit)
    for name in ("sd_residual", "sd_classroom"):
        mean, error = weighted_summary(draws[name].to_numpy(), weights)[0]
        chains = checked["posterior"][name]
        # Four combined Monte Carlo standard errors, as "agrees" is defined.
        assert mean == pytest.approx(
            float(chains.mean()), abs=4 * np.hypot(error, float(az.mcse(chains)))
        )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"coefficients": np.inf}, "3 rows for 3 coefficients with flat priors"),
        ({"coefficients": {"intercept": 1.0}}, "'x' has no prior"),
        ({"coefficients": -1.0}, "the prior standard deviation of 'intercept' is -1.0"),
        ({"correlations": {"classroom": 2.0}}, "one random term"),
        ({"correlations": {"class": 2.0}}, "unknown level 'class'"),
        ({"standard_deviations": {}}, "'sd_residual' has no prior"),
    ],
)
def test_priors_that_do_not_match_are_named(change, expected):
    statistics = tiny([0, 1, 1])
    if "flat" in expected:
        columns = np.column_stack([np.ones(3), [0.0, 1, 2], [0.0, 1, 4]])
        grouping = Grouping("classroom", ("a", "b"), np.array([0, 1, 1]))
        design = Design(("intercept", "x", "z"), columns, (grouping,))
        statistics = collapse(design, np.array([0.3, -1, 2]))
    with pytest.raises(CompendiumError, match=expected):
        fit_collapsed(statistics, replace(half_normal(statistics), **change), SAMPLER)


def test_unknown_prior_families_are_named():
    with pytest.raises(CompendiumError, match="did you mean 'half_normal'"):
        StandardDeviationPrior("half-normal", 1.0)
    with pytest.raises(CompendiumError, match="positive"):
        StandardDeviationPrior("half_normal", 0.0)
