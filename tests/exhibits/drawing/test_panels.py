"""Panels fill rows, rows are read from the top, and error bars reach to the interval's ends."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import name_rows, panel_grid


def test_places_left_over_stay_empty():
    figure, grid = panel_grid(4, (2, 1), margin=(0.5, 0.25))
    assert grid.shape == (2, 3)
    assert figure.axes == list(grid.flat[:4])
    np.testing.assert_allclose(figure.get_size_inches(), (6.5, 2.25))
    plt.close(figure)


def test_one_panel_is_as_wide_as_asked():
    figure, grid = panel_grid(1, (2, 1), narrowest=6)
    assert grid.shape == (1, 1)
    np.testing.assert_allclose(figure.get_size_inches(), (6, 1))
    plt.close(figure)


def test_the_first_row_is_at_the_top():
    figure, axis = plt.subplots()
    name_rows(axis, ["first", "second"])
    assert axis.get_ylim() == (1.5, -0.5)
    assert [label.get_text() for label in axis.get_yticklabels()] == ["first", "second"]
    plt.close(figure)


def test_error_bars_reach_to_the_ends():
    table = pd.DataFrame({"mean": [1.0, 2.0], "lower": [0.5, np.nan], "upper": [2.0, 3.0]})
    np.testing.assert_allclose(error_bars(table, "mean"), [[0.5, np.nan], [1.0, 1.0]])
