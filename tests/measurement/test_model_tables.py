from four_scales import SCALES, compared_students, four_scales

from learning_with_others.measurement.response_model_tables import (
    MODEL_COLUMNS,
    PARAMETER_COLUMNS,
    response_tables,
)


def test_models_of_a_scale_are_compared_on_the_same_children():
    table = response_tables(*four_scales()).comparison
    assert list(table.columns) == MODEL_COLUMNS
    assert set(table["scale"]) == set(SCALES) - {"supports"}  # the teachers' are not here
    for _, part in table.groupby("scale"):
        assert part["children"].nunique() == 1
        order = part.set_index("family")["log_likelihood"]
        assert order["rating_scale"] <= order["partial_credit"] + 1e-6
    items = four_scales()[1].constructs["belonging"].items
    answered = compared_students()[items].notna().any(axis=1).sum()
    assert (table.loc[table["scale"] == "belonging", "children"] == answered).all()


def test_parameters_stand_with_intervals_and_counts():
    table = response_tables(*four_scales()).parameters
    assert list(table.columns) == PARAMETER_COLUMNS
    slopes = table[(table["scale"] == "personalization") & (table["quantity"] == "slope")]
    assert list(slopes["item"]) == [f"pers_{number}" for number in range(1, 6)]
    assert (slopes["lower"] < slopes["estimate"]).all()
    assert (slopes["estimate"] < slopes["upper"]).all()
    assert (slopes["category"] == 0).all()
    steps = table[(table["item"] == "pers_1") & (table["quantity"] == "threshold")]
    assert list(steps["category"]) == [1, 2, 3]
    assert steps["estimate"].is_monotonic_increasing
    assert (table["children"] > 500).all()


def test_two_items_are_fitted_with_a_flag():
    models = response_tables(*four_scales()).comparison
    row = models[models["scale"] == "collaboration_frequency"].iloc[0]
    assert "slopes are held equal" in row["flag"]
    assert row["children"] > 500


def test_an_item_that_cannot_be_used_gives_a_reason_not_an_error():
    students, study, columns = four_scales()
    broken = students.copy()
    broken["bel_1"] = 3
    found = response_tables(broken, study, columns)
    table = found.comparison
    row = table[(table["scale"] == "belonging") & (table["family"] == "graded")]
    assert row["children"].isna().all()
    assert "bel_1" in row["flag"].item()
    parameters = found.parameters
    assert "bel_1" in parameters.loc[parameters["scale"] == "belonging", "flag"].item()


def test_a_study_without_items_gives_empty_tables(study, students):
    """project-star has scores only."""
    found = response_tables(students, study, {})
    assert list(found.comparison.columns) == MODEL_COLUMNS
    assert list(found.parameters.columns) == PARAMETER_COLUMNS
