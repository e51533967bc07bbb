"""Which passages may be quoted: enough passages, people and voices, and the preferred one first."""

from types import SimpleNamespace

import pandas as pd
import pytest

from learning_with_others.data.disclosure.names import Known
from learning_with_others.data.disclosure.quotations import quotable

TEXTS = [f"we had the part {word} to do together" for word in
         "one two three four five six seven eight nine ten".split()]  # fmt: skip


def segments(**changes):
    """Ten passages of a theme, by ten speakers of two sessions."""
    table = pd.DataFrame(
        {
            "excerpt": [f"E{k}" for k in range(10)],
            "document": ["d1", "d2"] * 5,
            "session": ["s1", "s2"] * 5,
            "source": "focus group",
            "group": "mixed",
            "speaker": [f"p{k}" for k in range(10)],
            "theme": "time",
            "coder": "first",
            "text": TEXTS,
            "paraphrase": None,
        }
    )
    return table.assign(**changes)


def quotes(table, quotations="verbatim", quoted=(), minimum=10):
    study = SimpleNamespace(
        qualitative=SimpleNamespace(quotations=quotations, quoted=list(quoted)),
        analysis=SimpleNamespace(minimum_cell=minimum),
    )
    return quotable(table, study, Known())


def test_one_passage_of_a_cell_is_quoted_without_who_said_it():
    found = quotes(segments())
    assert list(found) == ["theme", "source", "group", "excerpt", "quote"]
    assert found["quote"].tolist() == TEXTS[:1]
    assert quotes(segments(), quoted=["E7", "E3"])["quote"].tolist() == [TEXTS[7]]
    assert quotes(segments(), quoted=["unknown"])["quote"].tolist() == TEXTS[:1]


def test_nothing_is_quoted_unless_the_study_says_so():
    assert quotes(segments(), "none").empty
    assert quotes(segments(), "paraphrased").empty


@pytest.mark.parametrize(
    "changes",
    [
        {"excerpt": [f"E{k // 2}" for k in range(10)]},  # passages that two coders coded
        {"coder": ["first", "second"] * 5, "document": "d1"},
        {"speaker": [f"p{k // 2}" for k in range(10)]},  # five people in all
        {"speaker": ["p1", "p2"] * 5},
        {"speaker": None},  # two sessions, of which nobody knows how many took part
        {"group": ["mixed"] * 9 + [None]},
        {"theme": ["time"] * 9 + ["space"]},
    ],
)
def test_a_cell_under_the_minimum_is_not_quoted(changes):
    assert quotes(segments(**changes)).empty


def test_all_who_took_part_may_have_said_it_but_three_must_speak_of_the_theme():
    others = segments(theme="space", excerpt=[f"F{k}" for k in range(10)])
    of_three = segments(speaker=["p1", "p2", "p3"] * 3 + ["p1"])
    of_two = segments(speaker=["p1", "p2"] * 5)
    assert "time" in set(quotes(pd.concat([of_three, others], ignore_index=True))["theme"])
    assert "time" not in set(quotes(pd.concat([of_two, others], ignore_index=True))["theme"])


def test_sessions_without_speakers_count_as_one_person_each():
    sessions = {"session": [f"s{k}" for k in range(10)], "document": [f"d{k}" for k in range(10)]}
    assert len(quotes(segments(speaker=None, **sessions))) == 1


def test_sessions_of_no_named_group_are_a_cell_like_any_other():
    found = quotes(segments(group=None))
    assert len(found) == 1
    assert found["group"].isna().all()


def test_a_paraphrase_uses_other_words_than_any_passage():
    own = segments()
    own["paraphrase"] = [
        "Parts were shared out, and we had the part two to do alone.",  # six of another passage
        "Part two was done.",
        *["Somebody felt that the work was shared."] * 8,
    ]
    assert quotes(own, "paraphrased")["excerpt"].tolist() == ["E1"]
    short = segments(text=["part two was done", *TEXTS[1:]], paraphrase="Then part two was done.")
    assert quotes(short, "paraphrased").empty
