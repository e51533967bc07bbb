"""Exhibits of the rubric and of schools: every number is declared, words come from records."""

from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import ROOT
from shown_exhibits import said
from shown_exhibits import shown as shown_of

from learning_with_others.context.exhibits.observations import rubric_elements
from learning_with_others.context.exhibits.rater_reliability import (
    rubric_reliability,
    rubric_variance,
)
from learning_with_others.context.exhibits.schools_compared import school_order, school_strands
from learning_with_others.context.rubric import rubric_tables
from learning_with_others.context.schools import SchoolComparison, compare_schools
from learning_with_others.context.teacher_survey import context_items
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.measurement.source_convergence import convergence_table
from learning_with_others.study import load_study

RESAMPLES = 100


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data = read_study(study)
    design, tables = study.design, data.tables
    items = context_items(tables, design, codebook_of(study))
    return SimpleNamespace(
        study=study,
        tables={"students": data.students, **tables},
        rubric=rubric_tables(tables["observations"], design),
        convergence=convergence_table(data.students, tables, design, RESAMPLES),
        schools=compare_schools(data.students, tables, items, design, None, RESAMPLES),
    )


def shown(lwo, study=None, rubric=None, schools=None, convergence=None):
    study, rubric, schools = study or lwo.study, rubric or lwo.rubric, schools or lwo.schools
    planned = [
        rubric_elements(rubric, lwo.convergence if convergence is None else convergence, study),
        rubric_variance(rubric, study),
        rubric_reliability(rubric, study),
        school_strands(schools, study),
        school_order(schools, study),
    ]
    return shown_of(planned, study, lwo.tables)


MOST = "Most of the variance of the mean of all elements lies between"
LEADS = ("rubric-elements", "rubric-variance", "rubric-reliability", "school-order")


def test_every_number_has_its_record_and_every_figure_its_drawing(lwo):
    exhibits, tables, records = shown(lwo)
    assert set(exhibits) == {*LEADS, "school-strands"}
    for name in LEADS:
        for text in said(exhibits[name], records):
            assert text
            assert SUPPRESSED not in text
            assert "_" not in text
            assert "None" not in text
    for name, exhibit in exhibits.items():
        for figure in exhibit.figures:
            assert figure.draw(tables[name].table) is not None
    assert records["context.rubric.mean/norms_clarity"].interval.kind.startswith("t, Satterthwaite")
    assert records["context.rubric.sd_raters/all elements"].unit == "points of the rubric"
    assert records["context.rubric.reliability/all elements/absolute 6"].lower is not None
    assert records["context.rubric.variance_share/all elements/raters"].estimate < 1


def test_correlations_are_those_of_the_measurement_stage(lwo):
    _, _, records = shown(lwo)
    theirs = lwo.convergence.set_index(["element", "first", "second"])["correlation"]
    expected = theirs["shared_leadership", "student survey", "observation rubric"]
    found = records["context.rubric.correlation/shared_leadership"]
    assert found.estimate == pytest.approx(expected, abs=0.001)  # three digits of a protected study


def test_without_reports_of_students_nothing_is_correlated(lwo):
    exhibits, tables, records = shown(lwo, convergence=lwo.convergence[:0])
    assert not records.of("context.rubric.correlation")
    assert "correlate" not in said(exhibits["rubric-elements"], records)[1]
    figure = exhibits["rubric-elements"].figures[0].draw(tables["rubric-elements"].table)
    assert len(figure.axes) == 2


def with_means(lwo, **means):
    table = lwo.rubric.means.set_index("element")
    for element, estimate in means.items():
        ends = [estimate, estimate - 0.05, estimate + 0.05]
        table.loc[element, ["estimate", "lower", "upper"]] = ends
    return SimpleNamespace(**{**vars(lwo.rubric), "means": table.reset_index()})


@pytest.mark.parametrize("first", [True, False])
def test_highest_and_lowest_turn_with_the_means(lwo, first):
    means = (3.9, 1.1) if first else (1.1, 3.9)
    changed = with_means(lwo, norms_clarity=means[0], interdependence=means[1])
    exhibits, _, records = shown(lwo, rubric=changed)
    title, sentence = said(exhibits["rubric-elements"], records)
    names = ["“Group norms and task clarity”", "“Group interdependence”"][:: 1 if first else -1]
    assert title == f"Observers rated {names[0]} highest and {names[1]} lowest"
    assert f"3.90 for {names[0]} (95% interval 3.85 to 3.95)" in sentence


def test_elements_that_are_alike_are_all_named_and_overlap_is_said(lwo):
    changed = with_means(lwo, norms_clarity=3.9, interdependence=3.9)
    exhibits, _, records = shown(lwo, rubric=changed)
    title, _ = said(exhibits["rubric-elements"], records)
    assert title.startswith(
        "Observers rated “Group interdependence” and “Group norms and task clarity” highest"
    )
    title, _ = said(exhibits["rubric-elements"], shown(lwo)[2])
    assert title.endswith("but their intervals overlap")


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((0.7, 0.1, 0.2), f"{MOST} classrooms"),
        ((0.1, 0.6, 0.3), f"{MOST} raters"),
        ((0.3, 0.25, 0.45), ("The largest part of the variance of the mean of all elements lies"
                            " neither between classrooms nor between raters")),
    ],
)  # fmt: skip
def test_the_largest_share_is_named(lwo, shares, words):
    table = lwo.rubric.shares.copy()
    table["share"] = shares * (len(table) // 3)
    changed = SimpleNamespace(**{**vars(lwo.rubric), "shares": table})
    exhibits, _, records = shown(lwo, rubric=changed)
    assert said(exhibits["rubric-variance"], records)[0].startswith(words)


@pytest.mark.parametrize(
    ("of_all", "of_elements", "title"),
    [
        (0.9, 0.5, ("A reliability of .80 takes one rater for the mean of all elements, and four"
                   " for single elements")),
        (0.3, 0.1, ("A reliability of .80 takes more than six raters for the mean of all elements,"
                   " and more than six for single elements")),
    ],
)  # fmt: skip
def test_raters_needed_are_counted_on_the_curve(lwo, of_all, of_elements, title):
    table = lwo.rubric.reliability.copy()
    single = (table["element"] == "all elements").map({True: of_all, False: of_elements})
    table["estimate"] = table["raters"] * single / (1 + (table["raters"] - 1) * single)
    changed = SimpleNamespace(**{**vars(lwo.rubric), "reliability": table})
    exhibits, _, records = shown(lwo, rubric=changed)
    assert said(exhibits["rubric-reliability"], records)[0] == title


def with_pairs(lwo, **columns):
    return SchoolComparison(lwo.schools.schools, lwo.schools.pairs.assign(**columns))


@pytest.mark.parametrize(
    ("alike", "words"),
    [
        ([5, 5, 1, 1], "there is more collaboration in the student survey and in the rubric"),
        ([1, 1, 5, 5], "there is less collaboration in the student survey and in the rubric"),
        ([6, 0, 3, 3], ("there is more collaboration in the student survey and less collaboration"
                       " in the rubric")),
        ([3, 3, 3, 3], ("there is no clear difference in collaboration in the student survey"
                       " and in the rubric")),
    ],
)  # fmt: skip
def test_the_order_of_schools_is_said_as_it_is_and_is_no_test(lwo, alike, words):
    exhibits, _, records = shown(lwo, schools=with_pairs(lwo, alike=alike))
    title, sentence = said(exhibits["school-order"], records)
    assert title == (
        f"In these 4 schools, where teachers report more supports for group work, {words}"
    )
    assert (
        f"in {alike[2]} of 6 pairs in the student survey" in sentence.split("fewer hindrances")[1]
    )
    assert sentence.endswith("With so few schools, this is a description and not a test.")


@pytest.mark.parametrize(("sign", "words"), [(1, "more"), (-1, "less")])
def test_ten_schools_are_said_by_their_correlation(lwo, sign, words):
    many = with_pairs(
        lwo, schools=12, pairs=66, alike=33, correlation=0.6 * sign, mcse=0.01, flag="",
        lower=0.2 if sign > 0 else -0.9, upper=0.9 if sign > 0 else -0.2,
    )  # fmt: skip
    exhibits, _, records = shown(lwo, schools=many)
    title, sentence = said(exhibits["school-order"], records)
    assert f"there is {words} collaboration in the student survey and in the rubric" in title
    assert "not a test" not in sentence
    assert "(correlation " in sentence


def test_a_protected_study_tells_one_decimal_of_a_school_and_no_count(lwo):
    public = lwo.study.model_copy(
        update={"disclosure": lwo.study.disclosure.model_copy(update={"policy": "public"})}
    )
    for study, same in ((lwo.study, True), (public, False)):
        exhibits, tables, _ = shown(lwo, study=study)
        assert not exhibits["school-strands"].counts
        ends = tables["school-strands"].table[["estimate", "lower", "upper"]].astype(float)
        assert ends.equals(ends.round(1)) == same


def test_a_study_without_them_shows_nothing_and_says_so(lwo):
    nothing = rubric_tables(None, lwo.study.design)
    none = SchoolComparison(lwo.schools.schools[:0], lwo.schools.pairs[:0], "no survey.")
    exhibits, tables, records = shown(lwo, rubric=nothing, schools=none)
    assert not tables
    assert not records
    assert {name: each.caption for name, each in exhibits.items()} == {
        "rubric-elements": "this study observed no classrooms.",
        "school-strands": "no comparison of schools: no survey.",
    }


def test_suppressed_numbers_are_said_to_be_so(lwo):
    exhibits, _, _ = shown(lwo)
    for name in LEADS:
        for text in said(exhibits[name], Records()):
            assert SUPPRESSED in text


def test_one_rater_of_each_classroom_shows_means_alone(lwo):
    once = lwo.tables["observations"].drop_duplicates("classroom")
    exhibits, tables, records = shown(lwo, rubric=rubric_tables(once, lwo.study.design))
    assert "rubric-variance" not in exhibits
    assert "rubric-reliability" not in exhibits
    assert records["context.rubric.mean/norms_clarity"].interval.kind == "t (raters)"
    assert "do not let raters be compared" in records["context.rubric.mean/norms_clarity"].flag
    figure = exhibits["rubric-elements"].figures[0]
    assert figure.draw(tables["rubric-elements"].table) is not None


def test_more_schools_than_a_page_holds_are_not_drawn(lwo):
    many = pd.concat([lwo.schools.schools.assign(place=str(k)) for k in range(50)])
    (figure,) = shown(lwo)[0]["school-strands"].figures
    assert figure.draw(many.assign(label=many["strand"])) is None
