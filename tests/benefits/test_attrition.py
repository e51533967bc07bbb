"""Who is seen by arm and group: against regressions written out, and a planted effect."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from shown_exhibits import said, shown

from learning_with_others.benefits import exhibits
from learning_with_others.benefits.attrition import (
    DIFFERENCE,
    EFFECT,
    EVERY,
    PRESENT,
    SHARE,
    attrition,
    entrants,
    seen_of,
)
from learning_with_others.data.entry import add_entry
from learning_with_others.models.benefit_fit import benefit_rows


@pytest.fixture(scope="module")
def rows(students, study):
    return benefit_rows(students, study, "3", "all")


@pytest.fixture(scope="module")
def found(students, rows, study):
    return attrition(students, rows, study.design, "3")


def test_everybody_who_entered_is_counted_once(students, rows, study, found):
    entered = entrants(students, study, "3")
    assert entered["student"].is_unique
    both = students[students["race"].isin(["Black", "White"])]
    assert len(entered) == both["student"].nunique()
    shares = found.rates[found.rates["row"] == SHARE]
    assert set(shares["outcome"]) == {EVERY}
    assert shares["entered"].sum() == len(entered)
    compared = rows["math"]["race"].isin(["Black", "White"]).sum()
    assert shares["seen"].sum() == compared
    assert np.allclose(shares["share"], shares["seen"] / shares["entered"])


def test_differences_between_arms_are_those_of_a_regression_with_all_strata(
    students, rows, study, found
):
    entered = entrants(students, study, "3").copy()
    entered["seen"] = seen_of(entered, rows["math"], study).astype(float)
    entered["cell"] = (
        entered["school"] + "/" + entered["grade"].astype(str) + entered["race"].astype(str)
    )
    for level, short in (("small", "s"), ("regular with aide", "a")):
        for group, letter in (("Black", "b"), ("White", "w")):
            arm = (entered["class_type"] == level) & (entered["race"] == group)
            entered[f"{short}{letter}"] = arm.astype(float)
    dummies = smf.ols("seen ~ sb + sw + ab + aw + C(cell)", entered).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(entered["school"])[0]}
    )
    table = found.rates.set_index(["row", "group", "arm"])
    for level, short in (("small", "s"), ("regular with aide", "a")):
        black, white = (dummies.params[f"{short}{letter}"] for letter in "bw")
        assert table.loc[(EFFECT, "Black", level), "share"] == pytest.approx(black, abs=1e-9)
        assert table.loc[(EFFECT, "White", level), "share"] == pytest.approx(white, abs=1e-9)
        apart = table.loc[(DIFFERENCE, "Black minus White", level)]
        assert apart["share"] == pytest.approx(black - white, abs=1e-9)
        # statsmodels' errors are CR1 with normal quantiles, and count strata as parameters: within
        # a tenth of CR2 with some 60 degrees of freedom for 79 schools.
        contrast = dummies.t_test(f"{short}b - {short}w")
        half = (apart["upper"] - apart["lower"]) / 2
        assert half == pytest.approx(1.96 * contrast.sd.item(), rel=0.1)


def test_bounds_hold_the_effect_among_those_who_are_seen(found):
    bounds = found.bounds
    assert (bounds["lower"] <= bounds["lower_bound"]).all()
    assert (bounds["lower_bound"] <= bounds["seen_alike"] + 1e-9).all()
    assert (bounds["seen_alike"] <= bounds["upper_bound"] + 1e-9).all()
    assert (bounds["upper_bound"] <= bounds["upper"]).all()
    by_group = bounds.set_index(["outcome", "group"])
    for outcome in ("math", "reading"):
        black, white, apart = (
            by_group.loc[(outcome, name)] for name in ("Black", "White", "Black minus White")
        )
        assert apart["lower_bound"] == pytest.approx(black["lower_bound"] - white["upper_bound"])
        assert apart["upper_bound"] == pytest.approx(black["upper_bound"] - white["lower_bound"])


def planted(seed, children=6000):
    """Arms at random within schools, at rates of their own; low outcomes leave regular classes."""
    rng = np.random.default_rng(seed)
    school = rng.integers(40, size=children)
    rate = rng.uniform(0.2, 0.6, size=40)[school]
    small = rng.random(children) < rate
    black = rng.random(children) < rng.uniform(0.1, 0.9, size=40)[school]
    y = rng.normal(size=children) - 2 * rate + rng.normal(size=40)[school] * 0.4
    either = y - 0.4 * rng.normal(size=children) > -2
    seen = either | small
    y = y + small * np.where(black, 0.5, 0.2)
    first = pd.DataFrame(
        {
            "student": np.arange(children).astype(str),
            "school": school.astype(str),
            "teacher": school.astype(str) + np.where(small, "s", "r"),
            "class_type": pd.Categorical(np.where(small, "small", "regular"), ["small", "regular"]),
            "race": pd.Categorical(np.where(black, "Black", "White")),
        }
    )
    both = pd.concat([first.assign(grade="K"), first.assign(grade="1", math=y, reading=y)[seen]])
    both["grade"] = pd.Categorical(both["grade"], ["K", "1"])
    return both.reset_index(drop=True), y[seen].std()


def test_bounds_hold_planted_effects_that_those_who_left_hide(study):
    naive, inside = [], []
    for seed in range(6):
        data, sd = planted(seed)
        students = add_entry(data, study)
        rows = {"math": students[students["grade"] == "1"]}
        one = attrition(students, rows, study, "1").bounds.set_index("group")
        truth = pd.Series({"Black": 0.5, "White": 0.2, "Black minus White": 0.3}) / sd
        naive.append((one["seen_alike"] - truth)["White"])
        inside.append(((one["lower"] < truth) & (truth < one["upper"])).all())
    # Small classes keep children with low outcomes, which hides a part of their effect.
    assert np.mean(naive) < -3 * np.std(naive, ddof=1) / np.sqrt(6)
    assert all(inside)


def test_words_and_counts(students, rows, study, found):
    given = (found, students, rows, study, "3")
    planned = [exhibits.attrition(*given), exhibits.attrition_bounds(*given)]
    laid_out, published, records = shown(planned, study, {"students": students})
    title, sentence = said(laid_out["attrition"], records)
    assert title == "Which class type loses more children may depend on the grade of entry"
    assert "of White children who entered small classes 55% are seen" in sentence
    assert "−15 percentage points (Black children who entered in grade 3;" in sentence
    assert "between" in said(laid_out["attrition-bounds"], records)[1]
    table = published["attrition"].table
    assert table["entered"].notna().all()
    moved = found.rates.assign(p_value=found.rates["p_value"] / 1000)
    other = exhibits.attrition(replace(found, rates=moved), students, rows, study, "3")
    laid_out, _, records = shown([other], study, {"students": students})
    assert said(laid_out["attrition"], records)[0].startswith("Some class types lose more")


def test_who_entered_in_one_grade_is_compared_within_school(students, found):
    """Against least squares with a column for every school, by another program."""
    first = students.sort_values("grade").drop_duplicates("student")
    mine = first[(first["grade"] == "1") & (first["race"] == "Black")].copy()
    later = students[students["grade"] == "3"]["student"]
    mine["there"] = mine["student"].isin(later).astype(float)
    form = "there ~ C(class_type, Treatment('regular')) + C(school)"
    data = mine.astype({"class_type": str, "school": str})
    expected = smf.ols(form, data).fit().params["C(class_type, Treatment('regular'))[T.small]"]
    row = found.by_entry.set_index(["group", "entry", "kind"]).loc[("Black", "1", PRESENT)]
    assert row["effect"] == pytest.approx(expected, abs=1e-10)
    assert row["entered"] == len(mine)


def test_nothing_is_said_where_nothing_was_assigned(students, rows, study):
    assert attrition(students, rows, study.as_observed, "3") is None
    for exhibit in (exhibits.attrition, exhibits.attrition_bounds):
        assert exhibit(None, students, rows, study.as_observed, "3").lay_out() == []
