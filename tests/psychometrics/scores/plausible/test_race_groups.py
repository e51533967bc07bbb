import numpy as np

from learning_with_others.psychometrics.scores.plausible.race_groups import (
    POOLED,
    pool_small_groups,
)

CONTRASTED = ("F", "R")


def labels(**sizes):
    return np.repeat(list(sizes), list(sizes.values())).astype(object)


def sizes_of(pooled):
    names, counts = np.unique(pooled.astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def test_large_groups_stay_contrasted_ones_first():
    pooled, names = pool_small_groups(labels(R=50, A=60, F=40, B=70), 30, CONTRASTED)
    assert names == ["F", "R", "B", "A"]
    assert sizes_of(pooled) == {"A": 60, "B": 70, "F": 40, "R": 50}


def test_small_groups_are_pooled_with_one_another():
    pooled, names = pool_small_groups(labels(R=50, F=40, A=20, B=15), 30, CONTRASTED)
    assert names == ["F", "R", POOLED]
    assert sizes_of(pooled)[POOLED] == 35


def test_too_few_together_they_join_the_smallest_other_group():
    pooled, names = pool_small_groups(labels(R=50, F=40, A=5, B=90, C=60), 30, CONTRASTED)
    assert names == ["F", "R", "B", POOLED]
    assert sizes_of(pooled) == {"B": 90, "F": 40, POOLED: 65, "R": 50}


def test_without_another_group_they_join_the_reference_group():
    pooled, names = pool_small_groups(labels(R=50, F=40, A=5), 30, CONTRASTED)
    assert names == ["F", "R"]
    assert sizes_of(pooled) == {"F": 40, "R": 55}


def test_a_contrasted_group_is_never_pooled():
    pooled, _ = pool_small_groups(labels(R=50, F=3, A=5, B=50), 30, CONTRASTED)
    assert sizes_of(pooled)["F"] == 3
