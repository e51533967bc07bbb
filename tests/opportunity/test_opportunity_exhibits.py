from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.clusters import school_names
from learning_with_others.data.measures.opportunities import opportunity_measures
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.publication import Origin, publish
from learning_with_others.exhibits.records import Interval, Records, Result
from learning_with_others.exhibits.words import SUPPRESSED, resolve
from learning_with_others.opportunity import exhibits
from learning_with_others.opportunity.access.classroom_exposure import classroom_exposure
from learning_with_others.opportunity.access.evenness import evenness
from learning_with_others.opportunity.access.shares import (
    access,
    access_by_grade,
    access_by_school,
)
from learning_with_others.opportunity.access.thresholds import threshold_sensitivity
from learning_with_others.opportunity.classrooms.classroom_means import ClassroomMap
from learning_with_others.opportunity.classrooms.views import view_counts
from learning_with_others.opportunity.distributions import answer_shares, means_by_place
from learning_with_others.opportunity.exhibits.access import _threshold_title
from learning_with_others.opportunity.exhibits.classrooms import _map_words, _ranks_title
from learning_with_others.opportunity.exhibits.differences import Difference, in_sentence
from learning_with_others.opportunity.exhibits.evenness_of_access import _check_words
from learning_with_others.opportunity.exhibits.nonresponse import _treatment_words
from learning_with_others.opportunity.gaps.claimed import opportunity_gaps
from learning_with_others.opportunity.gaps.decomposition import decomposition_table
from learning_with_others.opportunity.gaps.pairwise import pairwise_gaps
from learning_with_others.opportunity.gaps.partially_pooled import pooled_gap_table
from learning_with_others.opportunity.nonresponse.missing_outcomes import missing_outcomes
from learning_with_others.study import load_study

ORIGIN = Origin("03-test", "test", 1, {"grade": "all"})


@pytest.fixture(scope="module")
def lwo():
    """The synthetic study, as public: every count is then checked and shown as it is."""
    protected = load_study(ROOT / "data/learning-with-others")
    public = protected.disclosure.model_copy(update={"policy": "public"})
    study = protected.model_copy(update={"disclosure": public})
    data = read_study(study)
    tables = {"students": data.students, **data.tables}
    return SimpleNamespace(
        study=study,
        protected=protected,
        students=data.students,
        tables=tables,
        measures=opportunity_measures(study),
        columns=codebook_of(study),
        values=pd.DataFrame(columns=["plausible_value", "student"]),
    )


def published(planned, study, tables):
    """Publish what a function lays out; every count must be of as many people as it says."""
    policy = Policy(study.disclosure.protected, study.analysis.minimum_cell)
    ledger = Ledger.load([], policy, stage="test")
    people, found = People(study, tables), {}
    for each in planned.lay_out():
        found[each.name] = publish(each, study, people, ledger, ORIGIN)
    assert not ledger.unverified
    return found


def records_of(found):
    return Records(result for each in found.values() for result in each.results)


def result(id_, estimate, lower=None, upper=None, **others):
    quantity = id_.split("/")[0]
    interval = Interval(kind="t", probability=0.95) if lower is not None else None
    return Result(
        id=id_, stage="03", exhibit="x", quantity=quantity, estimate=estimate, lower=lower,
        upper=upper, interval=interval, unit="SD", notebook="03", function="f", line=1, **others,
    )  # fmt: skip


def turned(records):
    """The same records with the two groups swapped: all differences change their sign."""
    return Records(
        one.model_copy(
            update={
                "estimate": -one.estimate,
                "lower": None if one.upper is None else -one.upper,
                "upper": None if one.lower is None else -one.lower,
            }
        )
        for one in records.values()
    )


def test_every_count_is_of_as_many_people_as_it_says(lwo):
    study, students = lwo.study, lwo.students
    has_access, names = access(students, study), school_names(students, study)
    compared = students[students["race"].isin(study.roles.group.contrast)]
    planned = [
        exhibits.opportunity_answers(
            answer_shares(compared, study, lwo.columns["students"]),
            lwo.columns["students"], study, "all",
        ),
        exhibits.opportunity_places(
            means_by_place(students, study, lwo.measures), students, lwo.measures, study, "all"
        ),
        exhibits.views(view_counts(lwo.tables, study, lwo.columns)),
        exhibits.access(access_by_grade(students, study), study),
        exhibits.access_by_threshold(threshold_sensitivity(students, study), study, "all"),
        exhibits.schools(
            access_by_school(students, study, has_access, names), students, study, "all"
        ),
        exhibits.classroom_exposure(
            classroom_exposure(students, study, lwo.measures), students, study, "all"
        ),
        exhibits.evenness(evenness(students, study, has_access, 50), study, "all", 50),
        exhibits.pairwise_gaps(
            pairwise_gaps(students, study, lwo.measures).assign(verdict=""),
            lwo.measures, study, "all",
        ),
        exhibits.missing_outcomes(missing_outcomes(students, study), study, "all"),
    ]  # fmt: skip
    for each in planned:
        found = published(each, study, lwo.tables)
        assert records_of(found), each.name


def test_names_of_schools_are_the_same_everywhere(lwo):
    study, students = lwo.study, lwo.students
    names = school_names(students, study)
    places = published(
        exhibits.opportunity_places(
            means_by_place(students, study, lwo.measures), students, lwo.measures, study, "all"
        ),
        study,
        lwo.tables,
    )["opportunity-places"].table
    shares = access_by_school(students, study, access(students, study), names)
    table = published(exhibits.schools(shares, students, study, "all"), study, lwo.tables)
    mine = places[places["group"].isin(study.roles.group.contrast)].drop_duplicates(
        ["place", "group"]
    )
    joined = table["schools"].table.merge(mine, on=["place", "group"])
    assert len(joined) == 2 * len(names)
    assert (joined["children_x"] <= joined["children_y"]).all()


def test_a_map_shows_sizes_in_public_studies_only(lwo):
    level = pd.DataFrame(
        {
            "place": ["1", "2"], "children": [20, 21], "raw_mean": [3.123456, 3.2],
            "estimate": [3.1234, 3.2], "lower": [3.0, 3.1], "upper": [3.2, 3.3], "mcse": 0.001,
            "shrinkage": 0.1234, "shrinkage_mcse": 0.001, "grand_mean": 3.15, "grand_mcse": 0.001,
            "flag": "",
        }
    )  # fmt: skip
    shares = pd.DataFrame(
        {
            "quantity": "share of variance", "level": ["student", "classroom"],
            "estimate": [0.9, 0.1], "lower": [0.8, 0.05], "upper": [0.95, 0.2], "mcse": 0.001,
            "flag": "",
        }
    )  # fmt: skip
    names = pd.Index(sorted(lwo.students["classroom"].unique())[:2])
    sizes = lwo.students.groupby("classroom")["collaboration"].count()[names].to_numpy()
    found = ClassroomMap(
        level.assign(children=sizes[::-1]), shares, "classroom", "", names, np.array([1, 0]),
        sizes, np.zeros(2), np.zeros((1, 2)), names.to_numpy(),
    )  # fmt: skip
    for study in (lwo.study, lwo.protected):
        planned = exhibits.classroom_maps(
            {"collaboration": found}, lwo.measures, lwo.students, study, "all"
        )
        table = published(planned, study, lwo.tables)["classroom-map-collaboration"].table
        assert ("children" in table) != study.disclosure.protected
        assert not set(names) & set(table.astype(str).to_numpy().ravel())
        if study.disclosure.protected:
            assert table["raw_mean"].iloc[0] == pytest.approx(3.12)


def test_gaps_and_their_parts_are_recorded_with_their_words(lwo):
    study, students = lwo.study, lwo.students
    measures = [lwo.measures[0]]
    gaps = opportunity_gaps(students, study, measures).assign(verdict="comparable")
    split = decomposition_table(students, study, measures).assign(verdict="comparable")
    pooled = pooled_gap_table(None).assign(verdict="")
    planned = exhibits.opportunity_gaps(gaps, pooled, lwo.values, study, "all")
    found = published(planned, study, lwo.tables)
    lead = planned.lay_out()[0]
    records = records_of(found)
    for swap, word in ((records, "less"), (turned(records), "more")):
        assert f"Black students report {word} high-quality collaboration" in lead.title(swap)
        assert f"report {word}" in lead.sentence(swap)
    assert SUPPRESSED in lead.title(Records())
    assert SUPPRESSED in lead.sentence(Records())
    planned = exhibits.decomposition(split, lwo.values, students, study, "all")
    found = published(planned, study, lwo.tables)
    records, lead = records_of(found), planned.lay_out()[0]
    parts = ["between_schools", "between_classrooms", "within_classrooms"]
    ids = [f"opportunity.gap.{part}/collaboration/raw" for part in parts]
    total = records["opportunity.gap.total/collaboration/raw"].estimate
    assert sum(records[id_].estimate for id_ in ids) == pytest.approx(total)
    assert lead.title(records).endswith("mostly within classrooms")
    assert "−0.2" in resolve(lead.sentence(records), records)
    assert SUPPRESSED in lead.title(Records())


@pytest.mark.parametrize(
    ("ends", "word"),
    [((0.1, 0.3), "more often"), ((-0.3, -0.1), "less often"), ((-0.1, 0.3), "No clear")],
)
def test_a_difference_is_said_with_its_direction_size_and_interval(lwo, ends, word):
    id_ = "opportunity.share.gap/Black minus White"
    gap = Difference(
        lwo.study, id_, "have access more often", "have access less often", "access", "SD"
    )
    records = Records([result(id_, sum(ends) / 2, *ends, flag="few")])
    assert word in gap.title(records)
    sentence = resolve(gap.sentence(records), records)
    inconclusive = ends[0] * ends[1] < 0
    assert ("inconclusive" in sentence) == inconclusive
    assert "−" not in sentence or inconclusive
    assert sentence.endswith("Read with caution: few.")
    assert SUPPRESSED in gap.title(Records())


def test_thresholds_ranks_and_checks_say_what_was_found(lwo):
    study, both = lwo.study, "Black minus White"
    gap = "opportunity.share.by_threshold/Black minus White/gap at"
    same = [
        result(f"{gap} {k:+.3f}", -0.1, -0.2, -0.05, group=both, item=f"gap at {k:+.3f}")
        for k in (0, 1)
    ]
    assert "less often" in _threshold_title(Records(same), study)
    assert "more often" in _threshold_title(turned(Records(same)), study)
    other = turned(Records(same[:1]))
    assert "depends" in _threshold_title(Records([*other.values(), same[1]]), study)
    assert SUPPRESSED in _threshold_title(Records(), study)
    ranks = Records(
        [result("opportunity.view.rank_correlation/student survey with teacher survey", 0.5)]
    )
    assert "so in other sources, too" in _ranks_title(ranks, "students")
    assert "rare in other sources" in _ranks_title(turned(ranks), "students")
    assert SUPPRESSED in _ranks_title(Records(), "students")
    check = "opportunity.randomization"
    exposure = study.roles.exposure.model_copy(update={"focal": "small"})
    dealt = study.model_copy(
        update={"roles": study.roles.model_copy(update={"exposure": exposure})}
    )
    seen = Records([result(f"{check}.p_value", 0.01), result(f"{check}.difference", 0.2)])
    less = Records([result(f"{check}.p_value", 0.01), result(f"{check}.difference", -0.2)])
    for found, word in ((seen, "higher"), (less, "lower")):
        said = resolve(_check_words(found, dealt, [], sentence=True), found)
        assert f"20 percentage points {word}" in said
    assert "departs from" in _check_words(seen, dealt, [])
    assert SUPPRESSED in _check_words(Records(), dealt, [])


def test_treatments_of_the_missing_are_compared_and_labels_begin_small(lwo):
    kinds = ("complete cases", "response-weighted", "imputed")
    gaps = Records(
        result(f"opportunity.outcome_gap/gpa/{kind}", -0.4, -0.6, -0.2) for kind in kinds
    )
    for found, word in ((gaps, "lower"), (turned(gaps), "higher")):
        said = _treatment_words(found, lwo.study, ["gpa"])
        assert f"{word} for Black than for White students" in said
    assert SUPPRESSED in _treatment_words(Records(), lwo.study, ["gpa"])
    assert SUPPRESSED in _map_words(Records(), "opportunity.classrooms.a/b", "b", "classroom")
    assert in_sentence("High-quality collaboration") == "high-quality collaboration"
    assert in_sentence("GPA") == "GPA"
