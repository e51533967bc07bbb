"""Generated studies, made once for all tests, and what it means to reproduce."""

from functools import cache
from pathlib import Path

import numpy as np
import yaml
from deep import dozen_or
from scipy import stats

from learning_with_others.data.synthetic.generate import generate_with_truth
from learning_with_others.study.simulation import DEFAULT, Simulation

FOLDER = Path(__file__).parents[2] / "data/learning-with-others"
COUNTS = dozen_or(200)
# A mean over draws lies within so many of its Monte Carlo standard errors of what was declared (4
# of hundreds, more of a dozen) that one in 16,000 correct quantities does not by chance. Seeds are
# fixed, so a test that passes stays so.
BY_CHANCE = stats.norm.sf(4)


@cache
def declared():
    """What `study.yaml` says, as it is written."""
    return yaml.safe_load((FOLDER / "study.yaml").read_text())


@cache
def simulation():
    return Simulation(**declared()["simulation"])


@cache
def plain():
    """The same truth, with no response style and no answer missing."""
    whole = simulation()
    none = dict.fromkeys(["acquiescent", "extreme", "straight_lining", "speeding"], 0.0)
    return whole.model_copy(
        update={
            "styles": whole.styles.model_copy(update=none),
            "missing": whole.missing.model_copy(update={"items": {DEFAULT: 0.0}}),
            "teachers": whole.teachers.model_copy(update={"missing": 0.0}),
        }
    )


@cache
def studies(count):
    return [generate_with_truth(simulation(), seed) for seed in range(count)]


@cache
def plain_studies(count):
    return [generate_with_truth(plain(), seed) for seed in range(count)]


def assert_reproduced(draws, expected):
    """Compare the means of `draws` (one row per study) with what was declared."""
    draws = np.asarray(draws, dtype=float)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    distance = np.abs(draws.mean(axis=0) - expected)
    # Rounding error remains where a quantity is the same in every study.
    assert (distance <= stats.t.isf(BY_CHANCE, len(draws) - 1) * error + 1e-12).all(), (
        distance / error
    )
