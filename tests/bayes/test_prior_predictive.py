import numpy as np
import pandas as pd
import pytest
from scipy import stats
from specified import specified

from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.prior_predictive import (
    draw_priors,
    prior_quantities,
    simulate_outcomes,
    variance_shares,
)
from learning_with_others.bayes.prior_sets import LOGISTIC_SD
from learning_with_others.errors import CompendiumError

DRAWS, ROWS = 20_000, 60
# Kolmogorov-Smirnov: under this p a seed that was not chosen for it would be one in 10,000.
RARE = 1e-4


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "x": rng.normal(size=ROWS),
            "z": rng.normal(size=ROWS),
            "black": np.arange(ROWS) % 2,
            "classroom": np.arange(ROWS) % 12,
            "school": np.arange(ROWS) % 4,
            "y": rng.normal(size=ROWS),
            "answer": np.arange(ROWS) % 4,
            "w": rng.uniform(0.5, 1.5, ROWS),
        }
    )


def build(rows, **changes):
    groupings = {"classroom": {"slopes": ("x", "z"), "correlated": True}, "school": None}
    given = {"outcome": "y", "groupings": groupings} | changes
    fixed = given.pop("fixed", ("black", "x", "z", "black × x"))
    product = {"black × x": rows["black"] * rows["x"]}
    return model_frame(specified(given.pop("outcome"), *fixed, **given), rows.assign(**product))


def test_draws_have_the_declared_distributions(rows):
    override = {
        "sd_school": {"distribution": "exponential", "scale": 0.3},
        "sd_classroom": {"distribution": "half_student_t", "scale": 0.4, "degrees": 4},
        "coefficient[x]": 0.2,
        "correlation": 3,
    }
    frame = build(rows, overrides=override, family="student_t")
    drawn = draw_priors(frame, DRAWS, 1)
    # LKJ(3) of three: each correlation is Beta(3.5, 3.5) on (-1, 1) (Lewandowski et al. 2009).
    correlation = stats.beta(3.5, 3.5, loc=-1, scale=2)
    for found, expected in [
        (drawn.coefficient[:, frame.terms.index("x")], stats.norm(0, 0.2)),
        (drawn.standard_deviation["school"][:, 0], stats.expon(scale=0.3)),
        (drawn.standard_deviation["classroom"][:, 1], stats.halfnorm(scale=0.5)),
        (drawn.correlation["classroom"][:, 0, 1], correlation),
        (drawn.correlation["classroom"][:, 0, 2], correlation),
        (drawn.correlation["classroom"][:, 1, 2], correlation),
        (drawn.own["degrees_of_freedom"] - 2, stats.gamma(2, scale=10)),
    ]:
        assert stats.kstest(found, expected.cdf).pvalue > RARE
    t = stats.t(4, scale=0.4)
    found = drawn.standard_deviation["classroom"][:, 0]
    assert stats.kstest(found, lambda value: 2 * t.cdf(value) - 1).pvalue > RARE


def test_thresholds_make_every_division_of_answers_as_likely(rows):
    frame = build(rows, outcome="answer", family="ordered_logistic")
    drawn = draw_priors(frame, DRAWS, 2)
    assert (np.diff(drawn.own["threshold"], axis=1) > 0).all()
    shares = np.diff(stats.logistic.cdf(drawn.own["threshold"]), prepend=0, append=1, axis=1)
    for share in shares.T:  # margins of a uniform Dirichlet of four
        assert stats.kstest(share, stats.beta(1, 3).cdf).pvalue > RARE


@pytest.mark.parametrize("family", ["gaussian", "student_t"])
def test_shares_of_variance_are_those_of_simulated_outcomes(rows, family):
    """Fix the parameters at one draw; repeat the outcome; compare its variance with the sum."""
    frame = build(rows, family=family, weights="w")
    one = draw_priors(frame, 1, 3)
    repeated = type(one)(
        coefficient=np.repeat(one.coefficient, DRAWS, axis=0),
        standard_deviation={
            name: np.repeat(value, DRAWS, axis=0) for name, value in one.standard_deviation.items()
        },
        correlation={n: np.repeat(value, DRAWS, axis=0) for n, value in one.correlation.items()},
        sd_residual=np.repeat(one.sd_residual, DRAWS),
        own={name: np.repeat(value, DRAWS, axis=0) for name, value in one.own.items()},
    )
    simulated = simulate_outcomes(frame, repeated, 4)
    shares = variance_shares(frame, one).iloc[0]
    fixed = (frame.columns @ one.coefficient[0]).var()
    assert shares["fixed"] == pytest.approx(fixed)
    # Variances of 20,000 draws, averaged over 60 rows: well within 3%.
    found = simulated.var(axis=0).mean()
    assert found == pytest.approx(shares.drop("fixed").sum(), rel=0.03)
    np.testing.assert_allclose(
        simulated.mean(axis=0), frame.columns @ one.coefficient[0], atol=6 * np.sqrt(found / DRAWS)
    )


def test_simulated_answers_have_the_probabilities_of_the_model(rows):
    frame = build(rows, outcome="answer", family="ordered_logistic", groupings={}, fixed=())
    drawn = draw_priors(frame, 4000, 5)
    simulated = simulate_outcomes(frame, drawn, 6)
    shares = np.stack([(simulated == k).mean(axis=1) for k in range(4)], axis=1)
    expected = np.diff(stats.logistic.cdf(drawn.own["threshold"]), prepend=0, append=1, axis=1)
    error = np.sqrt(expected * (1 - expected) / ROWS)
    # Standardized errors of 16,000 shares of 60 rows: their variance is 1.
    assert ((shares - expected) / error).std() == pytest.approx(1, abs=0.05)


def test_quantities_are_what_they_are_called(rows):
    frame = build(rows)
    table = prior_quantities(frame, DRAWS, 7, slope="x", gap="black × x")
    values = {key: part["value"] for key, part in table.groupby(["quantity", "of"])}
    assert values["gap", ""].std() == pytest.approx(1, rel=0.03)
    assert values["slope", "focal"].std() == pytest.approx(np.sqrt(2), rel=0.03)
    total = values["icc", "classroom"].to_numpy() + values["icc", "school"].to_numpy()
    assert ((total > 0) & (total < 1)).all()
    drawn = draw_priors(frame, DRAWS, 7)
    school = drawn.standard_deviation["school"][:, 0] ** 2
    classroom = drawn.standard_deviation["classroom"][:, 0] ** 2
    np.testing.assert_allclose(
        values["icc", "school"], school / (school + classroom + drawn.sd_residual**2)
    )
    with pytest.raises(CompendiumError, match="'black × z' is no column of the model"):
        prior_quantities(frame, 10, 7, slope="x", gap="black × z")


def test_a_logit_model_speaks_of_outcome_sds_too(rows):
    frame = build(rows, outcome="answer", family="ordered_logistic", groupings={})
    drawn = draw_priors(frame, DRAWS, 8)
    assert (drawn.sd_residual == LOGISTIC_SD).all()
    table = prior_quantities(frame, DRAWS, 8, slope="x", gap="black × x")
    assert table.loc[table["quantity"] == "gap", "value"].std() == pytest.approx(1, rel=0.03)


def test_a_sceptical_set_expects_smaller_gaps_than_a_wide_one(rows):
    frame = build(rows)
    inside = {}
    for name in ("sceptical", "weakly_informative", "wide"):
        table = prior_quantities(frame.with_priors(name), 4000, 9, slope="x", gap="black × x")
        assert set(table["priors"]) == {name}
        gap = table.loc[table["quantity"] == "gap", "value"]
        inside[name] = (gap.abs() < 0.1).mean()
    assert inside["sceptical"] > inside["weakly_informative"] > inside["wide"]


def test_draws_are_reproducible(rows):
    frame = build(rows)
    first, again = (draw_priors(frame, 5, 3) for _ in range(2))
    np.testing.assert_array_equal(first.coefficient, again.coefficient)
    assert not np.array_equal(first.coefficient, draw_priors(frame, 5, 4).coefficient)
