"""What is said of rows and of missing values turns with the groups."""

from types import SimpleNamespace

import pytest
from exhibits.test_records import result

from learning_with_others.exhibits.records import Records
from learning_with_others.quality.exhibits import flow_words, missing_words

STUDY = SimpleNamespace(
    people="pupils",
    roles=SimpleNamespace(group=SimpleNamespace(contrast=("girls", "boys"))),
)

LABELS = {"gpa": "Grades"}


def records(quantity, **estimates):
    return Records(
        result(f"{quantity}/{group}/{item}", quantity=quantity, group=group, item=item,
               outcome=None, estimate=value, lower=None, upper=None, interval=None)
        for name, value in estimates.items()
        for group, item in [name.split("_", 1)]
    )  # fmt: skip


def flow(girls, boys):
    found = {"girls_raw file": 100.0, "boys_raw file": 200.0, "girls_end": girls, "boys_end": boys}
    return records("flow.rows", **found)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (flow(50.0, 180.0), "A larger share of rows is lost for girls than for boys"),
        (flow(95.0, 100.0), "A larger share of rows is lost for boys than for girls"),
        (flow(90.0, 180.0), "About the same share of rows of girls and boys pupils"),
        (records("flow.rows", girls_end=5.0), "How many pupils reach the models is suppressed"),
    ],
)
def test_the_group_that_loses_more_rows_is_named(found, said):
    assert flow_words(found, "end", STUDY).startswith(said)


def test_the_sentence_names_all_four_numbers():
    said = flow_words(flow(50.0, 180.0), "end", STUDY, sentence=True)
    for id_ in ("girls/raw file", "boys/raw file", "girls/end", "boys/end"):
        assert f"{{{{number: flow.rows/{id_}}}}}" in said


def missing(girls, boys):
    return records("flow.missing_share", girls_gpa=girls, boys_gpa=boys, girls_x=0.1, boys_x=0.1)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (missing(0.3, 0.1), "Grades is missing more often for girls than for boys pupils"),
        (missing(0.1, 0.3), "Grades is missing more often for boys than for girls pupils"),
        (missing(0.1, 0.11), "Values are missing about as often for girls as for boys pupils"),
        (Records(), "How often values are missing is suppressed for girls or boys pupils"),
    ],
)
def test_the_group_that_lacks_values_more_often_is_named(found, said):
    assert missing_words(found, STUDY, LABELS) == said
    sentence = missing_words(found, STUDY, LABELS, sentence=True)
    assert ("{{percent: flow.missing_share/girls/gpa}}" in sentence) == (len(found) > 0)
