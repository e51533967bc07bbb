"""bambi with the same priors, sampled by nutpie."""

import time

import bambi
import pandas as pd

from benchmarks.engines.adapters import Fitter, Timed
from benchmarks.engines.designs import StudyDesign, framed
from benchmarks.engines.settings import CHAINS, DRAWS, TARGET_ACCEPT, TUNE
from learning_with_others.bayes.model_frame import ModelFrame


def same_priors(frame: ModelFrame) -> dict[str, bambi.Prior]:
    """Write the frame's priors by bambi's names: normal coefficients, half-normal spreads."""
    priors = {
        name: bambi.Prior("Normal", mu=0, sigma=prior.scale)
        for name, prior in zip(frame.terms, frame.priors.coefficient, strict=True)
    }
    for grouping in frame.groupings:
        standard_deviations = frame.priors.standard_deviation[grouping.name]
        for term, standard_deviation in zip(
            ("1", *grouping.slopes), standard_deviations, strict=True
        ):
            sigma = bambi.Prior("HalfNormal", sigma=standard_deviation.scale)
            priors[f"{term}|{grouping.name}"] = bambi.Prior("Normal", mu=0, sigma=sigma)
    return priors | {"sigma": bambi.Prior("HalfNormal", sigma=frame.priors.residual.scale)}


def start(design: StudyDesign, data: pd.DataFrame, parametrization: str) -> Fitter:
    """`fit` compiles within each call; what it does not report as sampling is that."""
    frame = framed(design, data)
    started = time.perf_counter()
    model = bambi.Model(
        "y ~ collab * black + female + (1 + collab | classroom) + (1 | school)",
        data,
        priors=same_priors(frame),
        noncentered=parametrization == "non-centred",
        center_predictors=False,
    )
    model.build()
    built = [time.perf_counter() - started]

    def fit(seed: int) -> Timed:
        started = time.perf_counter()
        found = model.fit(
            draws=DRAWS,
            tune=TUNE,
            chains=CHAINS,
            random_seed=seed,
            inference_method="nutpie",
            nuts={"target_accept": TARGET_ACCEPT},
            progressbar=False,
        )
        total = time.perf_counter() - started
        sampling = float(found["posterior"].attrs["sampling_time"])
        return Timed(found, total - sampling + (built.pop() if built else 0.0), sampling)

    return fit
