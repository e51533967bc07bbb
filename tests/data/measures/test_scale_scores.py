import numpy as np
import pandas as pd
import pytest

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.measures.scale_scores import (
    floor_and_ceiling,
    middle_wave_reliability,
    score_comparability,
    wave_reliability,
)


def test_reliability_of_a_quasi_simplex_is_recovered_exactly_from_its_correlations():
    reliability = np.array([0.9, 0.7, 0.8])
    stability = np.array([0.95, 0.6])
    true = np.array(
        [
            [1, stability[0], stability.prod()],
            [stability[0], 1, stability[1]],
            [stability.prod(), stability[1], 1],
        ]
    )
    observed = true * np.sqrt(np.outer(reliability, reliability))
    np.fill_diagonal(observed, 1)
    assert middle_wave_reliability(observed[None])[0] == pytest.approx(0.7)


def test_every_group_and_middle_grade_is_estimated(students, study):
    found = wave_reliability(students, study, resamples=50)
    assert len(found) == 2 * 2 * 2
    assert set(found["grade"]) == {"1", "2"}
    assert (found["lower"] <= found["reliability"]).all()
    assert (found["reliability"] <= found["upper"]).all()
    one = found[
        (found["outcome"] == "math") & (found["group"] == "Black") & (found["grade"] == "1")
    ]
    wide = students[students["race"] == "Black"].pivot_table(
        index="student", columns="grade", values="math", observed=True
    )
    r = wide[["K", "1", "2"]].dropna().corr().to_numpy()
    assert one["reliability"].item() == pytest.approx(r[0, 1] * r[1, 2] / r[0, 2])


def test_spread_and_correlation_agree_with_pandas(grade_three, study):
    found = score_comparability(grade_three, study, resamples=20)
    found = found.set_index(["quantity", "outcome", "group"])["estimate"]
    black = grade_three[grade_three["race"] == "Black"]
    white = grade_three[grade_three["race"] == "White"]
    r = black["math"].corr(black["reading"])
    assert found["correlation", "math with reading", "Black"] == pytest.approx(r)
    ratio = black["math"].std() / white["math"].std()
    assert found["sd_ratio", "math", "Black over White"] == pytest.approx(ratio)


def test_groups_under_the_minimum_cell_have_no_numbers(students, grade_three, study):
    few = study.analysis.minimum_cell - 1

    def fewer(rows):
        black = (rows["race"] == "Black") & rows["math"].notna() & rows["reading"].notna()
        return rows[~black | (black.groupby(rows["grade"], observed=True).cumsum() <= few)]

    assert score_comparability(fewer(grade_three), study, resamples=20).empty
    assert set(wave_reliability(fewer(students), study, resamples=20)["group"]) == {"White"}


def test_floor_and_ceiling_are_counted(study):
    rows = pd.DataFrame(
        {
            "race": ["Black", "Black", "White", "White"],
            "math": [1.0, 9, 9, 5],
            "reading": [1.0, 2, 3, 4],
        }
    )
    found = floor_and_ceiling(rows, study).set_index(["outcome", "group"])
    assert found.loc[("math", "Black"), ["at_floor", "at_ceiling"]].tolist() == [1, 1]
    assert found.loc[("math", "White"), ["at_floor", "at_ceiling"]].tolist() == [0, 1]


def test_schools_are_sampled_where_there_are_enough(study):
    rows = pd.DataFrame({"teacher": [str(k) for k in range(24)], "school": ["a", "b"] * 12})
    assert sampled_cluster(rows, study).equals(rows["teacher"])
    rows["school"] = [str(k // 2) for k in range(24)]
    assert sampled_cluster(rows, study).equals(rows["school"])
    assert sampled_cluster(rows.head(6), study).equals(rows["teacher"].head(6))


def test_intervals_that_exclude_their_estimate_are_flagged(students, grade_three, study):
    # The quantiles of a single resample are that resample, which is not the sample.
    words = "excludes its estimate"
    assert wave_reliability(students, study, resamples=1)["flag"].str.contains(words).all()
    assert score_comparability(grade_three, study, resamples=1)["flag"].str.contains(words).all()
    assert (score_comparability(grade_three, study, resamples=200)["flag"] == "").all()
