"""The figure shows every row of its table, hollow or filled, the common mean last."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from learning_with_others.benefits.figures.gaps import draw_pooled_gaps
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.style import PAPER

TABLE = pd.DataFrame(
    [
        ("common mean", "partially pooled", 0.05, -0.05, 0.15),
        ("belonging", "alone", 0.20, 0.02, 0.38),
        ("belonging", "partially pooled", 0.10, -0.02, 0.22),
        ("engagement", "alone", -0.05, -0.22, 0.12),
        ("engagement", "partially pooled", 0.01, -0.10, 0.12),
    ],
    columns=["outcome", "kind", "estimate", "lower", "upper"],
)


def test_every_row_is_drawn():
    figure = draw_pooled_gaps(TABLE, 0.1)
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "belonging",
        "engagement",
        "common mean",
    ]
    alone, pooled, common = (line for line in axis.lines if line.get_marker() in "oD")
    assert list(alone.get_xdata()) == [0.20, -0.05]
    assert alone.get_markerfacecolor() == PAPER
    assert list(pooled.get_xdata()) == [0.10, 0.01]
    assert pooled.get_markerfacecolor() != PAPER
    assert list(common.get_xdata()) == [0.05]
    plt.close(figure)


def test_other_kinds_are_refused():
    with pytest.raises(CompendiumError, match="'pooled' is neither"):
        draw_pooled_gaps(TABLE.replace("partially pooled", "pooled"), 0.1)
