"""The collapsed engine."""

import time

import numpy as np
import pandas as pd

from benchmarks.engines.adapters import Fitter, Timed
from benchmarks.engines.designs import StudyDesign, framed
from benchmarks.engines.settings import CHAINS, DRAWS, TARGET_ACCEPT, TUNE
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.compilation import compile_engine
from learning_with_others.bayes.collapsed.exact_draws import draw_effects
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.frame import design_of, priors_of
from learning_with_others.bayes.collapsed.priors import half_normal_priors
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.specification import Sampler


def compile_all() -> float:
    """Compile or load density, statistics and exact draws, on four rows; seconds."""
    started = time.perf_counter()
    compile_engine()
    groups = Grouping("group", ("a", "b"), np.array([0, 0, 1, 1]))
    design = Design(("one",), np.ones((4, 1)), (groups,))
    statistics = collapse(design, np.array([1.0, 2.0, 4.0, 3.0]))
    priors = half_normal_priors(statistics, coefficient=1, group=1, residual=1)
    draw_effects(pose(statistics, priors), np.zeros((1, 1, 2)), 1)
    return time.perf_counter() - started


def start(
    design: StudyDesign,
    data: pd.DataFrame,
    parametrization: str,  # noqa: ARG001 - adapters share a signature
    tune: int = TUNE,
    draws: int = DRAWS,
) -> Fitter:
    """Fit from rows each time: statistics, sampling, exact draws and their names are timed."""
    frame = framed(design, data)
    arrays, priors = design_of(frame), priors_of(frame)
    compiled: list[float] = []

    def fit(seed: int) -> Timed:
        seconds = 0.0 if compiled else compile_all()
        compiled.append(seconds)
        started = time.perf_counter()
        statistics = collapse(arrays, frame.outcome)
        settings = Sampler(seed, CHAINS, tune, draws, TARGET_ACCEPT)
        found = fit_collapsed(statistics, priors, settings)
        return Timed(found, seconds, time.perf_counter() - started)

    return fit
