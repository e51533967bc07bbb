import numpy as np
import pandas as pd
import pytest
from scipy import stats

from learning_with_others.psychometrics.factor_models.factor_model import one_factor
from learning_with_others.psychometrics.factor_models.fit_measures import (
    chisq_p,
    comparative_fit,
    rmsea,
    rmsea_interval,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model

ROOT = 1e-6  # tolerance of the root search


def test_the_ends_of_the_rmsea_interval_put_the_statistic_at_its_tails():
    chisq, df, rows = 60.0, 30, 400
    lower, upper = rmsea_interval(chisq, df, rows, 1)
    assert stats.ncx2.cdf(chisq, df, lower**2 * rows * df) == pytest.approx(0.95, abs=ROOT)
    assert stats.ncx2.cdf(chisq, df, upper**2 * rows * df) == pytest.approx(0.05, abs=ROOT)
    assert lower < rmsea(chisq, df, rows, 1) < upper


def test_groups_widen_rmsea_by_their_square_root():
    assert rmsea(60, 30, 400, 2) == pytest.approx(np.sqrt(2) * rmsea(60, 30, 400, 1))
    wide, narrow = rmsea_interval(60, 30, 400, 2), rmsea_interval(60, 30, 400, 1)
    np.testing.assert_allclose(wide, np.sqrt(2) * np.array(narrow), rtol=ROOT)


def test_a_statistic_below_its_degrees_of_freedom_is_perfect_fit():
    assert rmsea(20, 30, 400, 1) == 0
    assert rmsea_interval(10, 30, 400, 1) == (0.0, 0.0)
    cfi, tli = comparative_fit(20, 30, 500, 36)
    assert cfi == 1
    assert tli > 1


def test_cfi_is_the_share_of_the_baselines_excess_that_the_model_removes():
    cfi, _ = comparative_fit(85, 24, 900, 36)
    assert cfi == pytest.approx(1 - (85 - 24) / (900 - 36))


def test_without_degrees_of_freedom_there_is_no_test():
    assert np.isnan(chisq_p(0.0, 0))
    assert comparative_fit(0, 0, 500, 36) == (1.0, 1.0)
    assert rmsea_interval(0, 0, 400, 1) == (0.0, 0.0)


def test_a_factor_model_of_thirty_rows_is_flagged():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(130, 1)) + rng.normal(size=(130, 4))
    rows = pd.DataFrame(values, columns=list("abcd"))
    few = fit_factor_model(rows[:30], one_factor(list("abcd")))
    assert any("30 rows, fewer than 100" in flag for flag in few.flags)
    group = np.where(np.arange(130) < 30, "few", "many")
    both = fit_factor_model(rows, one_factor(list("abcd")), group=group)
    (flag,) = (each for each in both.flags if "rows" in each)
    assert flag.startswith("30 rows in group 'few', fewer than 100: loadings are unsure")
    assert fit_factor_model(rows[:100], one_factor(list("abcd"))).flags == ()
