"""Schools compared: against least squares, planted orders, and studies that have too little."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from conftest import ROOT
from scipy import stats

from learning_with_others.context.school_strands import RUBRIC_MEAN, Strand, strands_of
from learning_with_others.context.schools import _compare, _school_means, compare_schools
from learning_with_others.context.teacher_survey import context_items
from learning_with_others.data.coding import mean_score
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.study import load_study

RESAMPLES = 200


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data = read_study(study)
    return study.design, data.students, data.tables, codebook_of(study)


def compared(lwo, students=None, plausible=None, design=None, **tables):
    known, theirs, others, codebook = lwo
    students = theirs if students is None else students
    given = {name: table for name, table in {**others, **tables}.items() if table is not None}
    design = design or known
    items = context_items(given, design, codebook)
    return compare_schools(students, given, items, design, plausible, RESAMPLES)


@pytest.fixture(scope="module")
def found(lwo):
    return compared(lwo)


def test_every_school_stands_in_every_strand_around_the_mean_of_schools(found):
    table = found.schools
    assert list(dict.fromkeys(table["strand"])) == [
        "supports", "hindrances", "collaboration", RUBRIC_MEAN
    ]  # fmt: skip
    assert (table.groupby("strand").size() == 4).all()
    assert table.groupby("strand")["estimate"].sum().to_numpy() == pytest.approx(np.zeros(4))
    assert (table["lower"] < table["estimate"]).all()
    first = table[table["strand"] == "supports"]
    assert sorted(first["place"]) == [f"school {k}" for k in range(1, 5)]
    assert first["estimate"].is_monotonic_decreasing


def test_teachers_estimates_are_contrasts_of_least_squares(lwo, found):
    """Errors that differ by school are HC2; squares about the schools' means give the unit."""
    _, _, tables, _ = lwo
    teachers = tables["teachers"]
    items = [f"sup_{k}" for k in range(1, 5)]
    score = mean_score(teachers[items].astype(float))
    dummies = pd.get_dummies(teachers["school"]).astype(float)[score.notna()]
    fit = sm.OLS(score.dropna().to_numpy(float), dummies.to_numpy()).fit(cov_type="HC2")
    scale = np.sqrt((fit.resid**2).sum() / fit.df_resid)
    contrasts = np.eye(4) - 0.25
    away, errors = contrasts @ fit.params / scale, fit.t_test(contrasts).sd / scale
    mine = found.schools[found.schools["strand"] == "supports"]
    assert sorted(mine["estimate"]) == pytest.approx(sorted(away))
    by_size = mine.set_index(mine["estimate"].round(9))
    parts = contrasts**2 * np.diag(fit.cov_params()) / scale**2
    sizes = dummies.sum().to_numpy()
    for k, estimate in enumerate(away):
        freedom = errors[k] ** 4 / (parts[k] ** 2 / (sizes - 1)).sum()
        half = stats.t.ppf(0.975, freedom) * errors[k]
        assert by_size.loc[round(estimate, 9), "upper"] == pytest.approx(estimate + half)


def strand(means, people=12, hinders=False):
    """One strand of made-up schools, within-school variance one."""
    within = np.tile([-1.0, 1.0], people // 2) * np.sqrt((people - 1) / people)
    return Strand(
        "any", "any", "context", "teachers",
        np.concatenate([mean + within for mean in means])[None],
        np.repeat([f"s{k}" for k in range(len(means))], people),
        np.arange(people * len(means)), hinders=hinders,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("others", "hinders", "alike"),
    [((1, 2, 3, 4), False, 6), ((4, 3, 2, 1), False, 0), ((4, 3, 2, 1), True, 6),
     ((1, 3, 2, 4), False, 5), ((1, 1, 1, 1), False, 0)],
)  # fmt: skip
def test_pairs_in_the_expected_order_are_counted(lwo, others, hinders, alike):
    one, other = (
        _school_means(strand(means), 10, 0.95)["estimate"] for means in ((1, 2, 3, 4), others)
    )
    schools, pairs, counted, *correlation, flag = _compare(
        one, other, hinders=hinders, study=lwo[0], resamples=RESAMPLES
    )
    assert (schools, pairs, counted) == (4, 6, alike)
    assert np.isnan(correlation).all()
    assert "fewer than 10 schools" in flag


def test_ten_schools_have_a_correlation(lwo):
    rng = np.random.default_rng(3)
    means = rng.standard_normal((2, 12))
    one, other = (_school_means(strand(each), 10, 0.95)["estimate"] for each in means)
    *_, estimate, lower, upper, error, flag = _compare(
        one, other, hinders=False, study=lwo[0], resamples=RESAMPLES
    )
    assert estimate == pytest.approx(np.corrcoef(means)[0, 1])
    assert lower < estimate < upper
    assert error > 0
    assert flag == ""


def test_a_school_with_few_people_has_no_estimate_and_no_part_in_the_mean():
    whole = strand((1.0, 2.0, 4.0))
    few = np.r_[0:24, 24:30]  # six people of the last school
    part = Strand("any", "any", "context", "teachers", whole.drawn[:, few], whole.school[few],
                  whole.cluster[few])  # fmt: skip
    means = _school_means(part, 10, 0.95)
    assert list(means.index) == ["s0", "s1"]
    assert means["estimate"].tolist() == pytest.approx([-0.5, 0.5])


def test_small_schools_are_flagged(lwo):
    _, _, tables, _ = lwo
    teachers = tables["teachers"]
    fewer = pd.concat(
        [teachers[teachers["school"] != "B"], teachers[teachers["school"] == "B"][:9]]
    )
    table = compared(lwo, teachers=fewer).schools
    flagged = table[table["flag"].str.contains("fewer than the minimum of teachers")]
    assert sorted(flagged["strand"]) == ["hindrances", "supports"]
    assert set(flagged["place"]) == {"school 2"}
    assert flagged["estimate"].isna().all()
    assert compared(lwo, teachers=fewer).pairs["pairs"].eq(3).all()


def test_plausible_values_replace_mean_scores(lwo, found):
    _, students, _, _ = lwo
    rng = np.random.default_rng(1)
    score = students["collaboration"].fillna(students["collaboration"].mean()).to_numpy(float)
    values = pd.concat(
        [
            pd.DataFrame(
                {
                    "student": students["student"],
                    "plausible_value": number,
                    "collaboration": score + 0.3 * rng.standard_normal(len(score)),
                }
            )
            for number in range(5)
        ]
    )
    table = compared(lwo, plausible=values).schools
    before = found.schools[found.schools["strand"] == "collaboration"]
    after = table[table["strand"] == "collaboration"]
    # Noise of 0.3 on scores with an SD of 0.6 takes a tenth off; schools stay where they were.
    assert np.corrcoef(before["estimate"], after["estimate"])[0, 1] > 0.95
    assert table[table["strand"] != "collaboration"].equals(
        found.schools[found.schools["strand"] != "collaboration"]
    )


def test_raters_severity_is_taken_out_of_classrooms(lwo):
    """A severe rater of a single school must not lower it, where they met others elsewhere."""
    design, students, tables, _ = lwo
    observed = tables["observations"].copy()
    columns = [name for name in observed if name.startswith("rubric_")]
    harsh = observed["rater"] == "R1"
    observed.loc[harsh, columns] = observed.loc[harsh, columns].astype(float) - 3
    strands = strands_of(students, {**tables, "observations": observed}, None, design, None)
    rubric = next(each for each in strands if each.name == RUBRIC_MEAN)
    before = strands_of(students, tables, None, design, None)
    untouched = next(each for each in before if each.name == RUBRIC_MEAN)
    rated = observed.loc[harsh, "classroom"]
    with_harsh = np.isin(rubric.cluster, rated)
    fell = (untouched.drawn - rubric.drawn)[0]
    # Shrunken a little: a rater's severity is known from fifteen classrooms.
    assert fell[with_harsh].mean() - fell[~with_harsh].mean() == pytest.approx(0, abs=0.1)


def test_raters_who_stay_in_one_school_are_flagged(lwo):
    _, _, tables, _ = lwo
    school = tables["classrooms"].set_index("classroom")["school"]
    observed = tables["observations"]
    own = observed.assign(rater=observed["rater"] + observed["classroom"].map(school).astype(str))
    table = compared(lwo, observations=own).schools
    flags = table.loc[table["strand"] == RUBRIC_MEAN, "flag"]
    assert set(flags) == {
        "each rater worked in one school: severity and school cannot be told apart"
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"teachers": None}, "no survey of teachers"),
        ({"teachers": "few"}, "no two schools have 10 teachers"),
    ],
)
def test_what_cannot_be_compared_is_said(lwo, change, reason):
    _, students, tables, _ = lwo
    if change["teachers"] == "few":
        change = {"teachers": tables["teachers"][::20], "observations": None}
        students = students[::200]
    result = compared(lwo, students=students, **change)
    assert result.schools.empty
    assert result.pairs.empty
    assert reason in result.reason


def test_one_school_is_compared_with_none(lwo):
    _, students, tables, _ = lwo
    alone = {
        name: tables[name][tables[name]["school"] == "A"] for name in ("teachers", "classrooms")
    }
    observed = tables["observations"]
    alone["observations"] = observed[observed["classroom"].isin(alone["classrooms"]["classroom"])]
    result = compared(lwo, students=students[students["school"] == "A"], **alone)
    assert "only one school" in result.reason


def test_a_study_without_rubric_has_the_other_strands(lwo):
    result = compared(lwo, observations=None)
    assert set(result.pairs["strand"]) == {"collaboration"}


def test_no_school_is_named(lwo):
    """Names that could be told from other words."""
    _, students, tables, _ = lwo
    names = {name: f"Riverside {name}" for name in "ABCD"}
    renamed = {
        name: tables[name].assign(school=tables[name]["school"].astype(str).map(names))
        for name in ("teachers", "classrooms")
    }
    theirs = students.assign(school=students["school"].astype(str).map(names))
    result = compared(lwo, students=theirs, **renamed)
    for table in (result.schools, result.pairs):
        assert (
            not table.astype(str).apply(lambda each: each.str.contains("Riverside")).any(axis=None)
        )
