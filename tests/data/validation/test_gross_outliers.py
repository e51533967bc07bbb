"""A value far from all others is named with its place before anything is estimated."""

import numpy as np
import pandas as pd
from test_roster import make

from learning_with_others.data.reading import read_study
from learning_with_others.data.validation.responses import gross_outliers


def test_one_gross_outlier_is_named_with_row_column_and_value():
    values = pd.Series(np.random.default_rng(2).normal(3, 0.5, 500), name="gpa")
    assert gross_outliers(values, "students.csv") == []
    values.iloc[7] = 400.0  # 4.00 without its point
    (found,) = gross_outliers(values, "students.csv")
    assert (found.severity, found.row, found.column, found.value) == ("warning", "7", "gpa", "400")
    assert "robust standard deviations" in found.rule
    values.iloc[8] = np.nan
    assert len(gross_outliers(values, "students.csv")) == 1


def test_numbers_without_spread_between_their_quartiles_have_no_outliers():
    assert gross_outliers(pd.Series([1.0] * 30 + [9.0], name="x"), "f") == []
    assert gross_outliers(pd.Series([np.nan] * 3, name="x"), "f") == []


def test_a_study_that_is_read_says_so(tmp_path):
    rows = [(f"s{k}", "N", str(1 + k % 2), f"{2 + k / 30}") for k in range(30)]
    rows[3] = ("s3", "N", "2", "400")
    data = read_study(make(tmp_path, students=rows, roster=[row[:3] for row in rows]))
    (found,) = [each for each in data.warnings if "robust standard deviations" in each.rule]
    assert (found.column, found.value) == ("points", "400")
