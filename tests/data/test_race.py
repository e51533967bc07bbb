import pandas as pd
import pytest

from learning_with_others.data.coding import MULTIRACIAL, code_race
from learning_with_others.study.roles import Group

RACE = Group(
    select={"b": "Black", "w": "White", "a": "Asian"},
    coding="multiracial_apart",
    focal="Black",
    reference="White",
)
CHOSEN = pd.DataFrame(
    {
        "b": [True, False, True, False, False, True],
        "w": [False, True, True, True, False, True],
        "a": [False, False, False, True, False, True],
    }
)


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        ("multiracial_apart", ["Black", "White", MULTIRACIAL, MULTIRACIAL, None, MULTIRACIAL]),
        ("alone_or_in_combination", ["Black", "White", "Black", MULTIRACIAL, None, "Black"]),
    ],
)
def test_named_codings_of_several_answers(coding, expected):
    coded = code_race(CHOSEN, RACE, coding)
    assert coded.astype(object).where(coded.notna(), None).tolist() == expected
    assert list(coded.cat.categories) == ["Black", "White", "Asian", MULTIRACIAL]


def test_only_those_who_chose_nothing_are_missing():
    for coding in RACE.codings:
        missing = code_race(CHOSEN, RACE, coding).isna()
        assert (missing == ~CHOSEN.any(axis=1)).all()


def test_the_studys_own_coding_is_the_default():
    assert code_race(CHOSEN, RACE).equals(code_race(CHOSEN, RACE, "multiracial_apart"))
