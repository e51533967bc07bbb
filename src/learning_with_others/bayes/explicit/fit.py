"""Compile an explicit model once and fit it to many outcomes."""

import time
from collections.abc import Mapping

import numpy as np
import nutpie
import xarray as xr

from learning_with_others.bayes.explicit.explicit_model import explicit_model
from learning_with_others.bayes.explicit.random_effects import Centring
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError


def fit_explicit(
    frame: ModelFrame,
    outcomes: Mapping[str, np.ndarray],
    sampler: Sampler,
    centring: Centring | Mapping[str, Centring] = "auto",
) -> dict[str, xr.DataTree]:
    """Fit a model to each outcome on the rows of one frame, compiling at most once.

    Parameters
    ----------
    frame : ModelFrame
    outcomes : mapping of str to ndarray, shape (n,)
        Values as `ModelFrame.outcome` has them: numbers, or codes of its categories.
    sampler : Sampler
    centring
        As `explicit_model` takes it.

    Returns
    -------
    dict of str to xarray.DataTree
        Groups `posterior` and `sample_stats`; attributes `seconds`, of sampling, and `engine`.

    Raises
    ------
    CompendiumError
        If an outcome does not have the frame's rows, or codes outside of its categories.
    KeyboardInterrupt
        If sampling was interrupted; a fit cut short is not given.
    """
    checked = {name: _checked(name, values, frame) for name, values in outcomes.items()}
    compiled = _compiled(frame, centring)
    return {
        name: sample(compiled.with_data(outcome=outcome), sampler)
        for name, outcome in checked.items()
    }


_LATEST: dict[str, nutpie.compile_pymc.CompiledPyMCModel] = {}


def _compiled(
    frame: ModelFrame, centring: Centring | Mapping[str, Centring]
) -> nutpie.compile_pymc.CompiledPyMCModel:
    """Compile a model, or take the latest one where only its data differ.

    Plausible values of an exposure, and second tries, share a model; compiling takes longer than
    sampling.
    """
    model = explicit_model(frame, centring)
    groupings = [(g.name, g.labels, g.slopes, g.correlated) for g in frame.groupings]
    weighted, rows = frame.weights is not None, len(frame.outcome)
    parts = (frame.specification.family, frame.family, frame.terms, groupings, frame.priors)
    key = repr((*parts, frame.categories, weighted, rows, centring))
    if key not in _LATEST:
        _LATEST.clear()
        _LATEST[key] = nutpie.compile_pymc_model(model)
    data = {each.name: each.get_value() for each in model.data_vars}
    return _LATEST[key].with_data(**data)


def sample(compiled: nutpie.compile_pymc.CompiledPyMCModel, sampler: Sampler) -> xr.DataTree:
    """Draw from a compiled model, and refuse draws cut short."""
    started = time.perf_counter()
    fit = nutpie.sample(
        compiled,
        seed=sampler.seed,
        chains=sampler.chains,
        tune=sampler.tune,
        draws=sampler.draws,
        target_accept=sampler.target_accept,
        save_warmup=False,
        progress_bar=False,
    )
    seconds = time.perf_counter() - started
    energy = fit["sample_stats"]["energy"].to_numpy()
    # Interrupted, nutpie returns what it has, padded with NaN.
    if energy.shape != (sampler.chains, sampler.draws) or not np.isfinite(energy).all():
        raise KeyboardInterrupt("sampling ended before its last draw")
    kept = xr.DataTree.from_dict(
        {
            "/posterior": fit["posterior"].to_dataset(),
            "/sample_stats": fit["sample_stats"].to_dataset()[["diverging", "energy"]],
        }
    )
    kept.attrs |= {"seconds": seconds, "engine": "explicit"}
    return kept


def _checked(name: str, values: np.ndarray, frame: ModelFrame) -> np.ndarray:
    """Give an outcome the type of the compiled model's, if it is of its kind."""
    where = f"outcome {name!r}"
    outcome = np.asarray(values)
    if outcome.shape != frame.outcome.shape:
        raise CompendiumError(
            f"it has shape {outcome.shape}, the frame's rows {frame.outcome.shape}",
            where=where,
            remedy="choose the rows that the frame was made from",
        )
    if not np.isfinite(outcome.astype(float)).all():
        raise CompendiumError(
            f"{(~np.isfinite(outcome.astype(float))).sum()} values are missing or infinite",
            where=where,
            remedy="choose complete rows",
        )
    if frame.categories and not np.isin(outcome, np.arange(len(frame.categories))).all():
        raise CompendiumError(
            "it has values that are no codes of the frame's categories",
            where=where,
            remedy=f"code {', '.join(frame.categories)} as 0, 1, ...",
        )
    return outcome.astype(frame.outcome.dtype)
