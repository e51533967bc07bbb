import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from statsmodels.regression.mixed_linear_model import MixedLM

from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.data.reading import read_study
from learning_with_others.opportunity.classrooms.classroom_means import classroom_map
from learning_with_others.opportunity.figures.classroom_map import draw_classroom_map
from learning_with_others.study import load_study

SAMPLER = Sampler(seed=20181001, tune=500, draws=1000)
WHOLE = Measure("collaboration", "High-quality collaboration", "construct")
# Posterior means average over variances that REML fixes at one value each, and 4,000 draws leave
# a Monte Carlo error of .016 posterior sd, .05 at the worst of 30 classrooms.
BLUP_TOLERANCE = 0.1  # posterior sds
# Averaging a ratio of variances is not the ratio of their averages, and 4,000 draws of each mean
# leave a Monte Carlo error: of the slope, below .005 together.
SLOPE_TOLERANCE = 0.01
# To second order, a mean of λ = τ² / (τ² + σ²/n) over draws lies (1 − λ) λ² v below that of the
# mean τ², with v the relative variance of τ²: at most 4/27 × .15 for 30 classrooms.
CURVATURE = 0.03


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data = read_study(study)
    return study, data.students, data.tables


@pytest.fixture(scope="module")
def found(lwo):
    study, students, _ = lwo
    return classroom_map(students, study, WHOLE, SAMPLER)


def planted(sizes, seed=1, between=0.5):
    """Students of one school, in classrooms of these sizes."""
    rng = np.random.default_rng(seed)
    rooms = np.repeat(np.arange(len(sizes)), sizes)
    score = 3 + between * rng.standard_normal(len(sizes))[rooms] + rng.standard_normal(len(rooms))
    labels = [f"C{room:03d}" for room in rooms]
    return pd.DataFrame({"school": "A", "classroom": labels, WHOLE.name: score})


# REML finds little variance between four schools, and warns that there may be none.
@pytest.mark.filterwarnings("ignore:The MLE may be on the boundary")
def test_estimates_agree_with_reml_predictions(lwo, found):
    _, students, _ = lwo
    rows = students.dropna(subset=[WHOLE.name])
    model = MixedLM.from_formula(
        f"{WHOLE.name} ~ 1",
        rows,
        groups="school",
        vc_formula={"room": "0 + C(classroom)"},
        re_formula="1",
    ).fit(reml=True)
    schools = model.random_effects
    blups = {
        name: model.fe_params["Intercept"]
        + effects["school"]
        + effects[f"room[C(classroom)[{name}]]"]
        for school, effects in schools.items()
        for name in rows.loc[rows["school"] == school, "classroom"].unique()
    }
    expected = pd.Series(blups)[found.names].to_numpy()
    apart = (found.draws.mean(axis=0) - expected) / found.draws.std(axis=0)
    assert np.abs(apart).max() < BLUP_TOLERANCE


def test_table_is_the_map_in_order(lwo, found):
    _, students, _ = lwo
    means = students.groupby("classroom")[WHOLE.name].mean()
    table = found.table
    assert found.flag == ""
    assert table["place"].tolist() == [str(k) for k in range(1, 31)]
    assert table["estimate"].is_monotonic_increasing
    assert np.sort(table["raw_mean"]) == pytest.approx(np.sort(means))
    assert table["children"].sum() == students[WHOLE.name].notna().sum()
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    assert "How far 4 schools differ rests on the prior" in found.words


def test_shares_add_up_and_the_reliability_is_one_minus_shrinkage(found):
    shares = found.shares.set_index(["quantity", "level"])["estimate"]
    assert shares["share of variance"].sum() == pytest.approx(1)
    assert list(shares["share of variance"].index) == ["student", "classroom", "school"]
    plugged = 1 - found.table["shrinkage"].mean()
    assert 0 <= plugged - shares["reliability of the mean", "classroom"] < CURVATURE


def test_shrinkage_is_how_far_estimates_move(lwo):
    study = lwo[0]
    sizes = np.tile([10, 30], 100)
    moved = classroom_map(planted(sizes), study, WHOLE, SAMPLER)
    grand = moved.table["grand_mean"].iloc[0]
    for size, expected in ((10, 1 / 3.5), (30, 1 / 8.5)):  # 1 / (1 + n τ² / σ²), τ² = 1/4, σ² = 1
        part = moved.table[moved.table["children"] == size]
        slope = np.polyfit(part["raw_mean"] - grand, part["estimate"] - grand, 1)[0]
        assert 1 - slope == pytest.approx(part["shrinkage"].iloc[0], abs=SLOPE_TOLERANCE)
        # Posterior sd of a mean, λ σ² / n under the root; the grand mean's own error adds little.
        standard_deviation = moved.draws[:, moved.children == size].std(axis=0).mean()
        closed = np.sqrt((1 - part["shrinkage"].iloc[0]) / size)
        assert standard_deviation == pytest.approx(
            closed, rel=0.06
        )  # σ² of 4,000 students is 1 ± 2%
        # τ² / σ² of 200 classrooms has a standard error of 14%, so has the odds of this share.
        assert part["shrinkage"].iloc[0] == pytest.approx(expected, rel=0.35)


def test_classrooms_of_few_are_fitted_and_have_no_estimate(lwo):
    sizes = np.array([1, 25, 24, 23, 22, 26, 27, 28, 29, 30])
    small = classroom_map(planted(sizes), lwo[0], WHOLE, SAMPLER)
    assert np.isfinite(small.draws).all()
    assert len(small.draws[0]) == len(sizes)
    table = small.table
    few = table["children"] < 10
    assert few.tolist() == [False] * 9 + [True]
    assert table[few].drop(columns=["place", "children", "flag"]).isna().all(axis=None)
    assert table.loc[few, "flag"].tolist() == ["fewer than 10 answered"]
    assert "1 of 10 classrooms without an estimate" in small.words
    assert "rests on the prior" not in small.words  # one school: nothing is said of schools


def test_rows_of_the_table_lead_to_their_classrooms(lwo, found):
    _, students, _ = lwo
    means = students.groupby("classroom")[WHOLE.name].mean()
    assert found.table["raw_mean"].to_numpy() == pytest.approx(
        means[found.names[found.order]].to_numpy()
    )


def test_monte_carlo_errors_are_those_of_the_means(found):
    independent = found.draws.std(axis=0, ddof=1)[found.order] / np.sqrt(len(found.draws))
    # Draws of the collapsed engine are nearly independent: within a factor of two.
    ratio = found.table["mcse"].to_numpy() / independent
    assert ((ratio > 0.5) & (ratio < 2)).all()
    errors = ["mcse", "shrinkage_mcse", "grand_mcse"]
    assert (found.table[errors] > 0).all(axis=None)
    assert (found.shares["mcse"] > 0).all()


def test_nothing_tells_which_classroom_is_which(lwo, found):
    tables = lwo[2]
    names = set(found.names) | set(tables["teachers"]["teacher"]) | set(tables["schools"]["school"])
    for table in (found.table, found.shares):
        assert not names & set(table.astype(str).to_numpy().ravel())
        assert not {"classroom", "school", "teacher"} & set(table.columns)
    assert not any(name in repr(found) for name in found.names)


def test_plausible_values_are_mixed(lwo, found):
    study, students, _ = lwo
    rng = np.random.default_rng(2)
    score = students[WHOLE.name].to_numpy(float)
    noise = np.stack([score + 0.4 * rng.standard_normal(len(score)) for _ in range(5)])
    mixed = classroom_map(students, study, WHOLE, SAMPLER, noise)
    assert mixed.draws.shape == (4000, 30)
    assert mixed.raw_mean == pytest.approx(found.raw_mean, abs=0.15)
    width = [(each.draws.std(axis=0)).mean() for each in (found, mixed)]
    assert width[1] > width[0]


def test_a_study_without_classrooms_maps_schools(study, students):
    roles = study.roles.model_copy(update={"classroom": None})
    rows = students[students["grade"] == "3"]
    math = Measure("math", "Mathematics", "number")
    schools = classroom_map(rows, study.model_copy(update={"roles": roles}), math, SAMPLER)
    assert schools.level == "school"
    assert len(schools.table) == rows.dropna(subset="math")["school"].nunique()
    assert schools.shares["level"].tolist() == ["student", "school", "school"]


@pytest.mark.parametrize(
    ("change", "measure", "words"),
    [
        (lambda rows: rows, Measure("class_type", "Class", "category"), "dealt out by classroom"),
        (lambda rows: rows.assign(classroom="C000"), WHOLE, "fewer than two classrooms"),
        (lambda rows: rows.assign(collaboration=np.nan), WHOLE, "fewer than two classrooms"),
        (lambda rows: rows.assign(collaboration=3.0), WHOLE, "the same score"),
        (
            lambda rows: rows.assign(collaboration=rows["classroom"].str[1:].astype(float)),
            WHOLE,
            "students of one classroom never differ",
        ),
    ],
)
def test_no_map_says_why(lwo, change, measure, words):
    rows = change(planted([12] * 5).assign(class_type="small"))
    empty = classroom_map(rows, lwo[0], measure, SAMPLER)
    assert empty.table.empty
    assert empty.shares.empty
    assert words in empty.words
    assert draw_classroom_map(empty.table, "score points") is None


def test_the_figure_numbers_few_classrooms_and_not_many(found):
    axis = draw_classroom_map(found.table, "score points").axes[0]
    assert [text.get_text() for text in axis.get_xticklabels()] == found.table["place"].tolist()
    many = pd.concat([found.table] * 11)
    assert len(draw_classroom_map(many, "score points").axes[0].get_xticks()) == 0
