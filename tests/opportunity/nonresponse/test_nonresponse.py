"""Rates of response and weights for non-response."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

from learning_with_others.inference.response_probability import (
    TRIM,
    answer_coefficients,
    answer_probability,
    inverse_weights,
    predictor_columns,
    response_design,
    trim_limits,
)
from learning_with_others.opportunity.nonresponse.rates import response_rates, response_weights

EXACT = 1e-9  # closed forms in double precision
GROUPS = ["Black", "White"]


def make_roster(n=4_000, schools=40, seed=1):
    """Children whose answering depends on race and an earlier score, which some lack."""
    rng = np.random.default_rng(seed)
    race = rng.choice([*GROUPS, "Asian"], n, p=[0.4, 0.58, 0.02])
    score = rng.normal(0, 1, n) - 0.5 * (race == "Black")
    gender = rng.choice(["male", "female"], n)
    logit = -0.2 + 0.8 * score + 0.4 * (race == "Black") * score - 0.5 * (race == "Black")
    answered = rng.random(n) < 1 / (1 + np.exp(-logit))
    roster = pd.DataFrame(
        {
            "student": [f"s{k}" for k in range(n)],
            "school": rng.integers(0, schools, n).astype(str),
            "race": pd.Categorical(race, categories=[*GROUPS, "Asian"]),
            "gender": pd.Categorical(gender),
            "score": score,
        }
    )
    return roster, roster.loc[answered, ["student", "school", "race"]], score


def row_of(table, group, scope="all schools"):
    return table[(table["group"] == group) & (table["scope"] == scope)].iloc[0]


def test_rates_are_counts_and_the_error_is_that_of_a_ratio(study):
    roster, students, _ = make_roster()
    table = response_rates(roster, students, study)
    answered = roster["student"].isin(students["student"])
    for group in GROUPS:
        mine = roster["race"] == group
        found = row_of(table, group)
        assert found["estimate"] == pytest.approx(answered[mine].mean(), abs=EXACT)
        assert (found["children"], found["respondents"]) == (mine.sum(), answered[mine].sum())
    gap = row_of(table, "Black minus White")
    rates = [row_of(table, group)["estimate"] for group in GROUPS]
    assert gap["estimate"] == pytest.approx(rates[0] - rates[1], abs=EXACT)
    # The jackknife of a ratio beside its linearized error with clusters: they differ by terms of
    # order 1/schools, 3% here.
    fit = smf.ols("y ~ 1", pd.DataFrame({"y": answered[roster["race"] == "Black"].astype(float)}))
    codes = pd.factorize(roster.loc[roster["race"] == "Black", "school"])[0]
    robust = fit.fit(cov_type="cluster", cov_kwds={"groups": codes}).bse.iloc[0]
    found = row_of(table, "Black")
    error = (found["upper"] - found["estimate"]) / stats.t.ppf(0.975, 39)
    assert error == pytest.approx(robust, rel=0.03)


def test_schools_that_were_not_reached_are_told_apart(study):
    roster, students, _ = make_roster()
    reached = students[students["school"].astype(int) < 30]
    table = response_rates(roster, reached, study)
    inside = roster[(roster["school"].astype(int) < 30) & (roster["race"] == "Black")]
    found = row_of(table, "Black", "schools where somebody answered")
    rate = inside["student"].isin(reached["student"]).mean()
    assert found["estimate"] == pytest.approx(rate, abs=EXACT)
    assert found["estimate"] > row_of(table, "Black")["estimate"]
    assert (response_rates(roster, students, study)["scope"] == "all schools").all()


def test_who_has_no_school_could_not_answer(study):
    roster, students, _ = make_roster()
    nowhere = roster.assign(student=lambda t: t["student"] + "x", school=None)
    both = response_rates(pd.concat([roster, nowhere]), students, study)
    pd.testing.assert_frame_equal(both, response_rates(roster, students, study))


@pytest.mark.parametrize("absent", ["answered", "not"])
def test_few_who_answered_or_did_not_are_counted(study, absent):
    roster, students, _ = make_roster()
    black = roster.loc[roster["race"] == "Black", "student"]
    few = set(black.iloc[:3]) if absent == "answered" else set(black.iloc[3:])
    students = students[~students["student"].isin(black)]
    students = pd.concat([students, roster[roster["student"].isin(few)]])
    found = row_of(response_rates(roster, students, study), "Black")
    assert (found["children"], found["respondents"]) == (len(black), len(few))
    assert found["estimate"] == pytest.approx(len(few) / len(black))


def test_without_a_roster_there_are_neither_rates_nor_weights(study):
    _, students, _ = make_roster()
    assert response_rates(None, students, study).empty
    assert response_weights(None, students, study) is None


def test_groups_of_nobody_and_studies_of_one_school_get_words(study):
    roster, students, _ = make_roster()
    white = roster[roster["race"] == "White"]
    found = row_of(response_rates(white, students, study), "Black")
    assert found["flag"] == "fewer than 10 people"
    assert np.isnan(found["estimate"])
    one = response_rates(roster.assign(school="A"), students.assign(school="A"), study)
    assert one["lower"].isna().all()
    assert one["flag"].ne("").all()
    everybody = row_of(response_rates(roster, roster, study), "Black")
    assert everybody["estimate"] == 1
    assert np.isnan(everybody["lower"])
    assert "no interval" in everybody["flag"]
    assert response_rates(roster.drop(columns="race"), students, study).empty


def test_probabilities_are_those_of_a_formula():
    roster, students, _ = make_roster()
    answered = roster["student"].isin(students["student"]).to_numpy()
    focal, others = (roster["race"] == g for g in ("Black", "Asian"))
    columns = predictor_columns(roster, ["gender", "score"], 10)
    design = response_design(columns, focal.to_numpy(), others.to_numpy(), answered, 10)
    found = answer_probability(design, answer_coefficients(answered, design))
    data = roster.assign(y=answered.astype(float), focal=focal * 1.0, others=others * 1.0)
    fit = smf.glm("y ~ others + focal * (gender + score)", data, family=sm.families.Binomial())
    np.testing.assert_allclose(found, fit.fit().predict(data), atol=1e-7)  # both by IRLS


def test_missing_numbers_and_rare_categories_enter_as_said():
    rows = pd.DataFrame(
        {
            "x": [np.nan] * 20 + list(range(80)),
            "few": [np.nan] * 5 + list(range(95)),
            "place": pd.Categorical(["a"] * 60 + ["b"] * 35 + ["c"] * 5),
            "name": [f"n{k}" for k in range(100)],
        }
    )
    columns = predictor_columns(rows, ["x", "few", "place", "name"], 10)
    assert list(columns) == ["x", "x: not recorded", "few", "place: b"]
    assert columns["x"].iloc[:20].eq(0).all()
    assert columns["x"].iloc[20:].mean() == pytest.approx(0, abs=EXACT)


def test_an_indicator_that_tells_all_who_did_not_answer_is_left_out():
    """Else one probability is 0 and the weights of all others stay at 1."""
    rng = np.random.default_rng(2)
    lost = np.arange(400) < 50
    answered = ~lost & (rng.random(400) < 0.7)
    columns = pd.DataFrame({"lost": lost.astype(float), "x": rng.normal(size=400)})
    nobody = np.zeros(400, dtype=bool)
    design = response_design(columns, nobody, nobody, answered, 10)
    assert design.shape == (400, 2)


def test_weights_are_trimmed_with_mean_one():
    rng = np.random.default_rng(3)
    answered = rng.random(2_000) < 0.5
    probability = rng.uniform(0.001, 1, 2_000)
    weights = inverse_weights(probability, answered, trim_limits(probability, answered))
    assert weights[answered].mean() == pytest.approx(1)
    assert (weights[~answered] == 0).all()
    inverse = 1 / probability[answered]
    limits = np.quantile(inverse, TRIM)
    assert trim_limits(probability, answered) == pytest.approx(limits)
    ratio = weights.max() / weights[answered].min()
    assert ratio == pytest.approx(limits[1] / limits[0], rel=EXACT)


def test_weights_give_back_the_roster(study):
    """Answering depends on the score: respondents are ahead, weighted they are not."""
    roster, students, score = make_roster(n=20_000, seed=4)
    found = response_weights(roster, students, study)
    assert found.weights.mean() == pytest.approx(1)
    assert set(found.weights.index) == set(students["student"])
    mean = pd.Series(score, index=roster["student"])
    for group in GROUPS:
        everybody = roster.loc[roster["race"] == group, "student"]
        who = students.loc[students["race"] == group, "student"]
        before = mean[who].mean() - mean[everybody].mean()
        after = np.average(mean[who], weights=found.weights[who]) - mean[everybody].mean()
        assert before > 0.2
        # Trimming leaves part of it: the answer's log odds rise by 1.2 per SD, so the last
        # hundredth of the weights stands for many. Untrimmed it is −.03 and −.01.
        assert abs(after) < before / 5
    balance = found.balance.set_index(["variable", "group"])
    assert balance.loc[("score", "Black"), "before"] > 0.2
    assert abs(balance.loc[("score", "Black"), "after"]) < 0.15
    size = found.diagnosis.set_index("group").loc["all", "effective_size"]
    kish = found.weights.sum() ** 2 / (found.weights**2).sum()
    assert size == pytest.approx(kish, rel=EXACT)


def test_no_single_childs_weight_is_shown(study):
    roster, students, _ = make_roster()
    found = response_weights(roster, students, study)
    largest = found.diagnosis.set_index("group").loc["all", "largest_weight"]
    assert largest == pytest.approx(found.weights.nlargest(10).mean(), rel=EXACT)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_weights_when_nobody_or_everybody_answered(study, share):
    roster, _, _ = make_roster()
    found = response_weights(roster, roster[: int(share * len(roster))], study)
    assert len(found.weights) == share * len(roster)
    if share:
        assert found.weights.to_numpy() == pytest.approx(1, abs=1e-6)  # a diverging logit


def test_the_real_study(grade8_data):
    """White children answered more often than Black ones, also where schools were reached."""
    study, data = grade8_data
    students, roster = data.students, data.tables["roster"]
    assert students["stdntid"].isin(roster["stdntid"]).all()
    # The deposit: 6,361 with achievement data in grade 8 and 156 who answered without; three of
    # the 6,517 have no school on record.
    assert roster["g8schid"].notna().sum() == 6_361 + 156 - 3
    table = response_rates(roster, students, study)
    for scope, rates in (
        ("all schools", (1_015 / 2_159, 2_610 / 4_307)),
        ("schools where somebody answered", (1_015 / 1_772, 2_610 / 3_412)),
    ):
        for group, rate in zip(GROUPS, rates, strict=True):
            assert row_of(table, group, scope)["estimate"] == pytest.approx(rate, abs=EXACT)
        assert row_of(table, "Black minus White", scope)["upper"] < 0
