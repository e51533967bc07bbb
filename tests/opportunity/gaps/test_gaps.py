import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from conftest import ROOT
from scipy import stats

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.measures.opportunities import (
    LATENT,
    NUMBER,
    RAW,
    Measure,
    opportunity_measures,
)
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.models.comparability import OBSERVED, UNTESTED, with_verdicts
from learning_with_others.opportunity.gaps.claimed import OVERALL, WITHIN, opportunity_gaps
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import load_study

SAME = 1e-9  # the same quantity computed another way: rounding only


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return read_study(synthetic).students


@pytest.fixture(scope="module")
def measures(synthetic):
    return opportunity_measures(synthetic)


@pytest.fixture(scope="module")
def found(rows, synthetic, measures):
    return opportunity_gaps(rows, synthetic, measures)


@pytest.fixture(scope="module")
def contrast(rows):
    kept = rows[rows["race"].isin(["Black", "White"])]
    black, white = (kept.loc[kept["race"] == g, "collaboration"] for g in ("Black", "White"))
    n, m = len(black), len(white)
    pooled = ((n - 1) * black.var() + (m - 1) * white.var()) / (n + m - 2)
    return kept.assign(
        y=kept["collaboration"] / pooled**0.5, focal=(kept["race"] == "Black").astype(float)
    )


def row(table, scope, measure="collaboration", score=RAW):
    chosen = table["measure"].eq(measure) & table["scope"].eq(scope) & table["score"].eq(score)
    return table[chosen].iloc[0]


def test_estimates_agree_with_statsmodels(found, contrast):
    overall = smf.ols("y ~ focal", contrast).fit().params["focal"]
    within = smf.ols("y ~ focal + C(school)", contrast).fit().params["focal"]
    assert row(found, OVERALL)["estimate"] == pytest.approx(overall, rel=SAME)
    assert row(found, WITHIN)["estimate"] == pytest.approx(within, rel=SAME)
    assert row(found, OVERALL)["clusters"] == contrast["classroom"].nunique()


def test_each_student_a_cluster_gives_the_welch_statistic(rows, synthetic, measures, contrast):
    # HC2 of two groups is Welch's variance; only the degrees of freedom differ (Bell-McCaffrey).
    alone = rows.assign(classroom=rows["student"])
    table = row(opportunity_gaps(alone, synthetic, measures[:1]), OVERALL)
    by_group = [contrast.loc[contrast["focal"] == x, "y"] for x in (1, 0)]
    welch = stats.ttest_ind(*by_group, equal_var=False)
    columns = np.column_stack([contrast["focal"], np.ones(len(contrast))])
    fit = least_squares_cr2(contrast["y"].to_numpy(), columns, contrast["student"].to_numpy())
    degrees = fit.degrees_of_freedom[0]
    error = (by_group[0].mean() - by_group[1].mean()) / welch.statistic
    assert table["p"] == pytest.approx(2 * stats.t.sf(abs(welch.statistic), degrees), rel=1e-6)
    half = stats.t.ppf(0.975, degrees) * error
    assert table["upper"] - table["estimate"] == pytest.approx(half, rel=SAME)


@pytest.mark.parametrize("lowest", ["school", "classroom"])
def test_leaving_out_what_tells_nothing_of_a_gap_within_schools_is_exact(
    rows, synthetic, measures, contrast, lowest
):
    # 30 classrooms as schools, in the last four White students only; and as two classrooms each.
    last = sorted(rows["classroom"].unique())[-4:]
    gone = rows["classroom"].isin(last) & (rows["race"] == "Black")
    halves = rows["classroom"].astype(str) + rows["student"].str[-1].gt("4").map(str)
    kept = rows.assign(school=rows["classroom"], classroom=halves)[~gone]
    only = synthetic.roles.model_copy(update={"classroom": None if lowest == "school" else lowest})
    table = opportunity_gaps(kept, synthetic.model_copy(update={"roles": only}), measures[:1])
    compared = kept.loc[kept.index.intersection(contrast.index)]
    focal = (compared["race"] == "Black").to_numpy(float)
    schools = pd.get_dummies(compared["school"], dtype=float).to_numpy()
    groups = [compared.loc[focal == x, "collaboration"] for x in (0, 1)]
    unit = (sum(((g - g.mean()) ** 2).sum() for g in groups) / (len(compared) - 2)) ** 0.5
    fit = least_squares_cr2(
        compared["collaboration"].to_numpy() / unit,
        np.column_stack([focal, schools]),
        compared[lowest].to_numpy(),
    )
    lower, upper = fit.interval(0.95)
    mine = row(table, WITHIN)
    assert mine["estimate"] == pytest.approx(fit.estimate[0], rel=SAME)
    assert mine["lower"] == pytest.approx(lower[0], rel=SAME)
    assert mine["upper"] == pytest.approx(upper[0], rel=SAME)


@pytest.mark.parametrize(("schools", "sampled"), [(9, "classroom"), (10, "school")])
def test_overall_schools_vary_where_there_are_ten(
    rows, synthetic, measures, contrast, schools, sampled
):
    school = pd.factorize(rows["classroom"])[0] % schools
    changed = rows.assign(school=school)
    assert (sampled_cluster(changed, synthetic).to_numpy() == changed[sampled].to_numpy()).all()
    alone = synthetic.roles.model_copy(update={"classroom": None})
    without = synthetic.model_copy(update={"roles": alone})
    assert (sampled_cluster(changed, without) == school).all()
    table = opportunity_gaps(changed, synthetic, measures[:1])
    columns = np.column_stack([contrast["focal"], np.ones(len(contrast))])
    units = changed.loc[contrast.index]
    fit = least_squares_cr2(contrast["y"].to_numpy(), columns, units[sampled].to_numpy())
    lower, upper = fit.interval(0.95)
    overall = row(table, OVERALL)
    assert overall["clusters"] == units[sampled].nunique()
    assert overall["lower"] == pytest.approx(lower[0], rel=SAME)
    assert overall["upper"] == pytest.approx(upper[0], rel=SAME)
    assert row(table, WITHIN)["clusters"] == units["classroom"].nunique()


def test_a_category_is_a_gap_in_shares(students, study):
    grade = students[(students["grade"] == "3") & students["race"].isin(["Black", "White"])]
    table = opportunity_gaps(grade, study, opportunity_measures(study)).set_index("scope")
    columns = grade.assign(
        y=(grade["class_type"] == "small").astype(float),
        focal=(grade["race"] == "Black").astype(float),
    )
    for scope, formula, cluster in (
        (OVERALL, "y ~ focal", "school"),
        (WITHIN, "y ~ focal + C(school)", "teacher"),
    ):
        fit = smf.ols(formula, columns).fit(
            cov_type="cluster", cov_kwds={"groups": pd.factorize(grade[cluster])[0]}
        )
        mine = table.loc[scope]
        assert mine["estimate"] == pytest.approx(fit.params["focal"], rel=1e-8)
        assert mine["unit"] == "share points"
        # statsmodels corrects for few clusters otherwise (CR1): hardly different with some 75
        # schools, too little beside the effects of as many schools as every fourth classroom.
        ratio = (mine["upper"] - mine["estimate"]) / (stats.norm.ppf(0.975) * fit.bse["focal"])
        assert 1 < ratio < (1.05 if scope == OVERALL else 1.2)


def values_of(rows, draws):
    return pd.concat(
        [
            pd.DataFrame({"student": rows["student"], NUMBER: k, "collaboration": draw})
            for k, draw in enumerate(draws)
        ]
    )


def test_plausible_values_are_pooled_by_rubins_rules(rows, synthetic, measures):
    rng = np.random.default_rng(3)
    score = rows["collaboration"].to_numpy()
    draws = [score + rng.normal(0, 0.4, len(score)) for _ in range(5)]
    table = opportunity_gaps(rows, synthetic, measures[:1], values_of(rows, draws))
    mine = rows["race"].isin(["Black", "White"]).to_numpy()
    focal = (rows["race"] == "Black").to_numpy(float)[mine]
    columns = np.column_stack([focal, np.ones_like(focal)])
    fits = []
    for draw in (each[mine] for each in draws):
        unit = smf.ols("y ~ x", pd.DataFrame({"y": draw, "x": focal})).fit().mse_resid ** 0.5
        fits.append(least_squares_cr2(draw / unit, columns, rows["classroom"].to_numpy()[mine]))
    estimates = np.array([fit.estimate[0] for fit in fits])
    within = np.mean([fit.standard_error[0] ** 2 for fit in fits])
    between, known = 1.2 * estimates.var(ddof=1), fits[0].degrees_of_freedom[0]
    share = between / (within + between)
    # Barnard and Rubin (1999), eq. 3 to 5, with five values.
    degrees = 1 / (share**2 / 4 + 1 / ((known + 1) / (known + 3) * known * (1 - share)))
    error = (within + between) ** 0.5
    latent = row(table, OVERALL, score=LATENT)
    assert latent["estimate"] == pytest.approx(estimates.mean(), rel=SAME)
    half = stats.t.ppf(0.975, degrees) * error
    assert latent["upper"] - latent["estimate"] == pytest.approx(half, rel=SAME)
    p = 2 * stats.t.sf(abs(estimates.mean()) / error, degrees)
    assert latent["p"] == pytest.approx(p, rel=1e-6)
    assert set(table["score"]) == {RAW, LATENT}


def test_equal_plausible_values_give_the_gap_of_one(rows, synthetic, measures):
    score = rows["collaboration"].to_numpy()
    table = opportunity_gaps(rows, synthetic, measures[:1], values_of(rows, [score] * 3))
    for scope in (OVERALL, WITHIN):
        raw, latent = row(table, scope), row(table, scope, score=LATENT)
        assert latent["estimate"] == pytest.approx(raw["estimate"], rel=SAME)
        # Barnard and Rubin's degrees of freedom are fewer even then.
        assert latent["upper"] == pytest.approx(raw["upper"], abs=0.01)
        assert latent["upper"] >= raw["upper"]


def test_holm_runs_over_the_elements_and_over_nothing_else(found):
    elements = found["kind"] == "element"
    assert found.loc[~elements, "p_holm"].isna().all()
    for _, part in found[elements].groupby("scope"):
        ordered = part.sort_values("p")
        steps = ordered["p"].to_numpy() * np.arange(7, 0, -1)
        np.testing.assert_allclose(ordered["p_holm"], np.maximum.accumulate(steps), rtol=SAME)


def test_without_elements_holm_runs_over_all_measures(rows, synthetic, measures):
    whole = [measure for measure in measures if measure.kind == "construct"]
    table = opportunity_gaps(rows, synthetic, whole)
    part = table[table["scope"] == OVERALL]
    smaller, larger = sorted(part["p"])
    assert sorted(part["p_holm"]) == pytest.approx([min(2 * smaller, 1), larger])


@pytest.mark.parametrize("kept", [0, 3])
def test_a_group_of_too_few_is_said_and_not_shown(rows, synthetic, measures, kept):
    focal = rows.index[rows["race"] == "Black"]
    table = opportunity_gaps(rows.drop(focal[kept:]), synthetic, measures[:2])
    assert (table["flag"] == "fewer than 10 Black people").all()
    assert table[["estimate", "lower", "upper", "p", "p_holm"]].isna().all(axis=None)
    assert table["children_focal"].eq(kept).all()


def test_what_cannot_be_estimated_is_missing_and_said(rows, synthetic, measures):
    first = measures[:1]

    def flags(changed):
        table = opportunity_gaps(changed, synthetic, first).set_index("scope")
        missing = table.loc[table["flag"] != "", ["lower", "upper", "p"]]
        assert missing.isna().all(axis=None)
        return dict(table["flag"])

    constant = rows.assign(collaboration=1 / 3)
    assert set(flags(constant).values()) == {"does not vary within the groups"}
    apart = rows[(rows["race"] == "Black") == rows["school"].isin(["A", "B"])]
    assert flags(apart) == {OVERALL: "", WITHIN: "no school has students of both groups"}
    one_school = rows.assign(school="A", classroom="A1")
    assert set(flags(one_school).values()) == {"no interval: a group's students are in one cluster"}
    one_classroom = rows.assign(
        classroom=rows["classroom"].astype(object).where(rows["race"] != "Black", "A1")
    )
    assert flags(one_classroom)[OVERALL].startswith("no interval")


def test_few_clusters_are_said(rows, synthetic, measures):
    few = rows.assign(classroom=rows["school"])
    table = opportunity_gaps(few, synthetic, measures[:1])
    assert table["lower"].notna().all()
    assert table["flag"].str.contains("degrees of freedom").all()


def test_a_gap_in_shares_needs_enough_students_with_it_and_without(students, study):
    grade = students[(students["grade"] == "3") & students["race"].isin(["Black", "White"])]
    exposed = grade.index[(grade["race"] == "Black") & (grade["class_type"] == "small")]
    table = opportunity_gaps(grade.drop(exposed[4:]), study, opportunity_measures(study))
    assert table["flag"].str.startswith("fewer than 10 people of a group with it or").all()
    assert table["estimate"].isna().all()


VERDICTS = {
    ("collaboration", Comparison.LEVELS): Verdict.COMPARABLE,
    ("interdependence", Comparison.LEVELS): Verdict.NOT_COMPARABLE,
}


def test_verdicts_stand_beside_gaps_and_doubts_in_their_flags(synthetic):
    table = pd.DataFrame(
        {
            "measure": ["collaboration", "interdependence", "mean of all gaps"],
            "flag": ["few", "", ""],
        }
    )
    told = with_verdicts(table, VERDICTS, synthetic)
    assert list(told["verdict"]) == ["comparable", "not comparable", "not comparable"]
    doubt = "comparability of levels by race: not comparable"
    assert list(told["flag"]) == ["few", doubt, doubt]


def test_verdicts_hold_for_the_main_contrast_only(synthetic):
    table = pd.DataFrame(
        {"measure": "collaboration", "flag": "", "role": ["main contrast", "exploratory"]}
    )
    told = with_verdicts(table, VERDICTS, synthetic)
    assert list(told["verdict"]) == ["comparable", UNTESTED]


def test_what_was_observed_needs_no_verdict_and_what_was_measured_does(study, synthetic):
    table = pd.DataFrame({"measure": ["class_type"], "flag": [""]})
    assert list(with_verdicts(table, {}, study)["verdict"]) == [OBSERVED]
    table = pd.DataFrame({"measure": ["shared_leadership"], "flag": [""]})
    with pytest.raises(CompendiumError, match="no verdict on the levels of 'shared_leadership'"):
        with_verdicts(table, VERDICTS, synthetic)


def test_no_measures_make_an_empty_table(rows, synthetic):
    none: list[Measure] = []
    assert opportunity_gaps(rows, synthetic, none).empty
