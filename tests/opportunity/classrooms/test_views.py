import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from conftest import ROOT
from scipy import stats

from learning_with_others.data.measures.sources import OBSERVERS, STUDENTS, TEACHERS, source_table
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.source_convergence import convergence_table
from learning_with_others.opportunity.classrooms.view_agreement import view_agreement
from learning_with_others.opportunity.classrooms.views import view_counts
from learning_with_others.opportunity.figures.source_views import draw_views
from learning_with_others.study import load_study

ELEMENT = "norms_clarity"


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data = read_study(study)
    return study, data.students, data.tables


@pytest.fixture(scope="module")
def counts(lwo):
    study, _, tables = lwo
    return view_counts(tables, study, codebook_of(study))


@pytest.fixture(scope="module")
def agreement(lwo):
    study, students, tables = lwo
    reports = source_table(students, tables, study)
    convergence = convergence_table(students, tables, study, 100)
    return reports, convergence, *view_agreement(reports, convergence)


def test_every_element_is_counted_in_both_sources(counts):
    assert counts.groupby("source")["element"].nunique().to_dict() == {OBSERVERS: 7, TEACHERS: 7}
    by_element = counts.groupby(["source", "element"])
    assert (by_element["count"].sum() == by_element["total"].first()).all()
    assert by_element["share"].sum().to_numpy() == pytest.approx(1)
    assert ((counts["lower"] <= counts["share"]) & (counts["share"] <= counts["upper"])).all()


def test_teachers_have_wilsons_interval(counts, lwo):
    answers = lwo[2]["teachers"][f"view_{ELEMENT}"].dropna()
    row = counts.query("element == @ELEMENT and source == @TEACHERS and answer == 4").iloc[0]
    assert (row["count"], row["total"]) == ((answers == 4).sum(), len(answers))
    share, n, z = row["share"], len(answers), stats.norm.ppf(0.975)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert (row["lower"], row["upper"]) == pytest.approx((centre - half, centre + half))
    assert row["answer_label"] == "often"


def test_ratings_of_a_classroom_are_no_independent_ratings(counts, lwo):
    ratings = lwo[2]["observations"]
    same = (ratings[f"rubric_{ELEMENT}"] == 3).astype(float)
    row = counts.query("element == @ELEMENT and source == @OBSERVERS and answer == 3").iloc[0]
    assert row["share"] == pytest.approx(same.mean())
    # Two ratings in each classroom: CR2 is the sandwich times J / (J - 1), with J - 1 degrees
    # of freedom; statsmodels' correction is J / (J - 1) × (n - 1) / (n - k), here k = 1.
    groups = pd.factorize(ratings["classroom"])[0]
    fit = sm.OLS(same, np.ones(len(same))).fit(cov_type="cluster", cov_kwds={"groups": groups})
    half = stats.t.ppf(0.975, 29) * fit.bse.iloc[0]
    assert row["upper"] - row["share"] == pytest.approx(half)
    assert row["share"] - row["lower"] == pytest.approx(half)


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ({"classroom": list("aabb"), "rating": [3, 3, 3, 3]}, "no interval: all or no ratings"),
        ({"classroom": list("aaaa"), "rating": [3, 2, 3, 3]}, "no interval: one classroom"),
        ({"classroom": list("aabb"), "rating": [3, 2, 3, 2]}, "classrooms do not differ"),
        ({"classroom": list("aabb"), "rating": [np.nan] * 4}, "nothing was rated"),
    ],
)
def test_shares_without_an_interval_say_why(lwo, ratings, words):
    study = lwo[0]
    table = pd.DataFrame(ratings).rename(columns={"rating": f"rubric_{ELEMENT}"})
    found = view_counts({"observations": table}, study, codebook_of(study))
    row = found[found["answer"] == 3].iloc[0]
    assert words in row["flag"]
    assert np.isnan(row["lower"])
    assert np.isnan(row["upper"])


def test_teachers_without_answers_are_flagged(lwo):
    study, _, tables = lwo
    empty = tables["teachers"].assign(**{f"view_{ELEMENT}": np.nan})
    found = view_counts({"teachers": empty}, study, codebook_of(study))
    rows = found[found["element"] == ELEMENT]
    assert (rows["flag"] == "nobody answered").all()
    assert rows[["share", "lower", "upper"]].isna().all(axis=None)


def test_suppressed_shares_are_one_hatched_piece(counts):
    teachers = counts[counts["source"] == TEACHERS].reset_index(drop=True)
    teachers.loc[teachers["count"].between(1, 9), ["count", "share", "lower", "upper"]] = np.nan
    figure = draw_views(teachers)
    assert "suppressed" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_profiles_are_standardized_within_sources(agreement):
    reports, _, profile, _ = agreement
    assert len(profile) == 21
    by_source = profile.groupby("source")["standardized"]
    assert by_source.mean().to_numpy() == pytest.approx(0, abs=1e-12)
    assert by_source.std().to_numpy() == pytest.approx(1)
    mine = reports.query("source == @STUDENTS").groupby("element")["mean"].mean()
    theirs = reports.query("source == @OBSERVERS").groupby("element")["mean"].mean()
    row = profile.query("element == @ELEMENT and source == @OBSERVERS").iloc[0]
    standard = [(means[ELEMENT] - means.mean()) / means.std() for means in (theirs, mine)]
    expected = standard[0] - standard[1]
    assert row["difference"] == pytest.approx(expected)
    assert profile.loc[profile["source"] == STUDENTS, "difference"].isna().all()


def test_correlations_are_copied_from_the_convergence_table(agreement):
    _, convergence, profile, _ = agreement
    known = convergence[convergence["first"] == STUDENTS].set_index(["element", "second"])
    theirs = profile[profile["source"] != STUDENTS].set_index(["element", "source"])
    for column in ("correlation", "lower", "upper"):
        assert (theirs[column] == known[column].reindex(theirs.index)).all()
    assert not theirs["flag"].str.contains("disattenuated").any()


def test_rank_correlations_over_elements(agreement):
    reports, _, _, ranks = agreement
    means = reports.groupby(["element", "source"])["mean"].mean().unstack()  # noqa: PD010 - of a series
    expected = means.rank().corr()
    assert len(ranks) == 3
    for row in ranks.itertuples():
        assert row.rank_correlation == pytest.approx(expected.loc[row.first, row.second])
        assert "descriptive" in row.flag


def test_few_classrooms_or_elements_give_words(agreement):
    reports, convergence, _, _ = agreement
    rooms = reports["classroom"].unique()
    profile, _ = view_agreement(reports[reports["classroom"].isin(rooms[:2])], convergence)
    assert profile[["mean", "standardized", "difference"]].isna().all(axis=None)
    assert (profile["flag"] == "fewer than 3 classrooms").all()
    one = reports[reports["element"] == ELEMENT]
    _, ranks = view_agreement(one, convergence)
    assert ranks["rank_correlation"].isna().all()
    assert (ranks["flag"] == "only 1 elements have both sources").all()
    alike = reports.assign(mean=reports["mean"].where(reports["source"] != TEACHERS, 3.0))
    profile, ranks = view_agreement(alike, convergence)
    assert profile.loc[profile["source"] == TEACHERS, "standardized"].isna().all()
    assert (ranks["flag"] == "elements do not differ").sum() == 2


def test_studies_without_views_give_empty_tables(lwo, study):
    assert view_counts({}, study, codebook_of(study)).empty
    empty = source_table(lwo[1], {}, lwo[0])
    profile, ranks = view_agreement(empty, convergence_table(lwo[1], {}, lwo[0], 10))
    assert profile.empty
    assert ranks.empty


def test_the_figure_has_a_panel_for_each_source(counts):
    figure = draw_views(counts)
    assert [axis.get_title() for axis in figure.axes] == [TEACHERS, OBSERVERS]
    assert len(figure.axes[0].patches) == 35
    assert draw_views(counts.iloc[:0]) is None
