import numpy as np
import pandas as pd
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.reliability.omega import hierarchical_omega, omega_total

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5])
UNIQUE = 1 - LOADINGS**2
SAME_ERROR = 0.15  # jackknife and delta method differ by some 1/clusters, here 1/20
SAMPLING = 0.01  # 4 standard errors of omega from 20,000 rows


def draw(rng, people, clusters=None, share=0.3):
    """One factor, of whose variance a share lies between clusters."""
    factor = rng.standard_normal(people)
    cluster = np.arange(people)
    if clusters:
        cluster = np.repeat(np.arange(clusters), people // clusters)
        between = rng.standard_normal(clusters)[cluster]
        factor = np.sqrt(share) * between + np.sqrt(1 - share) * factor
    values = factor[:, None] * LOADINGS + np.sqrt(UNIQUE) * rng.standard_normal((people, 4))
    return pd.DataFrame(values * [1, 2, 1, 0.5], columns=list("abcd")), cluster


def log_odds(values):
    return np.log(np.asarray(values) / (1 - np.asarray(values)))


def half_width(found):
    return np.diff(log_odds([found.lower, found.upper]))[0] / 2 / 1.959964


def test_a_known_factor_is_recovered_in_the_items_own_units():
    frame, _ = draw(np.random.default_rng(1), 20_000)
    scale = np.array([1, 2, 1, 0.5])
    true = (LOADINGS * scale).sum() ** 2
    found = omega_total(frame, 0.95)
    assert found.estimate == pytest.approx(true / (true + (UNIQUE * scale**2).sum()), abs=SAMPLING)
    assert found.lower < found.estimate < found.upper
    assert found.flags == ()


def test_the_standard_error_is_that_of_the_jackknife_over_clusters():
    frame, cluster = draw(np.random.default_rng(2), 600, 20)
    found = omega_total(frame, 0.95, cluster)
    left_out = [omega_total(frame[cluster != c], 0.95).estimate for c in range(20)]
    jackknife = np.sqrt(19 / 20 * ((log_odds(left_out) - log_odds(left_out).mean()) ** 2).sum())
    assert half_width(found) == pytest.approx(jackknife, rel=SAME_ERROR)


def test_rows_copied_within_clusters_add_no_information():
    frame, _ = draw(np.random.default_rng(3), 300)
    copies = pd.concat([frame] * 4, ignore_index=True)
    alone = omega_total(frame, 0.95, np.arange(300))
    together = omega_total(copies, 0.95, np.tile(np.arange(300), 4))
    assert together.estimate == pytest.approx(alone.estimate, abs=1e-6)  # optimizer's tolerance
    assert half_width(together) == pytest.approx(half_width(alone), rel=1e-4)


def test_few_clusters_are_flagged_and_not_used():
    frame, cluster = draw(np.random.default_rng(4), 300, 5)
    found = omega_total(frame, 0.95, cluster)
    assert found.flags == ("only 5 clusters: the interval takes rows as independent",)
    assert found.lower == omega_total(frame, 0.95).lower


def test_labels_of_clusters_stay_with_their_complete_rows():
    frame, cluster = draw(np.random.default_rng(5), 400, 20)
    holes = frame.copy()
    holes.iloc[::7, 2] = np.nan
    kept = holes.notna().all(axis=1).to_numpy()
    assert omega_total(holes, 0.95, cluster) == omega_total(frame[kept], 0.95, cluster[kept])


def test_rows_without_a_cluster_stand_alone():
    frame, cluster = draw(np.random.default_rng(5), 400, 20)
    labels = np.array([f"school {c}" for c in cluster], dtype=object)
    labels[:10] = np.nan
    numbers = cluster.copy()
    numbers[:10] = 100 + np.arange(10)
    assert omega_total(frame, 0.95, labels) == omega_total(frame, 0.95, numbers)


def test_two_items_do_not_identify_a_factor():
    frame, _ = draw(np.random.default_rng(6), 200)
    with pytest.raises(CompendiumError, match="not identified"):
        omega_total(frame[["a", "b"]], 0.95)


def test_an_item_without_variance_is_named():
    frame, _ = draw(np.random.default_rng(6), 200)
    with pytest.raises(CompendiumError, match="item 'b' has the same answer"):
        omega_total(frame.assign(b=3.0), 0.95)


def test_hierarchical_omega_of_a_planted_general_factor():
    general = np.full(9, 0.6)
    group = np.zeros((9, 3))
    group[np.arange(9), np.repeat(np.arange(3), 3)] = 0.4
    loadings = np.column_stack([general, group])
    correlation = loadings @ loadings.T
    np.fill_diagonal(correlation, 1)
    found, _ = hierarchical_omega(correlation, 3)
    total = correlation.sum()
    # Proportional loadings are what Schmid and Leiman's transformation can hold exactly.
    assert found == pytest.approx(general.sum() ** 2 / total, abs=1e-4)


def test_two_group_factors_are_flagged():
    correlation = np.full((6, 6), 0.3) + 0.7 * np.eye(6)
    correlation[:3, :3] += 0.2 * (1 - np.eye(3))
    correlation[3:, 3:] += 0.2 * (1 - np.eye(3))
    assert any("two factors" in flag for flag in hierarchical_omega(correlation, 2)[1])
