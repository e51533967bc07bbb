import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.factor_tables import (
    LOADING_COLUMNS,
    STEP_COLUMNS,
    STRUCTURE_COLUMNS,
    invariance_table,
    loading_table,
    partial_invariance_tables,
    structure_table,
)
from learning_with_others.measurement.figures.dimensionality import draw_fit_changes, draw_loadings
from learning_with_others.psychometrics.factor_models.structure_comparison import (
    compare_structures,
    structures_of,
)
from learning_with_others.study import load_study

ELEMENTS = ["student_centered", "interdependence", "norms_clarity"]


@pytest.fixture(scope="module")
def small_study():
    """The synthetic study with three elements and two further scales."""
    study = load_study(ROOT / "data/learning-with-others")
    whole = study.constructs["collaboration"]
    part = whole.model_copy(update={"elements": {name: whole.elements[name] for name in ELEMENTS}})
    kept = {"collaboration": part} | {
        name: study.constructs[name]
        for name in ("collaboration_frequency", "belonging", "teacher_view")
    }
    return study.model_copy(update={"constructs": kept})


@pytest.fixture(scope="module")
def given(small_study):
    students = read_study(load_study(ROOT / "data/learning-with-others")).students
    return students, small_study, codebook_of(small_study)["students"]


@pytest.fixture(scope="module")
def structures(given):
    return structure_table(*given)


@pytest.fixture(scope="module")
def loadings(given):
    return loading_table(*given)


@pytest.fixture(scope="module")
def steps(given):
    return invariance_table(*given)


def test_every_students_scale_has_its_structures(structures):
    assert list(structures.columns) == STRUCTURE_COLUMNS
    found = structures.groupby("scale", sort=False)["structure"].apply(list)
    four = ["one_factor", "correlated", "second_order", "bifactor"]
    assert found["collaboration"] == four
    assert all(found[name] == ["one_factor"] for name in [*ELEMENTS, "belonging"])
    assert "teacher_view" not in found
    fitted = structures.set_index(["scale", "structure"]).loc["collaboration"]
    # Three elements: the second order is another way to write three correlations.
    assert fitted.loc["second_order", "chisq"] == pytest.approx(fitted.loc["correlated", "chisq"])
    assert fitted.loc["one_factor", "chisq"] > fitted.loc["correlated", "chisq"]
    # Answered by the two groups compared; clustering makes the test a scaled one.
    assert (fitted["children"] == 549).all()
    assert fitted["chisq_scaled"].notna().all()


def test_two_items_are_flagged_and_not_fitted(structures, loadings):
    row = structures.set_index("scale").loc["collaboration_frequency"]
    assert np.isnan(row["chisq"])
    assert "not identified" in row["flag"]
    assert row["children"] > 500
    assert "not identified" in loadings.set_index("scale").loc["collaboration_frequency", "flag"]


def test_loadings_stand_with_their_intervals_and_counts(given, loadings):
    students, study, _ = given
    assert list(loadings.columns) == LOADING_COLUMNS
    mine = loadings[loadings["scale"] == "belonging"]
    assert list(mine["item"]) == study.constructs["belonging"].items
    reach = (mine["upper"] - mine["lower"]) / (2 * mine["standard_error"])
    np.testing.assert_allclose(reach, 1.959964, rtol=1e-6)  # 95%
    group_role = study.roles.group
    both = students[students[group_role.column].isin([group_role.focal, group_role.reference])]
    assert list(mine["children"]) == list(both[mine["item"]].notna().sum())
    assert (mine["loading"] > 0).all()  # keyed: reversed items were turned round


def test_the_ladder_of_each_scale_finds_the_item_that_was_made_to_differ(steps):
    assert list(steps.columns) == STEP_COLUMNS
    assert set(steps["scale"]) == {"collaboration", *ELEMENTS, "belonging"}
    assert (steps["children"] == steps["children_focal"] + steps["children_reference"]).all()
    belonging = steps[steps["scale"] == "belonging"].set_index("step")
    # The simulation gives bel_2 other thresholds for the focal group.
    assert belonging.loc["metric", "holds"]
    assert not belonging.loc["scalar", "holds"]
    assert belonging["holds"].isna()["configural"]


def test_the_item_that_was_made_to_differ_is_the_one_released(given):
    students, study, columns = given
    one = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    releases, means = partial_invariance_tables(students, one, columns)
    assert list(releases["item"]) == ["", "", "bel_2"]
    assert list(releases["holds"]) == [True, False, True]
    row = means.iloc[0]
    assert (row["released"], row["group"]) == ("bel_2", "Black")
    assert row["holds"]
    assert row["lower"] < row["difference"] < row["upper"]


def test_a_scale_that_cannot_be_fitted_says_why(given):
    students, study, columns = given
    one = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    broken = students.assign(bel_1=3.0)
    for table in (
        structure_table(broken, one, columns),
        loading_table(broken, one, columns),
        invariance_table(broken, one, columns),
        *partial_invariance_tables(broken, one, columns),
    ):
        assert len(table) == 1
        assert table.dtypes.drop("holds", errors="ignore").ne(object).all()
        assert "'bel_1' does not vary" in table["flag"].iloc[0]


def test_a_child_without_a_classroom_is_a_cluster_of_its_own(given, structures):
    students, study, columns = given
    one = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    lost = students.assign(classroom=students["classroom"].where(students.index != 0))
    found = structure_table(lost, one, columns).iloc[0]
    usual = structures.set_index("scale").loc["belonging"]
    assert found["chisq"] == pytest.approx(usual["chisq"])
    assert found["chisq_scaled"] == pytest.approx(usual["chisq_scaled"], rel=0.1)


def test_a_study_without_items_has_empty_tables(students, study):
    assert list(structure_table(students, study, {}).columns) == STRUCTURE_COLUMNS
    assert invariance_table(students, study, {}).empty
    assert draw_loadings(loading_table(students, study, {})) is None
    assert draw_fit_changes(invariance_table(students, study, {})) is None


def test_structures_that_fail_do_not_take_the_others_with_them():
    rng = np.random.default_rng(2)
    common = rng.normal(size=(300, 1))
    rows = pd.DataFrame(common + rng.normal(size=(300, 6)), columns=list("abcdef"))
    found = compare_structures(rows, structures_of({"x": ["a", "b", "c"], "y": ["d", "e", "f"]}))
    flags = found.set_index("structure")["flag"]
    assert "not identified" in flags["second_order"]  # two elements cannot show a general factor
    fitted = found.set_index("structure")["chisq"].dropna()
    assert set(fitted.index) >= {"one_factor", "correlated"}
    assert (found["rows"] == 300).all()


def test_figures_show_what_the_tables_say(steps, loadings):
    from matplotlib import pyplot as plt  # noqa: PLC0415

    changes = draw_fit_changes(steps)
    drawn = [text.get_text() for text in changes.axes[0].get_yticklabels()]
    assert drawn == [scale.replace("_", " ") for scale in dict.fromkeys(steps["scale"])]
    limits = [line.get_xdata()[0] for line in changes.axes[0].get_lines()]
    assert limits.count(-0.010) == 1
    metric = steps[steps["step"] == "metric"]
    shown = next(line for line in changes.axes[1].get_lines() if line.get_marker() == "o")
    np.testing.assert_allclose(shown.get_xdata(), metric["delta_rmsea"])
    panels = draw_loadings(loadings)
    fitted = loadings.dropna(subset=["loading"])
    titles = [axis.get_title(loc="left") for axis in panels.axes]
    assert titles == [scale.replace("_", " ") for scale in dict.fromkeys(fitted["scale"])]
    points = next(line for line in panels.axes[0].get_lines() if line.get_marker() == "o")
    first = fitted[fitted["scale"] == titles[0]]
    np.testing.assert_allclose(points.get_xdata(), first["loading"])
    plt.close("all")


def test_thirty_rows_are_flagged_beside_every_fit(given):
    students, study, columns = given
    one = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    compared = students[students["race"].isin(study.roles.group.contrast)]
    few = compared.dropna(subset=study.constructs["belonging"].items)[:30]
    found = structure_table(few, one, columns)
    assert found["flag"].str.contains("30 rows, fewer than 100").all()
    assert loading_table(few, one, columns)["flag"].str.contains("30 rows, fewer than 100").all()
