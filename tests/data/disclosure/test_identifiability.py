import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.data.disclosure.identifiability import children_behind, drop_rare
from learning_with_others.errors import CompendiumError


def test_a_student_with_several_rows_counts_once():
    people = pd.DataFrame({"student": ["a", "a", "b"], "race": "Black", "grade": ["1", "1", "1"]})
    table = pd.DataFrame({"race": ["Black"], "grade": ["1"], "mean": [0.3]})
    assert children_behind(table, people, "student").tolist() == [2]


def test_rare_combinations_go_and_empty_ones_stay():
    people = pd.DataFrame({"student": range(24), "race": ["Black"] * 20 + ["Asian"] * 4})
    table = pd.DataFrame({"race": ["Black", "Asian", "White"], "mean": [0.1, 0.2, None]})
    assert drop_rare(table, people, "student", 10)["race"].tolist() == ["Black", "White"]


def test_a_missing_trait_is_a_trait():
    people = pd.DataFrame({"student": range(3), "race": pd.Categorical(["Black", None, None])})
    table = pd.DataFrame({"race": ["Black", None], "mean": [0.1, 0.2]})
    assert children_behind(table, people, "student").tolist() == [1, 2]


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from("12"), st.sampled_from("xyz")),
        min_size=1,
        max_size=60,
    ),
    st.integers(2, 8),
)
def test_no_published_combination_nor_part_of_one_has_fewer_than_k(traits, k):
    quasi = ["race", "grade", "school"]
    people = pd.DataFrame(traits, columns=quasi).assign(student=range(len(traits)))
    table = people[quasi].drop_duplicates().assign(mean=0.5)
    shown = drop_rare(table, people, "student", k)
    for parts in (quasi, quasi[:2], quasi[:1], quasi[1:]):
        held = people.groupby(parts).size()
        for row in shown[parts].itertuples(index=False, name=None):
            assert held[row if len(parts) > 1 else row[0]] >= k


@pytest.mark.parametrize("columns", [["student", "school"], ["race"]])
def test_rows_that_say_nothing_of_the_table_are_refused(columns):
    people = pd.DataFrame("x", index=[0], columns=columns)
    with pytest.raises(CompendiumError, match="pass 'student' and the columns"):
        drop_rare(pd.DataFrame({"race": ["x"], "mean": [1.0]}), people, "student", 10)
