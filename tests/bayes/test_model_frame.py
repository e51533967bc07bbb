import numpy as np
import pandas as pd
import patsy
import pytest

from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import specification_from
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
    incomplete = changes.pop("incomplete", "refuse")
    given = {"outcome": "y", "fixed": "race * `c within`"} | changes
    return model_frame(specification_from(given), rows, incomplete=incomplete)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("race * `c within`", "C(race, Treatment('White')) * Q('c within')"),
        ("0 + race", "0 + race"),
        ("x + race:x", "x + race:x"),
        ("girl * x", "girl * x"),
        ("bs(x, df=4)", "bs(x, df=4)"),
        ("I(x**2) + log(w)", "I(x**2) + np.log(w)"),
        ("scale(x):girl", "standardize(x):girl"),
    ],
)
def test_matrices_are_those_of_patsy(rows, ours, theirs):
    frame = build(rows, fixed=ours)
    expected = np.asarray(patsy.dmatrix(theirs, rows))
    assert np.linalg.matrix_rank(frame.columns) == frame.columns.shape[1] == len(frame.terms)
    # The same columns, or the same space where the programs order or code them differently.
    together = np.column_stack([frame.columns, expected])
    assert np.linalg.matrix_rank(together, tol=1e-8) == np.linalg.matrix_rank(expected)
    if "girl" not in ours:
        np.testing.assert_allclose(
            np.sort(frame.columns, axis=1), np.sort(expected, axis=1), atol=1e-12
        )


def test_columns_are_named_and_the_first_declared_level_is_the_base(rows):
    frame = build(rows)
    assert frame.terms == (
        "Intercept",
        "race[Black]",
        "race[Asian]",
        "c within",
        "race[Black]:c within",
        "race[Asian]:c within",
    )
    black = (rows["race"] == "Black").to_numpy(float)
    np.testing.assert_array_equal(frame.columns[:, 1], black)
    np.testing.assert_allclose(frame.columns[:, 4], black * rows["c within"])


def test_names_of_columns_may_hold_anything_but_backticks(rows):
    name = "Black × small, within [school] + more"
    frame = build(rows.assign(**{name: rows["x"]}), fixed=f"0 + `{name}`")
    assert frame.terms == (name,)


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


def test_random_matrices_hold_their_terms(rows):
    frame = build(rows, groupings={"school": {"terms": "1 + `c within`", "correlated": True}})
    (school,) = frame.groupings
    assert (school.columns, school.slopes) == (("Intercept", "c within"), ("c within",))
    assert school.intercepts == (True, False)
    np.testing.assert_array_equal(school.matrix, np.column_stack([np.ones(ROWS), rows["c within"]]))
    slope_only = build(rows, groupings={"school": {"terms": "0 + x"}}).groupings[0]
    assert slope_only.intercepts == (False,)


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


def test_rows_left_out_are_counted_and_named(rows):
    holes = rows.copy()
    holes.iloc[3, holes.columns.get_loc("y")] = np.nan
    holes.iloc[[3, 5], holes.columns.get_loc("race")] = np.nan
    frame = build(holes, incomplete="leave_out")
    np.testing.assert_array_equal(frame.rows, np.setdiff1d(np.arange(ROWS), [3, 5]))
    assert len(frame.columns) == len(frame.outcome) == ROWS - 2
    assert frame.weaknesses[0] == "2 of 120 rows left out: 1 lack 'y', 2 lack 'race'"


def test_a_column_the_model_does_not_use_may_have_holes(rows):
    assert len(build(rows.assign(other=np.nan)).rows) == ROWS


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
        (None, {"weights": "race"}, "the weights 'race' are no numbers"),
        (lambda rows: rows[rows["race"] != "Black"], {}, "no row has the level 'Black' of 'race'"),
        (lambda rows: rows.assign(y=1.0), {}, "outcome 'y' does not vary over the 120 rows"),
        (lambda rows: rows.head(3), {"fixed": "x + w + girl"}, "4 columns .* by 3 rows"),
        (lambda rows: rows.head(0), {}, "there are no rows"),
        (lambda rows: rows.assign(y=np.nan), {"incomplete": "leave_out"}, "120 lack 'y'"),
        (
            lambda rows: rows.assign(twice=2 * rows["x"] + rows["w"]),
            {"fixed": "x + w + twice"},
            "the term 'twice' follows from 'x', 'w'",
        ),
        (lambda rows: rows.assign(none=0.0), {"fixed": "none"}, "'none' is zero in every row"),
        (
            lambda rows: rows.assign(one=1.0),
            {"fixed": "one", "outcome": "answer", "family": "ordered_logistic"},
            "the column 'one' is constant, as the thresholds are",
        ),
        (lambda rows: pd.concat([rows, rows[["x"]]], axis=1), {}, "two columns are named 'x'"),
        (None, {"fixed": "races"}, "'races' is no column.*did you mean 'race'"),
        (None, {"outcome": "yy"}, "'yy' is no column"),
        (None, {"fixed": "y + x"}, "'y' is both outcome and predictor"),
        (None, {"groupings": {"shool": None}}, "'shool' is no column.*did you mean 'school'"),
        (None, {"groupings": {"school": {"terms": "1 + z"}}}, "groupings: school.*'z' is no col"),
        (None, {"groupings": {"school": {"terms": "0"}}}, "nothing varies by school"),
        (
            None,
            {"groupings": {"school": {"terms": "0 + x + x:girl + girl:x"}}},
            "groupings: school.*the term 'girl:x' follows from 'x:girl'",
        ),
        (None, {"fixed": "x + (1 | school)"}, "has an outcome or groups in it"),
        (None, {"fixed": "y ~ x"}, "has an outcome or groups in it"),
        (None, {"fixed": "x +"}, "cannot read the formula"),
        (None, {"fixed": "x $ w"}, "cannot read the formula"),
        (None, {"fixed": "x**2"}, r"a power outside of I\(\)"),
        (None, {"fixed": "sqare(x)"}, "'sqare' is no function of formulas.*did you mean 'sqrt'"),
        (None, {"fixed": "open(x)"}, "'open' is no function"),
        (None, {"fixed": "offset(x)"}, "is an offset"),
        (None, {"fixed": "log(x)"}, "'log.x.' is not finite in"),
        (None, {"fixed": "bs(race)"}, "cannot evaluate"),
        (None, {"outcome": "race", "fixed": "x"}, "'race' is not a number"),
        (
            None,
            {"outcome": "race", "fixed": "x", "family": "ordered_logistic"},
            "categories of 'race' have no order",
        ),
        (None, {"family": "bernoulli"}, "has 120 values, not two"),
        (None, {"family": "ordered_logistic"}, "has 120 categories"),
        (
            lambda rows: rows.assign(y=rows["race"].astype(str)),
            {"family": "ordered_logistic", "fixed": "x"},
            "neither a number nor an ordered category",
        ),
        (None, {"priors": {"override": {"sd_scool": 1}}}, "no parameter 'sd_scool'"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")  # the logarithm of a negative number
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
            {"groupings": {"school": {"terms": "1 + x"}}},
            "'x' varies within 0 of 4 groups of school",
        ),
        (lambda rows: rows.assign(y=100 * rows["y"]), {}, "declared for 1: standardize it"),
        (lambda rows: rows.assign(x=rows["x"] + 14), {"fixed": "x"}, "the term 'x' has mean 14"),
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
