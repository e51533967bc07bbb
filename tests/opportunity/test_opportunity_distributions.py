import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from conftest import ROOT
from scipy import special, stats

from learning_with_others.data.cluster_design import cluster_design
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.data.flow import analysis_steps, count_by_school, rows_of_grade
from learning_with_others.data.measures.opportunities import opportunity_measures
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.opportunity.distributions import answer_shares, group_mean, means_by_place
from learning_with_others.opportunity.figures.places import draw_places
from learning_with_others.study import load_study

GROUPS = ("Black", "White")
ESTIMATES = ["mean", "sd", "lower", "upper"]


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def children(synthetic):
    return read_study(synthetic).students


@pytest.fixture(scope="module")
def columns(synthetic):
    return codebook_of(synthetic)["students"]


def weighted_by(study, column):
    roles = study.roles.model_copy(update={"weight": column})
    return study.model_copy(update={"roles": roles})


def with_minimum(study, minimum):
    analysis = study.analysis.model_copy(update={"minimum_cell": minimum})
    return study.model_copy(update={"analysis": analysis})


def of_items(table, *items):
    return table[table["item"].isin(items)].reset_index(drop=True)


@pytest.fixture(scope="module")
def contrast(children):
    return children[children["race"].isin(GROUPS)]


@pytest.fixture(scope="module")
def shares(contrast, synthetic, columns):
    return answer_shares(contrast, synthetic, columns)


def test_shares_agree_with_counts_and_lie_in_their_intervals(shares, contrast):
    seen = shares[shares["children"].between(1, shares["answered"] - 1)]
    np.testing.assert_allclose(seen["share"], (seen["children"] / seen["answered"]).astype(float))
    assert (seen["lower"] > 0).all()
    assert (seen["lower"] < seen["share"]).all()
    assert (seen["share"] < seen["upper"]).all()
    assert (seen["upper"] < 1).all()
    given = contrast.loc[contrast["race"] == "White", "ii_2"].dropna()
    turned = seen.set_index(["item", "group", "answer"]).loc[("ii_2", "White", 2)]
    assert turned["share"] == pytest.approx((given == 4).mean())
    assert "weighted_share" not in shares


def test_the_logit_interval_agrees_with_a_clustered_logistic_regression(grade_three, study):
    rows = grade_three[grade_three["race"] == "Black"]
    small = (rows["class_type"] == "small").to_numpy(float)
    design = cluster_design(rows, study)
    assert design.level == "schools"
    mean, lower, upper, flag = group_mean(design, small >= 0, small, study, share=True)
    model = sm.GLM(small, np.ones_like(small), family=sm.families.Binomial())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": design.cluster})
    assert flag == ""
    assert special.logit(mean) == pytest.approx(fit.params[0])
    half = (special.logit(upper) - special.logit(lower)) / 2
    quantile = stats.t.ppf(0.975, design.clusters - 1)
    # The jackknife and the sandwich with its J/(J-1) differ by the schools' unequal sizes: a few
    # hundredths of the error with some fifty schools.
    assert half / quantile == pytest.approx(fit.bse[0], rel=0.05)


def test_with_classrooms_of_one_size_the_error_is_that_of_their_means(study):
    generator = np.random.default_rng(1)
    rows = pd.DataFrame({"school": "a", "teacher": np.repeat(list("pqrstu"), 8)})
    values = generator.normal(size=48) + np.repeat(generator.normal(size=6), 8)
    found = group_mean(cluster_design(rows, study), np.full(48, True), values, study, share=False)
    means = values.reshape(6, 8).mean(axis=1)
    by_hand = stats.t.interval(0.95, 5, means.mean(), stats.sem(means))
    np.testing.assert_allclose(found[:3], [means.mean(), *by_hand])  # exact, but for rounding


def test_only_clusters_that_hold_the_group_count(study):
    rows = pd.DataFrame({"school": "a", "teacher": np.repeat(list("pqrst"), 10)})
    values = np.tile([1.0, 2, 3, 4, 6], 10)
    one_room, two_rooms = np.arange(50) < 10, np.arange(50) < 18
    design = cluster_design(rows, study)
    mean, lower, upper, flag = group_mean(design, one_room, values, study, share=False)
    assert mean == pytest.approx(3.2)
    assert np.isnan([lower, upper]).all()
    assert flag == "no interval: too few classrooms within these schools"
    _, lower, upper, flag = group_mean(design, two_rooms, values, study, share=False)
    assert flag == ""
    # One degree of freedom: the quantile is 12.7.
    assert upper - lower > 2 * 12 * abs(values[:10].mean() - values[10:18].mean()) / 4


def test_weights_do_what_repeated_rows_do(contrast, synthetic, columns):
    weights = np.random.default_rng(2).integers(1, 4, len(contrast))
    repeated = contrast.loc[contrast.index.repeat(weights)].reset_index(drop=True)
    found = answer_shares(contrast.assign(w=weights), weighted_by(synthetic, "w"), columns)
    twin = answer_shares(repeated, synthetic, columns)
    plain = answer_shares(contrast, synthetic, columns)
    np.testing.assert_allclose(found["weighted_share"], twin["share"].astype(float))
    np.testing.assert_allclose(found[["lower", "upper"]], twin[["lower", "upper"]])
    np.testing.assert_allclose(found["share"].astype(float), plain["share"].astype(float))


def test_an_answer_of_nobody_or_everybody_has_no_interval(contrast, synthetic, columns):
    rows = contrast.assign(
        sc_1=contrast["sc_1"].where(contrast["race"] == "White", 2.0),
        sc_2=contrast["sc_2"].where(contrast["race"] == "White"),
    )
    found = of_items(answer_shares(rows, synthetic, columns), "sc_1", "sc_2")
    same = found[(found["item"] == "sc_1") & (found["group"] == "Black")]
    assert same["share"].tolist() == [0, 1, 0, 0, 0]
    assert same["lower"].isna().all()
    assert (same["flag"] == "no interval: everybody's value is the same").all()
    nobody = found[(found["item"] == "sc_2") & (found["group"] == "Black")]
    assert (nobody["flag"] == "nobody answered").all()
    assert nobody[["share", "lower"]].isna().all(axis=None)


def test_a_group_of_three_has_counts_and_no_means(contrast, synthetic):
    few = contrast.drop(contrast.index[contrast["race"] == "Black"][3:])
    means = means_by_place(few, synthetic, opportunity_measures(synthetic))
    black = means[means["group"] == "Black"]
    assert black["children"].max() == 3
    assert black[ESTIMATES].isna().all(axis=None)
    seen = black[black["children"] > 0]
    assert (seen["flag"] == "fewer than 10 answered").all()
    none = means[means["group"] == OTHER_GROUPS]
    assert (none["children"] == 0).all()
    assert (none["flag"] == "nobody answered").all()


def test_means_by_school_agree_with_pandas(children, synthetic):
    measures = opportunity_measures(synthetic)
    found = means_by_place(children, synthetic, measures)
    assert set(found["place_kind"]) == {"school"}
    assert len(found) == len(measures) * 4 * 3
    assert found.groupby(["place", "group"])["children"].nunique().eq(1).all()
    group = children["race"].astype(object).where(children["race"].isin(GROUPS), OTHER_GROUPS)
    by_hand = children.groupby([children["school"], group])
    answered = by_hand[[m.name for m in measures]].apply(lambda p: p.notna().any(axis=1).sum())
    names = {name: f"school {k}" for k, name in enumerate(sorted(children["school"].unique()), 1)}
    table = found.set_index(["measure", "place", "group"])
    for (school, name), values in by_hand["interdependence"]:
        row = table.loc[("interdependence", names[school], name)]
        assert row["children"] == answered[school, name]
        assert row["mean"] == pytest.approx(values.mean())
        assert row["sd"] == pytest.approx(values.std())
        assert row["lower"] < row["mean"] < row["upper"]


def test_a_measure_with_few_answers_has_no_mean(children, synthetic):
    measures = opportunity_measures(synthetic)
    cell = children.index[(children["school"] == "C") & (children["race"] == "White")]
    rows = children.copy()
    rows.loc[cell[5:], "interdependence"] = np.nan
    found = means_by_place(rows, synthetic, measures).set_index(["measure", "place", "group"])
    row = found.loc[("interdependence", "school 3", "White")]
    assert row["flag"] == "fewer than 10 answered"
    assert row[ESTIMATES].isna().all()
    assert row["children"] == found.loc[("collaboration", "school 3", "White"), "children"]


def test_a_school_of_one_classroom_and_a_constant_measure_have_no_interval(children, synthetic):
    rooms = children["classroom"].where(children["school"] != "A", "A-only")
    rows = children.assign(classroom=rooms, interdependence=3.0)
    found = means_by_place(rows, synthetic, opportunity_measures(synthetic))
    one = found[(found["place"] == "school 1") & (found["measure"] == "collaboration")]
    assert one["mean"].notna().all()
    assert one["lower"].isna().all()
    assert (one["flag"] == "no interval: too few classrooms within these schools").all()
    same = found[found["measure"] == "interdependence"]
    assert (same["mean"] == 3).all()
    assert (same["sd"] == 0).all()
    assert same["upper"].isna().all()


def test_classrooms_of_one_child_one_school_and_no_rows_do_no_harm(children, synthetic):
    measures = opportunity_measures(synthetic)
    one = children[children["school"] == "A"].copy()
    one["classroom"] = [f"room {k}" for k in range(len(one))]
    found = means_by_place(one, synthetic, measures)
    row = found.set_index(["measure", "group"]).loc[("collaboration", "Black")]
    values = one.loc[one["race"] == "Black", "collaboration"].dropna()
    by_hand = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    # Of independent children; rooms of other groups change the factor (J - 1) / J a little.
    np.testing.assert_allclose(row[["lower", "upper"]].astype(float), by_hand, rtol=0.01)
    assert means_by_place(children.head(0), synthetic, measures).empty
    assert means_by_place(children, synthetic, []).empty


def test_weighted_means_and_a_school_without_weight(children, synthetic):
    measures = opportunity_measures(synthetic)[:1]
    weights = np.random.default_rng(3).uniform(0.5, 3, len(children))
    rows = children.assign(w=np.where(children["school"] == "D", 0, weights))
    found = means_by_place(rows, weighted_by(synthetic, "w"), measures).set_index(
        ["place", "group"]
    )
    mine = rows[(rows["school"] == "B") & (rows["race"] == "Black")].dropna(
        subset=["collaboration"]
    )
    expected = np.average(mine["collaboration"], weights=mine["w"])
    assert found.loc[("school 2", "Black"), "mean"] == pytest.approx(expected)
    assert (found.loc["school 4", "flag"] == "all sampling weights are zero").all()


@pytest.fixture(scope="module")
def star(students, study):
    return means_by_place(students, study, opportunity_measures(study), "3")


def test_shares_by_grade_and_school_agree_with_counts(star, students, study):
    grades = star[star["place_kind"] == "grade"].set_index(["place", "group"])
    assert list(dict.fromkeys(grades.index.get_level_values(0))) == ["K", "1", "2", "3"]
    for grade in ("K", "3"):
        rows = rows_of_grade(students, study, grade)
        mine = rows[rows["race"] == "Black"]
        row = grades.loc[(grade, "Black")]
        assert row["children"] == len(mine)
        expected = (mine["class_type"] == "small").mean()
        assert row["mean"] == pytest.approx(expected)
    steps = analysis_steps(students, study, "3")
    flow = count_by_school(students, steps, study)
    named = flow[flow["step"] == steps[-2].name].set_index("group")["rows"]
    schools = star[star["place_kind"] == "school"]
    whole = schools.groupby("place")["children"].agg(["sum", "count"])
    full = whole[whole["count"] == 3]
    # The same name is the same school: groups add up to the school's row of the flow.
    placed = rows_of_grade(students, study, "3")
    sizes = placed.groupby("school").size()
    order = {name: f"school {k}" for k, name in enumerate(sorted(students["school"].unique()), 1)}
    for school, size in sizes.items():
        if order[school] in full.index:
            assert full.loc[order[school], "sum"] == size
    assert set(full.index) <= set(named.index)


def test_grades_are_not_pooled_by_default(students, study):
    measures = opportunity_measures(study)
    with pytest.raises(CompendiumError, match="4 grades"):
        means_by_place(students, study, measures)
    third = rows_of_grade(students, study, "3")
    third = third[third["school"].isin(third["school"].unique()[:3])]
    found = means_by_place(third, study, measures)
    assert set(found["place"]) == {"school 1", "school 2", "school 3", "3"}


def test_places_are_drawn_with_what_is_suppressed_and_without_interval(children, synthetic):
    measures = opportunity_measures(synthetic)
    table = means_by_place(children, synthetic, measures)
    gone = (table["place"] == "school 2") & (table["group"] == "Black")
    table.loc[gone, ["children", *ESTIMATES]] = pd.NA
    table.loc[table["place"] == "school 3", ["lower", "upper"]] = np.nan
    table.loc[table["place"] == "school 4", ["children", *ESTIMATES]] = pd.NA
    figure = draw_places(table, GROUPS)
    figure.canvas.draw()
    assert len(figure.axes) == len(measures)
    titles = [axis.get_title(loc="left").replace("\n", " ") for axis in figure.axes]
    assert titles == [measure.label for measure in measures]
    for axis in figure.axes:
        assert [text.get_text() for text in axis.texts] == ["suppressed"]
        assert [len(line.get_xdata()) for line in axis.lines if line.get_marker() in "os"] == [2, 3]
    assert "\n1 school not drawn" in figure.get_supxlabel()
    plt.close(figure)
    assert draw_places(table.head(0), GROUPS) is None
    assert draw_places(table.assign(mean=np.nan), GROUPS) is None


def test_places_of_many_measures_make_more_rows_of_three(children, synthetic):
    measures = opportunity_measures(synthetic)
    table = means_by_place(children, synthetic, measures)
    many = pd.concat([table.assign(label=table["label"] + str(k)) for k in range(2)])
    figure = draw_places(many, GROUPS)
    grid = figure.axes[0].get_subplotspec().get_gridspec()
    assert len(figure.axes) == 2 * len(measures) > 9
    assert (grid.nrows, grid.ncols) == (-(-2 * len(measures) // 3), 3)
    plt.close(figure)
