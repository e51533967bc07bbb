import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats
from statsmodels.stats.meta_analysis import effectsize_smd

from learning_with_others.data.measures.opportunities import opportunity_measures
from learning_with_others.data.reading import read_study
from learning_with_others.opportunity.gaps.pairwise import EXPLORATORY, MAIN, pairwise_gaps
from learning_with_others.study import load_study

SAME = 1e-9  # the same formula in another program: rounding only


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return read_study(synthetic).students


@pytest.fixture(scope="module")
def measures(synthetic):
    return opportunity_measures(synthetic)[:1]


@pytest.fixture(scope="module")
def found(rows, synthetic, measures):
    return pairwise_gaps(rows, synthetic, measures)


def scores(rows, group):
    return rows.loc[rows["race"] == group, "collaboration"].dropna().to_numpy()


def test_welch_agrees_with_scipy_for_every_pair(found, rows):
    for row in found.itertuples():
        first, second = scores(rows, row.first), scores(rows, row.second)
        welch = stats.ttest_ind(first, second, equal_var=False)
        assert row.difference == pytest.approx(first.mean() - second.mean(), rel=SAME)
        assert row.welch_t == pytest.approx(welch.statistic, rel=SAME)
        assert row.welch_df == pytest.approx(welch.df, rel=SAME)
        assert row.welch_p == pytest.approx(welch.pvalue, rel=SAME)


def test_games_howell_agrees_with_scipy_over_all_groups(found, rows):
    groups = list(dict.fromkeys([*found["first"], *found["second"]]))
    table = stats.tukey_hsd(*(scores(rows, group) for group in groups), equal_var=False).pvalue
    for row in found.itertuples():
        expected = table[groups.index(row.first), groups.index(row.second)]
        # The studentized range is integrated numerically, to about 1e-8.
        assert row.games_howell_p == pytest.approx(expected, abs=1e-6)


def test_g_agrees_with_statsmodels_and_its_interval_with_the_formula(found, rows):
    for row in found.itertuples():
        first, second = scores(rows, row.first), scores(rows, row.second)
        n, m = len(first), len(second)
        g, _ = effectsize_smd(
            first.mean(), first.std(ddof=1), n, second.mean(), second.std(ddof=1), m
        )
        assert row.hedges_g == pytest.approx(g, rel=SAME)
        half = stats.t.ppf(0.975, n + m - 2) * np.sqrt(1 / n + 1 / m + g**2 / (2 * (n + m)))
        assert row.g_lower == pytest.approx(g - half, rel=SAME)
        assert row.g_upper == pytest.approx(g + half, rel=SAME)


def test_the_main_contrast_comes_first_and_small_groups_do_not_come(found, synthetic, rows):
    group_role = synthetic.roles.group
    assert tuple(found.loc[0, ["first", "second"]]) == (group_role.focal, group_role.reference)
    assert list(found["role"]) == [MAIN] + [EXPLORATORY] * (len(found) - 1)
    together = found["children_first"] + found["children_second"]
    assert together[1:].is_monotonic_decreasing
    assert group_role.reference not in set(found["first"])
    small = rows["race"].value_counts()[lambda n: n < synthetic.analysis.minimum_cell].index
    assert len(small)
    assert not set(small) & {*found["first"], *found["second"]}
    # Six groups may be shown: every two of them.
    assert len(found) == 15


def test_numbers_of_students_do_not_tell_how_few_left_a_measure_out(rows, synthetic):
    two = opportunity_measures(synthetic)[:2]
    black, hispanic = (rows.index[rows["race"] == g] for g in ("Black", "Hispanic"))
    changed = rows.copy()
    changed.loc[black[:3], two[0].name] = np.nan
    changed.loc[black[2:4], two[1].name] = np.nan
    changed.loc[hispanic[5:], two[1].name] = np.nan
    found = pairwise_gaps(changed, synthetic, two)
    either = changed[changed[[m.name for m in two]].notna().any(axis=1)]["race"].value_counts()
    for side in ("first", "second"):
        assert (found[f"children_{side}"] == found[side].map(either).astype(float)).all()
    # One Black student has neither; statistics take those who have the measure.
    assert either["Black"] == len(black) - 1
    main = found[found["role"] == MAIN].set_index("measure").loc[two[1].name]
    groups = [changed.loc[changed["race"] == g, two[1].name].dropna() for g in ("Black", "White")]
    welch = stats.ttest_ind(*groups, equal_var=False)
    assert main["welch_df"] == pytest.approx(welch.df, rel=SAME)
    # Five left with a measure are too few to compare in it, however many have the other.
    last = found[found["measure"] == two[1].name]
    assert "Hispanic" not in {*last["first"], *last["second"]}


@pytest.mark.parametrize("kept", [0, 3])
def test_a_main_contrast_of_too_few_is_an_empty_row(rows, synthetic, measures, kept):
    focal = rows.index[rows["race"] == "Black"]
    found = pairwise_gaps(rows.drop(focal[kept:]), synthetic, measures)
    main = found.iloc[0]
    assert main["flag"] == "fewer than 10 people in a group"
    numbers = main[["difference", "hedges_g", "welch_p", "games_howell_p"]].astype(float)
    assert numbers.isna().all()
    assert main["children_first"] == kept
    assert "Black" not in {*found["first"][1:], *found["second"][1:]}


def test_values_that_do_not_vary_have_a_difference_and_no_statistics(rows, synthetic, measures):
    level = rows["race"].eq("Black").astype(float)
    found = pairwise_gaps(rows.assign(collaboration=level), synthetic, measures)
    assert found.loc[0, "difference"] == 1
    assert (found["flag"] == "does not vary within the groups").all()
    assert found[["hedges_g", "welch_t", "welch_p"]].isna().all(axis=None)


def test_one_group_that_does_not_vary_is_compared_with_the_others(rows, synthetic, measures):
    constant = rows["collaboration"].where(rows["race"] != "White", 3.0)
    found = pairwise_gaps(rows.assign(collaboration=constant), synthetic, measures)
    welch = stats.ttest_1samp(scores(rows, "Black"), 3.0)
    assert found.loc[0, "welch_t"] == pytest.approx(welch.statistic, rel=SAME)
    assert found.loc[0, "welch_df"] == pytest.approx(welch.df, rel=SAME)


def test_a_category_gives_shares_unless_they_rest_on_few(students, study):
    rows = students[students["grade"] == "3"]
    found = pairwise_gaps(rows, study, opportunity_measures(study))
    small = rows["class_type"] == "small"
    shares = small.groupby(rows["race"], observed=True).mean()
    main = found.iloc[0]
    assert main["difference"] == pytest.approx(shares["Black"] - shares["White"], rel=SAME)
    assert "difference of shares" in main["flag"]
    sizes = pd.crosstab(rows["race"], small)
    hidden = set(sizes.index[((sizes > 0) & (sizes < study.analysis.minimum_cell)).any(axis=1)])
    told = found[found["first"].isin(hidden) | found["second"].isin(hidden)]
    assert len(told)
    assert told[["difference", "hedges_g", "welch_t", "games_howell_p"]].isna().all(axis=None)
    assert told["flag"].str.startswith("fewer than 10 people with it or without it").all()
