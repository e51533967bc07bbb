import numpy as np
import pandas as pd
import pytest
from specified import specified

from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.errors import CompendiumError

ROWS = 120


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(6)
    return pd.DataFrame(
        {
            # White first, which the alphabet would not choose.
            "race": pd.Categorical(
                rng.choice(["White", "Black", "Asian"], ROWS), ["White", "Black", "Asian"]
            ),
            "c within": rng.normal(size=ROWS),
            "x": rng.normal(size=ROWS),
            "girl": rng.random(ROWS) < 0.5,
            "class": np.arange(ROWS) % 3,
            "school": np.arange(ROWS) // 10 % 4,
            "y": rng.normal(size=ROWS),
            "answer": pd.Categorical(
                rng.choice(["no", "some", "yes"], ROWS), ["no", "some", "yes"], ordered=True
            ),
            "w": rng.uniform(0.5, 1.5, ROWS),
        },
        index=np.arange(ROWS) + 1000,
    )


def build(rows, **changes):
    given = {"outcome": "y", "fixed": ("girl", "c within")} | changes
    return model_frame(specified(given.pop("outcome"), *given.pop("fixed"), **given), rows)


def test_the_intercept_comes_first_and_columns_name_the_terms(rows):
    name = "Black × small, `within` [school] + more"
    frame = build(rows.assign(**{name: rows["x"]}), fixed=("girl", name))
    assert frame.terms == ("Intercept", "girl", name)
    expected = np.column_stack([np.ones(ROWS), rows["girl"], rows["x"]])
    np.testing.assert_array_equal(frame.columns, expected)


def test_labels_within_a_grouping_are_unique_to_it(rows):
    groupings = {"classroom": {"column": "class", "within": "school"}, "school": None}
    classroom, school = build(rows, groupings=groupings).groupings
    assert (len(classroom.labels), len(school.labels)) == (12, 4)
    assert classroom.labels[:2] == ("0 / 0", "0 / 1")
    assert classroom.nested_in(school)
    label = np.array(classroom.labels)[classroom.index]
    assert label[17] == f"{rows['school'].iloc[17]} / {rows['class'].iloc[17]}"


def test_labels_alone_may_cross_and_the_frame_says_so(rows):
    groupings = {"classroom": {"column": "class"}, "school": None}
    frame = build(rows, groupings=groupings)
    assert not frame.groupings[0].nested_in(frame.groupings[1])
    assert any("classroom and school cross" in weakness for weakness in frame.weaknesses)


def test_random_columns_are_those_of_the_slopes(rows):
    frame = build(rows, groupings={"school": {"slopes": ("c within",), "correlated": True}})
    (school,) = frame.groupings
    assert (school.slopes, school.correlated) == (("c within",), True)
    expected = np.column_stack([np.ones(ROWS), rows["c within"]])
    np.testing.assert_array_equal(frame.random_columns(school), expected)


def test_other_values_make_the_frame_that_the_long_way_makes(rows):
    groupings = {"classroom": {"column": "class", "slopes": ("c within",), "within": "school"}}
    groupings["school"] = None
    other = rows.assign(**{"c within": rows["x"], "y": -rows["y"]})
    found = build(rows, groupings=groupings).with_values(other, other["y"].to_numpy())
    expected = build(other, groupings=groupings)
    np.testing.assert_array_equal(found.columns, expected.columns)
    np.testing.assert_array_equal(found.outcome, expected.outcome)
    assert (found.terms, found.priors) == (expected.terms, expected.priors)


@pytest.mark.parametrize(
    ("change", "outcome", "expected"),
    [
        ({"c within": np.nan}, None, "'c within' has missing or infinite values"),
        ({"c within": 1.0}, None, "the term 'c within' follows from 'Intercept'"),
        ({}, np.full(ROWS, np.inf), "'outcome' has missing or infinite values"),
        ({}, np.ones(ROWS), "the outcome does not vary over the 120 rows"),
    ],
)
def test_other_values_are_checked(rows, change, outcome, expected):
    frame = build(rows)
    with pytest.raises(CompendiumError, match=expected):
        frame.with_values(rows.assign(**change), frame.outcome if outcome is None else outcome)


def test_ordered_outcomes_are_codes_and_lose_their_intercept(rows):
    frame = build(rows, outcome="answer", family="ordered_logistic")
    assert "Intercept" not in frame.terms
    assert frame.categories == ("no", "some", "yes")
    np.testing.assert_array_equal(frame.outcome, rows["answer"].cat.codes)
    numbers = build(
        rows.assign(answer=2 + rows["class"]), outcome="answer", family="ordered_logistic"
    )
    assert numbers.categories == ("2", "3", "4")


def test_an_answer_that_nobody_gave_is_a_stated_weakness(rows):
    fewer = rows.assign(answer=rows["answer"].cat.add_categories("always"))
    frame = build(fewer, outcome="answer", family="ordered_logistic")
    assert len(frame.categories) == 4
    assert any("no row has the answer always" in weakness for weakness in frame.weaknesses)


def test_a_column_the_model_does_not_use_may_have_holes(rows):
    assert len(build(rows.assign(other=np.nan)).outcome) == ROWS


def spoil(column, value, at=7):
    def change(rows):
        changed = rows.copy()
        changed.iloc[at, changed.columns.get_loc(column)] = value
        return changed

    return change


@pytest.mark.parametrize(
    ("change", "given", "expected"),
    [
        (spoil("y", np.nan), {}, "1 of 120 rows are incomplete: 1 lack 'y'"),
        (spoil("c within", np.inf), {}, "'c within' is infinite in 1 rows"),
        (spoil("w", 0.0), {"weights": "w"}, "1 weights in 'w' are not above zero"),
        (None, {"weights": "race"}, "weights.*the column 'race' is no number"),
        (None, {"fixed": ("race",)}, "fixed.*the column 'race' is no number"),
        (lambda rows: rows.assign(y=1.0), {}, "outcome 'y' does not vary over the 120 rows"),
        (lambda rows: rows.head(3), {"fixed": ("x", "w", "girl")}, "4 columns .* by 3 rows"),
        (lambda rows: rows.head(0), {}, "there are no rows"),
        (
            lambda rows: rows.assign(twice=2 * rows["x"] + rows["w"]),
            {"fixed": ("x", "w", "twice")},
            "the term 'twice' follows from 'x', 'w'",
        ),
        (lambda rows: rows.assign(none=0.0), {"fixed": ("none",)}, "'none' is zero in every row"),
        (
            lambda rows: rows.assign(one=1.0),
            {"fixed": ("one",), "outcome": "answer", "family": "ordered_logistic"},
            "the column 'one' is constant, as the thresholds are",
        ),
        (lambda rows: pd.concat([rows, rows[["x"]]], axis=1), {}, "two columns are named 'x'"),
        (None, {"fixed": ("girls",)}, "'girls' is no column.*did you mean 'girl'"),
        (None, {"outcome": "yy"}, "'yy' is no column"),
        (None, {"fixed": ("y", "x")}, "'y' is both outcome and predictor"),
        (None, {"groupings": {"shool": None}}, "'shool' is no column.*did you mean 'school'"),
        (None, {"outcome": "race", "fixed": ("x",)}, "'race' is not a number"),
        (
            None,
            {"outcome": "race", "fixed": ("x",), "family": "ordered_logistic"},
            "categories of 'race' have no order",
        ),
        (None, {"family": "bernoulli"}, "has 120 values, not two"),
        (None, {"family": "ordered_logistic"}, "has 120 categories"),
        (
            lambda rows: rows.assign(y=rows["race"].astype(str)),
            {"family": "ordered_logistic", "fixed": ("x",)},
            "neither a number nor an ordered category",
        ),
        (None, {"overrides": {"sd_scool": 1}}, "no parameter 'sd_scool'"),
    ],
)
def test_rows_and_models_that_do_not_fit_are_refused_by_name(rows, change, given, expected):
    data = rows if change is None else change(rows)
    with pytest.raises(CompendiumError, match=f"(?s){expected}"):
        build(data, **given)


@pytest.mark.parametrize(
    ("change", "given", "expected"),
    [
        (None, {"groupings": {"school": None}}, "school has 4 groups"),
        (lambda rows: rows.assign(school=1), {"groupings": {"school": None}}, "one group only"),
        (spoil("school", 99), {"groupings": {"school": None}}, "1 of 5 groups of school have one"),
        (
            lambda rows: rows.assign(x=rows["school"] + 0.0),
            {"fixed": ("x",), "groupings": {"school": {"slopes": ("x",)}}},
            "'x' varies within 0 of 4 groups of school",
        ),
        (lambda rows: rows.assign(y=100 * rows["y"]), {}, "declared for 1: standardize it"),
        (lambda rows: rows.assign(x=rows["x"] + 14), {"fixed": ("x",)}, "the term 'x' has mean 14"),
        (lambda rows: rows.assign(w=3 * rows["w"]), {"weights": "w"}, "that of a row of weight 1"),
    ],
)
def test_what_is_weak_is_stated(rows, change, given, expected):
    frame = build(rows if change is None else change(rows), **given)
    assert any(expected in weakness for weakness in frame.weaknesses), frame.weaknesses


def test_nothing_weak_is_said_of_a_sound_frame(rows):
    assert (
        build(rows.assign(school=np.arange(ROWS) % 12), groupings={"school": None}).weaknesses == ()
    )
