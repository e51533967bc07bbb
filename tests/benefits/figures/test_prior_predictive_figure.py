import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from learning_with_others.benefits.figures.prior_draws import draw_prior_predictive

mpl.use("Agg")


@pytest.fixture
def table():
    rng = np.random.default_rng(1)
    quantities = [("slope", "reference"), ("slope", "focal"), ("gap", ""), ("icc", "school")]
    return pd.concat(
        pd.DataFrame(
            {
                "priors": name,
                "quantity": quantity,
                "of": of,
                "value": rng.random(500) if quantity == "icc" else scale * rng.normal(size=500),
            }
        )
        for name, scale in [("weakly_informative", 1.0), ("wide", 2.5)]
        for quantity, of in quantities
    )


def test_every_quantity_has_a_panel_and_every_set_a_row(table):
    figure = draw_prior_predictive(table, 0.1, ("Black", "White"))
    shown = [axis for axis in figure.axes if axis.get_visible()]
    titles = [axis.get_title() for axis in shown]
    assert titles == [
        "slope, White, pooled shares",
        "slope, Black, pooled shares",
        "benefit gap, pooled shares",
        "intraclass correlation, school",
    ]
    labels = [label.get_text() for label in shown[0].get_yticklabels()]
    assert labels == ["weakly informative", "wide"]


def test_the_gap_says_how_much_lies_in_the_region(table):
    figure = draw_prior_predictive(table, 0.1, ("Black", "White"))
    gap = table[table["quantity"] == "gap"]
    expected = [
        f"{(part['value'].abs() <= 0.1).mean():.0%} in ±0.10"
        for _, part in gap.groupby("priors", sort=False)
    ]
    assert [text.get_text() for text in figure.axes[2].texts] == expected


def test_bars_are_the_middle_95_percent(table):
    figure = draw_prior_predictive(table, 0.1, ("Black", "White"))
    axis = figure.axes[2]
    bar = next(line for line in axis.lines if len(line.get_xdata()) == 2)
    values = table[(table["quantity"] == "gap") & (table["priors"] == "weakly_informative")]
    np.testing.assert_allclose(bar.get_xdata(), np.quantile(values["value"], [0.025, 0.975]))
