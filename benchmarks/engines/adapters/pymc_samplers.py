"""The explicit model with PyMC's own No-U-Turn sampler, or with numpyro's."""

import time

import pandas as pd
import pymc as pm

from benchmarks.engines.adapters import Fitter, Timed
from benchmarks.engines.designs import StudyDesign, framed
from benchmarks.engines.settings import CHAINS, DRAWS, TARGET_ACCEPT, TUNE
from learning_with_others.bayes.explicit.explicit_model import explicit_model


def start(
    design: StudyDesign, data: pd.DataFrame, parametrization: str, nuts_sampler: str = "pymc"
) -> Fitter:
    """`pymc.sample` compiles within each call; what it does not report as sampling is that."""
    frame = framed(design, data)
    started = time.perf_counter()
    model = explicit_model(frame, parametrization)
    built = [time.perf_counter() - started]

    def fit(seed: int) -> Timed:
        started = time.perf_counter()
        found = pm.sample(
            DRAWS,
            tune=TUNE,
            chains=CHAINS,
            random_seed=seed,
            model=model,
            nuts_sampler=nuts_sampler,
            nuts={"target_accept": TARGET_ACCEPT},
            progressbar=False,
            quiet=True,
            compute_convergence_checks=False,
        )
        total = time.perf_counter() - started
        sampling = float(found["posterior"].attrs["sampling_time"])
        return Timed(found, total - sampling + (built.pop() if built else 0.0), sampling)

    return fit
