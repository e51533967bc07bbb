import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from learning_with_others.psychometrics.agreement.rating_components import rating_components
from learning_with_others.psychometrics.agreement.rating_means import rating_means

OPTIMUM = 1e-3  # relative: statsmodels stops early on a flat-topped likelihood
ROUNDING = 1e-9


def complete(rng, targets=12, raters=5):
    ratings = rng.normal(size=(targets, 1)) + 0.7 * rng.normal(size=(1, raters))
    ratings += 0.8 * rng.normal(size=(targets, raters))
    target, rater = np.indices(ratings.shape).reshape(2, -1)
    return ratings, (ratings.ravel(), target, rater)


def variances_of(long):
    found = rating_components(*long, 0.95)
    return found.target, found.rater, found.error


def test_a_complete_design_gives_satterthwaites_sum_of_mean_squares():
    ratings, long = complete(np.random.default_rng(1))
    rows, columns = ratings.shape
    left = ratings - ratings.mean(axis=1, keepdims=True) - ratings.mean(axis=0) + ratings.mean()
    squares = np.array(
        [
            columns * ratings.mean(axis=1).var(ddof=1),
            rows * ratings.mean(axis=0).var(ddof=1),
            -(left**2).sum() / ((rows - 1) * (columns - 1)),
        ]
    )
    freedom = np.array([rows - 1, columns - 1, (rows - 1) * (columns - 1)])
    found = rating_means(*long, variances_of(long))
    assert found.mean == pytest.approx(ratings.mean())
    # Components agree with mean squares as far as their optimizer went.
    assert found.error**2 == pytest.approx(squares.sum() / ratings.size, rel=1e-5)
    classical = squares.sum() ** 2 / (squares**2 / freedom).sum()
    assert found.degrees == pytest.approx(classical, rel=1e-4)


def test_a_mean_of_unrelated_ratings_has_students_interval():
    """Without targets' variance, one rating of each: n − 1 degrees of freedom."""
    rating = np.random.default_rng(2).normal(size=20)
    found = rating_means(rating, np.arange(20), np.arange(20), (0.0, 0.0, rating.var(ddof=1)))
    theirs = stats.ttest_1samp(rating, 0).confidence_interval(0.95)
    # The three designs are one and the same here: their information has rank one.
    assert found.degrees == pytest.approx(19)
    assert found.interval(0.95) == pytest.approx(tuple(theirs))


def test_an_incomplete_design_agrees_with_statsmodels():
    rng = np.random.default_rng(4)
    _, (rating, target, rater) = complete(rng, 30, 4)
    kept = rng.random(len(rating)) < 0.55
    long = rating[kept], target[kept], rater[kept]
    found = rating_means(*long, variances_of(long))
    data = pd.DataFrame({"y": long[0], "target": long[1], "rater": long[2], "all": 1})
    parts = {"rater": "0 + C(rater)", "target": "0 + C(target)"}
    model = smf.mixedlm("y ~ 1", data, groups="all", re_formula="0", vc_formula=parts)
    fit = model.fit(reml=True, method=["powell", "lbfgs"])
    assert found.mean == pytest.approx(fit.fe_params["Intercept"], rel=OPTIMUM)
    assert found.error == pytest.approx(fit.bse_fe["Intercept"], rel=10 * OPTIMUM)
    theirs = fit.random_effects[1]
    effects = [*found.rater_effects, *found.target_effects]
    assert np.corrcoef(effects, theirs)[0, 1] == pytest.approx(1, abs=1e-5)
    assert effects == pytest.approx(theirs.to_list(), abs=0.005)


def test_predictions_are_shrunken_means_where_targets_alone_vary():
    _, (rating, target, rater) = complete(np.random.default_rng(5))
    found = rating_means(rating, target, rater, (1.0, 0.0, 0.5))
    means = pd.Series(rating).groupby(target).mean() - rating.mean()
    assert found.target_effects == pytest.approx(means.to_numpy() * 5 / (5 + 0.5), abs=ROUNDING)
    assert found.rater_effects == pytest.approx(np.zeros(5))


def test_a_severe_rater_does_not_lower_whom_they_rated():
    """Two raters a point apart, each alone with half of what only one rated."""
    target = np.array([0, 0, 1, 1, 2, 2, 3, 4])
    rater = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    rating = np.array([3.0, 2.0, 2.0, 1.0, 4.0, 3.0, 3.0, 2.0])
    found = rating_means(rating, target, rater, (1.0, 100.0, 1e-6))
    effects = dict(zip(found.targets, found.target_effects, strict=True))
    assert effects[3] == pytest.approx(effects[4], abs=0.01)  # all but a fixed difference of raters
    assert np.diff(found.rater_effects) == pytest.approx(-1, abs=0.01)
