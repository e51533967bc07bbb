"""What is flagged in passages, and what is not."""

import pytest

from learning_with_others.data.disclosure.names import Known, flagged

KNOWN = Known(
    words=frozenset({"black", "students", "latina"}),
    people=frozenset({"Lincoln High School", "Maria Lopez", "G01-2", "100017", "4711", "A", "7"}),
    others=frozenset({"Visit to the lab", "G01"}),
)
CLEAR = [
    "In my group I do not see why we are doing it.",
    "I'm asked, and I don't mind. We're done by 10:30 or so.",
    "When [name] left [school] on [date], nobody asked. [teacher] did not.",
    "Black students in my English class speak Spanish at home.",
    "He said, “We never get a turn.” Then it went on.",
    "we had the right visit and a lab, in grade 7, with 25 others",
    "That is the group's own fault. Groups differ a lot.",
]
NAMED = {
    "name": [
        "then Maria took it",
        "Kayla took it, and nobody said a word",
        "nobody asked D'Angelo or McKay about it",
        "nobody asked Anne-Marie about it",
        "they told mr k about it",
        "they told Mr. K. about it",
        "we asked J to do it",
        "MY TEACHER NEVER ASKS TYRONE",
        "we moved here from Ohio",
        "\N{FULLWIDTH LATIN CAPITAL LETTER T}yrone took it",
        "\N{MATHEMATICAL BOLD CAPITAL T}yrone took it",
        "&#84;yrone took it, &amp;#84;yrone did",
        "%54yrone took it",
        "He said: “Tyrone took it.”",
        "we asked Иван about it",
        "we asked Will about it",
        "nobody listens to [Tyrone] here",
    ],
    "date": [
        "it was on tuesday",
        "since 2019 it is so",
        "from 12 march on",
        "on may 3rd we left",
        "on 3/14/2019 we left",
        "in december we left",
    ],
    "number": ["call 555 123 4567", "my code is 12-34-56", "it was 123456"],
    "address": ["ask kid@example.org", "I am @quietkid", "see www.example.org/x", "on example.com"],
    "of the study": [
        "we came from lincoln last year",
        "maria's idea was taken",
        "ask lopez",
        "ask G01-2 or g01-2",
        "ask 4711 about it",
        "after the visit to the lab we left",
    ],
    "script": ["玛丽亚从来不让我把话说完", "قالت مريم ذلك"],
    "hidden signs": ["ma\u200bria took it", "it was \u202eairaM who took it", "=HYPERLINK(1)"],
}


@pytest.mark.parametrize("text", CLEAR)
def test_ordinary_passages_are_clear(text):
    assert flagged([text, "differ, grade"], KNOWN)[0] == []


@pytest.mark.parametrize(
    ("kind", "text"), [(k, text) for k, all_ in NAMED.items() for text in all_]
)
def test_what_may_name_somebody_is_flagged(kind, text):
    assert kind in {reason.kind for reason in flagged([text], KNOWN)[0]}


def test_other_passages_tell_what_a_capital_means():
    first = "Homework never ends."
    assert flagged([first], KNOWN)[0]
    assert not flagged([first, "my homework never ends"], KNOWN)[0]
    mostly_a_name = ["jordan took it", "and Jordan did it", "so Jordan left"]
    assert all(flagged(mostly_a_name, KNOWN))
    assert not flagged(["the team did it", "our team left", "and Team did"], KNOWN)[0]


def test_reasons_name_the_word_once():
    (reasons,) = flagged(["then Kayla asked, and Kayla left on Monday"], KNOWN)
    assert [(r.kind, r.word) for r in reasons] == [("date", "Monday"), ("name", "Kayla")]
