import numpy as np
import pandas as pd
import pingouin as pg
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.intraclass import intraclass_correlations, of_mean

# Shrout and Fleiss (1979), table 2: six targets, four judges.
SHROUT_AND_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]]
)
PRINTED = 0.005  # two decimals
STUDIES = 600
COVERAGE_ERROR = 3.3 * np.sqrt(0.95 * 0.05 / STUDIES)  # half width of a 99.9% binomial interval


def coefficients(ratings, probability=0.95):
    return intraclass_correlations(ratings, probability).set_index("kind")


def test_shrout_and_fleiss_example():
    found = coefficients(SHROUT_AND_FLEISS)["icc"]
    printed = {
        "ICC(1,1)": 0.17,
        "ICC(A,1)": 0.29,
        "ICC(C,1)": 0.71,
        "ICC(1,k)": 0.44,
        "ICC(A,k)": 0.62,
        "ICC(C,k)": 0.91,
    }
    assert found.to_dict() == pytest.approx(printed, abs=PRINTED)


def test_all_kinds_and_intervals_are_pingouins():
    rng = np.random.default_rng(4)
    ratings = rng.normal(size=(15, 1)) + rng.normal(size=(1, 3)) + rng.normal(size=(15, 3))
    long = pd.DataFrame(ratings).melt(ignore_index=False, var_name="rater").reset_index()
    theirs = pg.intraclass_corr(long, targets="index", raters="rater", ratings="value")
    theirs = theirs.set_index("Type")
    found = coefficients(ratings)
    for kind in found.index:
        assert found.loc[kind, "icc"] == pytest.approx(theirs.loc[kind, "ICC"], abs=1e-10)
        # pingouin rounds intervals to two decimals
        interval = found.loc[kind, ["lower", "upper"]].to_numpy(float)
        assert interval == pytest.approx(theirs.loc[kind, "CI95"], abs=PRINTED)


def test_the_agreement_interval_covers():
    rng = np.random.default_rng(6)
    truth, hits = 0.5 / (0.5 + 0.2 + 0.3), 0
    for _ in range(STUDIES):
        ratings = np.sqrt(0.5) * rng.normal(size=(20, 1)) + np.sqrt(0.2) * rng.normal(size=(1, 5))
        found = coefficients(ratings + np.sqrt(0.3) * rng.normal(size=(20, 5)))
        row = found.loc["ICC(A,1)"]
        hits += row["lower"] <= truth <= row["upper"]
    # Satterthwaite's degrees of freedom are an approximation: a point of coverage is allowed.
    assert hits / STUDIES == pytest.approx(0.95, abs=COVERAGE_ERROR + 0.01)


def test_severity_lowers_agreement_and_leaves_consistency():
    severe = SHROUT_AND_FLEISS + np.array([0, 5, 10, 15])
    plain, shifted = coefficients(SHROUT_AND_FLEISS), coefficients(severe)
    assert shifted.loc["ICC(C,1)"].tolist() == pytest.approx(plain.loc["ICC(C,1)"].tolist())
    assert shifted.loc["ICC(A,1)", "icc"] < plain.loc["ICC(A,1)", "icc"]


def test_a_wider_probability_gives_a_wider_interval():
    narrow, wide = coefficients(SHROUT_AND_FLEISS, 0.8), coefficients(SHROUT_AND_FLEISS, 0.99)
    assert (wide["lower"] < narrow["lower"]).all()
    assert (wide["upper"] > narrow["upper"]).all()


def test_the_mean_of_more_raters_is_more_reliable():
    assert of_mean(0.5, 1) == 0.5
    assert of_mean(0.5, 3) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        (np.array([[1.0, np.nan], [2.0, 3.0]]), "1 of 4 ratings are missing"),
        (np.ones((1, 3)), "1 targets and 3 raters"),
        (np.ones((4, 3)), "no error to judge"),
        (np.arange(4.0)[:, None] + np.arange(3), "no error to judge"),
    ],
)
def test_what_has_no_coefficient_is_refused(ratings, words):
    with pytest.raises(CompendiumError, match=words):
        intraclass_correlations(ratings, 0.95)
