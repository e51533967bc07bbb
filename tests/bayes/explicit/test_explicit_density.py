"""Each family's density against the same density written out with SciPy, at several points."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
from scipy import special, stats
from specified import specified

from learning_with_others.bayes.explicit.explicit_model import explicit_model, model_graph
from learning_with_others.bayes.explicit.random_effects import FEWEST_CENTRED
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.prior_sets import LOGISTIC_SD
from learning_with_others.errors import CompendiumError

ROWS, CLASSES, SCHOOLS = 150, FEWEST_CENTRED, 3
DIGITS = 1e-9  # relative: the same formulas, summed in another order


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "class": np.arange(ROWS) % CLASSES,
            "school": np.arange(ROWS) % SCHOOLS,
            "x": rng.normal(size=ROWS),
            "z": rng.normal(size=ROWS),
            "score": rng.normal(size=ROWS),
            "answer": rng.integers(4, size=ROWS),
            "passed": rng.integers(2, size=ROWS),
            "w": rng.uniform(0.5, 1.5, size=ROWS),
        }
    )


def build(rows, outcome, family, **changes):
    groupings = {
        "classroom": {"column": "class", "slopes": ("x", "z"), "correlated": True},
        "school": {"slopes": ("x",)},
    }
    given = {"family": family, "groupings": groupings} | changes
    return model_frame(specified(outcome, "x", "z", **given), rows)


def parameters(frame, seed):
    """A point in the parameters' own terms."""
    rng = np.random.default_rng(seed)
    standard_deviations = {
        "sd_classroom": 0.5,
        "sd_classroom_slope_0": 0.3,
        "sd_classroom_slope_1": 0.8,
        "sd_school": 0.4,
        "sd_school_slope_0": 0.2,
        "sd_residual": 1.1,
    }
    return {
        **{name: value * rng.uniform(0.5, 2) for name, value in standard_deviations.items()},
        "coefficient": rng.normal(size=len(frame.terms)),
        "partial": rng.uniform(0.1, 0.9, size=3),
        "standard_classroom": rng.normal(size=(3, CLASSES)),
        "standard_school": rng.normal(size=(2, SCHOOLS)),
        "above_two": rng.gamma(2, 10),
        "threshold": np.sort(rng.logistic(size=3)),
    }


def factor_of(partial):
    """Cholesky factor of a 3 × 3 correlation matrix with given partial correlations."""
    a, b, c = 2 * partial - 1
    correlations = np.eye(3)
    correlations[0, 1] = a
    correlations[0, 2] = b
    correlations[1, 2] = a * b + c * np.sqrt((1 - a**2) * (1 - b**2))
    return np.linalg.cholesky(np.triu(correlations) + np.triu(correlations, 1).T)


def effects_of(point):
    classroom = [point[f"sd_classroom{tail}"] for tail in ("", "_slope_0", "_slope_1")]
    school = [point[f"sd_school{tail}"] for tail in ("", "_slope_0")]
    covariance_root = np.diag(classroom) @ factor_of(point["partial"])
    return (
        covariance_root @ point["standard_classroom"],
        np.diag(school) @ point["standard_school"],
        covariance_root,
        school,
    )


def mean_of(frame, point):
    u, v, *_ = effects_of(point)
    classroom, school = frame.groupings
    return (
        frame.columns @ point["coefficient"]
        + (frame.random_columns(classroom) * u[:, classroom.index].T).sum(axis=1)
        + (frame.random_columns(school) * v[:, school.index].T).sum(axis=1)
    )


def prior_of(point, unit, centred):
    """Log prior density, of the effects themselves or of standardized effects."""
    u, v, root, school = effects_of(point)
    standard_deviations = [
        value for name, value in point.items() if name.startswith("sd_") and "res" not in name
    ]
    shapes = [2.5, 2.5, 2.0]  # η + (q − 2 − j)/2 with η = 2, q = 3
    total = (
        stats.norm.logpdf(point["coefficient"], 0, unit).sum()
        + stats.halfnorm.logpdf(standard_deviations, scale=0.5 * unit).sum()
        + stats.beta.logpdf(point["partial"], shapes, shapes).sum()
    )
    if centred == "centred":
        covariance = root @ root.T
        total += stats.multivariate_normal.logpdf(u.T, np.zeros(3), covariance).sum()
        return total + stats.norm.logpdf(v, 0, np.array(school)[:, None]).sum()
    total += stats.norm.logpdf(point["standard_classroom"][1:]).sum()
    total += stats.norm.logpdf(point["standard_school"]).sum()
    # Automatic: the intercepts of many groups are sampled themselves.
    own = stats.norm.logpdf(u[0], 0, point["sd_classroom"]).sum()
    standard = stats.norm.logpdf(point["standard_classroom"][0]).sum()
    return total + (own if centred == "auto" else standard)


def simplex(threshold):
    """PyMC's coordinates of the shares between thresholds: log shares less their mean."""
    logs = np.log(np.diff(special.expit([-np.inf, *threshold, np.inf])))
    return logs[:-1] - logs.mean()


def as_free_values(model, point, centred):
    """The point in the terms in which PyMC samples it."""
    u, v, *_ = effects_of(point)
    standard = {"classroom": point["standard_classroom"], "school": point["standard_school"]}
    given = {"classroom": u, "school": v}
    values = {
        "coefficient": point["coefficient"],
        "above_two_log__": np.log(point["above_two"]),
        "share_simplex__": simplex(point["threshold"]),
    }
    for k, pair in enumerate(["0_1", "0_2", "1_2"]):
        values[f"partial_classroom_{pair}_logodds__"] = special.logit(point["partial"][k])
    for name, value in point.items():
        if name.startswith("sd_"):
            values[f"{name}_log__"] = np.log(value)
    for name in ("classroom", "school"):
        for k, tail in enumerate(["", "_slope_0", "_slope_1"][: len(standard[name])]):
            values[f"standard_{name}{tail}"] = standard[name][k]
            values[f"effect_{name}{tail}"] = given[name][k]
    assert centred == "non-centred" or "effect_classroom" in {v.name for v in model.value_vars}
    return {variable.name: values[variable.name] for variable in model.value_vars}


def gaussian(frame, point, mean):
    scale = point["sd_residual"] / np.sqrt(1 if frame.weights is None else frame.weights)
    prior = stats.halfnorm.logpdf(point["sd_residual"], scale=1)
    return prior + stats.norm.logpdf(frame.outcome, mean, scale).sum()


def student_t(frame, point, mean):
    degrees = 2 + point["above_two"]
    sd = point["sd_residual"] / np.sqrt(1 if frame.weights is None else frame.weights)
    likelihood = stats.t.logpdf(frame.outcome, degrees, mean, sd * np.sqrt(1 - 2 / degrees)).sum()
    assert stats.t.std(degrees, scale=np.sqrt(1 - 2 / degrees)) == pytest.approx(1)
    return (
        stats.halfnorm.logpdf(point["sd_residual"], scale=1)
        + stats.gamma.logpdf(point["above_two"], 2, scale=10)
        + likelihood
    )


def ordered_logistic(frame, point, mean):
    ends = np.concatenate([[-np.inf], point["threshold"], [np.inf]])
    above = special.expit(ends[frame.outcome + 1] - mean)
    below = special.expit(ends[frame.outcome] - mean)
    # Density of the shares: that of three logistic thresholds in order, times their derivative.
    prior = stats.dirichlet.logpdf(np.diff(special.expit(ends)), np.ones(4))
    sorted_logistics = stats.logistic.logpdf(point["threshold"]).sum() + np.log(6)
    derivative = stats.logistic.logpdf(point["threshold"]).sum()
    assert prior == pytest.approx(sorted_logistics - derivative)
    return prior + np.log(above - below).sum()


def bernoulli(frame, _, mean):
    return stats.bernoulli.logpmf(frame.outcome, special.expit(mean)).sum()


CASES = [
    (gaussian, "score", None, "auto"),
    (gaussian, "score", "w", "centred"),
    (gaussian, "score", None, "non-centred"),
    (student_t, "score", "w", "auto"),
    (ordered_logistic, "answer", None, "auto"),
    (bernoulli, "passed", None, "auto"),
]


@pytest.mark.parametrize(("family", "outcome", "weights", "centring"), CASES)
def test_the_density_is_the_one_written_out(rows, family, outcome, weights, centring):
    frame = build(rows, outcome, family.__name__, weights=weights)
    model = explicit_model(frame, centring)
    density = model.compile_logp(jacobian=False, mode="FAST_COMPILE")
    unit = LOGISTIC_SD if family in (ordered_logistic, bernoulli) else 1.0
    for seed in range(3):
        point = parameters(frame, seed)
        written_out = prior_of(point, unit, centring)
        written_out += family(frame, point, mean_of(frame, point))
        found = density(as_free_values(model, point, centring))
        assert found == pytest.approx(written_out, rel=DIGITS)


def test_weights_of_one_change_nothing_and_others_are_not_a_count_of_rows(rows):
    plain = build(rows, "score", "gaussian")
    ones = build(rows.assign(w=1.0), "score", "gaussian", weights="w")
    twos = build(rows.assign(w=2.0), "score", "gaussian", weights="w")
    densities = []
    for frame in (plain, ones, twos):
        model = explicit_model(frame)
        values = as_free_values(model, parameters(frame, 0), "auto")
        densities.append(float(model.compile_logp(jacobian=False, mode="FAST_COMPILE")(values)))
    assert densities[0] == pytest.approx(densities[1], rel=DIGITS)
    point = parameters(plain, 0)
    error = plain.outcome - mean_of(plain, point)
    # Weight 2 halves the variance: half a logarithm a row, and the squares count double.
    expected = ROWS * np.log(2) / 2 - (error**2).sum() / (2 * point["sd_residual"] ** 2)
    assert densities[2] - densities[0] == pytest.approx(expected, rel=1e-8)


def test_other_distributions_of_spreads_are_those_of_scipy(rows):
    override = {
        "sd_classroom": {"distribution": "half_student_t", "scale": 0.7, "degrees": 3},
        "sd_school": {"distribution": "exponential", "scale": 0.2},
    }
    groupings = {"classroom": {"column": "class"}, "school": None}
    frame = build(rows, "score", "gaussian", groupings=groupings, overrides=override)
    model = explicit_model(frame)
    point = {**model.initial_point(), "sd_classroom_log__": np.log(0.4)}
    point["sd_school_log__"] = np.log(0.3)
    expected = {
        "sd_classroom": stats.t.logpdf(0.4, 3, scale=0.7) + np.log(2),
        "sd_school": stats.expon.logpdf(0.3, scale=0.2),
    }
    for name, value in expected.items():
        density = model.compile_logp(vars=model[name], jacobian=False, mode="FAST_COMPILE")
        assert density(point) == pytest.approx(value)


def test_the_partial_correlations_have_the_density_of_lkj():
    """PyMC gives the density of the Cholesky factor, we that of halves of partial correlations."""
    rng = np.random.default_rng(5)
    for _ in range(4):
        partial = rng.uniform(0.1, 0.9, size=3)
        factor = factor_of(partial)
        ours = stats.beta.logpdf(partial, [2.5, 2.5, 2.0], [2.5, 2.5, 2.0]).sum()
        # The factor's entries below the diagonal are a, b and c √(1 − b²).
        jacobian = 3 * np.log(2) + 0.5 * np.log(1 - (2 * partial[1] - 1) ** 2)
        theirs = pm.logp(pm.LKJCorr.dist(n=3, eta=2.0), factor)
        expected = theirs.eval(mode="FAST_COMPILE")
        assert ours - jacobian == pytest.approx(expected, rel=DIGITS)


def test_an_ordered_outcome_in_the_far_tails_keeps_its_digits(rows):
    frame = build(rows, "answer", "ordered_logistic", groupings={})
    model = explicit_model(frame)
    density = model.compile_logp(vars=model.observed_RVs, mode="FAST_COMPILE")
    gradient = model.compile_dlogp(mode="FAST_COMPILE")
    values = {"coefficient": np.array([40.0, 0.0]), "share_simplex__": np.array([-9.0, 0.0, 9.0])}
    assert np.isfinite(density(values))
    assert np.isfinite(gradient(values)).all()


def test_predictions_of_an_ordered_outcome_have_the_probabilities_of_the_model(rows):
    frame = build(rows, "answer", "ordered_logistic", groupings={})
    model = explicit_model(frame)
    threshold = np.array([-1.0, 0.2, 1.5])
    fixed = pm.do(model, {"threshold": threshold, "coefficient": np.zeros(2)})
    drawn = pm.draw(fixed["y"], draws=200, random_seed=1, mode="FAST_COMPILE")
    shares = np.bincount(drawn.ravel(), minlength=4) / drawn.size
    expected = np.diff(special.expit(np.concatenate([[-np.inf], threshold, [np.inf]])))
    # 30,000 draws: a standard error of .003 at most, four of them.
    np.testing.assert_allclose(shares, expected, atol=0.012)


def test_the_graph_names_every_parameter(rows):
    graph = model_graph(explicit_model(build(rows, "score", "student_t")))
    for name in ("coefficient", "sd_classroom_slope_1", "correlation_classroom", "effect_school"):
        assert name in graph
    assert graph.startswith("graph TD")


@pytest.mark.parametrize(
    ("centring", "expected"),
    [
        ("centered", "did you mean 'centred'"),
        ({"scool": "centred"}, "did you mean 'school'"),
        ({"school": "half"}, "'half' is no way of centring"),
    ],
)
def test_unknown_ways_of_centring_are_refused(rows, centring, expected):
    with pytest.raises(CompendiumError, match=expected):
        explicit_model(build(rows, "score", "gaussian"), centring)
