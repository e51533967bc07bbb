import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.data.disclosure.rounding import round_shares, share_step


@given(st.integers(2, 30), st.integers(1, 3000), st.data())
def test_a_shown_share_leaves_at_least_the_minimum_of_counts(minimum, n, data):
    count = data.draw(st.integers(0, n))
    everything = pd.Series(range(n + 1))
    shown = round_shares(everything / n, pd.Series(n, index=everything.index), minimum)
    if pd.isna(shown[count]):
        assert shown.isna().all()  # withheld for the number of children, whatever the count
    else:
        possible = everything[shown == shown[count]]
        assert len(possible) >= minimum
        if 0 < count < minimum:
            assert possible.min() == 0
        if 0 < n - count < minimum:
            assert possible.max() == n


@pytest.mark.parametrize(
    ("n", "step"), [(30, math.nan), (100, 0.2), (200, 0.1), (2000, 0.01), (27_000, 0.001)]
)
def test_more_children_bear_more_digits(n, step):
    assert share_step(n, 10) == pytest.approx(step, nan_ok=True)


def test_shares_of_nobody_and_missing_ones_stay_missing():
    shares = pd.Series([0.3, np.nan, 0.3])
    rounded = round_shares(shares, pd.Series([0, 500, np.nan]), 10)
    assert rounded.isna().all()


def test_a_rounded_share_has_no_stray_digits():
    rounded = round_shares(pd.Series([0.297]), pd.Series([200]), 10)
    assert rounded.tolist() == [0.3]
