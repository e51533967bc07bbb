import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.multilevel_reliability import (
    level_reliability,
    multilevel_table,
    omega_of_covariance,
)
from learning_with_others.study import load_study

CLUSTERS = 400
NEAR_WITHIN = 0.02  # 4 standard errors of alpha and omega from some 6,000 students
NEAR_BETWEEN = 0.06  # and from 400 classrooms
WITHIN_LOADINGS, BETWEEN_LOADINGS = np.array([0.9, 0.7, 0.8, 0.5]), np.array([0.5, 0.6, 0.4, 0.3])
WITHIN_UNIQUE, BETWEEN_UNIQUE = np.array([0.5, 0.6, 0.4, 0.8]), np.array([0.05, 0.04, 0.06, 0.05])


def one_factor_covariance(loadings, unique):
    return np.outer(loadings, loadings) + np.diag(unique)


def alpha(covariance):
    return 4 / 3 * (1 - np.trace(covariance) / covariance.sum())


@pytest.fixture(scope="module")
def planted():
    """Four items in unequal classrooms, one factor at each level, other loadings at each."""
    rng = np.random.default_rng(20)
    size = rng.integers(5, 26, CLUSTERS)
    cluster = np.repeat(np.arange(CLUSTERS), size)

    def level(n, loadings, unique):
        factor = rng.standard_normal((n, 1)) * loadings
        return factor + np.sqrt(unique) * rng.standard_normal((n, 4))

    values = level(CLUSTERS, BETWEEN_LOADINGS, BETWEEN_UNIQUE)[cluster]
    values = values + level(len(cluster), WITHIN_LOADINGS, WITHIN_UNIQUE)
    return pd.DataFrame(values, columns=list("abcd")), cluster


def test_both_levels_are_recovered(planted):
    found, flags = level_reliability(*planted)
    for level, loadings, unique, near in (
        ("within", WITHIN_LOADINGS, WITHIN_UNIQUE, NEAR_WITHIN),
        ("between", BETWEEN_LOADINGS, BETWEEN_UNIQUE, NEAR_BETWEEN),
    ):
        covariance = one_factor_covariance(loadings, unique)
        omega = loadings.sum() ** 2 / covariance.sum()
        assert found[f"alpha_{level}"] == pytest.approx(alpha(covariance), abs=near)
        assert found[f"omega_{level}"] == pytest.approx(omega, abs=near)
    assert flags == ()


def test_omega_of_a_one_factor_covariance_is_its_closed_form():
    covariance = one_factor_covariance(WITHIN_LOADINGS, WITHIN_UNIQUE)
    omega, flags = omega_of_covariance(covariance)
    closed = WITHIN_LOADINGS.sum() ** 2 / covariance.sum()
    assert omega == pytest.approx(closed, abs=1e-6)  # the optimizer's gradient tolerance
    assert flags == ()


def test_items_without_differences_between_clusters_give_no_reliability_there(planted):
    values, cluster = planted
    means = values.groupby(cluster).transform("mean")
    found, flags = level_reliability(values - means, cluster)
    assert np.isnan(found["alpha_between"])
    assert np.isnan(found["omega_between"])
    assert "no variance between clusters" in flags


def test_two_items_have_alpha_but_no_omega(planted):
    values, cluster = planted
    found, flags = level_reliability(values[["a", "b"]], cluster)
    assert 0 < found["alpha_within"] < 1
    assert np.isnan(found["omega_within"])
    assert any("two items do not identify" in flag for flag in flags)


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    return study, read_study(study).students, codebook_of(study)["students"]


def test_the_table_has_every_scale_of_the_students(lwo):
    study, students, columns = lwo
    keep = ["personalization", "collaboration_frequency"]
    small = study.model_copy(update={"constructs": {n: study.constructs[n] for n in keep}})
    table = multilevel_table(students, small, columns).set_index("construct")
    assert list(table.index) == keep
    row = table.loc["personalization"]
    assert (row["level"], row["clusters"], row["items"]) == ("classroom", 30, 5)
    assert row["complete_children"] < row["children"] <= len(students)
    assert row["icc1_lower"] < row["icc1"] < row["icc1_upper"]
    assert row["icc2_lower"] < row["icc2"] < row["icc2_upper"]
    assert np.isnan(table.loc["collaboration_frequency", "omega_within"])


def test_a_scale_that_nobody_answered_is_flagged_in_the_table(lwo):
    study, students, columns = lwo
    small = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    empty = students.copy()
    empty[study.constructs["belonging"].items] = np.nan
    row = multilevel_table(empty, small, columns).iloc[0]
    assert row["children"] == 0
    assert np.isnan(row["icc1"])
    assert "0 scores in 0 clusters" in row["flag"]


def test_classrooms_alike_beyond_chance_are_flagged_in_the_table(lwo):
    study, students, columns = lwo
    small = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    alike = students.sort_values("classroom").reset_index(drop=True)
    place = alike.groupby("classroom", observed=True).cumcount() % 5
    for item in study.constructs["belonging"].items:
        alike[item] = (place + 1).astype(float)
    row = multilevel_table(alike, small, columns).iloc[0]
    assert row["icc1_anova"] < 0
    assert "vary less than chance" in row["flag"]
