"""The explicit engine: plain PyMC, sampled by nutpie."""

import time

import nutpie
import pandas as pd

from benchmarks.engines.adapters import Fitter, Timed
from benchmarks.engines.designs import StudyDesign, framed
from benchmarks.engines.settings import CHAINS, DRAWS, TARGET_ACCEPT, TUNE
from learning_with_others.bayes.explicit.explicit_model import explicit_model
from learning_with_others.bayes.explicit.fit import sample
from learning_with_others.bayes.specification import Sampler


def start(design: StudyDesign, data: pd.DataFrame, parametrization: str) -> Fitter:
    """Compile at the first call, and give the compiled model its data again at each."""
    frame = framed(design, data)
    compiled = []

    def fit(seed: int) -> Timed:
        seconds = 0.0
        if not compiled:
            started = time.perf_counter()
            compiled.append(nutpie.compile_pymc_model(explicit_model(frame, parametrization)))
            seconds = time.perf_counter() - started
        started = time.perf_counter()
        model = compiled[0].with_data(outcome=frame.outcome)
        found = sample(model, Sampler(seed, CHAINS, TUNE, DRAWS, TARGET_ACCEPT))
        return Timed(found, seconds, time.perf_counter() - started)

    return fit
