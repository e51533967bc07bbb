import pandas as pd
from matplotlib import pyplot as plt

from learning_with_others.exhibits.drawing.intervals import draw_intervals
from learning_with_others.exhibits.drawing.style import FOCAL, REFERENCE


def test_both_groups_are_drawn_and_no_other():
    table = pd.DataFrame(
        {
            "outcome": "math",
            "grade": "1",
            "group": ["Black", "White", "both groups"],
            "estimate": [0.6, 0.5, 0.7],
            "lower": 0.4,
            "upper": 0.8,
        }
    )
    figure = draw_intervals(
        table, panel="outcome", row="grade", groups=("Black", "White"), label="reliability"
    )
    colours = [line.get_color() for line in figure.axes[0].lines if line.get_marker() in "os"]
    assert colours == [FOCAL, REFERENCE]
    plt.close(figure)
