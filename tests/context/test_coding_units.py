"""Segments from marked stretches, and who decided what on them."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.context.coding_units import coding_units, segments_of
from learning_with_others.errors import CompendiumError

COLUMNS = ["document", "excerpt", "theme", "coder", "start", "end"]


def passages(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def brute_force(starts, ends):
    """Stretches of one document that are joined through characters they share."""
    group = np.arange(len(starts))
    for i in range(len(starts)):
        for j in range(len(starts)):
            if set(range(starts[i], ends[i])) & set(range(starts[j], ends[j])):
                group[group == group[j]] = group[i]
    return group


@pytest.mark.parametrize("seed", range(20))
def test_segments_are_stretches_joined_through_common_characters(seed):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 80, 25)
    end = start + rng.integers(1, 9, 25)
    table = passages(
        *(("d", f"e{k}", "t", "c", a, b) for k, (a, b) in enumerate(zip(start, end, strict=True)))
    )
    found, true = segments_of(table).to_numpy(), brute_force(start, end)
    assert ((found[:, None] == found) == (true[:, None] == true)).all()
    # Numbered in the order of the text.
    firsts = pd.Series(start).groupby(found).min()
    assert firsts.is_monotonic_increasing
    assert firsts.index[0] == 1


def test_touching_stretches_and_other_documents_stay_apart():
    table = passages(
        ("d", "e1", "t", "A", 0, 10), ("d", "e2", "t", "B", 10, 20), ("e", "e3", "t", "B", 5, 15)
    )
    assert segments_of(table).tolist() == [1, 2, 1]


def test_passages_without_a_place_are_joined_by_name_within_their_document():
    table = passages(
        ("d", "e1", "t", "A", None, None),
        ("d", "e1", "u", "B", None, None),
        ("d", "e2", "t", "B", None, None),
        ("e", "e1", "t", "B", None, None),
    )
    assert segments_of(table.drop(columns=["start", "end"])).tolist() == [1, 1, 2, 1]
    assert segments_of(table).tolist() == [1, 1, 2, 1]


def test_a_name_and_a_place_join_through_each_other():
    table = passages(
        ("d", "e1", "t", "A", 0, 10),
        ("d", "e2", "t", "B", 5, 15),
        ("d", "e2", "u", "C", None, None),
    )
    assert segments_of(table).tolist() == [1, 1, 1]


def test_places_are_enough_without_names():
    table = passages(("d", None, "t", "A", 0, 10), ("d", None, "t", "B", 12, 15))
    assert segments_of(table.drop(columns="excerpt")).tolist() == [1, 2]
    assert segments_of(table).tolist() == [1, 2]


def test_row_labels_are_kept():
    table = passages(("d", "e1", "t", "A", 9, 10), ("d", "e2", "t", "B", 0, 2))
    assert segments_of(table.set_axis(["x", "y"])).to_dict() == {"x": 2, "y": 1}


def test_who_coded_the_document_but_not_the_segment_said_absent():
    units = coding_units(
        passages(
            ("d", "e1", "t", "A", 0, 10),
            ("d", "e2", "u", "B", 2, 8),
            ("d", "e3", "t", "B", 20, 30),
            ("only A", "e4", "t", "A", 0, 10),
        )
    )
    assert units.index.tolist() == [("d", 1, "A"), ("d", 1, "B"), ("d", 2, "A"), ("d", 2, "B")]
    assert units["t"].tolist() == [True, False, False, True]
    assert units["u"].tolist() == [False, True, False, False]


def test_a_theme_of_documents_coded_once_is_a_column_of_absences():
    units = coding_units(
        passages(("d", "e", "t", "A", 0, 1), ("d", "e", "t", "B", 0, 1), ("f", "g", "u", "A", 0, 1))
    )
    assert not units["u"].any()
    assert units["t"].all()


def test_nothing_coded_twice_gives_no_units():
    assert coding_units(passages(("d", "e", "t", "A", 0, 1))).empty
    assert coding_units(passages()).empty


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("d", "e", "t", "A", 5, 5), "runs from 5 to 5"),
        (("d", None, "t", "A", None, None), "neither a name nor a place"),
    ],
)
def test_a_passage_without_a_place_in_the_text_is_refused(row, said):
    with pytest.raises(CompendiumError, match=said) as refused:
        segments_of(passages(("d", "e0", "t", "A", 0, 1), row))
    assert "document 'd', passage 2" in str(refused.value)


def test_a_passage_without_a_coder_is_refused():
    with pytest.raises(CompendiumError, match="'coder' of the coded passages has empty places"):
        coding_units(passages(("d", "e", "t", None, 0, 1)))
