"""Exhibits of measurement declare every column, count whom they say, and word what was found."""

from functools import cache

import pytest
from conftest import ROOT
from four_scales import compared_students, four_scales

from learning_with_others.data.codebook import without_words
from learning_with_others.data.flow import rows_of_grade
from learning_with_others.data.measures.answer_counts import answer_table, item_table
from learning_with_others.data.measures.scale_scores import (
    floor_and_ceiling,
    score_comparability,
    wave_reliability,
)
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.exhibits.exhibit import Exhibit
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.records import Interval, Records, Result
from learning_with_others.exhibits.words import resolve
from learning_with_others.measurement import exhibits
from learning_with_others.measurement.comparability_verdicts import single_releases
from learning_with_others.measurement.dimensionality_tables import adequacy_table, parallel_table
from learning_with_others.measurement.exhibits.comparable_scales import (
    _comparable_scales,
    _moved_gap,
    _verdicts,
)
from learning_with_others.measurement.exhibits.finding_phrases import listed
from learning_with_others.measurement.exhibits.item_exhibits import _largest_difference
from learning_with_others.measurement.exhibits.kinds_of_scores import _clear_gaps, _gaps
from learning_with_others.measurement.exhibits.scale_reliability import (
    _least_reliable,
    _reliable_scales,
)
from learning_with_others.measurement.exhibits.source_agreement import _agreement, _converging
from learning_with_others.measurement.item_association import (
    inter_item_table,
    item_association_table,
)
from learning_with_others.measurement.multilevel_reliability import multilevel_table
from learning_with_others.measurement.other_groupings import verdicts_by_other_groupings
from learning_with_others.measurement.raters import rater_table
from learning_with_others.measurement.reliability_tables import (
    dropped_item_table,
    teacher_reliability_table,
)
from learning_with_others.measurement.response_invariance import ladders
from learning_with_others.measurement.source_convergence import convergence_table
from learning_with_others.study import load_study

RESAMPLES = 20


@cache
def whole():
    """The synthetic study as it is read, all tables."""
    study = load_study(ROOT / "data/learning-with-others")
    return study, read_study(study), codebook_of(study)


def check(planned, people):
    """Refuse an undeclared column, and a count that is not that of the people it names."""
    laid_out = planned.lay_out()
    assert laid_out
    for exhibit in laid_out:
        exhibit.check()
        for count in exhibit.counts:
            for row in exhibit.table.to_dict("records"):
                mask = count.whom.mask(row, people, count.of)
                assert mask.sum() == row[count.column], (exhibit.name, count.column, row)
    return laid_out


@pytest.fixture(scope="module")
def people():
    students, study, _ = four_scales()
    return People(study, {"students": students})


@cache
def tables_of_items():
    """Laid-out exhibits of four scales that take no time to estimate."""
    _, study, columns = four_scales()
    rows, plain = compared_students(), without_words(columns)
    sample = (rows, study.design, plain)
    return {
        "answers": exhibits.answers(
            answer_table(rows, study.design, columns), rows, study, columns
        ),
        "items": exhibits.item_statistics(item_table(*sample), rows, study, columns),
        "item-rest": exhibits.item_rest(item_association_table(*sample), rows),
        "inter-item": exhibits.inter_item(inter_item_table(*sample), rows),
        "alpha-if-dropped": exhibits.dropped_items(dropped_item_table(*sample), rows),
        "adequacy": exhibits.adequacy(adequacy_table(*sample), rows),
        "parallel-analysis": exhibits.parallel_analysis(parallel_table(*sample, 2), rows, study, 2),
        "multilevel-reliability": exhibits.multilevel_reliability(
            multilevel_table(*sample), rows, study
        ),
        "spread": exhibits.spread(score_comparability(rows, study.design, RESAMPLES), rows, study),
        "floor-and-ceiling": exhibits.floor_and_ceiling(
            floor_and_ceiling(rows, study.design), rows, study
        ),
    }


def test_counts_are_of_the_people_they_name(people):
    for name, planned in tables_of_items().items():
        [laid_out] = check(planned, people)
        assert laid_out.name == name


def test_sources_count_students_behind_classroom_means_and_all_teachers():
    study, data, codebook = whole()
    tables = {"students": data.students, **data.tables}
    people = People(study, tables)
    found = convergence_table(data.students, tables, study.design, RESAMPLES)
    check(exhibits.convergence(found, data.students, tables, study), people)
    teachers = teacher_reliability_table(tables["teachers"], study.design, codebook["teachers"])
    check(exhibits.teacher_reliability(teachers, study), people)
    raters = rater_table(tables["observations"], data.students, study.design, RESAMPLES)
    names = [each.name for each in check(exhibits.raters(raters, study), people)]
    assert names == ["raters-profile", "raters-percentile"]


def test_single_releases_count_those_who_answered_and_say_for_how_many_it_is_sure(people):
    students, study, columns = four_scales()
    rows = compared_students()
    found = single_releases(ladders(students, study.design, columns))
    [laid_out] = check(exhibits.single_releases(found, rows, study), people)
    assert set(found["scale"]) <= {row["scale"] for row in laid_out.table.to_dict("records")}
    levels = [("belonging", -0.09, 0.05), ("belonging", -0.02, 0.11), ("engagement", -0.09, 0.09)]
    records = Records(
        [
            record(
                f"invariance.release/{scale}/item {k}, levels",
                0.01,
                ends,
                outcome=scale,
                item=f"item {k}, levels",
            )
            for k, (scale, *ends) in enumerate(levels)
        ]
    )
    said = laid_out.title(records)
    assert said.startswith("For 1 of 2 scales, the 90% intervals exclude that a single item")


def test_waves_count_those_with_three_scores(study, students):
    """project-star has scores in four grades and no items."""
    waves = wave_reliability(students, study.design, RESAMPLES)
    check(exhibits.wave_reliability(waves, study), People(study, {"students": students}))


def test_a_study_without_items_has_no_exhibits_of_items(study, students):
    rows = rows_of_grade(students, study, "3")
    answers = answer_table(rows, study.design, {})
    assert exhibits.answers(answers, rows, study, {}).lay_out() == []
    assert exhibits.construct_maps(study, {}).lay_out() == []


def test_construct_maps_hold_words_only():
    study, _, codebook = whole()
    for laid_out in exhibits.construct_maps(study, codebook).lay_out():
        assert isinstance(laid_out, Exhibit)
        laid_out.check()
        assert not laid_out.counts


def record(id_, estimate, ends=None, **keys):
    """A record as a stage writes it."""
    return Result(
        id=id_,
        stage="02",
        exhibit="e",
        quantity=id_.split("/")[0],
        estimate=estimate,
        lower=ends and ends[0],
        upper=ends and ends[1],
        interval=ends and Interval(kind="t", probability=0.95),
        unit="SD",
        notebook="02",
        function="f",
        line=1,
        **keys,
    )


def gap(estimate, lower, upper, scale="belonging"):
    return record(
        f"score.gap/{scale}/plausible values",
        estimate,
        (lower, upper),
        outcome=scale,
        item="plausible values",
    )


def test_the_direction_of_a_gap_turns_with_the_groups():
    _, study, _ = four_scales()
    for sign, word in ((1, "higher"), (-1, "lower")):
        ends = sorted((sign * 0.1, sign * 0.5))
        records = Records([gap(sign * 0.3, *ends)])
        said = resolve(_gaps(records, study), records)
        assert f"0.30 SD {word} on Belonging (0.10 to 0.50; " in said
        assert "not testable" in said
        assert f"Black students score {word} on Belonging" in _clear_gaps(records, study)


def test_an_inconclusive_gap_says_so_and_what_would_have_been_conclusive():
    _, study, _ = four_scales()
    records = Records([gap(0.1, -0.1, 0.3)])
    assert "inconclusive" in _gaps(records, study)
    assert "excludes zero would have been conclusive" in _gaps(records, study)
    assert _clear_gaps(records, study).startswith("No clear difference")


def test_the_move_of_a_gap_turns_with_the_groups():
    _, study, _ = four_scales()
    id_ = "invariance.response.gap_change/belonging/items released"
    released = {"belonging": ["bel_2"]}
    for estimate, word in ((0.07, "raises"), (-0.07, "lowers")):
        records = Records([record(id_, estimate, outcome="belonging", item="items released")])
        said = resolve(_moved_gap(records, released, study), records)
        assert f"{word} the scores of Black students" in said
        assert "by 0.07 SD" in said
        assert "Belonging that work differently (bel_2)" in said


def test_findings_without_records_are_suppressed():
    _, study, _ = four_scales()
    nothing = Records()
    for said in (
        _gaps(nothing, study),
        _clear_gaps(nothing, study),
        _moved_gap(nothing, {"belonging": ["bel_2"]}, study),
        _least_reliable(nothing, study),
        _reliable_scales(nothing, study),
        _verdicts(nothing, study),
        _largest_difference(nothing, study, {"belonging/{}/bel_1 4.0": ("w", "l")}),
    ):
        assert "suppressed" in said
    assert "could not be estimated" in _agreement(nothing)
    assert "could not be estimated" in _converging(nothing, {})


def test_verdicts_are_listed_from_the_best_to_the_worst():
    _, study, _ = four_scales()
    records = Records(
        record(f"invariance.verdict/{scale}/levels", verdict, outcome=scale, item="levels")
        for scale, verdict in (
            ("personalization", "not comparable"),
            ("belonging", "partially comparable"),
        )
    )
    assert "partially comparable for Belonging; not comparable for Perceived" in _verdicts(
        records, study
    )
    title = _comparable_scales(records, study)
    assert title.startswith("Levels of Perceived personalization cannot be compared")


def test_a_scale_that_is_not_reliable_is_named():
    _, study, _ = four_scales()
    for estimate, words in (
        (0.8, "measured reliably"),
        (0.5, "Alpha is below 0.70 in at least one group for Belonging"),
    ):
        records = Records(
            record(
                f"reliability.alpha/belonging/{name}",
                estimate,
                (estimate - 0.1, estimate + 0.1),
                outcome="belonging",
                group=name,
            )
            for name in study.roles.group.contrast
        )
        assert words in _reliable_scales(records, study)
        assert f"{estimate:.2f}" in resolve(_least_reliable(records, study), records)


def test_names_are_joined():
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]


def test_verdicts_by_other_groups_count_both_and_say_that_they_flag_nothing(people):
    students, study, columns = four_scales()
    found = verdicts_by_other_groupings(students, study.design, columns, "all")
    found = found.dropna(subset="children").reset_index(drop=True)  # the others have no ladder
    [laid_out] = check(exhibits.comparability_by_others(found, students, study), people)
    assert "home language, Spanish and English" in laid_out.caption
    assert "flag no number" in laid_out.caption
    id_ = "invariance.by_others.verdict/belonging/levels, home_language"
    one = record(id_, "comparable", outcome="belonging", item="levels, home_language")
    expected = "By home language (Spanish and English), levels are comparable for Belonging."
    assert laid_out.sentence(Records([one])) == expected
