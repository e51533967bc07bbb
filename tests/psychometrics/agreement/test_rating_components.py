from itertools import combinations

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.rating_components import (
    of_mean,
    rating_components,
)

OPTIMUM = 1e-5  # relative: two optimizers of one flat-topped likelihood
COMPONENTS = {"target": 0.6, "rater": 0.2, "error": 0.4}


def incomplete(rng, targets, raters, team=2, components=COMPONENTS):
    """Teams of raters take turns, as in the synthetic study."""
    teams = list(combinations(range(raters), team))
    rater = np.array([teams[j % len(teams)] for j in range(targets)]).ravel()
    target = np.repeat(np.arange(targets), team)
    quality = np.sqrt(components["target"]) * rng.standard_normal(targets)
    severity = np.sqrt(components["rater"]) * rng.standard_normal(raters)
    noise = np.sqrt(components["error"]) * rng.standard_normal(len(rater))
    return quality[target] - severity[rater] + noise, target, rater


def complete_layout(rng, targets=12, raters=5):
    rows = rng.normal(size=(targets, 1)) + 0.7 * rng.normal(size=(1, raters))
    ratings = rows + 0.8 * rng.normal(size=(targets, raters))
    target, rater = np.indices(ratings.shape).reshape(2, -1)
    return ratings, (ratings.ravel(), target, rater)


def test_a_complete_design_gives_the_analysis_of_variance():
    ratings, long = complete_layout(np.random.default_rng(1))
    found = rating_components(*long, 0.95)
    frame = pd.DataFrame(ratings).melt(ignore_index=False, var_name="rater").reset_index()
    theirs = pg.intraclass_corr(frame, targets="index", raters="rater", ratings="value")
    classical = theirs.set_index("Type")["ICC"]
    for coefficient, kind in ((found.agreement, "A"), (found.consistency, "C")):
        assert coefficient.single == pytest.approx(classical[f"ICC({kind},1)"], rel=OPTIMUM)
        assert coefficient.average == pytest.approx(classical[f"ICC({kind},k)"], rel=OPTIMUM)


def test_shrout_and_fleiss_example():
    """Their table 2: six targets, four judges; coefficients printed to two decimals."""
    ratings = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]]
    )
    target, rater = np.indices(ratings.shape).reshape(2, -1)
    found = rating_components(ratings.ravel(), target, rater, 0.95)
    printed = [0.29, 0.62, 0.71, 0.91]
    both = (found.agreement, found.consistency)
    assert [v for c in both for v in (c.single, c.average)] == pytest.approx(printed, abs=0.005)


def test_the_mean_of_more_raters_is_more_reliable():
    assert of_mean(0.5, 1) == 0.5
    assert of_mean(0.5, 3) == pytest.approx(0.75)


def test_an_incomplete_design_agrees_with_statsmodels():
    rating, target, rater = incomplete(np.random.default_rng(4), 30, 4)
    found = rating_components(rating, target, rater, 0.95)
    assert found.flags == ()
    data = pd.DataFrame({"y": rating, "target": target, "rater": rater, "all": 1})
    variances = {"a": "0 + C(rater)", "b": "0 + C(target)"}
    model = smf.mixedlm("y ~ 1", data, groups="all", re_formula="0", vc_formula=variances)
    fit = model.fit(reml=True, method=["powell", "lbfgs"])
    theirs = [*fit.vcomp, fit.scale]
    assert [found.rater, found.target, found.error] == pytest.approx(theirs, rel=1e-3)


def test_planted_components_come_back_from_many_targets_and_raters():
    found = rating_components(*incomplete(np.random.default_rng(3), 600, 40), 0.95)
    # 4 standard errors: √(2/600) of the target's variance and √(2/40) of the raters'.
    assert found.target == pytest.approx(0.6, abs=4 * 0.9 * np.sqrt(2 / 600))
    assert found.rater == pytest.approx(0.2, abs=4 * 0.25 * np.sqrt(2 / 40))
    assert found.agreement.single_lower < 0.5 < found.agreement.single_upper
    assert found.consistency.single_lower < 0.6 < found.consistency.single_upper


def test_the_ends_of_the_interval_are_where_the_likelihood_has_fallen():
    """In the balanced one-way limit the profile is known in closed form."""
    rng = np.random.default_rng(5)
    target = np.repeat(np.arange(25), 2)
    rater = np.tile([0, 1], 25)
    rating = 1.5 * rng.standard_normal(25)[target] + rng.standard_normal(50)
    rating -= np.array([rating[rater == r].mean() for r in (0, 1)])[rater]  # no rater effect
    found = rating_components(rating, target, rater, 0.95)
    assert found.flags == ("no variance between raters",)
    pairs = rating.reshape(25, 2)
    between = 2 * ((pairs.mean(axis=1) - pairs.mean()) ** 2).sum()
    within = ((pairs - pairs.mean(axis=1, keepdims=True)) ** 2).sum()

    def log_likelihood(share):  # restricted, error variance profiled, 2 ratings of each target
        ratio = 1 + 2 * share / (1 - share)
        return -0.5 * (49 * np.log(within + between / ratio) + 24 * np.log(ratio))

    drop = stats.chi2.ppf(0.95, 1) / 2
    top = log_likelihood(found.consistency.single)
    for end in (found.consistency.single_lower, found.consistency.single_upper):
        assert top - log_likelihood(end) == pytest.approx(drop, abs=1e-4)  # ends to 1e-6


def test_the_interval_of_the_mean_is_that_of_one_rating_stepped_up():
    found = rating_components(*incomplete(np.random.default_rng(2), 30, 4), 0.95).agreement
    ends = [of_mean(value, 2) for value in (found.single_lower, found.single_upper)]
    assert [found.average_lower, found.average_upper] == pytest.approx(ends)
    assert 0 <= found.single_lower < found.single < found.single_upper <= 1


def test_shares_of_targets_raters_and_rest_are_all_there_is():
    found = rating_components(*incomplete(np.random.default_rng(4), 30, 4), 0.95)
    shares = [found.agreement.single, found.rater_share[0], found.error_share[0]]
    assert sum(shares) == pytest.approx(1)
    total = found.target + found.rater + found.error
    assert shares == pytest.approx([v / total for v in (found.target, found.rater, found.error)])
    for estimate, lower, upper in (found.rater_share, found.error_share):
        assert 0 <= lower < estimate < upper < 1


def test_raters_share_is_targets_share_with_the_two_exchanged():
    rating, target, rater = incomplete(np.random.default_rng(4), 30, 4)
    found = rating_components(rating, target, rater, 0.95)
    turned = rating_components(rating, rater, target, 0.95).agreement
    expected = turned.single, turned.single_lower, turned.single_upper
    assert found.rater_share == pytest.approx(expected, rel=OPTIMUM, abs=OPTIMUM)


def test_missing_ratings_are_left_out():
    rating, target, rater = incomplete(np.random.default_rng(2), 30, 4)
    rating[:5] = np.nan
    found = rating_components(rating, target, rater, 0.95)
    alone = rating_components(rating[5:], target[5:], rater[5:], 0.95)
    assert found == alone


def test_targets_that_do_not_differ_are_flagged():
    target, rater = np.repeat(np.arange(20), 2), np.tile([0, 1], 20)
    rating = np.tile([1.0, 3.0, 3.0, 1.0], 10)
    found = rating_components(rating, target, rater, 0.95)
    assert found.agreement.single == 0
    assert "no variance between targets" in found.flags


@pytest.mark.parametrize(
    ("rating", "target", "rater", "words"),
    [
        ([1.0, 2.0, 3.0], [0, 1, 2], [0, 1, 0], "do not let raters be compared"),
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [7, 7, 7, 7], "by 1 raters"),
        ([2.0, 2.0, 2.0, 2.0], [0, 0, 1, 1], [0, 1, 0, 1], "leave no error"),
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [0, 1, 0, 1], "leave no error"),
    ],
)
def test_what_cannot_be_split_is_refused(rating, target, rater, words):
    with pytest.raises(CompendiumError, match=words):
        rating_components(np.array(rating), np.array(target), np.array(rater), 0.95, "norms")
