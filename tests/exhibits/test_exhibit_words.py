"""Sentences turn with the numbers they are made from."""

import pytest
from exhibits.test_records import result

from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import (
    direction,
    format_value,
    outside_marks,
    resolve,
    sign,
    used_ids,
)

ID = "benefit.gap/gpa"
WORDS = {"more": "more", "fewer": "fewer", "same": "about as many"}


def records(estimate=0.29, lower=0.18, upper=0.41, **changes):
    return Records([result(estimate=estimate, lower=lower, upper=upper, **changes)])


def swapped(found):
    """The same numbers with the two groups swapped."""
    return Records(
        r.model_copy(
            update={
                "estimate": -r.estimate,
                "lower": None if r.upper is None else -r.upper,
                "upper": None if r.lower is None else -r.lower,
            }
        )
        for r in found.values()
    )


def test_the_direction_turns_when_the_groups_are_swapped():
    assert direction(records(), ID, **WORDS) == "more"
    assert direction(swapped(records()), ID, **WORDS) == "fewer"
    assert sign(swapped(records()), ID, more="more", fewer="fewer") == "fewer"


def test_an_interval_that_reaches_zero_tells_no_direction():
    for found in (records(lower=-0.1), swapped(records(lower=-0.1)), records(lower=None)):
        assert direction(found, ID, **WORDS) == "about as many"


def test_a_suppressed_number_is_said_to_be_so():
    assert direction(Records(), ID, **WORDS) == "(suppressed)"
    assert resolve(f"{{{{number: {ID}}}}} SD", Records()) == "(suppressed) SD"


@pytest.mark.parametrize(
    ("mark", "words", "turned"),
    [
        ("number", "0.29", "−0.29"),
        ("size", "0.29", "0.29"),
        ("interval", "0.18 to 0.41", "−0.41 to −0.18"),
        ("range", "0.18 to 0.41", "0.18 to 0.41"),
        ("percent", "29%", "−29%"),
        ("percents", "18% to 41%", "−41% to −18%"),
        ("points", "29", "−29"),
        ("points_size", "29", "29"),
        ("points_interval", "18 to 41", "−41 to −18"),
        ("points_range", "18 to 41", "18 to 41"),
        ("probability", "95%", "95%"),
        ("count", "1,250", "1,250"),
    ],
)
def test_marks_are_filled(mark, words, turned):
    text = f"{{{{{mark}: {ID}}}}}"
    found = records(n=1250)
    assert resolve(text, found) == words
    assert resolve(text, swapped(found)) == turned
    assert used_ids(f"a {text} b {{{{size: x/y z}}}}") == [ID, "x/y z"]


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.997, "over 99%"), (1.0, "100%"), (0.004, "under 1%"), (0.0, "0%"), (0.994, "99%")],
)
def test_what_is_not_all_is_not_said_to_be(share, said):
    assert resolve(f"{{{{percent: {ID}}}}}", records(estimate=share)) == said


def test_ids_keep_their_words():
    text = "students {{number: a/all students}} students"
    changed = outside_marks(text, lambda part: part.replace("students", "pupils"))
    assert changed == "pupils {{number: a/all students}} pupils"


def test_a_mark_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError, match="colour"):
        resolve(f"{{{{colour: {ID}}}}}", records())


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (1234.0, 2, "1,234"),
        (-0.5, 2, "−0.50"),
        (0.1234, None, "0.123"),
        (12.345, None, "12.35"),
        (1234.56, None, "1,234.6"),
        (None, 2, "–"),
        ("none", 2, "none"),
    ],
)
def test_numbers_have_the_digits_they_need(value, digits, written):
    assert format_value(value, digits) == written
