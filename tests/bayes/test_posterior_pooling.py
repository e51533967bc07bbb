"""Mixtures of fits against the rules for combining them."""

import numpy as np
import pytest

from learning_with_others.bayes.diagnosis import Diagnosis, worst_of
from learning_with_others.bayes.summary import summarize, summarize_pooled


def test_a_mixture_has_the_variance_within_and_between():
    rng = np.random.default_rng(5)
    centres = rng.normal(0, 0.3, 40)
    draws = centres[:, None, None] + rng.normal(0, 0.8, (40, 4, 5000))
    found = summarize_pooled(draws, 0.9)
    between, within = centres.var(ddof=1), 0.64
    # 800,000 draws: the Monte Carlo error of a standard deviation is below .001.
    assert found.summary.sd == pytest.approx(np.sqrt(within + between * 39 / 40), abs=0.003)
    inflated = between * 41 / 40
    assert found.missing_information == pytest.approx(inflated / (within + inflated), abs=0.003)
    assert found.summary.mcse == pytest.approx(np.sqrt(between / 40), abs=0.001)
    assert found.summary.mean == pytest.approx(centres.mean(), abs=0.003)


def test_one_fit_is_summarized_as_it_is():
    draws = np.random.default_rng(6).normal(size=(1, 4, 500))
    found = summarize_pooled(draws, 0.95)
    assert found.summary == summarize(draws[0], 0.95)
    assert np.isnan(found.missing_information)


def test_every_fit_must_pass():
    names = ("rhat", "ess_bulk", "ess_tail", "divergences", "bfmi")
    good = Diagnosis(dict(zip(names, (1.0, 900.0, 800.0, 0, 0.9), strict=True)), 1.0)
    bad = Diagnosis(dict(zip(names, (1.02, 950.0, 300.0, 2, 0.8), strict=True)), 2.0)
    worst = worst_of([good, bad])
    expected = dict(zip(names, (1.02, 900.0, 300.0, 2, 0.8), strict=True))
    assert worst == Diagnosis(expected, 3.0)
    assert good.flag is None
    assert "divergences" in worst.flag
