import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from learning_with_others.exhibits.drawing.intervals import draw_intervals


def test_an_estimate_that_its_interval_does_not_hold_is_joined_to_it():
    table = pd.DataFrame(
        {
            "outcome": "math",
            "grade": ["1", "2"],
            "group": "Black",
            "estimate": [0.9, 0.5],
            "lower": [0.4, np.nan],
            "upper": [0.8, np.nan],
        }
    )
    figure = draw_intervals(
        table, panel="outcome", row="grade", groups=("Black", "White"), label="reliability"
    )
    axis = figure.axes[0]
    drawn = [segment for bars in axis.collections for segment in bars.get_segments()]
    np.testing.assert_allclose(drawn[0][:, 0], [0.4, 0.9])
    plt.close(figure)
