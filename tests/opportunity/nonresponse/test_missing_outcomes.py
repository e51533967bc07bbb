"""Outcomes that are missing: shares, and gaps by treatment of the missing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.inference.imputation import impute
from learning_with_others.opportunity.figures.treatments import draw_treatments
from learning_with_others.opportunity.nonresponse.missing_outcomes import (
    missing_outcomes,
    outcome_gaps_by_treatment,
)
from learning_with_others.opportunity.nonresponse.shifted_gaps import ShiftedGap
from learning_with_others.study.roles import Exposure, Outcome

EXACT = 1e-9  # closed forms in double precision
TRUE_GAP = -0.4  # in SD of the outcome


@pytest.fixture(scope="module")
def small_study(study):
    """Schools without classrooms, a number as exposure, one outcome and a covariate."""
    roles = study.roles.model_copy(
        update={
            "classroom": None,
            "grade": None,
            "exposure": Exposure(column="climate", label="Climate", varies_by="student"),
            "outcomes": {"y": Outcome(label="Y", source="test", column="y")},
            "covariates": ["x"],
        }
    )
    return study.model_copy(update={"roles": roles})


def make_rows(seed, n=1_500, schools=30, *, missing=True):
    """A study whose outcome is missing at random given x, more often where the group is ahead.

    y = x + u + e with variance 2 in each group, so that an SD is √2 and the gap is that of x.
    Black students with high x and White students with low x lack it.
    """
    rng = np.random.default_rng(seed)
    school = rng.integers(0, schools, n)
    black = rng.random(n) < 0.4
    x = rng.normal(0, 1, n) + TRUE_GAP * np.sqrt(2) * black
    y = x + rng.normal(0, np.sqrt(0.2), schools)[school] + rng.normal(0, np.sqrt(0.8), n)
    lost = rng.random(n) < 1 / (1 + np.exp(1.0 - 1.2 * np.where(black, x, -x)))
    return pd.DataFrame(
        {
            "school": school.astype(str),
            "race": pd.Categorical(np.where(black, "Black", "White")),
            "climate": rng.normal(0, 1, n),
            "x": x,
            "y": np.where(lost & missing, np.nan, y),
        }
    )


def gap_of(table, treatment):
    return table.loc[table["treatment"] == treatment].iloc[0]


def test_shares_missing_and_their_difference(small_study):
    rows = make_rows(1)
    table = missing_outcomes(rows, small_study).set_index("group")
    for group in ("Black", "White"):
        lost = rows.loc[rows["race"] == group, "y"].isna()
        assert table.loc[group, "estimate"] == pytest.approx(lost.mean(), abs=EXACT)
        assert (table.loc[group, "children"], table.loc[group, "missing"]) == (
            len(lost),
            lost.sum(),
        )
    data = rows.assign(lost=rows["y"].isna() * 1.0, black=(rows["race"] == "Black") * 1.0)
    other = smf.ols("lost ~ black", data).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["school"])[0]}
    )
    found = table.loc["Black minus White"]
    assert found["estimate"] == pytest.approx(other.params["black"], abs=EXACT)
    # CR2 beside statsmodels' CR1: with 30 schools the corrections differ by a few hundredths.
    half = (found["upper"] - found["lower"]) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 27) * other.bse["black"], rel=0.08)
    assert table["treated"].all()


@pytest.mark.parametrize(("schools", "sampled"), [(9, "classroom"), (10, "school")])
def test_the_difference_varies_with_schools_where_there_are_ten(small_study, schools, sampled):
    rows = make_rows(12, schools=schools)
    rows["classroom"] = rows["school"] + np.where(np.arange(len(rows)) % 3 == 0, "a", "b")
    roles = small_study.roles.model_copy(update={"classroom": "classroom"})
    table = missing_outcomes(rows, small_study.model_copy(update={"roles": roles}))
    black = (rows["race"] == "Black").to_numpy(float)
    columns = np.column_stack([black, np.ones(len(rows))])
    lost = rows["y"].isna().to_numpy(float)
    lower, upper = least_squares_cr2(lost, columns, rows[sampled].to_numpy()).interval(0.95)
    found = table.set_index("group").loc["Black minus White"]
    assert found["lower"] == pytest.approx(lower[0], abs=EXACT)
    assert found["upper"] == pytest.approx(upper[0], abs=EXACT)


@pytest.mark.parametrize(
    ("shares", "treated"),
    [((0.0, 0.0), False), ((0.04, 0.04), False), ((0.12, 0.12), True), ((0.02, 0.08), True)],
)
def test_treated_from_a_tenth_or_where_unequal(small_study, shares, treated):
    rows = make_rows(2, n=2_000, missing=False)
    for group, share in zip(("Black", "White"), shares, strict=True):
        mine = np.flatnonzero(rows["race"] == group)
        places = np.linspace(0, len(mine) - 1, round(share * len(mine))).astype(int)
        rows.loc[mine[places], "y"] = np.nan
    table = missing_outcomes(rows, small_study)
    assert table["treated"].eq(treated).all()
    if shares == (0.0, 0.0):
        assert table["flag"].str.contains("nothing is missing").all()


@pytest.mark.parametrize("few", ["missing", "not missing"])
def test_few_who_lack_or_have_an_outcome_are_counted(small_study, few):
    rows = make_rows(3)
    black = np.flatnonzero(rows["race"] == "Black")
    rows.loc[black, "y"] = rows.loc[black, "x"]
    rows.loc[black[:3] if few == "missing" else black[3:], "y"] = np.nan
    row = missing_outcomes(rows, small_study).set_index("group").loc["Black"]
    lacking = 3 if few == "missing" else len(black) - 3
    assert (row["children"], row["missing"]) == (len(black), lacking)
    assert row["estimate"] == lacking / len(black)
    gaps = outcome_gaps_by_treatment(rows, small_study, "y", tables=3)
    assert gaps[["children", "missing"]].notna().all(axis=None)
    assert gaps["estimate"].isna().all() == (few == "not missing")  # of three there is no gap


def test_weighting_and_imputing_recover_what_complete_cases_lose(small_study):
    """Twelve studies: the mean error of each treatment, beside its Monte Carlo error.

    Errors are from the gap of the same study before anything was lost, so that its sampling error
    cancels, and in points: the unit of the estimates, the SD of the observed, is smaller than that
    of all, as those who are lost lie to one side.
    """
    treatments = ["complete cases", "response-weighted", "imputed"]
    errors, covered = {name: [] for name in treatments}, 0
    for seed in range(12):
        rows, whole = make_rows(seed), make_rows(seed, missing=False)
        table = outcome_gaps_by_treatment(
            rows, small_study, "y", tables=8, deltas=(0.0,), seed=seed
        )
        seen = rows.dropna(subset="y").groupby("race", observed=True)["y"]
        unit = np.sqrt((seen.var() * (seen.count() - 1)).sum() / (seen.count().sum() - 2))
        means = whole.groupby("race", observed=True)["y"].mean()
        for name in treatments:
            points = unit * gap_of(table, name)["estimate"]
            errors[name].append(points - (means["Black"] - means["White"]))
        found = gap_of(table, "imputed")
        covered += found["lower"] < TRUE_GAP * np.sqrt(2) / unit < found["upper"]
    bias = {name: np.mean(found) for name, found in errors.items()}
    allowed = {name: 3 * np.std(found, ddof=1) / 12**0.5 for name, found in errors.items()}
    assert bias["complete cases"] < -0.2  # Black students ahead and White ones behind are lost
    assert abs(bias["imputed"]) < allowed["imputed"]
    # Trimming the weights leaves a few hundredths: a tenth of what complete cases lose.
    assert abs(bias["response-weighted"]) < allowed["response-weighted"] + 0.03
    assert covered >= 9  # of twelve intervals of 95%; fewer by chance in 2 of 1,000 such tests


def test_imputation_agrees_with_the_predictive_distribution():
    """No clusters to speak of, complete predictors: a value's mean and spread are textbook."""
    rng = np.random.default_rng(5)
    n = 600
    x = rng.normal(size=(n, 2))
    y = 1 + x @ [0.5, -0.3] + rng.normal(0, 0.7, n)
    lost = np.arange(n) < 100
    values = np.column_stack([np.where(lost, np.nan, y), x])
    group, cluster = np.zeros(n, dtype=int), np.arange(n) % 2  # two clusters get no effects
    drawn = impute(values, np.empty((n, 0)), group, cluster, tables=400, seed=1)[:, lost, 0]
    fit = sm.OLS(y[~lost], sm.add_constant(x[~lost])).fit()
    told = fit.get_prediction(sm.add_constant(x[lost])).summary_frame()
    standard_deviation = (
        (told["obs_ci_upper"] - told["obs_ci_lower"]) / 2 / stats.t.ppf(0.975, n - 103)
    )
    # 400 draws: a mean's Monte Carlo error is 5% of the spread, 4 of them for the worst of 100.
    assert np.abs(drawn.mean(axis=0) - told["mean"]).max() < 0.2 * standard_deviation.mean()
    assert drawn.std(axis=0).mean() == pytest.approx(standard_deviation.mean(), rel=0.02)
    assert (
        impute(values, np.empty((n, 0)), group, cluster, tables=2, seed=1)[:, ~lost]
        == (values[~lost])
    ).all()


def test_imputation_keeps_the_clusters_and_each_groups_spread():
    """Values drawn for a cluster lie around its best linear prediction, in closed form."""
    rng = np.random.default_rng(6)
    n, clusters = 4_000, 80
    cluster, group = np.arange(n) % clusters, (np.arange(n) // clusters) % 2
    sd = np.array([0.5, 1.5])
    effects = rng.normal(0, 1, clusters)
    y = effects[cluster] + sd[group] * rng.normal(size=n)
    lost = rng.random(n) < 0.5
    values = np.where(lost, np.nan, y)[:, None]
    drawn = impute(values, np.empty((n, 0)), group, cluster, tables=60, seed=2)[:, :, 0]
    for name in (0, 1):
        seen, mine = (group == name) & ~lost, (group == name) & lost
        size = np.bincount(cluster[seen])
        shrink = effects.var() / (effects.var() + sd[name] ** 2 / size)
        mean = y[seen].mean()
        predicted = mean + shrink * (np.bincount(cluster[seen], y[seen]) / size - mean)
        found = np.bincount(cluster[mine], drawn[:, mine].mean(axis=0)) / np.bincount(cluster[mine])
        assert np.corrcoef(found, predicted)[0, 1] > 0.99
        # The variances are estimated from about 1,000 values in 80 clusters, hence 10%.
        assert np.polyfit(predicted, found, 1)[0] == pytest.approx(1, abs=0.1)
        means = drawn[:, mine].mean(axis=0)
        within = np.sqrt(((drawn[:, mine] - means) ** 2).sum() / (59 * mine.sum()))
        posterior = np.sqrt(sd[name] ** 2 * (1 + (shrink / size)[cluster[mine]]).mean())
        assert within == pytest.approx(posterior, rel=0.08)  # an SD from 1,000 values: 2.3%


def test_an_outcome_that_follows_from_the_others_is_imputed_exactly():
    rng = np.random.default_rng(7)
    x = rng.normal(size=300)
    values = np.column_stack([np.where(np.arange(300) < 20, np.nan, 2 * x), x])
    group, cluster = np.zeros(300, dtype=int), np.arange(300) % 10
    drawn = impute(values, np.empty((300, 0)), group, cluster, tables=2, seed=1)
    np.testing.assert_allclose(drawn[:, :20, 0], [2 * x[:20]] * 2, atol=0.01)  # the ridge's bias


def test_too_few_to_impute_is_said():
    values = np.array([[1.0, 2.0], [np.nan, 1.0], [2.0, 0.5], [1.5, 3.0]])
    where = np.zeros(4, dtype=int)
    assert impute(values, np.empty((4, 0)), where, where, tables=2, seed=1) is None


def test_shifts_are_a_line_and_the_tipping_point_lies_on_zero(small_study):
    rows = make_rows(7)
    table = outcome_gaps_by_treatment(rows, small_study, "y", tables=4)
    shares = rows["y"].isna().groupby(rows["race"], observed=True).mean()
    slopes = {"focal": shares["Black"], "reference": -shares["White"]}
    slopes["both"] = slopes["focal"] + slopes["reference"]
    imputed = gap_of(table, "imputed")
    for shifted, slope in slopes.items():
        part = table[(table["treatment"] == "delta-shifted") & (table["shifted"] == shifted)]
        assert part["delta"].tolist() == [-0.5, -0.25, 0, 0.25, 0.5]
        expected = imputed["estimate"] + slope * part["delta"]
        np.testing.assert_allclose(part["estimate"], expected, atol=EXACT)
        none = part[part["delta"] == 0].iloc[0]
        limits = ["lower", "upper"]
        assert none[limits].tolist() == pytest.approx(imputed[limits].tolist())
    tipping = table[(table["treatment"] == "tipping point") & (table["shifted"] == "focal")].iloc[0]
    assert imputed["upper"] < 0 < tipping["delta"]
    assert tipping["upper"] == pytest.approx(0, abs=1e-6)  # brentq's default tolerance


def test_errors_at_a_shift_are_those_of_shifted_values():
    """The variance from three parts is that of the jackknife on values that were shifted."""
    line = ShiftedGap(
        gaps=np.array([0.3, 0.3]),
        variances=np.array([0.04, 0.04]),
        covariances=np.array([-0.01, -0.01]),
        share=0.5,
        share_variance=0.02,
        degrees=10_000,
        probability=0.95,
    )
    estimate, lower, upper, mcse = line.at(0.4)
    error = np.sqrt(0.04 - 2 * 0.4 * 0.01 + 0.16 * 0.02)
    assert estimate == pytest.approx(0.5)
    assert mcse == 0  # both tables say the same
    assert (upper - lower) / 2 == pytest.approx(1.96 * error, rel=1e-3)  # t of many degrees
    # The gap holds zero in its interval as it is, and ceases to where its lower limit rises.
    tipping = line.tipping()
    assert line.at(tipping)[1] == pytest.approx(0, abs=1e-6)
    assert line.at(0)[1] < 0 < line.at(tipping + 0.01)[1]


@pytest.mark.parametrize("left", [0, 3])
def test_groups_of_few_get_words(small_study, left):
    rows = make_rows(8)
    few = rows[rows["race"] == "Black"][:left]
    rows = pd.concat([rows[rows["race"] == "White"], few])
    gaps = outcome_gaps_by_treatment(rows, small_study, "y")
    assert gaps["estimate"].isna().all()
    assert gaps["flag"].str.contains("fewer than 10").all()
    shares = missing_outcomes(rows, small_study).set_index("group")
    assert shares.loc[["Black", "Black minus White"], "estimate"].isna().all()
    assert draw_treatments(gaps) is None


def test_constant_outcomes_and_single_schools_get_words(small_study):
    rows = make_rows(9, n=400)
    constant = rows.assign(y=rows["y"] * 0 + 1)
    found = outcome_gaps_by_treatment(constant, small_study, "y")
    assert found["flag"].tolist() == ["the outcome does not vary within the groups"]
    one = outcome_gaps_by_treatment(rows.assign(school="A"), small_study, "y", tables=3)
    assert one.loc[one["treatment"] != "tipping point", "estimate"].notna().all()
    assert one["lower"].isna().all()
    assert one["flag"].str.contains("cannot vary").all()
    whole = outcome_gaps_by_treatment(rows.assign(y=rows["x"]), small_study, "y")
    assert whole["treatment"].tolist() == ["complete cases"]
    assert "nothing is missing" in whole["flag"].iloc[0]


def test_the_same_seed_gives_the_same_numbers(small_study):
    rows = make_rows(10, n=400)
    one, two = (outcome_gaps_by_treatment(rows, small_study, "y", tables=3) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    other = outcome_gaps_by_treatment(rows, small_study, "y", tables=3, seed=99)
    assert gap_of(one, "imputed")["estimate"] != gap_of(other, "imputed")["estimate"]


def test_grade_points_of_the_real_study(grade8):
    """38% of White and 60% of Black students lack them: the numbers of the design."""
    study, students = grade8
    table = missing_outcomes(students, study).set_index(["outcome", "group"])
    assert round(table.loc[("gpa", "White"), "estimate"], 2) == 0.38
    assert round(table.loc[("gpa", "Black"), "estimate"], 2) == 0.60
    assert table.loc["gpa", "treated"].all()
    assert not table.loc["belonging", "treated"].any()


def test_the_figure_has_a_row_for_each_outcome_and_marks_tipping_points(small_study):
    table = outcome_gaps_by_treatment(make_rows(11, n=600), small_study, "y", tables=3)
    figure = draw_treatments(table, groups=("Black", "White"))
    assert len(figure.axes) == 4
    words = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert len(words) == 3
    assert all(word.startswith("tips at") or word == "does not tip" for word in words)
    plt.close(figure)
    assert draw_treatments(table[table["treatment"] == "complete cases"]) is None
