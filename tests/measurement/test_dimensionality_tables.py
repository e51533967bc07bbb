import numpy as np
import pytest
from conftest import ROOT
from matplotlib import pyplot as plt

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.dimensionality_tables import (
    adequacy_table,
    exploratory_tables,
    parallel_table,
)
from learning_with_others.measurement.figures.dimensionality import draw_parallel_analysis
from learning_with_others.study import load_study

RESAMPLES = 20


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def columns(synthetic):
    return codebook_of(synthetic)["students"]


@pytest.fixture(scope="module")
def survey(synthetic):
    return read_study(synthetic).students


@pytest.fixture(scope="module")
def parallel(survey, synthetic, columns):
    return parallel_table(survey, synthetic, columns, RESAMPLES)


def test_the_planted_elements_are_found_among_28_items(parallel):
    suggested = parallel.groupby(["scale", "kind"])["suggested"].first()
    # The study plants seven correlated elements; sampling may blur one of them.
    assert 5 <= suggested["collaboration", "factors"] <= 8
    assert suggested["belonging", "components"] == 1
    assert "collaboration_frequency" not in set(parallel["scale"])  # two items
    one = parallel[(parallel["scale"] == "personalization") & (parallel["kind"] == "components")]
    assert one["number"].tolist() == [1, 2, 3, 4, 5]
    assert one["eigenvalue"].sum() == pytest.approx(5)


def test_items_load_on_the_factor_of_their_element(survey, synthetic, columns, parallel):
    loadings, between = exploratory_tables(survey, synthetic, columns, parallel)
    mine = loadings[loadings["construct"] == "collaboration"]
    wide = mine.pivot(index="item", columns="factor", values="loading")
    highest = wide.idxmax(axis=1)
    elements = synthetic.constructs["collaboration"].elements
    together = [
        highest[element.items].value_counts().iloc[0] / len(element.items)
        for element in elements.values()
    ]
    # Items of one element share a factor far more often than seven factors at random would.
    assert np.mean(together) > 0.7
    factors = wide.shape[1]
    count = (between["construct"] == "collaboration").sum()
    assert count == factors * (factors - 1) / 2
    # Elements share a general factor; one of the factors may be that of reversed wording.
    assert between["correlation"].median() > 0.2
    assert mine["residual"].iloc[0] < 0.05
    belonging = loadings[loadings["construct"] == "belonging"]
    assert belonging["factor"].unique().tolist() == [1]
    assert (belonging["children"] == survey[belonging["item"]].notna().sum().to_numpy()).all()


def test_adequacy_has_a_row_for_the_scale_and_each_item(survey, synthetic, columns):
    found = adequacy_table(survey, synthetic, columns)
    mine = found[found["scale"] == "belonging"]
    assert mine["item"].tolist() == ["", "bel_1", "bel_2", "bel_3", "bel_4"]
    assert mine["sampling_adequacy"].between(0.5, 1).all()
    assert mine["df"].iloc[0] == 6


def test_scales_that_cannot_be_analysed_say_why_and_leave_the_others(survey, synthetic, columns):
    rows = survey.assign(bel_2=3.0, eng_1=np.nan)
    parallel = parallel_table(rows, synthetic, columns, 2).set_index("scale")
    assert parallel.loc["belonging", "flag"] == "every answer is the same: bel_2"
    assert "fewer than 30" in parallel.loc["engagement", "flag"]
    assert len(parallel.loc["self_efficacy"]) == 8
    loadings, _ = exploratory_tables(rows, synthetic, columns, parallel.reset_index())
    flags = loadings.groupby("construct")["flag"].first()
    assert flags["belonging"] == "every answer is the same: bel_2"
    assert loadings.groupby("construct")["loading"].count()["engagement"] == 0
    adequacy = adequacy_table(rows, synthetic, columns).set_index("scale")
    assert "bel_2" in adequacy.loc["belonging", "flag"]


def test_perfectly_correlated_items_are_flagged_throughout(survey, synthetic, columns):
    rows = survey.assign(bel_2=survey["bel_1"])
    parallel = parallel_table(rows, synthetic, columns, 2)
    assert parallel[parallel["scale"] == "belonging"]["flag"].str.contains("perfect").all()
    loadings, _ = exploratory_tables(rows, synthetic, columns, parallel)
    flags = loadings.loc[loadings["construct"] == "belonging", "flag"]
    assert flags.str.contains("bel_1 and bel_2").all()
    adequacy = adequacy_table(rows, synthetic, columns).set_index("scale")
    assert "not positive definite" in adequacy.loc["belonging", "flag"]


def test_one_student_and_a_study_without_constructs_give_no_numbers(
    survey, synthetic, columns, study, grade_three
):
    one = parallel_table(survey.head(1), synthetic, columns, 2)
    assert one["eigenvalue"].isna().all()
    assert one["flag"].str.contains("fewer than 30").all()
    assert draw_parallel_analysis(one) is None
    empty = parallel_table(grade_three, study, {}, 2)
    assert empty.empty
    assert all(table.empty for table in exploratory_tables(grade_three, study, {}, empty))
    assert draw_parallel_analysis(empty) is None


def test_the_figure_fills_as_many_eigenvalues_as_are_suggested(parallel):
    figure = draw_parallel_analysis(parallel)
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert len(shown) == parallel["scale"].nunique()
    factors = int(
        parallel.loc[
            (parallel["scale"] == "collaboration") & (parallel["kind"] == "factors"), "suggested"
        ].iloc[0]
    )
    filled = shown[0].lines[5]
    assert len(filled.get_xdata()) == factors
    assert f"factors {factors}" in shown[0].get_title()
    plt.close(figure)
