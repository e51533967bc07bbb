import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from conftest import ROOT
from deep import dozen_or, keep
from scipy import stats

from learning_with_others.data.coding import key_items
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.reliability.alpha import (
    alpha_flags,
    alpha_of_covariance,
    cronbach_alpha,
    dropped_items,
    feldt_interval,
    robust_alpha_interval,
)
from learning_with_others.study import load_study

PINGOUIN_DECIMALS = 3  # pingouin rounds its interval
PARALLEL_STUDIES = 2_000
# Half width of a 99.9% binomial interval about .95 in so many studies.
COVERAGE_ERROR = 3.3 * np.sqrt(0.95 * 0.05 / PARALLEL_STUDIES)


def parallel_items(rng, people=60, items=4, reliability=0.3):
    """Parallel normal items, each of the given reliability."""
    true = np.sqrt(reliability) * rng.standard_normal((people, 1))
    return true + np.sqrt(1 - reliability) * rng.standard_normal((people, items))


@pytest.fixture
def frame():
    return pd.DataFrame(parallel_items(np.random.default_rng(3)), columns=list("abcd"))


def test_alpha_is_the_closed_form_on_complete_keyed_rows():
    study = load_study(ROOT / "data/learning-with-others")
    students = read_study(study).students
    columns = codebook_of(study)["students"]
    items = study.constructs["belonging"].items
    keyed = key_items(students, study.constructs["belonging"], columns)[items].dropna()
    covariance = np.cov(keyed.T)
    k, n = len(items), len(keyed)
    closed = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
    found = cronbach_alpha(keyed, 0.95)
    assert found.estimate == pytest.approx(closed, abs=1e-9)
    assert found.people == n
    # Feldt: (1 − alpha) / (1 − population alpha) follows F(n − 1, (n − 1)(k − 1)).
    lower = 1 - (1 - closed) * stats.f.ppf(0.975, n - 1, (n - 1) * (k - 1))
    assert found.lower == pytest.approx(lower, abs=1e-9)


def test_the_interval_is_pingouins_with_all_its_digits(frame):
    found = cronbach_alpha(frame, 0.9)
    _, theirs = pg.cronbach_alpha(frame, ci=0.9)
    mine = np.round([found.lower, found.upper], PINGOUIN_DECIMALS)
    assert mine.tolist() == theirs.tolist()


def test_incomplete_rows_do_not_narrow_the_interval(frame):
    holes = frame.copy()
    holes.loc[:19, "a"] = np.nan
    assert cronbach_alpha(holes, 0.95) == cronbach_alpha(frame.iloc[20:], 0.95)
    assert cronbach_alpha(holes, 0.95, rows="pairwise").people == 60


def test_feldts_interval_covers_alpha_of_parallel_items():
    rng = np.random.default_rng(11)
    truth = 4 * 0.3 / (1 + 3 * 0.3)
    hits = 0
    for _ in range(PARALLEL_STUDIES):
        alpha = alpha_of_covariance(np.cov(parallel_items(rng).T))
        lower, upper = feldt_interval(alpha, 60, 4, 0.95)
        hits += lower <= truth <= upper
    assert hits / PARALLEL_STUDIES == pytest.approx(0.95, abs=COVERAGE_ERROR)


def test_standardized_alpha_steps_the_mean_correlation_up(frame):
    found = cronbach_alpha(frame * [1, 5, 0.2, 3], 0.95)
    r = found.average_correlation
    closed = 4 * r / (1 + 3 * r)  # Spearman and Brown
    assert found.standardized == pytest.approx(closed, abs=1e-12)
    assert found.standardized == pytest.approx(cronbach_alpha(frame, 0.95).standardized, abs=1e-12)


def test_alpha_without_an_item_is_alpha_of_the_others(frame):
    found = dropped_items(frame)
    assert found["b"] == pytest.approx(
        cronbach_alpha(frame[["a", "c", "d"]], 0.95).estimate, abs=1e-12
    )


def test_two_items_leave_nothing_to_drop(frame):
    pair = frame[["a", "b"]]
    assert dropped_items(pair).isna().all()
    assert np.isfinite(cronbach_alpha(pair, 0.95).estimate)


def test_items_that_are_all_alike_have_alpha_one(frame):
    same = pd.DataFrame(dict.fromkeys("abc", frame["a"]))
    found = cronbach_alpha(same, 0.95)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((1, 1, 1), abs=1e-12)


def test_an_item_without_variance_is_named(frame):
    frame["c"] = 4.0
    with pytest.raises(CompendiumError, match=r"peers, Black: item 'c' has the same answer"):
        cronbach_alpha(frame, 0.95, where="peers, Black")


def test_too_few_rows_are_refused(frame):
    frame.loc[2:, "a"] = np.nan
    with pytest.raises(CompendiumError, match="2 of 60 rows can be used"):
        cronbach_alpha(frame, 0.95)


def test_items_that_cancel_are_refused(frame):
    against = pd.DataFrame({"a": frame["a"], "b": -frame["a"]})
    with pytest.raises(CompendiumError, match="check which items are reversed"):
        cronbach_alpha(against, 0.95)


def test_one_item_is_refused():
    with pytest.raises(CompendiumError, match="needs two items"):
        alpha_of_covariance(np.eye(1))


def test_items_never_answered_together_are_refused(frame):
    frame.loc[:29, "a"] = np.nan
    frame.loc[30:, "b"] = np.nan
    with pytest.raises(CompendiumError, match="share too few answers"):
        cronbach_alpha(frame, 0.95, rows="pairwise")


def clustered_items(rng, clusters=40, size=15, between=0.3, skew=False):
    """Items whose true score lies partly between clusters; alpha of the population is known."""
    people = clusters * size
    mine = np.repeat(np.arange(clusters), size)
    draw = (lambda n: rng.exponential(size=n) - 1) if skew else rng.standard_normal
    true = np.sqrt(between) * draw(clusters)[mine] + np.sqrt(1 - between) * draw(people)
    # Each item has a part of its own that its cluster shares, which Feldt takes for independent.
    own = np.sqrt(between) * rng.standard_normal((clusters, 4))[mine]
    errors = np.sqrt(2) * (own + np.sqrt(1 - between) * rng.standard_normal((people, 4)))
    return pd.DataFrame(true[:, None] + errors, columns=list("abcd")), mine


CLUSTERED_ALPHA = 4 / 3 * (1 - 4 * 3 / (16 + 4 * 2))  # variances 1 + 2, true part shared by all


# 95% coverage: of 1,000 data sets .93 to .97 with probability .996; of a dozen 8 or more. Where
# half of the true score's spread between clusters is one exponential tail (excess kurtosis 6),
# forty clusters tell too little of their own tail for the nominal rate: .90 is asked.
@pytest.mark.parametrize("count", dozen_or(1000))
@pytest.mark.parametrize(
    ("skew", "clusters", "least"),
    [(False, 12, 0.93), (False, 40, 0.93), (True, 40, 0.90)],
    ids=["12 schools", "40 classrooms", "skewed"],
)
def test_the_robust_interval_of_alpha_covers_in_clusters(count, skew, clusters, least):
    robust, feldt = [], []
    for seed in range(count):
        keyed, mine = clustered_items(np.random.default_rng(seed), clusters, skew=skew)
        lower, upper = robust_alpha_interval(keyed, mine, 0.95)
        robust.append(lower <= CLUSTERED_ALPHA <= upper)
        found = cronbach_alpha(keyed, 0.95)
        feldt.append(found.lower <= CLUSTERED_ALPHA <= found.upper)
    name = f"alpha_coverage_{clusters}_{'skewed' if skew else 'normal'}"
    keep(name, count, robust=float(np.mean(robust)), feldt=float(np.mean(feldt)))
    low, high = (8 / 12, 1) if count < 1000 else (least, 0.97)
    assert low <= np.mean(robust) <= high


def test_the_robust_interval_is_the_delta_methods_where_clusters_are_many():
    # Another road to the same variance: the influence of each row on alpha, summed by cluster
    # (Maydeu-Olivares, Coffman and Hartmann 2007; Binder 1983). The two differ by terms of order
    # 1 / clusters, here 1 / 200: twice that is allowed.
    keyed, mine = clustered_items(np.random.default_rng(5), clusters=200)
    centred = keyed.to_numpy() - keyed.to_numpy().mean(axis=0)
    squares, squared_sum = (centred**2).sum(axis=1), centred.sum(axis=1) ** 2
    share = squares.mean() / squared_sum.mean()
    influence = 4 / 3 * (squares - share * squared_sum) / squared_sum.mean()
    influence /= 1 - 4 / 3 * (1 - share)
    summed = np.bincount(mine, influence)
    error = np.sqrt(200 / 199 * (summed**2).sum()) / len(keyed)
    lower, upper = robust_alpha_interval(keyed, mine, 0.95)
    half = np.log((1 - lower) / (1 - upper)) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 199) * error, rel=0.01)
    assert 1 - np.sqrt((1 - lower) * (1 - upper)) == pytest.approx(
        cronbach_alpha(keyed, 0.95).estimate, abs=1e-9
    )


def test_so_few_clusters_give_no_robust_interval():
    keyed, mine = clustered_items(np.random.default_rng(5), clusters=9)
    assert np.isnan(robust_alpha_interval(keyed, mine, 0.95)).all()


def test_a_negative_alpha_is_flagged_with_what_to_do():
    assert alpha_flags(0.0) == []
    (flag,) = alpha_flags(-0.31)
    assert "alpha -0.31 is negative" in flag
    assert "reverse" in flag
