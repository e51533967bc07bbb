import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.factor_model import (
    FactorModel,
    bifactor,
    correlated_factors,
    one_factor,
    second_order,
)
from learning_with_others.psychometrics.factor_models.parameter_table import parameter_table

ELEMENTS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"]}


def degrees(model, groups=("all",), level="configural", released=None):
    k = len(model.items)
    table = parameter_table(model, groups, level, released)
    return len(groups) * (k + k * (k + 1) // 2) - table.free_count


@pytest.mark.parametrize("identification", ["marker", "unit_variance"])
def test_degrees_of_freedom_are_the_textbook_ones(identification):
    nine = [item for items in ELEMENTS.values() for item in items]
    # 45 covariances less 9 residuals, 9 loadings and what the factors take.
    assert degrees(one_factor(nine, identification=identification)) == 27
    assert degrees(correlated_factors(ELEMENTS, identification)) == 24
    assert degrees(second_order(ELEMENTS, identification=identification)) == 24
    assert degrees(bifactor(ELEMENTS, identification=identification)) == 18


@pytest.mark.parametrize("identification", ["marker", "unit_variance"])
def test_each_step_of_invariance_takes_its_degrees_of_freedom(identification):
    model = correlated_factors(ELEMENTS, identification)
    pair = ("white", "black")
    found = [degrees(model, pair, level) for level in ("configural", "metric", "scalar", "strict")]
    assert found == [48, 54, 60, 69]
    released = {"a2": {"loading", "intercept"}}
    assert degrees(model, pair, "metric", released) == 53
    assert degrees(model, pair, "scalar", released) == 58


def test_a_released_marker_passes_its_part_to_another_item():
    table = parameter_table(one_factor(ELEMENTS["a"]), ("x", "y"), "metric", {"a1": {"loading"}})
    fixed = table.rows[(table.rows["kind"] == "loading") & table.rows["fixed"].notna()]
    assert set(fixed["rhs"]) == {"a2"}


def test_labels_tell_what_is_equal():
    table = parameter_table(one_factor(ELEMENTS["a"]), ("x", "y"), "metric")
    loadings = table.rows[table.rows["kind"] == "loading"]
    assert (loadings.groupby("rhs")["label"].nunique() == 1).all()
    residuals = table.rows[table.rows["kind"] == "residual"]
    assert (residuals.groupby("lhs")["label"].nunique() == 2).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"items": ("x1", "x1"), "factors": {"f": ("x1",)}}, "stands there twice"),
        ({"items": ("x1", "f"), "factors": {"f": ("x1",)}}, "f stands there twice"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(arguments, said):
    with pytest.raises(CompendiumError, match=said):
        FactorModel(**arguments)
