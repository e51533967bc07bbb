import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from learning_with_others.reporting.figures.items import draw_answers

LABELS = ["never", "sometimes", "often"]


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


def test_a_bar_with_a_missing_share_is_withheld_whole(table):
    table.loc[0, "share"] = np.nan
    drawn = draw_answers(table)
    assert len(drawn.axes[0].patches) == 6 * 3 - 3
    assert "withheld" in [text.get_text() for text in drawn.axes[0].texts]
    plt.close(drawn)


def test_nothing_is_drawn_from_nothing(table):
    assert draw_answers(table.head(0)) is None
