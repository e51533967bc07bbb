import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from learning_with_others.exhibits.drawing.answer_bars import HATCH_WIDTH, bar_pieces, draw_answers

LABELS = ["never", "sometimes", "often"]
NAN = np.nan


@pytest.fixture
def table():
    rows = []
    for scale, items in (("first", ["a", "b", "c"]), ("second", ["d"])):
        for item in items:
            turned = item == "b"
            for group in ("Black", "White"):
                for k, share in enumerate([0.2, 0.5, 0.3]):
                    label = (LABELS[::-1] if turned else LABELS)[k]
                    rows.append(
                        (scale, scale.title(), item, f"Wording of {item}", group, label, share)
                    )
    names = ["scale", "scale_label", "item", "wording", "group", "label", "share"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture
def figure(table):
    drawn = draw_answers(table)
    yield drawn
    plt.close(drawn)


def test_bars_lie_around_the_middle_of_the_neutral_answer(figure):
    bars = figure.axes[0].patches[:3]
    np.testing.assert_allclose([bar.get_width() for bar in bars], [0.2, 0.5, 0.3])
    np.testing.assert_allclose(bars[0].get_x(), -(0.2 + 0.25))
    np.testing.assert_allclose(bars[1].get_x() + bars[1].get_width() / 2, 0)


def test_an_item_whose_labels_run_the_other_way_is_marked(figure):
    words = [text.get_text() for text in figure.axes[0].texts]
    assert ["⇄" in text for text in words] == [False, True, False]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend[:3] == LABELS


def test_a_colour_means_the_answer_of_the_legend_on_reversed_items_too(figure, table):
    axis = figure.axes[0]
    meant = dict(zip(LABELS, axis.get_legend().legend_handles, strict=False))
    labels = table.loc[table["scale"] == "first", "label"]
    for bar, label in zip(axis.patches, labels, strict=True):
        assert bar.get_facecolor() == meant[label].get_facecolor(), label


def test_an_even_number_of_answers_is_parted_at_zero():
    table = pd.DataFrame(
        {
            "scale": "s",
            "scale_label": "S",
            "item": "a",
            "wording": "W",
            "group": "all",
            "label": list("wxyz"),
            "share": [0.1, 0.2, 0.3, 0.4],
        }
    )
    drawn = draw_answers(table)
    starts = [bar.get_x() for bar in drawn.axes[0].patches]
    np.testing.assert_allclose(starts, [-0.3, -0.2, 0, 0.3], atol=1e-12)
    plt.close(drawn)


def test_a_bar_with_a_missing_share_is_suppressed_whole(table):
    table.loc[0, "share"] = np.nan
    drawn = draw_answers(table)
    assert len(drawn.axes[0].patches) == 6 * 3 - 3
    assert "suppressed" in [text.get_text() for text in drawn.axes[0].texts]
    plt.close(drawn)


def test_nothing_is_drawn_from_nothing(table):
    assert draw_answers(table.head(0)) is None


@pytest.mark.parametrize(
    ("shares", "widths", "below"),
    [
        ([0.1, 0.2, 0.3, 0.25, 0.15], [0.1, 0.2, 0.3, 0.25, 0.15], 0.45),
    ],
)
def test_pieces_add_up_to_the_whole_and_are_placed_by_what_is_shown_alone(shares, widths, below):
    found, left = bar_pieces(np.array(shares))
    np.testing.assert_allclose(found, widths, atol=1e-12)  # sums of a few decimals
    assert found.sum() == pytest.approx(1)
    assert left == pytest.approx(below)


def published(shares):
    """One item's answers of one group, all children known, some answers suppressed."""
    return pd.DataFrame(
        {
            "scale": "s",
            "scale_label": "S",
            "item": "a",
            "wording": "W",
            "group": "all",
            "label": list("vwxyz"),
            "answered": pd.array([200] * 5, dtype="Int64"),
            "share": shares,
        }
    )


@pytest.mark.parametrize(
    "shares",
    [
        [0.1, NAN, NAN, 0.2, 0.3],
        [NAN, 0.2, 0.3, 0.2, NAN],
        [NAN] * 5,
        [0.1, 0.2, 0.3, 0.2, 0.2],
    ],
)
def test_suppressed_answers_are_as_wide_whatever_the_others_leave(shares):
    drawn = draw_answers(published(shares))
    bars = drawn.axes[0].patches
    hatched = [bar.get_width() for bar in bars if bar.get_hatch()]
    np.testing.assert_allclose(hatched, [HATCH_WIDTH] * int(np.isnan(shares).sum()))
    shown = [share for share in shares if not np.isnan(share)]
    np.testing.assert_allclose([bar.get_width() for bar in bars if not bar.get_hatch()], shown)
    ends = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars)
    np.testing.assert_allclose([end for _, end in ends[:-1]], [start for start, _ in ends[1:]])
    words = [text.get_text() for legend in drawn.legends for text in legend.get_texts()]
    assert len(words) == bool(hatched)
    plt.close(drawn)


def test_two_splits_of_the_same_rest_look_alike(table):
    one = table.assign(answered=pd.array([200] * len(table), dtype="Int64"))
    other = one.copy()
    one.loc[:2, "share"] = [0.1, 0.6, 0.3]
    other.loc[:2, "share"] = [0.3, 0.4, 0.3]
    boxes = []
    for drawn_from in (one, other):
        drawn_from.loc[:1, "share"] = NAN
        drawn = draw_answers(drawn_from)
        boxes.append([bar.get_bbox().bounds for bar in drawn.axes[0].patches])
        plt.close(drawn)
    np.testing.assert_array_equal(*boxes)


def test_without_the_number_who_answered_the_whole_bar_is_suppressed():
    table = published([0.1, NAN, NAN, 0.2, 0.3])
    table["answered"] = pd.NA
    drawn = draw_answers(table)
    assert len(drawn.axes[0].patches) == 0
    assert [text.get_text() for text in drawn.axes[0].texts][-1] == "suppressed"
    assert drawn.legends == []
    plt.close(drawn)


def test_items_of_one_scale_can_have_unequal_numbers_of_answers():
    parts = {"a": LABELS, "b": LABELS, "c": ["no", "yes"], "d": list("0123456789")}
    table = pd.DataFrame(
        [
            ("s", "S", item, f"Wording of {item}", group, label, 1 / len(labels))
            for item, labels in parts.items()
            for group in ("Black", "White")
            for label in labels
        ],
        columns=["scale", "scale_label", "item", "wording", "group", "label", "share"],
    )
    drawn = draw_answers(table)
    words = [text.get_text() for text in drawn.axes[0].texts]
    assert words[0] == "a Wording of a"
    assert words[2:] == ["c (no … yes) Wording of c", "d (0 … 9) Wording of d"]
    assert len(drawn.axes[0].patches) == 2 * sum(map(len, parts.values()))
    legend = [text.get_text() for text in drawn.axes[0].get_legend().get_texts()]
    assert legend == LABELS
    plt.close(drawn)
